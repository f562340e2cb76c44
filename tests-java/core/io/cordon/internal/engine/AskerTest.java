// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.supervisor.Decision;
import io.cordon.supervisor.SyscallHandler;
import io.cordon.supervisor.SyscallQuestion;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A handler decides in time, or has refused; whatever it does, the thread that drives the run goes on. */
@Timeout(60)
class AskerTest {
  private static final Duration LONG = Duration.ofSeconds(50);
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final Decision EPERM = Decision.errno(1);
  private static final SyscallQuestion QUESTION =
      new SyscallQuestion(1, 2, List.of(0L, 0L, 0L, 0L, 0L, 0L), 3, Set.of(), List.of());

  private static Decision once(SyscallHandler handler, Duration timeout) throws InterruptedException {
    var asker = new Asker(handler, timeout);
    try {
      return asker.ask(QUESTION);
    } finally {
      asker.close();
    }
  }

  @Test
  void theHandlersWordIsPassedOn() throws InterruptedException {
    for (var decision : List.of(Decision.allow(), Decision.errno(13), Decision.kill())) {
      assertEquals(decision, once(question -> {
        assertSame(QUESTION, question);
        return decision;
      }, LONG));
    }
  }

  @Test
  @SuppressWarnings("NullAway") // What a caller without a null checker may do.
  void whoFailsHasRefused() throws InterruptedException {
    assertEquals(EPERM, once(question -> {
      throw new IllegalStateException("on purpose");
    }, LONG));
    assertEquals(EPERM, once(question -> {
      throw new StackOverflowError();
    }, LONG));
    assertEquals(EPERM, once(question -> null, LONG));
    assertEquals(EPERM, once(question -> Decision.ask(), LONG));
  }

  @Test
  void theHandlerHasADaemonThreadOfItsOwn() throws InterruptedException {
    var thread = new CompletableFuture<Thread>();
    once(question -> {
      thread.complete(Thread.currentThread());
      return Decision.allow();
    }, LONG);
    assertNotSame(Thread.currentThread(), thread.join());
    assertTrue(thread.join().isDaemon());
    thread.join().join(); // Ended with the run.
  }

  @Test
  void whoIsLateHasRefusedAndIsInterrupted() throws InterruptedException {
    var interrupted = new CountDownLatch(1);
    var asker = new Asker(question -> {
      try {
        new CountDownLatch(1).await();
        return Decision.allow();
      } finally {
        interrupted.countDown();
      }
    }, SHORT);
    assertEquals(EPERM, asker.ask(QUESTION));
    interrupted.await();
    asker.close();
  }

  /** However often the program asks, one that does not come back costs one thread, and no wait beyond the time-out. */
  @Test
  void whoNeverComesBackCostsOneThread() throws InterruptedException {
    var release = new CountDownLatch(1);
    BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
    var asker = new Asker(question -> {
      threads.add(Thread.currentThread());
      while (release.getCount() > 0) {
        try {
          release.await();
        } catch (InterruptedException e) {
          // On purpose.
        }
      }
      return Decision.allow();
    }, SHORT);
    for (int i = 0; i < 5; i++) {
      assertEquals(EPERM, asker.ask(QUESTION));
    }
    assertEquals(1, threads.size());
    asker.close();
    release.countDown();
    threads.take().join();
  }

  @Test
  void afterALateAnswerTheNextOneCounts() throws InterruptedException {
    var late = new CountDownLatch(1);
    var first = new CompletableFuture<Void>();
    var asker = new Asker(question -> {
      if (first.complete(null)) {
        late.await();
      }
      assertFalse(Thread.interrupted());
      return Decision.allow();
    }, Duration.ofSeconds(1));
    assertEquals(EPERM, asker.ask(QUESTION));
    assertEquals(Decision.allow(), asker.ask(QUESTION));
    asker.close();
  }

  /** A cancelled run does not wait for its handler. */
  @Test
  void theEndOfTheRunIsARefusal() throws Exception {
    var asked = new CountDownLatch(1);
    var asker = new Asker(question -> {
      asked.countDown();
      new CountDownLatch(1).await();
      return Decision.allow();
    }, LONG);
    var answer = CompletableFuture.supplyAsync(() -> {
      try {
        return asker.ask(QUESTION);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
    asked.await();
    asker.refuse();
    assertEquals(EPERM, answer.get(10, TimeUnit.SECONDS));
    assertEquals(EPERM, asker.ask(QUESTION));
    asker.close();
  }

  @Test
  void anInterruptOfTheWaitingThreadEndsTheWait() {
    var asker = new Asker(question -> {
      new CountDownLatch(1).await();
      return Decision.allow();
    }, LONG);
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> asker.ask(QUESTION));
    asker.close();
  }
}
