// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class BatchTest {
  @TempDir
  private Path directory;

  private int code;

  private List<Map<String, Object>> batch(List<String> lines, String... options) throws Exception {
    var file = Files.write(directory.resolve("batch.jsonl"), lines);
    var args = new ArrayList<>(List.of("batch", "--pool", "2"));
    args.add(file.toString());
    args.addAll(List.of(options)); // Behind the file as well as before it.
    var out = new StringWriter();
    code = Main.commandLine().setOut(new PrintWriter(out)).execute(args.toArray(String[]::new));
    var results = new ArrayList<Map<String, Object>>();
    for (var line : out.toString().lines().toList()) {
      results.add(JSON.std.mapFrom(line));
    }
    return results;
  }

  @Test
  void resultsComeInOrderWhereThatIsAskedFor() throws Exception {
    var lines = IntStream.range(0, 60).mapToObj(i -> "{\"id\": " + i + ", \"argv\": [\"sh\", \"-c\", \"sleep 0.0"
        + (i * 7 % 5) + "; echo " + i + "\"]}").toList();
    var results = batch(lines, "--ordered");
    assertEquals(ExitCode.OK, code);
    assertEquals(60, results.size());
    for (int i = 0; i < 60; i++) {
      assertEquals(i, results.get(i).get("id"));
      assertEquals(i + 1, results.get(i).get("line"));
      assertEquals(i + "\n", results.get(i).get("stdout"));
    }
  }

  @Test
  void resultsComeAsTheyFinish() throws Exception {
    var results = batch(List.of("{\"id\": \"slow\", \"argv\": [\"sleep\", \"0.5\"]}", "",
        "{\"id\": \"fast\", \"argv\": [\"true\"]}"));
    assertEquals(ExitCode.OK, code);
    assertEquals("fast", results.get(0).get("id"));
    assertEquals(3, results.get(0).get("line"));
    assertEquals("slow", results.get(1).get("id"));
  }

  @Test
  void aLineThatIsWrongDoesNotStopTheOthers() throws Exception {
    Files.writeString(directory.resolve("host"), "of the host");
    var results = batch(List.of("nonsense", "{\"argv\": [\"nosuch\"]}",
        "{\"argv\": [\"cat\", \"f\", \"g\"], \"files\": {\"f\": \"text \"}, \"copyIn\": [\"" + directory.resolve("host")
            + ":g\"]}",
        "{\"argv\": [\"sh\", \"-c\", \"echo out > o; exit 3\"], \"copyOut\": [\"o:" + directory.resolve("o") + "\"]}",
        "{\"argv\": [\"sleep\", \"9\"], \"limits\": {\"wallTime\": \"100ms\"}}"), "--ordered");
    assertEquals(ExitCode.FAILED, code);
    assertEquals(List.of("SANDBOX_ERROR", "SANDBOX_ERROR", "OK", "NONZERO_EXIT", "TIME_LIMIT_EXCEEDED"),
        results.stream().map(result -> result.get("status")).toList());
    assertTrue(String.valueOf(results.get(0).get("error")).contains("no JSON"));
    assertEquals("text of the host", results.get(2).get("stdout"));
    assertEquals("out\n", Files.readString(directory.resolve("o")));
  }

  @Test
  void whatIsWrongIsNamedWithItsPlaceAndLabel() throws Exception {
    var results = batch(List.of("{\"argv\": [\"true\"], \"label\": \"a\"}",
        "{\"argv\": [\"true\"], \"captureBytes\": \"x\"}", "{\"argv\": [\"nosuch\"], \"label\": \"b\", \"id\": [1.5]}",
        "{\"argv\": [\"true\"], \"copyIn\": [\"/:\"]}"), "--ordered");
    assertEquals(ExitCode.FAILED, code);
    assertEquals("a", results.get(0).get("label"));
    assertEquals("b", results.get(2).get("label"));
    assertEquals(List.of(1.5), results.get(2).get("id"));
    assertEquals("no label", results.get(1).getOrDefault("label", "no label"));
    var file = directory.resolve("batch.jsonl");
    assertEquals(file + ":2:36: captureBytes: \"x\" must be a number of bytes, with k, m or g for binary units, for"
        + " example 256m", ((Map<?, ?>) results.get(1).get("error")).get("message"));
    assertEquals(file + ":4:31: copyIn[0]: \"/:\" must have a name inside",
        ((Map<?, ?>) results.get(3).get("error")).get("message"));
  }

  @Test
  void noRunSeesAnother() throws Exception {
    var line = "{\"argv\": [\"sh\", \"-c\", \"ls -A /w /tmp /dev/shm; echo x > f; echo y > /tmp/g\"]}";
    var results = batch(IntStream.range(0, 40).mapToObj(i -> line).toList());
    assertEquals(ExitCode.OK, code);
    for (var result : results) {
      assertEquals("/dev/shm:\n\n/tmp:\n\n/w:\n", result.get("stdout"));
    }
  }

  @Test
  void aFileThatIsNotThereIsNamed() throws Exception {
    var err = new StringWriter();
    assertEquals(ExitCode.FAILED, Main.commandLine().setErr(new PrintWriter(err)).execute("batch", "/no/such"));
    assertTrue(err.toString().contains("/no/such: no such file"), err.toString());
    assertEquals(ExitCode.USAGE, Main.commandLine().setErr(new PrintWriter(err)).execute("batch"));
  }
}
