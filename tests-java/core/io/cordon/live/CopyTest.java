// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Cause;
import io.cordon.Command;
import io.cordon.Container;
import io.cordon.CopiedFile;
import io.cordon.CopiedFile.Reason;
import io.cordon.CopyIn;
import io.cordon.CopyOut;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.Status;
import io.cordon.Step;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NothingLeft.class)
class CopyTest {
  @TempDir
  Path temporary;

  @Test
  void bytesTextFilesAndDirectories() throws Exception {
    var directory = Files.createDirectories(temporary.resolve("tree/deep/empty")).getParent().getParent();
    Files.writeString(directory.resolve("a"), "a");
    var program = Files.writeString(directory.resolve("deep/run"), "#!/bin/sh\necho ran\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createSymbolicLink(directory.resolve("link"), Path.of("a"));
    var result = Live.runOk(Live.shell("tree/deep/run; ./hello; cat tree/a bytes /tmp/x/y; find tree | sort")
        .copyIn(CopyIn.text("hello", "#!/bin/sh\necho hello\n").mode(0755))
        .copyIn(CopyIn.bytes("bytes", new byte[] {'b'}))
        .copyIn(CopyIn.file(directory.resolve("a"), "/tmp/x/y"))
        .copyInDirectory(directory, "tree"));
    assertEquals("ran\nhello\naba" + "tree\ntree/a\ntree/deep\ntree/deep/run\n", result.stdout().text(),
        result.stderr().text());
  }

  private static CopiedFile matched(Result result, String pattern) {
    return result.copiedOut().get(pattern);
  }

  private static String text(CopiedFile file) {
    return new String(file.bytes().orElseThrow(), UTF_8);
  }

  @Test
  void filesThatMatchComeOut() throws Exception {
    var script =
        "mkdir -p out/deep; for f in out/a.o out/b.o out/deep/c.o out/.d.o; do echo $f > $f; done; ln -s a.o out/l.o";
    var result = Live.runOk(Live.shell(script).copyOut(CopyOut.matching("out/*.o"))
        .copyOut(CopyOut.matching("out/**/*.o", temporary.resolve("host")))
        .copyOut(CopyOut.matching("none*").optional()));
    var kept = matched(result, "out/*.o");
    assertEquals(List.of("out/a.o", "out/b.o"), List.copyOf(kept.files().keySet()));
    assertEquals("out/b.o\n", text(kept.files().get("out/b.o")));
    assertEquals(16, kept.size());
    assertEquals(Optional.empty(), kept.bytes());
    assertEquals(Optional.empty(), kept.error());
    assertEquals(Set.of("out/a.o", "out/b.o", "out/deep/c.o"), matched(result, "out/**/*.o").files().keySet());
    assertEquals("out/deep/c.o\n", Files.readString(temporary.resolve("host/deep/c.o")));
    assertFalse(Files.exists(temporary.resolve("host/.d.o")));
    assertEquals(Map.of(), matched(result, "none*").files());
  }

  @Test
  void whyFilesThatMatchDoNotComeOutIsToldForCode() throws Exception {
    var host = Files.createDirectory(temporary.resolve("host"));
    Files.writeString(host.resolve("a"), "mine");
    var result = Live.check(Status.FILE_ERROR, Cause.NONE,
        Live.run(Live.shell("for f in a b c; do echo $f > $f; done; ln -s / l")
            .copyOut(CopyOut.matching("x*"))
            .copyOut(CopyOut.matching("?").most(2))
            .copyOut(CopyOut.matching("[abc]").limitBytes(3))
            .copyOut(CopyOut.matching("[ab]", host))
            .copyOut(CopyOut.matching("l/etc/*"))
            .copyOut(CopyOut.matching("[a-c]").most(2).truncated())));
    assertEquals(Optional.of(Reason.NO_MATCH), matched(result, "x*").reason());
    assertEquals(Optional.of(Reason.TOO_MANY), matched(result, "?").reason());
    var cut = matched(result, "[abc]");
    assertEquals(Optional.of(Reason.TOO_LARGE), cut.reason());
    assertEquals("a\n", text(cut.files().get("a")));
    assertEquals(Optional.of(Reason.TOO_LARGE), cut.files().get("b").reason());
    var there = matched(result, "[ab]");
    assertEquals(Optional.of(Reason.EXISTS), there.reason());
    assertEquals(Optional.of(Reason.EXISTS), there.files().get("a").reason());
    assertEquals("mine", Files.readString(host.resolve("a")));
    assertEquals("b\n", Files.readString(host.resolve("b")));
    assertEquals(Optional.of(Reason.LINK), matched(result, "l/etc/*").reason());
    var first = matched(result, "[a-c]");
    assertEquals(2, first.files().size());
    assertTrue(first.isTruncated());
    assertEquals(Optional.empty(), first.error());
    assertEquals(Optional.of(Reason.NO_MATCH),
        CopiedFile.failed(result.error().orElseThrow()).reason());
    Live.runOk(Live.shell("echo new > a").copyOut(CopyOut.matching("a*", host).replacing()));
    assertEquals("new\n", Files.readString(host.resolve("a")));
    assertEquals(Step.VALIDATE, assertThrows(SandboxException.class,
        () -> Live.run(Live.shell("true").copyOut(CopyOut.matching("[")))).step());
  }

  @Test
  void namesOfAnyBytesComeOut() throws Exception {
    var result = Live.runOk(Live.shell("for f in 'a\nb' ' ' \"$(printf '\\377')\" '*'; do echo x > ./\"$f\"; done")
        .copyOut(CopyOut.matching("*")));
    assertEquals(Set.of("a\nb", " ", "\ufffd", "*"), matched(result, "*").files().keySet());
  }

  @Test
  void aContainerTakesPatternsWithCommandsOnly() throws Exception {
    try (var container = Container.open()) {
      var made =
          container.run(Command.builder("sh", "-c", "mkdir d; echo x > d/f").copyOut(CopyOut.matching("d/*")).build());
      assertEquals("x\n", text(matched(made, "d/*").files().get("d/f")));
      assertThrows(IllegalArgumentException.class, () -> container.copyOut(CopyOut.matching("d/*")));
    }
  }

  @Test
  void filesComeOut() throws Exception {
    var data = new byte[(int) (3 * Live.MIB)];
    new Random(2).nextBytes(data);
    var host = temporary.resolve("out");
    var result = Live.runOk(Live.shell("cp in big; echo kept > sub; mkdir d; echo deep > d/f")
        .copyIn(CopyIn.bytes("in", data))
        .copyOut(CopyOut.file("big", host))
        .copyOut(CopyOut.keep("sub"))
        .copyOut(CopyOut.keep("/w/d/f"))
        .copyOut(CopyOut.keep("not there").optional()));
    assertArrayEquals(data, Files.readAllBytes(host));
    assertEquals(List.of("big", "sub", "/w/d/f", "not there"), List.copyOf(result.copiedOut().keySet()));
    assertEquals("kept\n", new String(result.copiedOut().get("sub").bytes().orElseThrow(), UTF_8));
    assertEquals("deep\n", new String(result.copiedOut().get("/w/d/f").bytes().orElseThrow(), UTF_8));
    assertEquals(Optional.empty(), result.copiedOut().get("big").bytes());
    assertEquals(Optional.empty(), result.copiedOut().get("not there").bytes());
    assertTrue(result.copiedOut().values().stream().allMatch(file -> file.error().isEmpty()));
  }

  @Test
  void whatCannotBeFetchedIsAFileError() throws Exception {
    var result = Live.run(Live.subject("odd-files")
        .copyOut(CopyOut.keep("missing"))
        .copyOut(CopyOut.keep("link"))
        .copyOut(CopyOut.keep("link2/plain"))
        .copyOut(CopyOut.keep("fifo"))
        .copyOut(CopyOut.keep("directory"))
        .copyOut(CopyOut.keep("directory/plain").limitBytes(3))
        .copyOut(CopyOut.file("directory/plain/", temporary.resolve("no/such/directory"))));
    Live.check(Status.FILE_ERROR, Cause.NONE, result);
    assertEquals("FE", result.status().code());
    assertEquals(OptionalInt.of(0), result.exitCode());
    int index = 0;
    for (var file : result.copiedOut().entrySet()) {
      var error = file.getValue().error().orElseThrow(() -> new AssertionError(file.getKey()));
      assertEquals(Step.COPY_OUT, error.step());
      assertEquals(index++, error.index(), error.getMessage());
      assertEquals(Optional.empty(), file.getValue().bytes());
    }
    assertEquals("ENOENT", result.error().orElseThrow().errnoName());
    assertTrue(result.error().orElseThrow().detail().endsWith("missing"), result.error().orElseThrow().detail());
    assertEquals("EFBIG", result.copiedOut().get("directory/plain").error().orElseThrow().errnoName());
  }

  @Test
  void reasonsAreForCode() throws Exception {
    var result = Live.run(Live.subject("odd-files").copyOut(CopyOut.keep("missing")).copyOut(CopyOut.keep("link"))
        .copyOut(CopyOut.keep("link2/plain")).copyOut(CopyOut.keep("fifo")).copyOut(CopyOut.keep("directory"))
        .copyOut(CopyOut.keep("directory/plain").limitBytes(3)));
    assertEquals(
        List.of(Reason.MISSING, Reason.LINK, Reason.LINK, Reason.NOT_REGULAR, Reason.NOT_REGULAR, Reason.TOO_LARGE),
        result.copiedOut().values().stream().map(file -> file.reason().orElseThrow()).toList());
  }

  @Test
  void theFirstBytesOfALongerFile() throws Exception {
    var host = temporary.resolve("host");
    var result = Live.runOk(Live.shell("printf 1234567 > a; cp a b; cp a c")
        .copyOut(CopyOut.keep("a").limitBytes(3).truncated()).copyOut(CopyOut.file("b", host).limitBytes(4).truncated())
        .copyOut(CopyOut.keep("c").limitBytes(7).truncated()));
    var kept = result.copiedOut().get("a");
    assertEquals("123", new String(kept.bytes().orElseThrow(), UTF_8));
    assertEquals(7, kept.size());
    assertTrue(kept.isTruncated());
    assertEquals("1234", Live.read(host));
    assertTrue(result.copiedOut().get("b").isTruncated());
    assertEquals(7, result.copiedOut().get("b").size());
    assertFalse(result.copiedOut().get("c").isTruncated());
    assertEquals(Optional.empty(), kept.reason());
  }

  @Test
  void aFileIsReplacedOnRequest() throws Exception {
    var result = Live.runOk(
        Live.shell("cat f").copyIn(CopyIn.text("f", "old")).copyIn(CopyIn.text("g", "new")));
    assertEquals("old", result.stdout().text());
    var replaced = Live.runOk(Live.shell("cat /tmp/f").copyIn(CopyIn.text("/tmp/f", "new").replacing()));
    assertEquals("new", replaced.stdout().text());
  }

  @Test
  void aViolationIsSaidRatherThanAMissingFile() throws Exception {
    var result = Live.run(Live.subject("exit", "3").copyOut(CopyOut.keep("missing")));
    assertEquals(OptionalInt.of(3), result.exitCode());
    assertEquals(Step.COPY_OUT, result.error().orElseThrow().step());
  }

  @Test
  void whatIsThereAlreadyIsRefused() throws Exception {
    var e = Live.refused(Live.RUNNER, Live.subject("exit", "0").copyIn(CopyIn.text("a", "1"))
        .copyIn(CopyIn.text("a/b", "2")), Step.COPY_IN, 20);
    assertEquals(1, e.index());
    e = Live.refused(Live.RUNNER, Live.subject("exit", "0").copyIn(CopyIn.text("/usr/bin/x", "1")), Step.COPY_IN, 30);
    assertEquals("/usr/bin/x", e.detail());
    e = Live.refused(Live.RUNNER, Live.subject("exit", "0").copyIn(CopyIn.text("x", "1"))
        .copyIn(CopyIn.file(temporary.resolve("missing"), "y")), Step.COPY_IN, 2);
    assertEquals(1, e.index());
    assertFalse(Files.exists(Path.of("/usr/bin/x")));
  }
}
