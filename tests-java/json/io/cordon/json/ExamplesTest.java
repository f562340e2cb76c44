// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import io.cordon.live.Documents;
import io.cordon.live.JavaExamples;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Java that the documentation shows of this module. */
@Tag("tree")
class ExamplesTest {
  @TempDir
  Path temporary;

  static Stream<Documents.Block> blocks() throws IOException {
    return Documents.blocks("java").stream().filter(block -> block.text().contains("io.cordon.json"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("blocks")
  void aBlockOfADocumentRuns(Documents.Block block) throws Exception {
    JavaExamples.check(block, temporary);
  }
}
