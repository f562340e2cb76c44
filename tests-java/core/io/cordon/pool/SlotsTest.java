// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import static io.cordon.pool.Numbers.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.SandboxException;
import io.cordon.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pool's rules, with items that are nothing but a number. */
@Timeout(30)
class SlotsTest {
  private static final Duration LONG = Numbers.LONG;

  private final Numbers numbers = new Numbers();
  private Slots<Integer> slots = slots(0, 2, Duration.ofSeconds(10), Long.MAX_VALUE, LONG, LONG, LONG);

  private Slots<Integer> slots(int minIdle, int maxSize, Duration timeout, long maxUses, Duration maxAge,
      Duration maxIdle, Duration checkAfter) {
    if (slots != null) {
      slots.close(Duration.ZERO);
    }
    return new Slots<>(numbers, new Settings("numbers", minIdle, maxSize, 2, timeout, maxUses, maxAge, maxIdle,
        checkAfter, GuardedListener.NONE, () -> 0, System::nanoTime));
  }

  @AfterEach
  void close() {
    slots.close(Duration.ZERO);
  }

  @Test
  void theOneUsedLastIsUsedAgain() throws Exception {
    var a = slots.acquire();
    var b = slots.acquire();
    assertNotSame(a, b);
    slots.release(a, Slots.State.CLEAN);
    slots.release(b, Slots.State.CLEAN);
    assertSame(b, slots.acquire());
    assertEquals(2, slots.statistics().created());
  }

  @Test
  void nobodyGetsMoreThanThereAre() throws Exception {
    slots = slots(2, 2, Duration.ofMillis(50), Long.MAX_VALUE, LONG, LONG, LONG);
    await(() -> slots.statistics().idle() == 2); // Making them is not to be in time.
    slots.acquire();
    var held = slots.acquire();
    var late = assertThrows(SandboxException.class, slots::acquire);
    assertEquals("ETIMEDOUT", late.errnoName());
    assertEquals(0, slots.statistics().waiting());
    slots.release(held, Slots.State.CLEAN);
    assertSame(held, slots.acquire());
  }

  @Test
  void whoWaitsLongestIsNext() throws Exception {
    var first = slots.acquire();
    slots.acquire();
    var one = slots.ask();
    var two = slots.ask();
    var three = slots.ask();
    one.cancel(false);
    assertEquals(2, slots.statistics().waiting());
    slots.release(first, Slots.State.CLEAN);
    assertSame(first, two.get(1, TimeUnit.SECONDS));
    assertFalse(three.isDone());
  }

  @Test
  void aBrokenOneIsReplacedForWhoWaits() throws Exception {
    var first = slots.acquire();
    slots.acquire();
    var waiter = slots.ask();
    slots.release(first, Slots.State.BROKEN);
    assertEquals(3, waiter.get(5, TimeUnit.SECONDS).item);
    await(() -> numbers.destroyed.contains(first.item));
  }

  @Test
  void aDirtyOneIsResetFirstAndReplacedWhereThatFails() throws Exception {
    var first = slots.acquire();
    slots.release(first, Slots.State.DIRTY);
    assertSame(first, slots.acquire());
    assertEquals(1, numbers.resets.get());
    numbers.broken.add(first.item);
    slots.release(first, Slots.State.DIRTY);
    assertNotSame(first, slots.acquire());
    await(() -> numbers.destroyed.contains(first.item));
    assertEquals(Set.of(first.item), numbers.told);
    assertEquals(2, slots.statistics().resets().count());
  }

  @Test
  void someAreMadeAhead() throws Exception {
    slots = slots(2, 3, LONG, Long.MAX_VALUE, LONG, LONG, LONG);
    await(() -> slots.statistics().idle() == 2);
    slots.release(slots.acquire(), Slots.State.BROKEN);
    await(() -> slots.statistics().idle() == 2);
    assertEquals(3, slots.statistics().created());
  }

  @Test
  void aWornOneIsReplaced() throws Exception {
    slots = slots(0, 1, Duration.ofSeconds(10), 2, LONG, LONG, LONG);
    var first = slots.acquire();
    slots.release(first, Slots.State.CLEAN);
    assertSame(first, slots.acquire());
    slots.release(first, Slots.State.CLEAN);
    assertNotSame(first, slots.acquire());
  }

