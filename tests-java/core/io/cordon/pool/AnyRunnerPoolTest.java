// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Command;
import io.cordon.Container;
import io.cordon.CordonEvent;
import io.cordon.LiveRun;
import io.cordon.MemoryRunner;
import io.cordon.Result;
import io.cordon.ReusableRunner;
import io.cordon.SandboxException;
import io.cordon.SecurityEvents;
import io.cordon.Status;
import io.cordon.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pool of what is no {@link Container}. */
@Timeout(60)
class AnyRunnerPoolTest {
  private static final Command ONE = Command.of("one");
  private static final Command LATER = Command.of("later");

  private final List<MemoryRunner> made = Collections.synchronizedList(new ArrayList<>());
  private final ContainerPool<MemoryRunner> pool = ContainerPool.builder(this::open).name("memory").minIdle(0)
      .maxSize(1).checkAfterIdle(Duration.ZERO).build();

  private MemoryRunner open() {
    var runner = new MemoryRunner("m" + made.size());
    made.add(runner);
    return runner;
  }

  @AfterEach
  void close() {
    pool.close(Duration.ZERO);
  }

  @Test
  void eachRunFindsAFreshOne() throws Exception {
    for (int i = 0; i < 5; i++) {
      assertEquals("one", pool.run(ONE).stdout().text());
      assertEquals("one", pool.runAsync(ONE).get().stdout().text());
    }
    assertEquals(1, made.size());
    assertEquals(10, made.get(0).resets);
    assertTrue(made.get(0).pings.get() > 0);
  }

  /** A command that leaves something to be ended, and cannot be followed by a reset at once. */
  private static final class Slow extends MemoryRunner {
    private final AtomicInteger ends = new AtomicInteger();

    Slow(String id) {
      super(id);
    }

    @Override
    public boolean canRunAndReset() {
      return false;
    }

    @Override
    public Result runAndReset(Command command) {
      throw new AssertionError("refused");
    }

    @Override
    public CompletableFuture<Result> runAndResetAsync(Command command) {
      throw new AssertionError("refused");
    }

    @Override
    public LiveRun startAndReset(Command command) {
      throw new AssertionError("refused");
    }

    @Override
    public LiveRun start(Command command) throws SandboxException {
      throw SandboxException.of(Step.WAIT, 0, "start");
    }

    @Override
    public void endAndReset() throws SandboxException {
      ends.incrementAndGet();
      reset();
    }
  }

  @Test
  void oneThatCannotResetItselfIsResetByThePool() throws Exception {
    var slow = new Slow("slow");
    try (var slows = ContainerPool.builder(() -> slow).minIdle(0).maxSize(1).build()) {
      for (int i = 0; i < 5; i++) {
        assertEquals("one", slows.run(ONE).stdout().text());
        assertEquals("one", slows.runAsync(ONE).get().stdout().text());
      }
      assertEquals("start", assertThrows(SandboxException.class, () -> slows.start(ONE)).detail());
      try (var lease = slows.acquire()) {
        assertEquals("one", lease.run(ONE).stdout().text());
        assertEquals(11, slow.ends.get());
      }
      Numbers.await(() -> slow.ends.get() == 12);
      assertEquals(12, slow.resets);
      Numbers.await(() -> slows.statistics().resets().count() == 12);
      assertFalse(slow.closed);
    }
  }

  @Test
  void aLeaseHasItForItself() throws Exception {
    try (var lease = pool.acquire()) {
      lease.run(ONE);
      assertEquals("one one", lease.run(ONE).stdout().text());
      MemoryRunner itself = lease.container();
      assertSame(made.get(0), itself);
    }
    assertEquals("one", pool.run(ONE).stdout().text());
  }

