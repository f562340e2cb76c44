// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Cause;
import io.cordon.CopiedFile;
import io.cordon.CopyIn;
import io.cordon.CopyOut;
import io.cordon.Result;
import io.cordon.SandboxException.Kind;
import io.cordon.Status;
import java.nio.file.Files;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Files come in before a program and out after it. */
interface FileContract {
  private static CopiedFile copied(Result result, String name) {
    return Objects.requireNonNull(result.copiedOut().get(name), name);
  }

  @Test
  @Uses("copyIn")
  default void filesAreBroughtIn(Bench bench) throws Exception {
    var host = Files.writeString(bench.file("host"), "of the host");
    var program = bench.programs().readFile("deep/er/host").copyIn(CopyIn.file(host, "deep/er/host"))
        .copyIn(CopyIn.text("text", "t")).copyIn(CopyIn.bytes("bytes", new byte[] {1, 2, 3}));
    assertEquals("of the host", bench.ok(program).stdout().text());
  }

  @Test
  @Uses("copyIn")
  default void whatIsBroughtInIsUnchanged(Bench bench) throws Exception {
    var bytes = new byte[300_000];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 7 + i / 256);
    }
    var result = bench.ok(bench.programs().readFile("bytes").copyIn(CopyIn.bytes("bytes", bytes)));
    assertArrayEquals(bytes, result.stdout().bytes());
  }

  @Test
  @Uses("copyIn")
  default void aFileToBringInMustBeThere(Bench bench) throws Exception {
    var failed = bench.failure(bench.programs().exit(0).copyIn(CopyIn.file(bench.file("missing"), "a")));
    assertEquals(Kind.NOT_FOUND, failed.kind(), failed.getMessage());
    bench.stillWorks();
  }

  @Test
  @Uses("copyOut")
  default void aFileIsFetchedIntoTheResult(Bench bench) throws Exception {
    var program = bench.programs().writeFile("made", 5000).copyOut(CopyOut.keep("made"))
        .copyOut(CopyOut.keep("absent").optional());
    var result = bench.ok(program);
    assertEquals(List.of("made", "absent"), List.copyOf(result.copiedOut().keySet()));
    assertEquals(5000, copied(result, "made").bytes().orElseThrow().length);
    assertEquals(Optional.empty(), copied(result, "absent").bytes());
    assertEquals(Optional.empty(), result.error());
  }

  @Test
  @Uses("copyOut")
  default void aFileIsFetchedToTheHost(Bench bench) throws Exception {
    var host = Files.writeString(bench.file("host"), "what was there before".repeat(1000));
    var result = bench.ok(bench.programs().writeFile("made", 5000).copyOut(CopyOut.file("made", host)));
    assertEquals(5000, Files.size(host));
    assertEquals(Optional.empty(), copied(result, "made").bytes());
  }

  @Test
  @Uses("copyOut")
  default void aFileThatIsMissingIsAStatus(Bench bench) throws Exception {
    var result = Bench.check(Status.FILE_ERROR, Cause.NONE,
        bench.run(bench.programs().print("ran", "").copyOut(CopyOut.keep("absent"))));
    assertEquals("ran", result.stdout().text());
    assertEquals(Kind.NOT_FOUND, result.error().orElseThrow().kind());
    bench.stillWorks();
  }

  @Test
  @Uses("copyOut")
  default void aFileThatIsTooLongIsAStatus(Bench bench) throws Exception {
    var result = Bench.check(Status.FILE_ERROR, Cause.NONE,
        bench.run(bench.programs().writeFile("made", 5000).copyOut(CopyOut.keep("made").limitBytes(4999))));
    assertTrue(result.error().isPresent());
  }

  /** The program could have the host fetch any file for it. */
  @Test
  @Uses({"copyOut", "program.link"})
  default void noLinkIsFollowed(Bench bench) throws Exception {
    for (var text : List.of("/etc/passwd", "/proc/self/environ", "/dev/zero")) {
      var result = Bench.check(Status.FILE_ERROR, Cause.NONE,
          bench.run(bench.programs().link(text, "link" + text.length()).copyOut(CopyOut.keep("link" + text.length()))));
      assertEquals(Optional.empty(), copied(result, "link" + text.length()).bytes());
    }
  }

  @Test
  default void whatARunHasWrittenIsGoneInTheNextOrStaysOnPurpose(Bench bench) throws Exception {
    var file = bench.tier().scratch() + "/of-the-first";
    bench.ok(bench.programs().writeFile(file, 10));
    var second = bench.run(bench.programs().readFile(file));
    assertEquals(bench.tier().startsFresh(), second.stdout().bytes().length == 0, second.toString());
  }
}
