// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Command;
import io.cordon.CopyIn;
import io.cordon.CopyOut;
import io.cordon.Input;
import io.cordon.Limits;
import io.cordon.Mount;
import io.cordon.Resource;
import io.cordon.Rlimit;
import io.cordon.SandboxException;
import io.cordon.UnshareRunner;
import io.cordon.internal.jni.NativeLibrary;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.wire.ReplyReader;
import io.cordon.internal.wire.RequestWriter;
import io.cordon.internal.wire.WireError;
import io.cordon.supervisor.FilePolicy;
import io.cordon.supervisor.PortPolicy;
import io.cordon.supervisor.Supervisor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What Java writes, read by what the library itself says of its formats (the table of {@link Natives#NAMES_FORMAT}):
 * every field is where the library looks for it, and nothing is left over.
 */
class RequestFormatTest {
  private record Field(String type, String name) {}

  private static final Map<String, List<Field>> RECORDS = new LinkedHashMap<>();
  private static final Map<String, Long> SIZES = new LinkedHashMap<>();

  /** Each record as in "mount: u32 type, str? source, arg[] args". */
  @BeforeAll
  static void readFormats() {
    NativeLibrary.ensureLoaded();
    var buffer = ByteBuffer.allocateDirect(4096);
    int length;
    for (int number = 0; (length = Natives.names(Natives.NAMES_FORMAT, number, buffer)) >= 0; number++) {
      var text = new byte[length];
      buffer.get(0, text);
      var record = new String(text, StandardCharsets.US_ASCII).split(": ");
      var fields = new ArrayList<Field>();
      for (var field : record[1].split(", ")) {
        fields.add(new Field(field.substring(0, field.indexOf(' ')), field.substring(field.indexOf(' ') + 1)));
      }
      RECORDS.put(record[0], fields);
      SIZES.put(record[0], Natives.numbers(Natives.NUMBERS_FORMAT_SIZE, number));
    }
    assertTrue(RECORDS.size() > 20, RECORDS.keySet().toString());
  }

  private static Map<String, Object> readRecord(ReplyReader in, String name) {
    var fields = new LinkedHashMap<String, Object>();
    for (var field : RECORDS.get(name)) {
      fields.put(field.name(), read(in, field.type()));
    }
    return fields;
  }

  private static List<Object> readSome(ReplyReader in, String type, int count) {
    var items = new ArrayList<Object>();
    for (int i = 0; i < count; i++) {
      items.add(read(in, type));
    }
    return items;
  }

  private static Object read(ReplyReader in, String type) {
    if (type.endsWith("[]")) {
      return readSome(in, type.substring(0, type.length() - 2), in.u32());
    }
    if (type.endsWith("]")) {
      int open = type.indexOf('[');
      int count = Integer.parseInt(type.substring(open + 1, type.length() - 1));
      var inner = type.substring(0, open);
      return inner.equals("char") ? in.raw(count) : readSome(in, inner, count);
    }
    if (type.equals("str")) {
      var text = in.str();
      assertNotNull(text);
      return text;
    }
    return switch (type) {
      case "str?" -> in.str();
      case "bytes?" -> in.bytes();
      case "u32", "i32" -> in.i32();
      case "u64" -> in.i64();
      case "u16", "u8" -> in.raw(type.equals("u8") ? 1 : 2);
      default -> type.endsWith("?") ? readOptional(in, type.substring(0, type.length() - 1)) : readRecord(in, type);
    };
  }

  private static Object readOptional(ReplyReader in, String name) {
    int there = in.i32();
    assertTrue(there == 0 || there == 1);
    return there == 0 ? null : readRecord(in, name);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> item(Object list, int index) {
    return (Map<String, Object>) ((List<?>) list).get(index);
  }

  @Test
  void aSandboxAndACommandAreReadWhereTheyWereWritten() throws SandboxException {
    var runner = UnshareRunner.builder().mounts(List.of(Mount.bind(Path.of("/usr"), "/a"), Mount.tmpfs("/b").inodes(6)))
        .hostname("h").user(7, 8).build();
    var command = Command.builder("p", "a").env(Map.of("K", "V")).cpuset("0-1").stdin(Input.bytes(new byte[] {1, 2}))
        .descriptor(20, 5).rlimit(new Rlimit(Resource.NOFILE, 3, 4)).copyIn(CopyIn.text("in", "x"))
        .copyOut(CopyOut.keep("out")).limits(Limits.builder().processes(3).cpuWeight(300).build())
        .supervisor(Supervisor.builder().files(FilePolicy.builder().read("/r").build()).deny("socket", 97)
            .ports(PortPolicy.builder().connect(443).build()).build())
        .build();
    try (var out = new RequestWriter()) {
      RunCodec.write(out, runner.spec(), CompiledPolicy.of(runner.spec().seccomp()), command, Streams.of(command));
      var in = new ReplyReader(out.buffer(), out.length());
      assertEquals(Natives.numbers(Natives.NUMBERS_REQUEST_VERSION, 0), in.i32());
      var config = readRecord(in, "config");
      var fields = readRecord(in, "command");
      in.end();

      assertEquals("/a", item(config.get("mounts"), 0).get("target"));
      assertEquals(6L, item(config.get("mounts"), 1).get("inodes"));
      assertEquals("h", config.get("hostname"));
      assertEquals(8, config.get("gid"));
      assertNull(config.get("selinux_label"));

      assertEquals(List.of("p", "a"), fields.get("argv"));
      assertEquals(List.of("K=V"), fields.get("envp"));
      assertEquals("0-1", fields.get("cpuset"));
      assertArrayEquals(new byte[] {1, 2}, (byte[]) item(fields.get("stdio"), 0).get("data"));
      assertEquals(20, item(fields.get("fds"), 0).get("fd"));
      assertEquals(4L, item(fields.get("rlimits"), 0).get("hard"));
      assertEquals("in", item(fields.get("copy_in"), 0).get("name"));
      assertEquals("out", item(fields.get("copy_out"), 0).get("name"));
      assertEquals(3L, ((List<?>) fields.get("limits")).get(5));
      assertEquals(300L, ((List<?>) fields.get("limits")).get(11));
      @SuppressWarnings("unchecked")
      var supervisor = (Map<String, Object>) fields.get("supervisor");
      assertEquals("/r", item(supervisor.get("paths"), 0).get("path"));
      assertEquals(97, item(supervisor.get("syscalls"), 0).get("err"));
      assertEquals(443, item(supervisor.get("ports"), 0).get("port"));
    }
  }

  @Test
  void aCommandWithoutASupervisorHasNone() {
    try (var out = new RequestWriter()) {
      RunCodec.write(out, Command.of("p"), Streams.of(Command.of("p")));
      var in = new ReplyReader(out.buffer(), out.length());
      in.i32();
      assertNull(readRecord(in, "command").get("supervisor"));
      in.end();
    }
  }

  @Test
  void whatTheLibraryWritesIsAsItSays() {
    var buffer = ByteBuffer.allocateDirect(4096);
    int length = Natives.features(buffer);
    var in = new ReplyReader(buffer, length);
    readRecord(in, "error");
    var features = readRecord(in, "features");
    in.end();
    var machine = System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64";
    assertEquals(machine, features.get("machine"));
  }

  @Test
  void recordsOfOneSizeHaveTheSizeThatJavaReads() {
    assertEquals((long) WireError.BYTES, SIZES.get("error"));
    assertEquals((long) EventCodec.BYTES, SIZES.get("event"));
    assertEquals((long) WireError.BYTES + Integer.BYTES, SIZES.get("file_reply"));
    assertEquals(0L, SIZES.get("mount"));
    assertEquals((long) RequestWriter.VERSION, Natives.numbers(Natives.NUMBERS_REQUEST_VERSION, 0));
  }
}
