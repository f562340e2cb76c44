// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
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
  void filesThatMatchAreFetched() throws Exception {
    var host = directory.resolve("host");
    var results = batch(List.of(
        "{\"argv\": [\"sh\", \"-c\", \"touch a.o b.o c.c\"], \"copyOut\": [\"*.o:" + host + "\"]}",
        "{\"argv\": [\"sh\", \"-c\", \"touch a.o b.o\"], \"copyOut\": [{\"pattern\": \"*.o\", \"most\": 1}]}",
        "{\"argv\": [\"sh\", \"-c\", \"touch a.o\"], \"copyOut\": [{\"pattern\": \"*\", \"directory\": \"" + host
            + "\"}]}",
        "{\"argv\": [\"true\"], \"copyOut\": [{\"pattern\": \"*\", \"optional\": true}]}"), "--ordered");
    assertEquals(List.of("OK", "FILE_ERROR", "FILE_ERROR", "OK"),
        results.stream().map(result -> result.get("status")).toList());
    assertEquals(List.of("E2BIG", "EEXIST"), results.subList(1, 3).stream()
        .map(result -> ((Map<?, ?>) result.get("error")).get("errnoName")).toList());
    try (var names = Files.list(host)) {
      assertEquals(List.of("a.o", "b.o"), names.map(name -> name.getFileName().toString()).sorted().toList());
    }
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

  private static List<Map<String, Object>> of(List<Map<String, Object>> events, Object id, String type) {
    return events.stream().filter(event -> id.equals(event.get("id")) && type.equals(event.get("type"))).toList();
  }

  private static String text(List<Map<String, Object>> events, Object id, String stream) {
    return of(events, id, "output").stream().filter(event -> stream.equals(event.get("stream")))
        .map(event -> String.valueOf(event.get("text"))).collect(Collectors.joining());
  }

  @Test
  void eventsTellWhatHappensInItsOrder() throws Exception {
    var events = batch(List.of(
        "{\"id\": 0, \"argv\": [\"sh\", \"-c\", \"echo one; echo aside >&2; sleep 0.3; echo two; exit 3\"]}",
        "{\"id\": 1, \"argv\": [\"nosuch\"]}", "nonsense",
        "{\"id\": 2, \"argv\": [\"sh\", \"-c\", \"cat; test -t 1 && echo terminal\"], \"stdin\": \"typed\\n\","
            + " \"terminal\": true}",
        "{\"id\": 3, \"argv\": [\"printf\", \"\\\\377\"]}",
        "{\"id\": 4, \"argv\": [\"cat\"], \"stdin\": \"read\", \"captureBytes\": 2}"), "--events");
    assertEquals(ExitCode.FAILED, code);
    var first = events.stream().filter(event -> Integer.valueOf(0).equals(event.get("id"))).toList();
    assertEquals("started", first.get(0).get("type"));
    assertEquals("finished", first.get(first.size() - 1).get("type"));
    assertEquals(1, of(events, 0, "started").size());
    assertTrue(of(events, 0, "output").size() >= 3, events::toString); // The sleep is between both lines.
    assertEquals("one\ntwo\n", text(events, 0, "stdout"));
    assertEquals("aside\n", text(events, 0, "stderr"));
    var result = of(events, 0, "finished").get(0);
    assertEquals("NONZERO_EXIT", result.get("status"));
    assertEquals("one\ntwo\n", result.get("stdout"));
    assertEquals("aside\n", result.get("stderr"));
    assertEquals("SANDBOX_ERROR", of(events, 1, "finished").get(0).get("status"));
    assertEquals("typed\r\ntyped\r\nterminal\r\n", text(events, 2, "stdout"));
    assertEquals("/w==", of(events, 3, "output").get(0).get("base64"));
    assertEquals("read", text(events, 4, "stdout"));
    var cut = of(events, 4, "finished").get(0);
    assertEquals("re", cut.get("stdout"));
    assertEquals(true, cut.get("outputTruncated"));
    assertEquals(6, events.stream().filter(event -> "finished".equals(event.get("type"))).count());
  }

  @Test
  void manyProgramsTellMuch() throws Exception {
    var line = "{\"id\": 7, \"argv\": [\"sh\", \"-c\", \"yes \\u00e9\\u20ac | head -c 500000\"]}";
    var events = batch(IntStream.range(0, 8).mapToObj(i -> line).toList(), "--events");
    assertEquals(ExitCode.OK, code);
    assertEquals(8, of(events, 7, "started").size());
    for (var end : of(events, 7, "finished")) {
      var ofLine = events.stream().filter(event -> end.get("line").equals(event.get("line"))).toList();
      var text = text(ofLine, 7, "stdout");
      assertEquals(end.get("stdout"), text);
      assertEquals(500_000, text.getBytes(StandardCharsets.UTF_8).length);
    }
  }

  @Test
  void eventsHaveNoOrder() throws Exception {
    batch(List.of(), "--events", "--ordered");
    assertEquals(ExitCode.USAGE, code);
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