  @Test
  void aBrokenOneIsReplacedAndClosed() throws Exception {
    var events = new ConcurrentLinkedQueue<CordonEvent>();
    var listening = SecurityEvents.listen(events::add);
    try (listening) {
      pool.run(ONE);
      made.get(0).broken = true;
      assertEquals("one", pool.run(ONE).stdout().text());
      Numbers.await(() -> made.get(0).closed);
    }
    assertEquals(2, made.size());
    var ofContainers = events.stream().filter(CordonEvent.OfContainer.class::isInstance)
        .map(CordonEvent.OfContainer.class::cast).toList();
    assertEquals(List.of("m0", "m0", "m1"), ofContainers.stream().map(CordonEvent.OfContainer::id).toList());
    assertTrue(ofContainers.stream().allMatch(event -> event.pool().equals(Optional.of("memory"))));
    var broken = ofContainers.get(1).describe();
    assertTrue(broken.startsWith("memory: container m0: replaced: io.cordon.SandboxException: "), broken);
  }

  @Test
  void aCancelledRunIsFollowedByAReset() throws Exception {
    var run = pool.runAsync(LATER);
    Numbers.await(() -> !made.isEmpty() && !made.get(0).pending.isEmpty());
    run.cancel(true);
    assertTrue(made.get(0).pending.remove().isCancelled());
    assertEquals("one", pool.run(ONE).stdout().text());
    assertEquals(1, made.size());
    var failing = pool.runAsync(LATER);
    Numbers.await(() -> !made.get(0).pending.isEmpty());
    made.get(0).pending.remove().completeExceptionally(new IllegalStateException("of the run"));
    assertThrows(ExecutionException.class, failing::get);
    assertEquals("one", pool.run(ONE).stdout().text());
    assertEquals(4, made.get(0).resets);
  }

  @Test
  void whatAnOpenerThrowsIsToldToWhoAsks() throws Exception {
    var broken = ContainerPool.<MemoryRunner>builder(() -> {
      throw new IllegalStateException("of the opener");
    }).minIdle(0).build();
    try (broken) {
      assertEquals("of the opener", assertThrows(IllegalStateException.class, () -> broken.run(ONE)).getMessage());
      var failed = assertThrows(ExecutionException.class, () -> broken.runAsync(ONE).get());
      assertEquals("of the opener", failed.getCause().getMessage());
    }
  }

  @Test
  void aCloseThatThrowsHarmsNothing() throws Exception {
    var failing = ContainerPool.builder(() -> new Failing(Container.open())).maxSize(1).maxUses(1).build();
    try (failing) {
      for (int i = 0; i < 3; i++) {
        assertEquals(Status.OK, failing.run(Command.of("true")).status());
      }
      Numbers.await(() -> failing.statistics().destroyed() == 3);
    }
    assertEquals(failing.statistics().created(), failing.statistics().destroyed());
  }

  /** A container inside of something else. */
  private record Failing(Container inner) implements ReusableRunner {
    @Override
    public String id() {
      return "around " + inner.id();
    }

    @Override
    public Result run(Command command) throws SandboxException {
      return inner.run(command);
    }

    @Override
    public CompletableFuture<Result> runAsync(Command command) {
      return inner.runAsync(command);
    }

    @Override
    public void ping() throws SandboxException {
      inner.ping();
    }

    @Override
    public void reset() throws SandboxException {
      inner.reset();
    }

    @Override
    public void close() {
      inner.close();
      throw new IllegalStateException("of the close");
    }
  }

  @Test
  void namesAreInMessages() throws Exception {
    try (var other = ContainerPool.builder(this::open).build();
        var another = ContainerPool.builder(this::open).build()) {
      assertTrue(other.name().matches("pool-[0-9]+"), other::name);
      assertNotEquals(other.name(), another.name());
    }
    assertEquals("memory", pool.name());
    pool.close();
    var closed = assertThrows(SandboxException.class, () -> pool.run(ONE));
    assertEquals("memory: the pool is closed", closed.detail());
    var builder = ContainerPool.builder(this::open);
    assertEquals("name: : must not be empty",
        assertThrows(IllegalArgumentException.class, () -> builder.name("")).getMessage());
    assertEquals("makers: 0: must be at least 1",
        assertThrows(IllegalArgumentException.class, () -> builder.makers(0)).getMessage());
    assertThrows(IllegalStateException.class, () -> builder.container(Container.builder().build()));
  }
}
