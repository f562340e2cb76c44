// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import static io.cordon.pool.Numbers.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.internal.util.PoolThread;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which callers a slow start, reset or end of an item holds up, and how a pool ends meanwhile. */
@Timeout(60)
class PoolThreadsTest {
  private final Numbers numbers = new Numbers();
  private Slots<Integer> slots = pool(0, 2, 2);

  private Slots<Integer> pool(int minIdle, int maxSize, int makers) {
    return new Slots<>(numbers, Numbers.settings(minIdle, maxSize, makers, GuardedListener.NONE));
  }

  private void use(int minIdle, int maxSize, int makers) {
    slots.close(Duration.ZERO);
    slots = pool(minIdle, maxSize, makers);
  }

  @AfterEach
  void close() {
    numbers.releaseAll();
    slots.close(Duration.ZERO);
  }

  private Thread closing() {
    var thread = new Thread(() -> slots.close(Duration.ZERO));
    thread.start();
    return thread;
  }

  @Test
  void aSlowStartHoldsUpNobody() throws Exception {
    numbers.hold("create 1");
    var one = slots.ask();
    var two = slots.ask();
    assertEquals(2, one.get().item); // The first that asked.
    assertFalse(two.isDone());
    numbers.release("create 1");
    assertEquals(1, two.get().item);
  }

  /** It was begun for a caller that has given up. */
  @Test
  void whoeverWaitsIsNotLeftToAnOverdueStart() throws Exception {
    numbers.hold("create 1");
    var first = slots.ask();
    await(() -> numbers.hasBegun("create 1"));
    first.cancel(false);
    assertEquals(2, slots.ask().get().item);
    numbers.release("create 1");
    await(() -> slots.statistics().idle() == 1);
  }

  @Test
  void aSlowEndHoldsUpNobody() throws Exception {
    numbers.hold("destroy 1");
    use(0, 1, 2);
    slots.release(slots.acquire(), Slots.State.BROKEN);
    for (int i = 2; i < 10; i++) {
      var next = slots.acquire();
      assertEquals(i, next.item);
      slots.release(next, Slots.State.BROKEN);
    }
    await(() -> numbers.destroyed.contains(9));
    assertFalse(numbers.destroyed.contains(1));
  }

  @Test
  void aSlowResetHoldsUpNobody() throws Exception {
    numbers.hold("reset 1");
    var one = slots.acquire();
    var two = slots.acquire();
    slots.release(one, Slots.State.DIRTY);
    for (int i = 0; i < 10; i++) {
      slots.release(two, Slots.State.DIRTY);
      assertSame(two, slots.acquire());
    }
    assertTrue(numbers.hasBegun("reset 1"));
    numbers.release("reset 1");
    assertSame(one, slots.acquire());
  }

  @Test
  void resetsGoOnWhileAllMakersAreBusy() throws Exception {
    use(0, 2, 1);
    var one = slots.acquire();
    numbers.hold("create 2");
    var waiter = slots.ask();
    await(() -> numbers.hasBegun("create 2"));
    slots.release(one, Slots.State.DIRTY);
    assertSame(one, waiter.get());
    assertEquals(1, numbers.resets.get());
  }

  @Test
  void noMoreAreMadeAtOnceThanThereAreMakers() throws Exception {
    for (int i = 1; i <= 6; i++) {
      numbers.hold("create " + i);
    }
    use(6, 6, 3);
    for (int i = 1; i <= 6; i++) {
      int next = i;
      await(() -> numbers.hasBegun("create " + next));
      if (i >= 3) {
        numbers.release("create " + (i - 2));
      }
    }
    numbers.releaseAll();
    await(() -> slots.statistics().idle() == 6);
    assertEquals(3, numbers.mostAtOnce.get());
  }

