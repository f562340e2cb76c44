// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Limits;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
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
}
