// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Limits;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchLineTest {
  @Test
  void everyFieldIsRead() throws Exception {
    var line = BatchLine.of("batch", 3, """
        {"id": 7, "argv": ["p", "a"], "stdin": "x", "env": {"K": "V"}, "workDir": "/d", "captureBytes": "1k",
         "limits": {"cpuTime": "1s", "wallTime": "unlimited", "idleTime": "500ms", "memory": 4096, "stack": "1m",
                    "processes": 3, "outputLimit": "2k", "openFiles": 9, "outputTotal": "3k", "cpuRate": 0.5,
                    "cpuWeight": 300}, "cpuset": "0-1",
         "files": {"f": "text"}, "copyOut": ["out:/host"], "terminal": true}""");
    assertEquals(BigInteger.valueOf(7), line.id().orElseThrow());
    var command = line.command();
    assertEquals(List.of("p", "a"), command.args());
    assertEquals("V", command.env().get("K"));
    assertEquals("/d", command.workDir());
    assertEquals(Limits.builder().cpuTime(Duration.ofSeconds(1)).wallTime(Limits.FOREVER)
        .idleTime(Duration.ofMillis(500)).memoryBytes(4096).stackBytes(1 << 20).processes(3).outputBytes(2048)
        .openFiles(9).outputTotalBytes(3072).cpuRate(0.5).cpuWeight(300).build(), command.limits());
    assertEquals("0-1", command.cpuset().orElseThrow());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {                                           | no JSON
      []                                          | must be an object
      {"argv": ["p"], "args": 1}                  | args: is none of [argv,
      {"argv": "p"}                               | argv: p: must be an array of strings
      {}                                          | argv: null: must be an array of strings
      {"argv": []}                                | args: : must hold at least the program
      {"argv": ["p"], "limits": {"ram": 1}}       | limits.ram: is none of
      {"argv": ["p"], "limits": {"cpuTime": 1}}   | limits.cpuTime: "1" must be a number with ms, s or m
      {"argv": ["p"], "env": {"K": 1}}            | env K: 1: must be a string
      {"argv": ["p"], "env": ["K"]}               | env: [K]: must be an object
      {"argv": ["p"], "stdin": "", "stdinFile": "f"} | stdinFile: f: stdin is given, too
      {"argv": ["p"], "argv": ["q"]}              | no JSON
      """)
  void whatIsWrongIsNamed(String text, String message) {
    var e = assertThrows(IllegalArgumentException.class, () -> BatchLine.of("batch", 3, text).command());
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertTrue(e.getMessage().startsWith("batch:3:"), e.getMessage());
  }

  @Test
  void eventsAreReadAsTheyAreWritten() {
    var line = BatchLine.of("batch", 3, "{\"id\": [1], \"argv\": [\"p\"], \"label\": \"l\"}");
    var id = Optional.<Object>of(List.of(BigInteger.ONE));
    assertEquals("{\"type\":\"started\",\"line\":3,\"id\":[1]}", line.started());
    assertEquals(new BatchEvent.Started(3, id), BatchEvent.read("e", line.started()));
    for (var bytes : List.of("text \u00e9".getBytes(StandardCharsets.UTF_8), new byte[] {-1, 0, 'x'}, new byte[0])) {
      var event = line.output(BatchEvent.Stream.STDERR, bytes);
      var read = assertInstanceOf(BatchEvent.Output.class, BatchEvent.read("e", event));
      assertEquals(new BatchEvent.Output(3, id, BatchEvent.Stream.STDERR, ByteBuffer.wrap(bytes)), read);
      assertEquals(3, read.line());
      assertTrue(read.bytes().isReadOnly());
    }
    var event = line.output(BatchEvent.Stream.STDOUT, new byte[] {-1});
    assertEquals("{\"type\":\"output\",\"line\":3,\"id\":[1],\"stream\":\"stdout\",\"base64\":\"/w==\"}", event);
  }

  @Test
  void theEventOfTheEndIsTheResultWithAType() {
    var line = BatchLine.of("batch", 3, "{\"id\": [1], \"argv\": [\"p\"], \"label\": \"l\"}");
    var type = "{\"type\":\"finished\",";
    assertEquals(line.result(Samples.result()).replaceFirst("\\{", type), line.finished(Samples.result()));
    assertEquals(line.failure(Samples.error()).replaceFirst("\\{", type), line.finished(Samples.error()));
    assertEquals(line.failure("x").replaceFirst("\\{", type), line.finished("x"));
    var read = assertInstanceOf(BatchEvent.Finished.class, BatchEvent.read("e", line.finished(Samples.result())));
    assertEquals(BatchResult.read("e", line.result(Samples.result())).line(), read.line());
    assertTrue(read.result().result().isPresent());
    var failed = assertInstanceOf(BatchEvent.Finished.class, BatchEvent.read("e", line.finished(Samples.error())));
    assertTrue(failed.result().error().isPresent());
    assertEquals(read.id(), failed.id());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {"line": 1, "id": null}                                      | type: null: must be one of
      {"type": "x", "line": 1, "id": null}                         | type: x: must be one of
      {"type": "started", "line": 0, "id": null}                   | line:
      {"type": "started", "id": null}                              | line: null: must be a number
      {"type": "output", "line": 1, "id": null}                    | stream: null: must be one of
      {"type": "output", "line": 1, "stream": "stdin", "text": ""} | stream: stdin: must be one of
      {"type": "finished", "line": 1, "id": null}                  | status: null: must be one of
      """)
  void eventsThatAreNoneAreRefused(String text, String message) {
    var e = assertThrows(InvalidJsonException.class, () -> BatchEvent.read("events", text));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }
}
