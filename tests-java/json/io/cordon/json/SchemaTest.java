// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.cordon.Command;
import io.cordon.Limits;
import io.cordon.Result;
import io.cordon.SandboxSpec;
import io.cordon.Status;
import io.cordon.UnshareRunner;
import io.cordon.live.Documents;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.supervisor.Supervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The schema is that of what is written, and the examples keep to it. */
@Tag("tree")
class SchemaTest {
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  private static final Map<String, Schema> SCHEMAS = new ConcurrentHashMap<>();

  private static Schema schema(String form) {
    return REGISTRY.getSchema(
        CordonJson.schema().replaceFirst("\\{", "{ \"\\$ref\": \"#/\\$defs/" + form + "\","), InputFormat.JSON);
  }

  private static List<String> problems(String form, String text) {
    return SCHEMAS.computeIfAbsent(form, SchemaTest::schema).validate(text, InputFormat.JSON).stream()
        .map(Object::toString).toList();
  }

  private static void valid(String form, String text) {
    assertEquals(List.of(), problems(form, text), text);
  }

  /** With -Dcordon.rewrite the file is written anew. */
  @Test
  void theSchemaHasWhatTheCodeKnows() throws IOException {
    var file = Path.of("java/json/io/cordon/json/cordon.schema.json");
    var expected = SchemaFile.complete(Files.readString(file));
    if (System.getProperty("cordon.rewrite") != null) {
      Files.writeString(file, expected);
    }
    assertEquals(expected, Files.readString(file));
  }

  @Test
  void theSchemaIsOne() {
    var meta = REGISTRY.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
    assertEquals(List.of(), meta.validate(CordonJson.schema(), InputFormat.JSON));
    assertNotEquals(List.of(), meta.validate("{\"type\": 1}", InputFormat.JSON));
  }

  @Test
  void whatIsWrittenKeepsToIt() {
    valid("command", CordonJson.write(Samples.command()));
    valid("command", CordonJson.write(Command.of("p")));
    valid("limits", CordonJson.write(Samples.limits()));
    valid("limits", CordonJson.write(Limits.defaults()));
    valid("sandbox", CordonJson.write(Samples.sandbox()));
    valid("sandbox", CordonJson.write(SandboxSpec.defaults()));
    valid("sandbox", CordonJson.write(SandboxSpec.builder().seccomp(SeccompPolicy.bpf(new byte[8])).build()));
    valid("supervisor", CordonJson.write(Samples.supervisor()));
    valid("supervisor", CordonJson.write(Supervisor.builder().build()));
    valid("error", CordonJson.write(Samples.error()));
    valid("securityEvent", CordonJson.write(Samples.event()));
    Samples.events().forEach(event -> valid("event", CordonJson.write(event)));
    for (var result : List.of(Samples.result(), Result.builder(Status.OK).build())) {
      valid("result", CordonJson.write(result));
      valid("summary", CordonJson.summary(result));
    }
    valid("summary", CordonJson.summary(Samples.error(), Optional.of("l")));
    valid("summary", CordonJson.summary("x", Optional.empty()));
    var line = BatchLine.of("b", 1, "{\"id\": [{}], \"argv\": [\"p\"]}");
    valid("batchResult", line.result(Samples.result()));
    valid("batchResult", line.failure(Samples.error()));
    valid("batchResult", line.failure("x"));
    valid("batchEvent", line.started());
    valid("batchEvent", line.output(BatchEvent.Stream.STDERR, new byte[] {-1}));
    valid("batchEvent", line.output(BatchEvent.Stream.STDOUT, new byte[] {'x'}));
    valid("batchEvent", line.finished(Samples.result()));
    valid("batchEvent", line.finished(Samples.error()));
    valid("batchEvent", line.finished("x"));
  }

  @Test
  void whatRunsWriteKeepsToIt() throws Exception {
    var runner = UnshareRunner.create();
    for (var script : List.of("echo x; echo y >&2; exit 3", "kill -SEGV $$", "head -c 3000000 /dev/zero")) {
      var result = runner.run(Command.builder("sh", "-c", script).label("l").build());
      valid("result", CordonJson.write(result));
      valid("summary", CordonJson.summary(result));
      assertEquals(CordonJson.write(result), CordonJson.write(CordonJson.readResult("r", CordonJson.write(result))));
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      command   | {}
      command   | {"argv": []}
      command   | {"argv": ["p"], "id": 1}
      command   | {"argv": ["p"], "limits": {"ram": 1}}
      command   | {"argv": ["p"], "limits": {"memory": true}}
      command   | {"argv": ["p"], "stdout": "stdout"}
      command   | {"argv": ["p"], "copyIn": [{"text": "x"}]}
      batchLine | {"id": 1}
      sandbox   | {"network": "wifi"}
      sandbox   | {"uid": 1}
      sandbox   | {"seccomp": {"rules": [{"action": "errno", "names": ["a"]}]}}
      sandbox   | {"require": ["walls"]}
      supervisor | {"ports": {"connect": [0]}}
      summary   | {"status": "OK"}
      event     | {"type": "run"}
      batchEvent | {"type": "started", "line": 1, "id": null, "text": "x"}
      batchEvent | {"type": "output", "line": 1, "id": null, "stream": "stdout"}
      batchEvent | {"type": "output", "line": 1, "id": null, "stream": "stdin", "text": ""}
      """)
  void whatIsWrongDoesNot(String form, String text) {
    assertFalse(problems(form, text).isEmpty());
  }

  /** A block {@code ```json FORM}. */
  private static final Pattern EXAMPLE = Pattern.compile("```json (\\w+)\n(.*?)```", Pattern.DOTALL);

  @Test
  void theExamplesKeepToItAndAreRead() throws Exception {
    int examples = 0;
    for (var file : Documents.all()) {
      var matcher = EXAMPLE.matcher(Files.readString(file));
      while (matcher.find()) {
        valid(matcher.group(1), matcher.group(2));
        read(matcher.group(1), matcher.group(2));
        examples++;
      }
    }
    assertTrue(examples >= 8, examples + " examples");
  }

  private static void read(String form, String text) throws Exception {
    switch (form) {
      case "command" -> CordonJson.readCommand(form, text);
      case "batchLine" -> BatchLine.of(form, 1, text).command();
      case "limits" -> CordonJson.readLimits(form, text);
      case "sandbox" -> CordonJson.readSandbox(form, text, warning -> {
        throw new AssertionError(warning);
      });
      case "supervisor" -> CordonJson.readSupervisor(form, text);
      case "result", "summary" -> CordonJson.readResult(form, text);
      case "batchResult" -> BatchResult.read(form, text);
      case "batchEvent" -> BatchEvent.read(form, text);
      case "error" -> CordonJson.readError(form, text);
      case "securityEvent" -> CordonJson.readSecurityEvent(form, text);
      case "event" -> CordonJson.readEvent(form, text);
      default -> throw new AssertionError(form);
    }
  }
}
