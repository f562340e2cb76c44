// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Cause;
import io.cordon.Command;
import io.cordon.Mount;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.Status;
import io.cordon.Step;
import io.cordon.UnshareRunner;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NothingLeft.class)
@Tag("timing")
@Timeout(60)
class CancelTest {
  /** The program, and what it has started, are to be gone that soon. */
  private static final Duration AT_ONCE = Duration.ofSeconds(2);

  @TempDir
  Path temporary;
  private Path shared;
  private UnshareRunner runner;
  private final CompletableFuture<Long> pid = new CompletableFuture<>();

  @BeforeEach
  void shareADirectory() throws IOException {
    shared = Live.openDirectory(temporary, "rw");
    runner = Live.runner().addMount(Mount.bind(shared, "/rw").writable()).build();
  }

  /** Writes, says that it has, and sleeps; also in a child that ignores every signal that it can. */
  private Command sleeper() {
    return Live.shell("echo before; (trap '' TERM INT HUP; sleep 60) & : > /rw/ready; sleep 60")
        .sync(pid::complete).build();
  }

  private void awaitReady() {
    Live.await("the program is ready", () -> Files.exists(shared.resolve("ready")));
  }

  private void assertGone() throws Exception {
    long program = pid.get();
    assertTrue(Live.becomes(AT_ONCE, () -> !Held.isRunning(program)), "still there: " + program);
  }

  @Test
  void cancellingTheFuture() throws Exception {
    var future = runner.runAsync(sleeper());
    awaitReady();
    assertTrue(Held.isRunning(pid.get()));
    assertTrue(future.cancel(true));
    assertGone();
  }

  @Test
  void completingTheFuture() throws Exception {
    var future = runner.runAsync(sleeper());
    awaitReady();
    assertTrue(future.completeExceptionally(new IOException("enough")));
    assertGone();
  }

  @Test
  void aTimeoutOfTheFuture() throws Exception {
    var future = runner.runAsync(sleeper());
    awaitReady();
    future.orTimeout(500, TimeUnit.MILLISECONDS);
    assertThrows(ExecutionException.class, () -> future.get(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS));
    assertGone();
  }

  @Test
  void cancellingAtOnce() {
    for (int i = 0; i < 20; i++) {
      assertTrue(Live.RUNNER.runAsync(Live.subject("sleep", "60").build()).cancel(true));
    }
  }

  @Test
  void interruptingTheThread() throws Exception {
    var result = new CompletableFuture<Result>();
    var flag = new CompletableFuture<Boolean>();
    var thread = new Thread(() -> {
      try {
        result.complete(runner.run(sleeper()));
      } catch (SandboxException e) {
        result.completeExceptionally(e);
      }
      flag.complete(Thread.currentThread().isInterrupted());
    });
    thread.start();
    awaitReady();
    long start = System.nanoTime();
    thread.interrupt();
    var cancelled = result.get(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertTrue(System.nanoTime() - start < AT_ONCE.toNanos());
    Live.check(Status.CANCELLED, Cause.NONE, cancelled);
    assertEquals("CA", cancelled.status().code());
    assertEquals("before\n", cancelled.stdout().text());
    assertTrue(flag.get(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS));
    thread.join();
    assertGone();
  }

  @Test
  void aThreadThatIsInterruptedAlready() throws SandboxException {
    Thread.currentThread().interrupt();
    try {
      Live.check(Status.CANCELLED, Cause.NONE, Live.run(Live.subject("sleep", "60")));
    } finally {
      assertTrue(Thread.interrupted());
    }
    Live.runOk(Live.subject("exit", "0"));
  }

  @Test
  void anInterruptDuringTheSyncAction() throws SandboxException {
    var result = Live.run(Live.subject("sleep", "60").sync(pid -> {
      Thread.currentThread().interrupt();
      Thread.sleep(Live.PATIENCE.toMillis());
      return true;
    }));
    assertTrue(Thread.interrupted());
    Live.check(Status.CANCELLED, Cause.NONE, result);
  }

  @Test
  void theFutureHasWhatRunWouldThrow() {
    var future = Live.RUNNER.runAsync(Command.of("/no/such/program"));
    var e = assertThrows(ExecutionException.class, () -> future.get(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS));
    assertEquals(Step.EXECVE, assertInstanceOf(SandboxException.class, e.getCause()).step());
    var early = Live.runner().addMount(Mount.bind(Path.of("/no/such"), "/x")).build().runAsync(Command.of("/bin/true"));
    e = assertThrows(ExecutionException.class, () -> early.get(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS));
    assertEquals(Step.MOUNT_SOURCE, assertInstanceOf(SandboxException.class, e.getCause()).step());
  }

  /** JDK 21 and later; the tests are compiled for 17. */
  @Test
  void aVirtualThread() throws Exception {
    var result = new CompletableFuture<Result>();
    Runnable body = () -> {
      try {
        result.complete(runner.run(sleeper()));
      } catch (Throwable t) {
        result.completeExceptionally(t);
      }
    };
    Thread thread;
    try {
      thread = (Thread) Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, body);
    } catch (NoSuchMethodException | InvocationTargetException e) { // Not there, or a preview.
      Live.skip("virtual-threads: this JDK has none");
      return;
    }
    awaitReady();
    thread.interrupt();
    var cancelled = result.get(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    Live.check(Status.CANCELLED, Cause.NONE, cancelled);
    assertEquals("before\n", cancelled.stdout().text());
    assertFalse(Held.isRunning(pid.get()));
  }
}
