// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What neither javac's doclint nor the formatter asks of Java sources. */
@Tag("tree")
class JavaSourcesTest {
  private static final Pattern PUBLIC_TYPE =
      Pattern.compile("^public .*\\b(class|interface|enum|record) ", Pattern.MULTILINE);
  private static final Pattern SINCE = Pattern.compile("^ \\* @since \\d+\\.\\d+\\.\\d+$", Pattern.MULTILINE);

  private static final int LONGEST_LINE = 120;

  private static boolean isExported(Path source) {
    var path = source.toString();
    return !path.contains("/internal/") && !path.startsWith("java/cli/");
  }

  private static String text(Path source) {
    try {
      return Files.readString(source);
    } catch (IOException e) {
      throw new AssertionError(source.toString(), e);
    }
  }

  private static List<Path> sources(String folder) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(folder))) {
      return files.filter(file -> file.toString().endsWith(".java")).toList();
    }
  }

  @Test
  void everyPublicTypeSaysSinceWhen() throws IOException {
    var types = sources("java").stream().filter(JavaSourcesTest::isExported)
        .filter(file -> PUBLIC_TYPE.matcher(text(file)).find()).toList();
    assertFalse(types.isEmpty());
    assertEquals(List.of(), types.stream().filter(file -> !SINCE.matcher(text(file)).find()).toList());
  }

  /** The formatter breaks code, and neither comments nor strings; a string in one piece can be searched for. */
  @ParameterizedTest
  @ValueSource(strings = {"java", "tests-java", "examples"})
  void linesAreShort(String folder) throws IOException {
    var sources = sources(folder);
    assertFalse(sources.isEmpty());
    assertEquals(List.of(), sources.stream().flatMap(file -> text(file).lines()
        .filter(line -> line.length() > LONGEST_LINE && !line.contains("\"")).map(line -> file + ": " + line))
        .toList());
  }
}
