// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Cause;
import io.cordon.Mount;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.Source;
import io.cordon.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each way a program can end has its own status, and none is taken for another. */
@ExtendWith(NothingLeft.class)
class StatusTest {
  @Test
  void aResultHasItsNumbers() throws SandboxException {
    var result = Live.runOk(Live.subject("exit", "0"));
    assertTrue(result.isOk());
    assertEquals(OptionalInt.of(0), result.exitCode());
    assertEquals(OptionalInt.empty(), result.signal());
    assertEquals(OptionalInt.empty(), result.syscall());
    assertEquals(Optional.empty(), result.error());
    assertEquals(0, result.oomKills());
    for (var time : new Duration[] {result.wallTime(), result.setupTime()}) {
      assertTrue(time.compareTo(Duration.ZERO) > 0 && time.compareTo(Live.PATIENCE) < 0, time.toString());
    }
    assertTrue(result.memoryPeakBytes().getAsLong() > 0);
    assertNotEquals(Source.NONE, result.memorySource());
    assertNotEquals(Source.NONE, result.cpuSource());
  }

  @ParameterizedTest
  @CsvSource({"3", "1", "255", "137"})
  void anotherExitCodeIsNonzero(int code) throws SandboxException {
    var result = Live.check(Status.NONZERO_EXIT, Cause.NONE, Live.run(Live.subject("exit", String.valueOf(code))));
    assertEquals(OptionalInt.of(code), result.exitCode());
    assertEquals(OptionalInt.empty(), result.signal());
  }

  @ParameterizedTest
  @CsvSource({"abort,x,SIGABRT", "raise,15,SIGTERM", "segv,0,SIGSEGV", "killself,9,SIGKILL", "killself,24,SIGXCPU"})
  void aSignalIsNamed(String verb, String argument, String name) throws SandboxException {
    var result = Live.check(Status.SIGNALED, Cause.NONE, Live.run(Live.subject(verb, argument)));
    assertEquals(Optional.of(name), result.signalName());
    assertEquals(OptionalInt.empty(), result.exitCode());
  }

  @Test
  void aSignalFromTheHostIsNoTimeLimit(@TempDir Path temporary) throws Exception {
    var shared = Live.openDirectory(temporary, "rw");
    var runner = Live.runner().addMount(Mount.bind(shared, "/rw").writable()).build();
    var pid = new CompletableFuture<Long>();
    var future = runner.runAsync(Live.shell("echo before; : > /rw/ready; exec sleep 60").sync(pid::complete).build());
    Live.await("the program is ready", () -> Files.exists(shared.resolve("ready")));
    assertTrue(ProcessHandle.of(pid.get()).orElseThrow().destroyForcibly());
    Result result = future.get(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    Live.check(Status.SIGNALED, Cause.NONE, result);
    assertEquals(Optional.of("SIGKILL"), result.signalName());
    assertEquals("before\n", result.stdout().text());
  }

  @Test
  void aCallOfAnotherAbiIsDisallowed() throws IOException, SandboxException {
    if (!System.getProperty("os.arch").equals("amd64")) {
      Live.skip("x32-abi: not an x86_64 machine");
    }
    var result = Live.run(Live.command("/programs/other_abi", "x32"));
    Live.check(Status.DISALLOWED_SYSCALL, Cause.NONE, result);
    assertEquals("RV", result.status().code());
    assertEquals(Optional.of("SIGSYS"), result.signalName());
  }

  /** Orphans of a program that still runs are reaped: they count against its processes. */
  @Test
  void orphansAreReapedWhileTheProgramRuns() throws SandboxException {
    assertTrue(Live.number(Live.runOk(Live.subject("orphans", "300")).stdout(), "pids") <= 4);
  }

  @Test
  void aDaemonEndsWithTheProgram() throws SandboxException {
    assertTrue(Live.runOk(Live.subject("daemon")).wallTime().compareTo(Duration.ofSeconds(5)) < 0);
  }

  /** The JVM blocks and handles signals; a program must start with none of that. */
  @Test
  void signalsStartUnblockedAndDefault() throws SandboxException {
    assertEquals("blocked=0\nignored=0\n", Live.runOk(Live.subject("signals")).stdout().text());
  }
}