  @Test
  void oldAndUnusedOnesGo() throws Exception {
    slots = slots(1, 3, Duration.ofSeconds(10), Long.MAX_VALUE, LONG, Duration.ofMillis(1), LONG);
    var a = slots.acquire();
    var b = slots.acquire();
    slots.release(a, Slots.State.CLEAN);
    slots.release(b, Slots.State.CLEAN);
    await(() -> slots.statistics().idle() == 1);
    slots = slots(0, 1, Duration.ofSeconds(10), Long.MAX_VALUE, Duration.ofMillis(1), LONG, LONG);
    slots.release(slots.acquire(), Slots.State.CLEAN);
    await(() -> slots.statistics().idle() == 0);
  }

  @Test
  void anIdleOneIsCheckedFirst() throws Exception {
    slots = slots(0, 1, Duration.ofSeconds(10), Long.MAX_VALUE, LONG, LONG, Duration.ZERO);
    var first = slots.acquire();
    slots.release(first, Slots.State.CLEAN);
    assertSame(first, slots.acquire());
    slots.release(first, Slots.State.CLEAN);
    numbers.broken.add(first.item);
    assertNotSame(first, slots.acquire());
  }

  @Test
  void idleOnesAreCheckedBeforeNewOnesAreMade() throws Exception {
    slots = slots(0, 3, Duration.ofSeconds(10), Long.MAX_VALUE, LONG, LONG, Duration.ZERO);
    var older = slots.acquire();
    var newer = slots.acquire();
    slots.release(older, Slots.State.CLEAN);
    slots.release(newer, Slots.State.CLEAN);
    numbers.broken.add(newer.item);
    assertSame(older, slots.acquire());
    assertEquals(Set.of(newer.item), numbers.told);
    assertEquals(2, slots.statistics().created());
  }

  @Test
  void whatCannotBeMadeIsToldToWhoWaits() throws Exception {
    numbers.failing = true;
    assertEquals(Step.CLONE, assertThrows(SandboxException.class, slots::acquire).step());
    var waiters = new ArrayList<java.util.concurrent.CompletableFuture<?>>();
    for (int i = 0; i < 10; i++) {
      waiters.add(slots.ask());
    }
    await(() -> waiters.stream().allMatch(java.util.concurrent.CompletableFuture::isCompletedExceptionally));
    numbers.failing = false;
    slots.acquire();
  }

  @Test
  void closingWaitsForWhatIsOutAndRefusesTheRest() throws Exception {
    var a = slots.acquire();
    var b = slots.acquire();
    var waiter = slots.ask();
    var closing = new Thread(() -> slots.close(Duration.ofSeconds(20)));
    closing.start();
    await(waiter::isCompletedExceptionally);
    assertThrows(SandboxException.class, slots::ask);
    slots.release(a, Slots.State.CLEAN);
    assertTrue(closing.isAlive());
    slots.release(b, Slots.State.DIRTY);
    closing.join();
    assertEquals(Set.of(a.item, b.item), numbers.destroyed);
  }

  @Test
  void closingWithoutPatienceDestroysWhatIsOut() throws Exception {
    var a = slots.acquire();
    slots.close(Duration.ZERO);
    assertEquals(Set.of(a.item), numbers.destroyed);
    slots.release(a, Slots.State.CLEAN);
    assertEquals(1, slots.statistics().destroyed());
  }

