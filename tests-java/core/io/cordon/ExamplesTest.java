// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.live.Documents;
import io.cordon.live.JavaExamples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The Java that the documentation shows compiles and does what is said there; that of other modules has tests there.
 */
@Tag("tree")
class ExamplesTest {
  @TempDir
  Path temporary;

  static Stream<Path> examples() throws IOException {
    try (var files = Files.list(Path.of("examples"))) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList().stream();
    }
  }

  static Stream<Documents.Block> blocks() throws IOException {
    return Documents.blocks("java").stream().filter(block -> !block.text().contains("io.cordon.json"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("examples")
  void anExampleRuns(Path example) throws Exception {
    var outcome = JavaExamples.run(Files.readString(example), temporary);
    assertEquals(0, outcome.exitCode(), outcome::toString);
    assertEquals("", outcome.err());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("blocks")
  void aBlockOfADocumentRuns(Documents.Block block) throws Exception {
    JavaExamples.check(block, temporary);
  }

  /** examples/Judge.java says what it prints: a right answer is accepted, and a wrong input is a run-time error. */
  @Test
  void theJudgeJudges() throws Exception {
    var out = JavaExamples.run(Files.readString(Path.of("examples/Judge.java")), temporary).out();
    assertEquals(3, out.lines().count(), out);
    assertTrue(out.lines().anyMatch(line -> line.matches("1 2: AC in [0-9]+ ms")), out);
    assertTrue(out.lines().anyMatch(line -> line.matches("-5 5: AC in [0-9]+ ms")), out);
    assertTrue(out.lines().anyMatch("x: RE (NONZERO_EXIT)"::equals), out);
  }
}
