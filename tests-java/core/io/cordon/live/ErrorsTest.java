// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Command;
import io.cordon.CopyIn;
import io.cordon.Mount;
import io.cordon.Origin;
import io.cordon.Resource;
import io.cordon.Rlimit;
import io.cordon.SandboxException;
import io.cordon.Step;
import io.cordon.seccomp.SeccompPolicy;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A sandbox that fails says where, why, and with which of the things that it was given. */
@ExtendWith(NothingLeft.class)
class ErrorsTest {
  private static SandboxException refused(Command.Builder command, Step step, int errno) {
    return Live.refused(Live.RUNNER, command, step, errno);
  }

  @Test
  void noSuchProgram() {
    var e = refused(Live.command("/no/such/program"), Step.EXECVE, 2);
    assertEquals("/no/such/program", e.detail());
    assertEquals("ENOENT", e.errnoName());
    assertEquals(-1, e.index());
    assertEquals(Origin.CHILD, e.origin());
    assertFalse(e.detailTruncated());
    assertEquals("EXECVE failed before exec: ENOENT (No such file or directory): /no/such/program", e.getMessage());
    assertEquals("no-such-program", refused(Live.command("no-such-program"), Step.EXECVE, 2).detail());
  }

  @Test
  void notExecutable() {
    var text = Live.command("/w/text").copyIn(CopyIn.text("text", "x"));
    assertEquals("/w/text", refused(text, Step.EXECVE, 13).detail());
    refused(Live.command("/usr"), Step.EXECVE, 13);
    refused(Live.command("./junk").copyIn(CopyIn.text("junk", "\0\1\2").mode(0755)), Step.EXECVE, 8);
  }

  @Test
  void aMountSourceThatIsMissing(@TempDir Path temporary) {
    int index = Mount.defaults().size() + 1;
    var missing = temporary.resolve("missing");
    var runner = Live.runner().addMount(Mount.bind(missing, "/x")).build();
    var e = Live.refused(runner, Live.subject("exit", "0"), Step.MOUNT_SOURCE, 2);
    assertEquals(index, e.index());
    assertEquals(missing.toString(), e.detail());
    assertTrue(e.getMessage().startsWith("MOUNT_SOURCE[" + index + "] failed"), e.getMessage());
  }

  @Test
  void aMountTargetInsideAReadOnlyMount(@TempDir Path temporary) {
    var runner = Live.runner().addMount(Mount.bind(temporary, "/usr/no/such/place")).build();
    var e = Live.refused(runner, Live.subject("exit", "0"), Step.MOUNT_TARGET, 30);
    assertEquals("/usr/no/such/place", e.detail());
    assertEquals(Origin.INIT, e.origin());
  }

  @Test
  void noSuchWorkDirectory() {
    var e = refused(Live.subject("exit", "0").workDir("/no/such/directory"), Step.WORK_DIR, 2);
    assertEquals("/no/such/directory", e.detail());
  }

  @Test
  void argumentsThatAreTooLong() {
    refused(Live.subject("exit", "0", "x".repeat(1 << 20)), Step.EXECVE, 7);
    assertEquals("", assertOk(Live.subject("exit", "0", "x".repeat(100_000))));
  }

  private static String assertOk(Command.Builder command) {
    try {
      return Live.runOk(command).stdout().text();
    } catch (SandboxException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aDetailThatIsTooLongIsMarked() {
    var path = "/" + "d".repeat(150);
    var e = refused(Live.command(path), Step.EXECVE, 2);
    assertTrue(e.detailTruncated());
    assertTrue(path.startsWith(e.detail()), e.detail());
    assertTrue(e.getMessage().endsWith("..."), e.getMessage());
  }

  @Test
  void hostileTextIsEscapedInTheMessage() {
    var e = refused(Live.command("/\u001b[31m\n"), Step.EXECVE, 2);
    assertEquals("/\u001b[31m\n", e.detail());
    assertTrue(e.getMessage().endsWith(": /\\x1b[31m\\x0a"), e.getMessage());
  }

  @Test
  void aResourceLimitThatTheKernelRefuses() {
    var e = refused(Live.subject("exit", "0").rlimit(Rlimit.of(Resource.CORE, 0))
        .rlimit(Rlimit.of(Resource.NOFILE, 1L << 40)), Step.RLIMIT, 1);
    assertEquals(1, e.index());
  }

  /** The reference's host process crashed at an empty filter. */
  @Test
  void aFilterThatIsNone() {
    assertThrows(IllegalArgumentException.class, () -> SeccompPolicy.bpf(new byte[0]));
    var runner = Live.runner().seccomp(SeccompPolicy.bpf(new byte[8])).build();
    Live.refused(runner, Live.subject("exit", "0"), Step.SECCOMP, 22);
  }
}
