// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.slf4j.LoggerFactory;

/**
 * A pool's threads, all daemons. The keeper is there as long as the pool is open, and does nothing that takes long.
 * Makers make and destroy, resetters reset and check, as many of each as the bound says.
 *
 * <ul>
 *   <li>I1: what is being made or destroyed never holds up what is reset or checked, nor a time-out.
 *   <li>I2: a destruction begins before the creation of what replaces the item, as makers take jobs in their order. So
 *       there are at most as many items more than the pool's maximum as there are makers.
 * </ul>
 */
final class PoolThreads {
  private static final Duration IDLE = Duration.ofSeconds(1);

  private final ScheduledThreadPoolExecutor keeper;
  private final Workers makers;
  private final Workers resetters;

  /** Takes how a thread is made of what it does and its name. */
  PoolThreads(String pool, int bound, BiFunction<Runnable, String, Thread> factory) {
    keeper = new ScheduledThreadPoolExecutor(1, task -> factory.apply(task, "cordon-" + pool + "-keeper"));
    keeper.setRemoveOnCancelPolicy(true);
    makers = new Workers(bound, IDLE, numbered("cordon-" + pool + "-maker-", factory));
    resetters = new Workers(bound, IDLE, numbered("cordon-" + pool + "-resetter-", factory));
  }

  private static ThreadFactory numbered(String prefix, BiFunction<Runnable, String, Thread> factory) {
    var number = new AtomicInteger();
    return task -> factory.apply(task, prefix + number.incrementAndGet());
  }

  /** Has the keeper do it now, and again and again. */
  void keep(Runnable tick, long millis) {
    keeper.scheduleWithFixedDelay(() -> {
      try {
        tick.run();
      } catch (Throwable t) {
        // The executor would drop the ticks without a word.
        LoggerFactory.getLogger(ContainerPool.class).error("a pool's look at what is idle failed", t);
      }
    }, 0, millis, TimeUnit.MILLISECONDS);
  }

  /**
   * Has the keeper do it later. Not {@link java.util.concurrent.CompletableFuture#orTimeout}: the JDK's thread for it
   * stays for ever, and before JDK 24 keeps the class loader of the code that started it.
   *
   * @throws java.util.concurrent.RejectedExecutionException after the end
   */
  Future<?> later(Duration delay, Runnable call) {
    return keeper.schedule(call, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  void make(Runnable job) {
    submit(makers, job);
  }

  void reset(Runnable job) {
    submit(resetters, job);
  }

  private void submit(Workers workers, Runnable job) {
    try {
      workers.execute(job);
    } catch (OutOfMemoryError e) {
      keeper.execute(job); // The one thread that is there.
    }
  }

  /** Returns false where some jobs go on after the patience, or the calling thread is interrupted. */
  boolean end(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    keeper.shutdown(); // Drops the ticks and the time-outs.
    boolean reset = resetters.end(deadline); // First: what they cannot reset, makers destroy.
    return makers.end(deadline) && reset;
  }
}
