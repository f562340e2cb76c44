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

/** What javac's doclint, which looks for the rest, does not ask of the documentation of public types. */
@Tag("tree")
class JavadocTest {
  private static final Pattern PUBLIC_TYPE =
      Pattern.compile("^public .*\\b(class|interface|enum|record) ", Pattern.MULTILINE);
  private static final Pattern SINCE = Pattern.compile("^ \\* @since \\d+\\.\\d+\\.\\d+$", Pattern.MULTILINE);

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

  @Test
  void everyPublicTypeSaysSinceWhen() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("java"))) {
      var types = files.filter(file -> file.toString().endsWith(".java") && isExported(file))
          .filter(file -> PUBLIC_TYPE.matcher(text(file)).find()).toList();
      assertFalse(types.isEmpty());
      assertEquals(List.of(), types.stream().filter(file -> !SINCE.matcher(text(file)).find()).toList());
    }
  }
}
