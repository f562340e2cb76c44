// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Limit;
import io.cordon.Measure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The reference has all limits and measures. With -Dcordon.rewrite it is written anew. */
@Tag("tree")
class ReferenceTest {
  private static final Path BATCH = Path.of("docs/reference/batch.md");
  private static final Path RESULT = Path.of("docs/reference/result.md");

  private static void same(Path file, String before, String after, String part) throws IOException {
    var text = Files.readString(file);
    int start = text.indexOf(before) + before.length();
    int end = text.indexOf(after, start);
    assertTrue(start >= before.length() && end > 0, before);
    var expected = text.substring(0, start) + part + text.substring(end);
    if (System.getProperty("cordon.rewrite") != null) {
      Files.writeString(file, expected);
    }
    assertEquals(expected, Files.readString(file));
  }

  @Test
  void aLineOfABatchHasTheLimits() throws IOException {
    same(BATCH, "| `limits` | object | ", ", written as the options are",
        Arrays.stream(Limit.values()).map(limit -> "`" + limit.key() + "`").collect(Collectors.joining(", ")));
  }

  @Test
  void aResultHasTheMeasures() throws IOException {
    same(RESULT, "| `signal` | number | the signal that ended it |\n", "| `outputTruncated` |",
        Arrays.stream(Measure.values()).filter(Measure::isInSummary).map(ReferenceTest::row)
            .collect(Collectors.joining()));
  }

  private static String row(Measure measure) {
    var type = measure.unit() == Measure.Unit.SOURCE ? "string" : "number";
    return "| `" + measure.key() + "` | " + type + " | " + measure.help() + " |\n";
  }
}
