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
import org.junit.jupiter.api.Test;

/** The README has all limits and measures. With -Dcordon.rewrite it is written anew. */
class ReadmeTest {
  private static final Path README = Path.of("README.md");

  @Test
  void theReadmeHasTheLimitsAndMeasures() throws IOException {
    var text = Files.readString(README);
    var limits = Arrays.stream(Limit.values()).map(limit -> "`" + limit.key() + "`").collect(Collectors.joining(", "));
    var expected = between(text, "| `limits` | object | ", ", written as the options are", limits);
    var measures = Arrays.stream(Measure.values()).filter(Measure::isInSummary).map(ReadmeTest::row)
        .collect(Collectors.joining());
    expected = between(expected, "| `signal` | number | the signal that ended it |\n", "| `outputTruncated` |", measures);
    if (System.getProperty("cordon.rewrite") != null) {
      Files.writeString(README, expected);
    }
    assertEquals(expected, Files.readString(README));
  }

  private static String row(Measure measure) {
    var type = measure.unit() == Measure.Unit.SOURCE ? "string" : "number";
    return "| `" + measure.key() + "` | " + type + " | " + measure.help() + " |\n";
  }

  private static String between(String text, String before, String after, String part) {
    int start = text.indexOf(before) + before.length();
    int end = text.indexOf(after, start);
    assertTrue(start >= before.length() && end > 0, before);
    return text.substring(0, start) + part + text.substring(end);
  }
}
