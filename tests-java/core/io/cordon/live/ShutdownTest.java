// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Cause;
import io.cordon.Command;
import io.cordon.Container;
import io.cordon.Result;
import io.cordon.Runner;
import io.cordon.Sandbox;
import io.cordon.SeccompFilter;
import io.cordon.SandboxException;
import io.cordon.seccomp.SeccompAction;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.Status;
import io.cordon.Step;
import io.cordon.pool.ContainerPool;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@link Sandbox#shutdown}: what refuses it, and that all works afterwards. RedeployTest shows what it gives back. */
@Timeout(120)
class ShutdownTest {
  private static final String EVENTS = "cordon-events";
  private static final int EBUSY = 16;
  private static final int EIO = 5;

  private static boolean hasThread(String name) {
    return Thread.getAllStackTraces().keySet().stream().anyMatch(thread -> thread.getName().equals(name));
  }

  private static Command echo() {
    return Live.command("/bin/echo", "x").build();
  }

  private static void check(Result result) {
    assertTrue(result.isOk(), result::toString);
    assertEquals("x\n", result.stdout().text());
  }

  private static Result get(CompletableFuture<Result> run) throws Exception {
    return run.get(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static void bothWays(Runner runner) throws Exception {
    check(runner.run(echo()));
    check(get(runner.runAsync(echo())));
  }

  private static void refused() {
    var e = assertThrows(SandboxException.class, Sandbox::shutdown);
    assertEquals(Step.WAIT + " " + EBUSY, e.step() + " " + e.errno(), e.getMessage());
  }

  @Test
  void everythingWorksAfterwards() throws Exception {
    for (int i = 0; i < 3; i++) {
      bothWays(Live.RUNNER);
      assertTrue(hasThread(EVENTS));
      try (var container = Container.open()) {
        bothWays(container);
      }
      try (var pool = ContainerPool.builder().maxSize(1).build()) {
        bothWays(pool);
      }
      assertTrue(Sandbox.probe().canRun());
      Sandbox.shutdown();
      assertFalse(hasThread(EVENTS));
    }
  }

  @Test
  void twiceIsNoError() throws Exception {
    Sandbox.shutdown();
    Sandbox.shutdown();
    bothWays(Live.RUNNER);
  }

  @Test
  void aPolicyIsCompiledAgain() throws Exception {
    var policy = SeccompPolicy.builder().defaultAction(SeccompAction.allow()).errno(EIO, "uname").build();
    var runner = Live.runner().seccomp(policy).build();
    var filter = SeccompFilter.of(policy);
    var program = filter.program();
    for (int i = 0; i < 2; i++) {
      var result = runner.run(Live.command("/programs/few_calls", "uname").build());
      assertEquals("uname=5\n", Live.check(Status.OK, Cause.NONE, result).stdout().text());
      Sandbox.shutdown();
      assertEquals(SeccompAction.errno(EIO), filter.verdict("uname"));
      assertEquals(SeccompAction.allow(), filter.verdict("read"));
      assertEquals(program.length, filter.program().length);
      Sandbox.shutdown();
    }
  }

  @Test
  void anOpenContainerRefusesIt() throws Exception {
    try (var container = Container.open()) {
      refused();
      bothWays(container);
      refused();
    }
    Sandbox.shutdown();
  }

  @Test
  void aRunRefusesIt() throws Exception {
    var run = Live.RUNNER.runAsync(Live.command("/bin/sleep", "30").build());
    refused();
    run.cancel(false);
    Live.await("the run is gone", () -> {
      try {
        Sandbox.shutdown();
        return true;
      } catch (SandboxException e) {
        return false;
      }
    });
    bothWays(Live.RUNNER);
  }

  /** A run that ends when the gate opens, so that what follows it is done by the event thread. */
  private static CompletableFuture<Result> behind(CountDownLatch gate) {
    return Live.RUNNER.runAsync(Live.command("/bin/echo", "x").sync(pid -> {
      gate.await();
      return true;
    }).build());
  }

  private static Void shutdown() {
    try {
      Sandbox.shutdown();
      return null;
    } catch (SandboxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The event thread must not wait for itself, and still ends. */
  @Test
  void aCallbackMayCallIt() throws Exception {
    var gate = new CountDownLatch(1);
    var called = behind(gate).thenApply(result -> {
      shutdown();
      return Thread.currentThread();
    });
    gate.countDown();
    var thread = called.get(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertEquals(EVENTS, thread.getName());
    thread.join(Live.PATIENCE.toMillis());
    assertFalse(thread.isAlive());
    bothWays(Live.RUNNER);
  }

  /** A shutdown that waits for the event thread holds up no callback that it is in. */
  @Test
  void aCallbackMayOpenASandboxMeanwhile() throws Exception {
    var gate = new CountDownLatch(1);
    var down = new CompletableFuture<Void>();
    var shutting = new Thread(() -> down.completeAsync(ShutdownTest::shutdown, Runnable::run));
    var second = behind(gate).thenApply(first -> {
      shutting.start();
      Live.await("it waits for this thread", () -> shutting.getState() == Thread.State.TIMED_WAITING);
      try {
        return Live.RUNNER.run(echo());
      } catch (SandboxException e) {
        throw new IllegalStateException(e);
      }
    });
    gate.countDown();
    check(get(second));
    down.get(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void threadsMayRunMeanwhile() throws Exception {
    int threads = 4;
    int rounds = Live.rounds(20);
    var policy = SeccompPolicy.builder().defaultAction(SeccompAction.allow()).build();
    var runner = Live.runner().seccomp(policy).build();
    var filter = SeccompFilter.of(policy);
    var running = new AtomicInteger(threads);
    var executor = Executors.newFixedThreadPool(threads);
    try {
      var all = new ArrayList<Future<?>>();
      for (int i = 0; i < threads; i++) {
        all.add(executor.submit(() -> {
          try {
            for (int round = 0; round < rounds; round++) {
              bothWays(runner);
              assertEquals(SeccompAction.allow(), filter.verdict("read"));
            }
          } finally {
            running.decrementAndGet();
          }
          return null;
        }));
      }
      while (running.get() > 0) {
        try {
          Sandbox.shutdown();
        } catch (SandboxException e) {
          assertEquals(Step.WAIT + " " + EBUSY, e.step() + " " + e.errno(), e.getMessage());
        }
        Thread.yield();
      }
      for (var one : all) {
        one.get();
      }
    } finally {
      executor.shutdown();
    }
    Sandbox.shutdown();
    assertFalse(hasThread(EVENTS));
    bothWays(Live.RUNNER);
  }

  @Test
  void theEventThreadEndsByItselfAndStartsAgain() throws Exception {
    check(get(Live.RUNNER.runAsync(echo())));
    Live.await("the event thread ends", () -> !hasThread(EVENTS));
    check(get(Live.RUNNER.runAsync(echo())));
    assertTrue(hasThread(EVENTS));
  }
}
