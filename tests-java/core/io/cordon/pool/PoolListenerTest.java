// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Command;
import io.cordon.MemoryRunner;
import io.cordon.SandboxException;
import io.cordon.Step;
import io.cordon.internal.util.Errno;
import io.cordon.live.Jvm;
import io.cordon.live.TestLogs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a pool tells its listener. */
@Timeout(60)
class PoolListenerTest {
  private static final Duration LONG = Numbers.LONG;
  private static final Command LATER = Command.of("later");

  /** Keeps what it is told, in order. */
  private static class Told implements PoolListener {
    final LinkedBlockingQueue<String> all = new LinkedBlockingQueue<>();
    final AtomicReference<Thread> thread = new AtomicReference<>();
    final AtomicLong longestNanos = new AtomicLong();

    void add(String what, Duration time) {
      if (time.isNegative()) {
        throw new AssertionError(what + ": " + time);
      }
      longestNanos.accumulateAndGet(time.toNanos(), Math::max);
      thread.set(Thread.currentThread());
      all.add(what);
    }

    @Override
    public void acquired(Duration waited) {
      add("acquired", waited);
    }

    @Override
    public void timedOut(Duration waited) {
      add("timed out", waited);
    }

    @Override
    public void created(Duration time) {
      add("created", time);
    }

    @Override
    public void failed(Duration time, Throwable reason) {
      add("failed: " + reason.getMessage(), time);
    }

    @Override
    public void reset(Duration time) {
      add("reset", time);
    }

    @Override
    public void destroyed(DestroyReason reason, Duration time) {
      add("destroyed: " + reason, time);
    }

    @Override
    public void leaked(String id, Optional<Throwable> acquired) {
      add("leaked", Duration.ZERO);
    }

    List<String> next(int count) throws InterruptedException {
      var next = new ArrayList<String>();
      while (next.size() < count) {
        next.add(all.take()); // The test's time-out ends it.
      }
      return next;
    }
  }

  private final Told told = new Told();
  private final Numbers numbers = new Numbers();

  private Settings settings(long maxUses, Duration maxAge, Duration maxIdleTime, AtomicLong clock) {
    return new Settings("told", 0, 1, 1, LONG, maxUses, maxAge, maxIdleTime, LONG, told, () -> 0, clock::get);
  }

  @Test
  void aLifeIsToldInItsOrder() throws Exception {
    var slots = new Slots<>(numbers, settings(3, LONG, LONG, new AtomicLong()));
    var slot = slots.acquire();
    slots.release(slot, Slots.State.CLEAN);
    slots.release(slots.acquire(), Slots.State.DIRTY);
    slots.release(slots.acquire(), Slots.State.DIRTY);
    assertEquals(List.of("created", "acquired", "acquired", "reset", "acquired", "destroyed: USES"), told.next(6));
    slots.close(Duration.ZERO);
    assertTrue(told.all.isEmpty(), told.all::toString);
  }

  @Test
  void everyEndHasItsReason() throws Exception {
    var clock = new AtomicLong();
    try (var closing = new Closing(new Slots<>(numbers,
        settings(Long.MAX_VALUE, Duration.ofSeconds(100), Duration.ofSeconds(10), clock)))) {
      var slots = closing.slots;
      var slot = slots.acquire();
      numbers.broken.add(slot.item);
      slots.release(slot, Slots.State.DIRTY);
      assertEquals(List.of("created", "acquired", "reset", "destroyed: BROKEN"), told.next(4));
      slots.release(slots.acquire(), Slots.State.BROKEN);
      assertEquals(List.of("created", "acquired", "destroyed: DISCARDED"), told.next(3));
      slots.release(slots.acquire(), Slots.State.CLEAN);
      clock.addAndGet(Duration.ofSeconds(10).toNanos());
      assertEquals(List.of("created", "acquired", "destroyed: IDLE"), told.next(3));
      slot = slots.acquire();
      clock.addAndGet(Duration.ofSeconds(100).toNanos());
      slots.release(slot, Slots.State.CLEAN);
      assertEquals(List.of("created", "acquired", "destroyed: AGE"), told.next(3));
      slots.acquire();
      slots.close(Duration.ZERO);
      assertEquals(List.of("created", "acquired", "destroyed: CLOSED"), told.next(3));
      assertEquals(5, slots.statistics().destroyed());
    }
  }

  private record Closing(Slots<Integer> slots) implements AutoCloseable {
    @Override
    public void close() {
      slots.close(Duration.ZERO);
    }
  }

  @Test
  void timesAreThoseOfTheClock() throws Exception {
    var clock = new AtomicLong();
    try (var closing = new Closing(new Slots<>(numbers, settings(Long.MAX_VALUE, LONG, LONG, clock)))) {
      numbers.hold("create 1");
      var waiter = closing.slots.ask();
      Numbers.await(() -> numbers.hasBegun("create 1"));
      clock.set(700);
      numbers.release("create 1");
      waiter.get();
      assertEquals(700, told.longestNanos.get());
      var statistics = closing.slots.statistics();
      assertEquals(Duration.ofNanos(700), statistics.creations().total());
      assertEquals(Duration.ofNanos(700), statistics.creations().mean());
      assertEquals(Duration.ofNanos(700), statistics.creations().max());
    }
  }

