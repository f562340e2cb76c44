// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import io.cordon.SandboxException;
import io.cordon.Step;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** Items that are nothing but a number, for the pool's rules; whatever is done with one a test may hold up. */
final class Numbers implements Slots.Factory<Integer> {
  static final Duration LONG = Duration.ofDays(1);

  final AtomicInteger made = new AtomicInteger();
  final Set<Integer> destroyed = ConcurrentHashMap.newKeySet();
  final Set<Integer> broken = ConcurrentHashMap.newKeySet();
  final Set<Integer> told = ConcurrentHashMap.newKeySet();
  final AtomicInteger resets = new AtomicInteger();
  final AtomicInteger mostAtOnce = new AtomicInteger();
  volatile boolean failing;

  private final AtomicInteger atOnce = new AtomicInteger();
  private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();
  private final Set<String> begun = ConcurrentHashMap.newKeySet();

  /** A pool that only grows to its maximum, and replaces nothing by itself. */
  static Settings settings(int minIdle, int maxSize, int makers, PoolListener listener) {
    return new Settings("numbers", minIdle, maxSize, makers, LONG, Long.MAX_VALUE, LONG, LONG, LONG, listener, () -> 0,
        System::nanoTime);
  }

  static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(5); // The test's time-out ends it.
    }
  }

  /** Holds up for example {@code create 1}, {@code reset 1} or {@code destroy 1}. */
  void hold(String what) {
    held.put(what, new CountDownLatch(1));
  }

  void release(String what) {
    held.get(what).countDown();
  }

  void releaseAll() {
    held.values().forEach(CountDownLatch::countDown);
  }

  boolean hasBegun(String what) {
    return begun.contains(what);
  }

  private void pass(String what) {
    begun.add(what);
    var latch = held.get(what);
    try {
      if (latch != null) {
        latch.await();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Integer create() throws SandboxException {
    mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
    try {
      if (failing) {
        throw SandboxException.of(Step.CLONE, 11, "none");
      }
      int item = made.incrementAndGet();
      pass("create " + item);
      return item;
    } finally {
      atOnce.decrementAndGet();
    }
  }

  @Override
  public void check(Integer item) throws SandboxException {
    pass("check " + item);
    if (broken.contains(item)) {
      throw SandboxException.of(Step.INIT_GONE, 32, "");
    }
  }

  @Override
  public void reset(Integer item) throws SandboxException {
    pass("reset " + item);
    resets.incrementAndGet();
    check(item);
  }

  @Override
  public void destroy(Integer item) {
    pass("destroy " + item);
    destroyed.add(item);
  }

  @Override
  public void broken(Integer item, Throwable reason) {
    told.add(item);
  }

  @Override
  public void leaked(Integer item, Throwable acquired) {
    told.add(item);
  }
}
