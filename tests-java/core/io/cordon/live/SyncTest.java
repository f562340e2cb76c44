// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Cause;
import io.cordon.Mount;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.Status;
import io.cordon.Step;
import io.cordon.SyncAction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Between set-up and exec the caller has the program's pid, may act on it, and decides whether it runs. */
@ExtendWith(NothingLeft.class)
@Timeout(60)
class SyncTest {
  private static final int ECANCELED = 125;

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static SandboxException failure(SyncAction action) throws Exception {
    var future = Live.RUNNER.runAsync(Live.subject("sleep", "60").sync(action).build());
    return assertInstanceOf(SandboxException.class,
        assertThrows(ExecutionException.class, () -> get(future)).getCause());
  }

  private static Result next() throws Exception {
    var result = get(Live.RUNNER.runAsync(Live.subject("echo", "next").build()));
    assertEquals("next\n", result.stdout().text());
    return result;
  }

  @Test
  void thePidIsAliveAndInItsOwnNamespaces() throws Exception {
    var seen = new AtomicLong();
    Live.runOk(Live.subject("exit", "0").sync(pid -> {
      seen.set(pid);
      assertTrue(Held.isRunning(pid));
      for (var name : List.of("user", "mnt", "pid", "net", "ipc", "uts", "cgroup")) {
        assertNotEquals(Files.readSymbolicLink(Path.of("/proc/self/ns", name)),
            Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns", name)), name);
      }
      return true;
    }));
    assertTrue(seen.get() > 1);
    assertFalse(Held.isRunning(seen.get()));
  }

  @Test
  void stoppingIsTheErrorSyncAndNothingRuns(@TempDir Path temporary) throws IOException {
    var shared = Live.openDirectory(temporary, "rw");
    var runner = Live.runner().addMount(Mount.bind(shared, "/rw").writable()).build();
    var e = Live.refused(runner, Live.subject("file", "1", "/rw/ran").sync(pid -> false), Step.SYNC, ECANCELED);
    assertEquals(-1, e.index());
    assertFalse(Files.exists(shared.resolve("ran")));
  }

  @Test
  void whatTheActionThrowsIsTheCause() {
    var thrown = new IOException("no");
    var e = Live.refused(Live.RUNNER, Live.subject("sleep", "60").sync(pid -> {
      throw thrown;
    }), Step.SYNC, ECANCELED);
    assertSame(thrown, e.getCause());
  }

  @Test
  void theAsynchronousFormDoesTheSame() throws Exception {
    var thread = new CompletableFuture<String>();
    var result = get(Live.RUNNER.runAsync(
        Live.subject("echo", "x").sync(pid -> thread.complete(Thread.currentThread().getName())).build()));
    assertEquals("x\n", result.stdout().text());
    assertEquals("cordon-events", thread.get());
    assertEquals(Step.SYNC, failure(pid -> false).step());
    for (Throwable thrown : List.of(new IOException("no"), new IllegalStateException("no"), new StackOverflowError())) {
      assertSame(thrown, failure(pid -> {
        if (thrown instanceof Error error) {
          throw error;
        }
        throw (Exception) thrown;
      }).getCause());
      next();
    }
  }

  /** The event thread serves all runs: what happens to one of them is not the others'. */
  @Test
  void anActionThatIsInterruptedIsCancelledAndNoOther() throws Exception {
    var result = get(Live.RUNNER.runAsync(Live.subject("sleep", "60").sync(pid -> {
      throw new InterruptedException();
    }).build()));
    Live.check(Status.CANCELLED, Cause.NONE, result);
    var flag = new CompletableFuture<Boolean>();
    get(Live.RUNNER.runAsync(
        Live.subject("exit", "0").sync(pid -> flag.complete(Thread.currentThread().isInterrupted())).build()));
    assertFalse(flag.get());
  }

  @Test
  void aRunCancelledByItsOwnActionNeverStarts(@TempDir Path temporary) throws Exception {
    var shared = Live.openDirectory(temporary, "rw");
    var runner = Live.runner().addMount(Mount.bind(shared, "/rw").writable()).build();
    for (int i = 0; i < 20; i++) {
      var self = new CompletableFuture<CompletableFuture<Result>>();
      var seen = new CompletableFuture<Long>();
      var command = Live.subject("sleep", "60").sync(pid -> {
        self.get().cancel(true);
        return seen.complete(pid);
      }).build();
      self.complete(runner.runAsync(command));
      long pid = get(seen);
      Live.await("the end of " + pid, () -> !Held.isRunning(pid));
    }
    next();
  }

  /** A cancel may come between the event and the action; the run must not be freed while the loop has it. */
  @Test
  void aCancelAtTheSyncPointHarmsNoOtherRun() throws Exception {
    var futures = new ArrayList<CompletableFuture<Result>>();
    var hold = new CountDownLatch(1);
    var held = new CountDownLatch(1);
    // While the event thread is held up here, the others reach their sync points and are cancelled there.
    futures.add(Live.RUNNER.runAsync(Live.subject("exit", "0").sync(pid -> {
      held.countDown();
      return hold.await(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }).build()));
    assertTrue(held.await(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS));
    for (int i = 0; i < 40; i++) {
      futures.add(Live.RUNNER.runAsync(Live.subject("sleep", "60").sync(pid -> true).build()));
    }
    for (int i = 1; i < futures.size(); i += 2) {
      futures.get(i).cancel(true);
    }
    hold.countDown();
    Live.check(Status.OK, Cause.NONE, get(futures.get(0)));
    for (int i = 2; i < futures.size(); i += 2) {
      futures.get(i).cancel(true);
    }
    next();
  }
}
