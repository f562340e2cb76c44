// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the interface does by itself for one who implements only the rest. */
@Timeout(30)
class ReusableRunnerTest {
  private static final Command ONE = Command.of("one");
  private static final Command LATER = Command.of("later");

  private final MemoryRunner runner = new MemoryRunner("m");

  private void holdResets() {
    runner.resetMayEnd = new CountDownLatch(1);
    runner.resetBegun = new CountDownLatch(1);
  }

  @Test
  void aResetFollowsTheRun() throws Exception {
    runner.run(ONE);
    assertEquals("one two", runner.runAndReset(Command.of("two")).stdout().text());
    assertEquals("one", runner.run(ONE).stdout().text());
    assertEquals("one one", runner.runAndResetAsync(ONE).get().stdout().text());
    assertEquals("one", runner.run(ONE).stdout().text());
    assertEquals(2, runner.resets);
  }

  @Test
  void whatFailsIsToldToWhoRanTheCommand() throws Exception {
    var later = runner.runAndResetAsync(LATER);
    runner.broken = true;
    runner.pending.remove().complete(Result.builder(Status.OK).build());
    var failed = assertThrows(ExecutionException.class, later::get);
    assertEquals(Step.INIT_GONE, ((SandboxException) failed.getCause()).step());
    assertThrows(SandboxException.class, () -> runner.runAndReset(ONE));
    assertThrows(ExecutionException.class, () -> runner.runAndResetAsync(ONE).get());
    runner.broken = false;
    var run = runner.runAndResetAsync(LATER);
    var reason = new IllegalStateException("of the run");
    runner.pending.remove().completeExceptionally(reason);
    assertSame(reason, assertThrows(ExecutionException.class, run::get).getCause());
    assertEquals(0, runner.resets);
  }

  @Test
  void anInterruptEndsTheRunAndNotTheReset() throws Exception {
    holdResets();
    runner.resetMayEnd.countDown();
    Thread.currentThread().interrupt();
    runner.runAndReset(ONE);
    assertTrue(Thread.interrupted());
    assertEquals(1, runner.resets);
  }

  @Test
  void completingItFromOutsideCancelsTheRunAndNothingIsReset() throws Exception {
    var cancelled = runner.runAndResetAsync(LATER);
    assertTrue(cancelled.cancel(true));
    assertTrue(cancelled.isCancelled());
    assertTrue(runner.pending.remove().isCancelled());
    var failed = runner.runAndResetAsync(LATER);
    assertTrue(failed.completeExceptionally(new TimeoutException()));
    assertTrue(failed.isCompletedExceptionally());
    assertTrue(runner.pending.remove().isCancelled());
    var completed = runner.runAndResetAsync(LATER);
    var own = Result.builder(Status.CANCELLED).build();
    assertTrue(completed.complete(own));
    assertFalse(completed.complete(Result.builder(Status.OK).build()));
    assertSame(own, completed.get());
    assertTrue(runner.pending.remove().isCancelled());
    var late = runner.runAndResetAsync(LATER).orTimeout(1, TimeUnit.NANOSECONDS);
    assertEquals(TimeoutException.class, assertThrows(ExecutionException.class, late::get).getCause().getClass());
    assertTrue(runner.pending.remove().isCancelled());
    assertEquals(0, runner.resets);
  }

  /** Else the reset would meet whatever the runner is given next. */
  @Test
  void aResetThatHasBegunIsWaitedFor() throws Exception {
    holdResets();
    CompletableFuture<Result> both = runner.runAndResetAsync(ONE);
    runner.resetBegun.await();
    assertFalse(both.cancel(true));
    assertFalse(both.completeExceptionally(new TimeoutException()));
    assertFalse(both.complete(Result.builder(Status.OK).build()));
    assertFalse(both.isDone());
    runner.resetMayEnd.countDown();
    assertEquals("one", both.get().stdout().text());
    assertEquals(1, runner.resets);
    assertFalse(both.isCancelled());
  }

  @Test
  void aContainerIsCalledByItsPid() throws SandboxException {
    try (ReusableRunner container = Container.open()) {
      assertEquals(Integer.toString(((Container) container).pid()), container.id());
      container.runAndReset(Command.of("touch", "f"));
      assertEquals("", container.run(Command.of("ls")).stdout().text());
    }
  }
}
