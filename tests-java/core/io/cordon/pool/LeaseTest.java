// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Command;
import io.cordon.Container;
import io.cordon.CordonEvent;
import io.cordon.MemoryRunner;
import io.cordon.Result;
import io.cordon.ReusableRunner;
import io.cordon.SandboxException;
import io.cordon.SecurityEvents;
import io.cordon.Status;
import io.cordon.live.Jvm;
import io.cordon.live.TestLogs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Leases that are not closed. */
@Timeout(120)
class LeaseTest {
  private final ConcurrentLinkedQueue<String> leaked = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Optional<Throwable>> traces = new ConcurrentLinkedQueue<>();
  private final List<DestroyReason> reasons = Collections.synchronizedList(new ArrayList<>());
  private final List<MemoryRunner> made = Collections.synchronizedList(new ArrayList<>());
  private final ContainerPool<MemoryRunner> pool = ContainerPool.builder(this::open).name("leases").minIdle(0)
      .maxSize(2).listener(listener()).build();

  private MemoryRunner open() {
    synchronized (made) {
      made.add(new MemoryRunner("m" + made.size()));
      return made.get(made.size() - 1);
    }
  }

  private PoolListener listener() {
    return new PoolListener() {
      @Override
      public void leaked(String id, Optional<Throwable> acquired) {
        leaked.add(id);
        traces.add(acquired);
      }

      @Override
      public void destroyed(DestroyReason reason, Duration time) {
        reasons.add(reason);
      }
    };
  }

  @AfterEach
  void close() {
    pool.close(Duration.ZERO);
  }

  /** Until as many leases were reported; the test's time-out ends it. */
  private void awaitLeaked(int count) throws InterruptedException {
    while (leaked.size() < count) {
      System.gc();
      Thread.sleep(5);
    }
  }

  /** In a frame of its own, so that nothing refers to it afterwards. */
  private static <R extends ReusableRunner> void drop(ContainerPool<R> pool) throws Exception {
    pool.acquire().run(Command.of("true"));
  }

  @Test
  void oneThatIsDroppedIsReportedAndItsContainerDestroyed() throws Exception {
    var events = new ConcurrentLinkedQueue<CordonEvent>();
    var listening = SecurityEvents.listen(events::add);
    try (listening) {
      drop(pool);
      awaitLeaked(1);
      Numbers.await(() -> reasons.contains(DestroyReason.LEAKED));
    }
    assertEquals(List.of("m0"), List.copyOf(leaked));
    assertEquals(Optional.empty(), traces.remove());
    assertTrue(made.get(0).closed);
    assertEquals(0, made.get(0).resets); // Other code may still use it, so no caller gets it.
    assertTrue(events.contains(new CordonEvent.LeaseLeaked("m0", Optional.of("leases"))), events::toString);
    assertEquals(1, pool.statistics().leaked());
    assertEquals(1, pool.statistics().destroyed());
    assertEquals(0, pool.statistics().active());
  }

  @Test
  void whoWaitsGetsAnotherContainer() throws Exception {
    drop(pool);
    drop(pool);
    var waiter = pool.acquireAsync();
    assertFalse(waiter.isDone());
    awaitLeaked(2);
    try (var lease = waiter.get()) {
      assertEquals("true", lease.run(Command.of("true")).stdout().text());
    }
    assertEquals(3, made.size());
  }

  @Test
  void oneThatIsClosedIsNot() throws Exception {
    for (int i = 0; i < 100; i++) {
      try (var lease = pool.acquire()) {
        lease.run(Command.of("true"));
      }
    }
    pool.acquire().close();
    drop(pool);
    awaitLeaked(1);
    drop(pool);
    awaitLeaked(2);
    assertEquals(2, leaked.size());
    assertEquals(2, pool.statistics().leaked());
  }

  @Test
  void whatItGaveBackIsNotTakenFromTheNext() throws Exception {
    pool.acquire().close();
    var run = pool.runAsync(Command.of("later")); // In the same container, without a lease.
    drop(pool);
    awaitLeaked(1); // In the same collection the closed one was found.
    assertEquals(List.of("m1"), List.copyOf(leaked));
    assertEquals(1, pool.statistics().active());
    assertFalse(made.get(0).closed);
    made.get(0).pending.remove().complete(Result.builder(Status.OK).build());
    assertEquals(Status.OK, run.get().status());
  }