  @Test
  void aTimeOutIsKeptWhileAllThreadsAreBusy() throws Exception {
    slots.close(Duration.ZERO);
    slots = new Slots<>(numbers, new Settings("short", 0, 2, 1, Duration.ofMillis(20), Long.MAX_VALUE, Numbers.LONG,
        Numbers.LONG, Numbers.LONG, GuardedListener.NONE, () -> 0, System::nanoTime));
    numbers.hold("create 1");
    var waiter = slots.ask();
    slots.limit(waiter);
    assertInstanceOf(TimeoutException.class, assertThrows(ExecutionException.class, waiter::get).getCause());
    await(() -> slots.statistics().timedOut() == 1 && slots.statistics().waiting() == 0);
  }

  @Test
  void aCloseEndsWhatIsIdleBehindASlowStartAndMakesNothingMore() throws Exception {
    use(0, 8, 1);
    var idle = slots.acquire();
    slots.release(idle, Slots.State.CLEAN);
    assertSame(idle, slots.acquire());
    numbers.hold("create 2");
    var waiter = slots.ask();
    slots.ask();
    slots.ask();
    await(() -> numbers.hasBegun("create 2"));
    slots.release(idle, Slots.State.BROKEN);
    var closing = closing();
    await(() -> numbers.destroyed.contains(1));
    assertTrue(waiter.isCompletedExceptionally());
    assertTrue(closing.isAlive());
    numbers.release("create 2");
    closing.join();
    assertEquals(Set.of(1, 2), numbers.destroyed);
    assertEquals(2, numbers.made.get());
    var end = slots.statistics();
    assertEquals(0, end.idle() + end.active() + end.coming() + end.waiting());
    assertEquals(end.created(), end.destroyed());
  }

  @Test
  void aCloseDuringAResetEndsTheItem() throws Exception {
    use(0, 2, 1);
    var one = slots.acquire();
    var two = slots.acquire();
    numbers.hold("reset 1");
    slots.release(one, Slots.State.DIRTY);
    await(() -> numbers.hasBegun("reset 1"));
    slots.release(two, Slots.State.DIRTY); // Behind it.
    var closing = closing();
    await(() -> numbers.destroyed.contains(2));
    numbers.release("reset 1");
    closing.join();
    assertEquals(Set.of(1, 2), numbers.destroyed);
    assertEquals(1, numbers.resets.get());
    assertEquals(0, slots.statistics().coming());
  }

  /** As where the kernel has no more threads for us. */
  @Test
  void withoutOtherThreadsTheKeeperDoesIt() throws Exception {
    slots.close(Duration.ZERO);
    BiFunction<Runnable, String, Thread> few = (task, name) -> name.endsWith("-keeper") ? new PoolThread(task, name)
        : new Thread() {
          @Override
          public synchronized void start() {
            throw new OutOfMemoryError("unable to create native thread");
          }
        };
    slots = new Slots<>(numbers, Numbers.settings(1, 1, 2, GuardedListener.NONE), few);
    var one = slots.acquire();
    slots.release(one, Slots.State.DIRTY);
    assertSame(one, slots.acquire());
    slots.release(one, Slots.State.BROKEN);
    assertEquals(2, slots.acquire().item);
    await(() -> numbers.destroyed.contains(1));
  }

  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream().map(Thread::getName)
        .filter(name -> name.startsWith("cordon-numbers-")).collect(Collectors.toSet());
  }

  @Test
  void threadsAreThereWhileTheyHaveSomethingToDo() throws Exception {
    slots.close(Duration.ZERO);
    await(() -> threads().isEmpty());
    numbers.hold("create 1");
    numbers.hold("reset 2");
    slots = pool(0, 2, 2);
    var first = slots.ask();
    slots.ask();
    slots.release(first.get(), Slots.State.DIRTY);
    await(() -> numbers.hasBegun("reset 2"));
    var names = threads();
    assertTrue(names.containsAll(Set.of("cordon-numbers-keeper", "cordon-numbers-resetter-1")), names::toString);
    assertTrue(names.stream().anyMatch(name -> name.matches("cordon-numbers-maker-[12]")), names::toString);
    numbers.releaseAll();
    await(() -> threads().equals(Set.of("cordon-numbers-keeper")));
    slots.close(Duration.ZERO);
    await(() -> threads().isEmpty());
  }
}