  @Test
  void anInterruptedThreadGetsNothing() throws Exception {
    slots.acquire();
    var held = slots.acquire();
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, slots::acquire);
    slots.release(held, Slots.State.CLEAN);
    assertSame(held, slots.acquire());
  }

  /** Those that were made together do not all end in the same tick. */
  @Test
  void itemsOfOneAgeEndAtDifferentTimes() throws Exception {
    var clock = new AtomicLong();
    var jitter = new ConcurrentLinkedQueue<>(List.of(0.0, 0.0, 0.5, 0.0)); // Age and uses of each.
    slots.close(Duration.ZERO);
    slots = new Slots<>(numbers, new Settings("aging", 0, 2, 1, LONG, Long.MAX_VALUE, Duration.ofSeconds(100), LONG,
        LONG, GuardedListener.NONE, jitter::remove, clock::get));
    var longer = slots.acquire();
    var shorter = slots.acquire();
    slots.release(longer, Slots.State.CLEAN);
    slots.release(shorter, Slots.State.CLEAN);
    clock.set(TimeUnit.SECONDS.toNanos(95) - 1);
    slots.tick();
    assertEquals(2, slots.statistics().idle());
    clock.set(TimeUnit.SECONDS.toNanos(95));
    slots.tick();
    await(() -> numbers.destroyed.contains(shorter.item));
    assertSame(longer, slots.acquire());
    clock.set(TimeUnit.SECONDS.toNanos(100));
    slots.release(longer, Slots.State.CLEAN);
    await(() -> numbers.destroyed.contains(longer.item));
  }

  @Test
  void itemsAreNotUsedEquallyOften() throws Exception {
    var jitter = new ConcurrentLinkedQueue<>(List.of(0.0, 0.99));
    slots.close(Duration.ZERO);
    slots = new Slots<>(numbers, new Settings("used", 0, 1, 1, LONG, 20, LONG, LONG, LONG, GuardedListener.NONE,
        jitter::remove, System::nanoTime));
    for (int i = 0; i < 18; i++) {
      assertEquals(1, use());
    }
    jitter.add(0.0);
    jitter.add(0.0);
    for (int i = 0; i < 20; i++) {
      assertEquals(2, use());
    }
  }

  private int use() throws Exception {
    var slot = slots.acquire();
    slots.release(slot, Slots.State.CLEAN);
    return slot.item;
  }

  @Test
  void anItemsOwnLimitsAreUpToATenthLess() {
    var most = new Settings("", 0, 1, 1, LONG, 1000, Duration.ofHours(1), LONG, LONG, GuardedListener.NONE,
        () -> Math.nextDown(1.0), System::nanoTime);
    assertEquals(900, most.itemUses());
    assertEquals(Duration.ofMinutes(54), Duration.ofNanos(most.itemAgeNanos() / 1000 * 1000));
    for (long uses : new long[] {1, 9, 10, 25, 1_000_000, Long.MAX_VALUE}) {
      for (var age : List.of(Duration.ofNanos(1), Duration.ofHours(1), Duration.ofDays(36500))) {
        for (double random : new double[] {0, 0.5, Math.nextDown(1.0)}) {
          var settings = new Settings("", 0, 1, 1, LONG, uses, age, LONG, LONG, GuardedListener.NONE, () -> random,
              System::nanoTime);
          assertTrue(settings.itemUses() <= uses && settings.itemUses() >= uses - uses / 10, settings::toString);
          long nanos = settings.itemAgeNanos();
          assertTrue(nanos <= age.toNanos() && nanos >= age.toNanos() - age.toNanos() / 10, settings::toString);
        }
      }
    }
  }

  /** Many at once: no item is ever with two, none is lost. */
  @Test
  void manyThreadsShareFew() throws Exception {
    var out = ConcurrentHashMap.<Integer>newKeySet();
    var wrong = new AtomicInteger();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < 16; i++) {
      int seed = i;
      threads.add(new Thread(() -> {
        try {
          for (int n = 0; n < 2000; n++) {
            var slot = slots.acquire();
            wrong.addAndGet(out.add(slot.item) ? 0 : 1);
            out.remove(slot.item);
            slots.release(slot, Slots.State.values()[(n * 7 + seed) % 40 == 0 ? 2 : (n + seed) % 10 == 0 ? 1 : 0]);
          }
        } catch (SandboxException | InterruptedException e) {
          wrong.incrementAndGet();
        }
      }));
    }
    threads.forEach(Thread::start);
    for (var thread : threads) {
      thread.join();
    }
    assertEquals(0, wrong.get());
    await(() -> slots.statistics().coming() == 0);
    var end = slots.statistics();
    assertEquals(0, end.active());
    assertEquals(end.created(), end.destroyed() + end.idle());
  }
}
