// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The threads of a pool that do what takes long. */
@Timeout(60)
class WorkersTest {
  private static final Duration LONG = Duration.ofDays(1);

  private final List<Thread> started = Collections.synchronizedList(new ArrayList<>());
  private final List<Integer> done = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private int mostThreads = Integer.MAX_VALUE;
  private Workers workers = workers(2, LONG);

  private Workers workers(int bound, Duration idle) {
    return new Workers(bound, idle, this::thread);
  }

  /** Past the most it is as where the kernel has no more for us. */
  private Thread thread(Runnable task) {
    if (started.size() >= mostThreads) {
      return new Thread() {
        @Override
        public synchronized void start() {
          throw new OutOfMemoryError("unable to create native thread");
        }
      };
    }
    var thread = new Thread(task);
    thread.setDaemon(true);
    started.add(thread);
    return thread;
  }

  @AfterEach
  void end() {
    release.countDown();
    assertTrue(workers.end(System.nanoTime() + TimeUnit.SECONDS.toNanos(30)));
  }

  private void hold() {
    held.countDown();
    try {
      release.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void number(int number) {
    workers.execute(() -> done.add(number));
  }

  private void awaitDone(int count) {
    while (done.size() < count) {
      Thread.yield(); // The test's time-out ends it.
    }
  }

  @Test
  void jobsBeginInTheOrderOfAsking() {
    workers = workers(1, LONG);
    workers.execute(this::hold);
    IntStream.range(0, 100).forEach(this::number);
    release.countDown();
    awaitDone(100);
    assertEquals(IntStream.range(0, 100).boxed().toList(), done);
    assertEquals(1, started.size());
  }

  @Test
  void asManyRunAtOnceAsTheBoundSays() {
    var both = new CyclicBarrier(2);
    for (int i = 0; i < 2; i++) {
      workers.execute(() -> {
        try {
          both.await();
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
        done.add(0);
      });
    }
    awaitDone(2);
    workers.execute(this::hold);
    number(1);
    awaitDone(3); // One that takes long holds up no other.
    workers.execute(this::hold);
    number(2);
    assertEquals(2, started.size());
    assertFalse(done.contains(2));
    release.countDown();
    awaitDone(4);
  }

  @Test
  void aThreadThatIsFreeTakesTheNextJob() {
    for (int i = 1; i <= 100; i++) {
      number(i);
      awaitDone(i);
      while (started.get(0).getState() != Thread.State.TIMED_WAITING) {
        Thread.yield();
      }
    }
    assertEquals(1, started.size());
  }

  @Test
  void threadsEndWhenThereIsNothingToDo() throws InterruptedException {
    workers = workers(2, Duration.ofMillis(1));
    for (int i = 1; i <= 3; i++) {
      number(i);
      awaitDone(i);
      for (var thread : List.copyOf(started)) {
        thread.join();
      }
    }
    assertEquals(3, started.size());
  }

  /** Threads that end in the moment that a job comes leave none behind. */
  @Test
  void noJobIsLost() {
    workers = workers(2, Duration.ofNanos(1));
    for (int i = 0; i < 2000; i++) {
      number(i);
      if (i % 3 == 0) {
        awaitDone(i + 1);
      }
    }
    awaitDone(2000);
  }

  @Test
  void aJobThatFailsOrIsInterruptedIsNoEnd() {
    workers = workers(1, LONG);
    workers.execute(() -> {
      throw new StackOverflowError("of the job");
    });
    workers.execute(() -> Thread.currentThread().interrupt());
    number(1);
    awaitDone(1);
    assertEquals(1, started.size());
  }

  @Test
  void withoutAnotherThreadTheOneThatIsThereDoesIt() {
    mostThreads = 1;
    workers.execute(this::hold);
    number(1);
    release.countDown();
    awaitDone(1);
    mostThreads = 0;
    var none = workers(1, LONG);
    assertThrows(OutOfMemoryError.class, () -> none.execute(() -> done.add(2)));
    mostThreads = 2;
    none.execute(() -> done.add(3));
    awaitDone(2);
    assertEquals(List.of(1, 3), done);
    assertTrue(none.end(System.nanoTime() + TimeUnit.SECONDS.toNanos(30)));
  }

  @Test
  void atTheEndNothingWaitsBehindALongJob() throws InterruptedException {
    workers = workers(1, LONG);
    workers.execute(this::hold);
    held.await();
    number(1);
    number(2);
    assertFalse(workers.end(System.nanoTime()));
    awaitDone(2);
    number(3); // Also what comes after it.
    awaitDone(3);
    assertTrue(started.size() > 1, () -> started.toString());
  }

  @Test
  void anInterruptEndsTheWaitForTheEnd() throws InterruptedException {
    workers.execute(this::hold);
    held.await();
    Thread.currentThread().interrupt();
    assertFalse(workers.end(System.nanoTime() + TimeUnit.DAYS.toNanos(1)));
    assertTrue(Thread.interrupted());
  }
}