  private ContainerPool<MemoryRunner> pool(AtomicInteger failures, Duration timeout) {
    return ContainerPool.builder(() -> {
      if (failures.getAndDecrement() > 0) {
        throw SandboxException.of(Step.CLONE, Errno.EPERM, "");
      }
      return new MemoryRunner("m");
    }).name("told").maxSize(1).minIdle(0).acquireTimeout(timeout).listener(told).build();
  }

  @Test
  void whatCannotBeMadeOrDoesNotComeInTimeIsTold() throws Exception {
    try (var pool = pool(new AtomicInteger(1), Duration.ofMillis(20))) {
      var failed = assertThrows(SandboxException.class, pool::acquire);
      assertEquals(List.of("failed: " + failed.getMessage()), told.next(1));
      var lease = pool.acquire();
      assertEquals(List.of("created", "acquired"), told.next(2));
      assertThrows(SandboxException.class, pool::acquire);
      assertEquals(List.of("timed out"), told.next(1));
      assertSame(Thread.currentThread(), told.thread.get());
      assertThrows(ExecutionException.class, () -> pool.runAsync(LATER).get());
      assertEquals(List.of("timed out"), told.next(1));
      Numbers.await(() -> pool.statistics().timedOut() == 2);
      lease.close();
    }
  }

  @Test
  void eachIsToldOnTheThreadThatTheInterfaceNames() throws Exception {
    try (var pool = pool(new AtomicInteger(), LONG)) {
      pool.run(Command.of("one"));
      assertEquals(List.of("created", "acquired"), told.next(2));
      assertSame(Thread.currentThread(), told.thread.get());
      var lease = pool.acquire();
      var later = pool.acquireAsync();
      lease.container();
      lease.close();
      var thread = new AtomicReference<Thread>();
      later.thenAccept(got -> thread.set(Thread.currentThread())).get();
      assertEquals(List.of("acquired", "reset", "acquired"), told.next(3));
      later.get().discard();
      later.get().close();
      assertEquals(List.of("destroyed: DISCARDED"), told.next(1));
      assertTrue(told.thread.get().getName().startsWith("cordon-told-maker-"), told.thread.get()::getName);
    }
  }

  @Test
  void whatAListenerThrowsChangesNothing() throws Exception {
    var calls = new AtomicInteger();
    var failing = new Told() {
      @Override
      void add(String what, Duration time) {
        calls.incrementAndGet();
        super.add(what, time);
        throw new StackOverflowError("of the listener");
      }
    };
    var failures = new AtomicInteger(1);
    var pool = ContainerPool.builder(() -> {
      if (failures.getAndDecrement() > 0) {
        throw SandboxException.of(Step.CLONE, Errno.EPERM, "");
      }
      return new MemoryRunner("m");
    }).maxSize(1).minIdle(0).maxUses(2).listener(failing).build();
    try (pool) {
      assertEquals(Step.CLONE, assertThrows(SandboxException.class, pool::acquire).step());
      for (int i = 0; i < 3; i++) {
        assertEquals("one", pool.run(Command.of("one")).stdout().text());
        assertEquals("one", pool.runAsync(Command.of("one")).get().stdout().text());
      }
      try (var lease = pool.acquire()) {
        assertEquals("one", lease.run(Command.of("one")).stdout().text());
      }
      assertEquals("one", pool.run(Command.of("one")).stdout().text());
    }
    var tried = List.copyOf(failing.all);
    assertTrue(tried.containsAll(List.of("created", "acquired", "reset", "destroyed: USES")), tried::toString);
    assertEquals(failing.all.size(), calls.get());
    assertEquals(4, pool.statistics().created());
    assertEquals(4, pool.statistics().destroyed());
  }

  /** A JVM of its own, whose log goes to standard output. */
  static final class Failing {
    private Failing() {}

    public static void main(String[] args) throws Exception {
      var listener = new PoolListener() {
        @Override
        public void acquired(Duration waited) {
          throw new IllegalStateException("of the listener");
        }
      };
      var pool = ContainerPool.builder(() -> new MemoryRunner("m")).name("judge").listener(listener).build();
      try (pool) {
        for (int i = 0; i < 3; i++) {
          System.out.println(pool.run(Command.of("one")).stdout().text());
        }
      }
    }
  }

  @Test
  void itsFirstFailureIsLogged() throws Exception {
    var outcome = new Jvm(Failing.class.getName()).options("-Dslf4j.provider=" + TestLogs.class.getName()).run();
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertEquals("ERROR io.cordon.pool.ContainerPool judge: the listener failed; it is still called, and further"
        + " failures are not reported java.lang.IllegalStateException: of the listener\none\none\none\n",
        outcome.out());
  }

  @Test
  void aPoolWithoutAListenerTellsNobody() throws Exception {
    try (var pool = ContainerPool.builder(() -> new MemoryRunner("m")).build()) {
      assertEquals("one", pool.run(Command.of("one")).stdout().text());
      assertFalse(pool.statistics().waits().count() == 0);
    }
  }
}