  @Test
  void aRunThatGoesOnKeepsIt() throws Exception {
    var run = later();
    drop(pool);
    awaitLeaked(1); // In the same collection the other one would have been found.
    drop(pool);
    awaitLeaked(2);
    assertFalse(leaked.contains("m0"), leaked::toString);
    assertFalse(made.get(0).closed);
    made.get(0).pending.remove().complete(Result.builder(Status.OK).build());
    assertEquals(Status.OK, run.get().status());
    awaitLeaked(3);
    assertTrue(leaked.contains("m0"), leaked::toString);
  }

  private CompletableFuture<Result> later() throws Exception {
    return pool.acquire().runAsync(Command.of("later"));
  }

  @Test
  void aFutureThatNobodyLooksAtLeaksIt() throws Exception {
    pool.acquireAsync();
    awaitLeaked(1);
    assertTrue(made.get(0).closed);
  }

  @Test
  void aCloseDoesNotWaitForIt() throws Exception {
    drop(pool);
    var closing = new Thread(() -> pool.close(Duration.ofDays(1)));
    closing.start();
    while (closing.isAlive()) {
      System.gc();
      closing.join(5);
    }
    assertTrue(made.get(0).closed);
    assertEquals(1, pool.statistics().destroyed());
  }

  @Test
  void itIsToldWhereItWasAcquiredIfThatIsKept() throws Exception {
    var traced = ContainerPool.builder(this::open).leaseTraces(true).listener(listener()).build();
    try (traced) {
      drop(traced);
      awaitLeaked(1);
      traced.acquireAsync().thenAccept(lease -> {});
      awaitLeaked(2);
    }
    for (var trace : traces) {
      var where = trace.orElseThrow();
      var frames = List.of(where.getStackTrace());
      assertTrue(frames.stream().anyMatch(frame -> frame.getMethodName().equals("drop")
          || frame.getMethodName().equals("itIsToldWhereItWasAcquiredIfThatIsKept")), frames::toString);
      assertEquals("acquired by thread " + Thread.currentThread().getName(), where.getMessage());
    }
  }

  @Test
  void itsContainerIsKilledWithWhatRunsInIt() throws Exception {
    var containers = ContainerPool.builder().maxSize(1).listener(listener()).build();
    try (containers) {
      var dropped = dropButKeepTheContainer(containers);
      awaitLeaked(1);
      assertEquals(Integer.toString(dropped.pid()), leaked.remove());
      // A waiter's container is another one, and the one that was taken back is of no use any more.
      try (var lease = containers.acquire()) {
        assertNotSame(dropped, lease.container());
        assertTrue(lease.run(Command.of("true")).isOk());
      }
      Numbers.await(dropped::isClosed);
      assertThrows(SandboxException.class, () -> dropped.run(Command.of("true")));
      Numbers.await(() -> ProcessHandle.of(dropped.pid()).isEmpty());
    }
  }

  private static Container dropButKeepTheContainer(ContainerPool<Container> pool) throws Exception {
    return pool.acquire().container();
  }

  /** A JVM of its own, whose log goes to standard output. */
  static final class Leaking {
    private Leaking() {}

    public static void main(String[] args) throws Exception {
      var told = new AtomicInteger();
      var pool = ContainerPool.builder(() -> new MemoryRunner("m")).name("judge").minIdle(0)
          .leaseTraces(args[0].equals("traced")).listener(new PoolListener() {
            @Override
            public void destroyed(DestroyReason reason, Duration time) {
              told.incrementAndGet();
            }
          }).build();
      try (pool) {
        drop(pool);
        while (told.get() == 0) {
          System.gc();
          Thread.sleep(5);
        }
      }
    }
  }

  private static String log(String what) throws Exception {
    var outcome = new Jvm(Leaking.class.getName(), what).options("-Dslf4j.provider=" + TestLogs.class.getName()).run();
    assertEquals(0, outcome.exitCode(), outcome.err());
    return outcome.out();
  }

  @Test
  void theLogHasAWarningWithThePoolAndThePlace() throws Exception {
    var warning = "WARN io.cordon.pool.ContainerPool judge: a lease was dropped without being closed; its container m"
        + " is destroyed";
    var event = "INFO io.cordon.security judge: container m: its lease was dropped without being closed\n";
    assertEquals(warning + "\n" + event, log("untraced"));
    assertEquals(warning + " java.lang.Throwable: acquired by thread main\n" + event, log("traced"));
  }
}
