// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Threads up to a bound for jobs that take long: one starts where none is free for a job, and ends when it had none for
 * a while.
 *
 * <p>Not a ThreadPoolExecutor: one whose threads end may leave a job that comes in that moment to a thread that is
 * busy, and later jobs overtake it.
 *
 * <ul>
 *   <li>I1: jobs begin in the order of asking.
 *   <li>I2: a job waits only while as many threads as the bound are busy, or no more can be started.
 * </ul>
 */
final class Workers {
  private final int bound;
  private final long idleNanos;
  private final ThreadFactory threads;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Runnable> jobs = new ArrayDeque<>();
  private int alive;
  private int free;
  private boolean ending;

  /** Makes one whose threads end when they had nothing to do for the time. */
  Workers(int bound, Duration idle, ThreadFactory threads) {
    this.bound = bound;
    idleNanos = idle.toNanos();
    this.threads = threads;
  }

  /**
   * Has a job done, also after {@link #end}.
   *
   * @throws OutOfMemoryError where there is no thread, and none can be started: as by a limit of their number
   */
  void execute(Runnable job) {
    lock.lock();
    try {
      jobs.add(job);
      if (free >= jobs.size()) {
        changed.signalAll();
      } else if (alive < most()) {
        start();
      }
    } finally {
      lock.unlock();
    }
  }

  private int most() {
    return ending ? 2 * bound : bound;
  }

  private void start() {
    try {
      threads.newThread(this::work).start();
      alive++;
    } catch (OutOfMemoryError e) {
      if (alive == 0) {
        jobs.removeLast();
        throw e;
      }
    }
  }

  private void work() {
    for (var job = next(); job != null; job = next()) {
      try {
        job.run();
      } catch (Throwable t) {
        LoggerFactory.getLogger(ContainerPool.class).error("a job of a pool failed", t);
      }
    }
  }

  /** Null where the thread is to end. */
  private @Nullable Runnable next() {
    lock.lock();
    try {
      long left = idleNanos;
      while (jobs.isEmpty() && !ending && left > 0) {
        left = await(left);
      }
      if (jobs.isEmpty()) {
        alive--;
        changed.signalAll();
      }
      return jobs.poll();
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("WaitNotInLoop") // The caller's loop.
  private long await(long nanos) {
    free++;
    try {
      return changed.awaitNanos(nanos);
    } catch (InterruptedException e) {
      return nanos; // A job's, which is over.
    } finally {
      free--;
    }
  }

  /**
   * Ends the threads when all jobs are done. For what waits behind jobs that take long there may be twice as many now.
   *
   * @return false where jobs go on after the time, or the thread is interrupted
   */
  boolean end(long deadlineNanos) {
    lock.lock();
    try {
      ending = true;
      changed.signalAll();
      for (int i = Math.min(jobs.size() - free, most() - alive); i > 0; i--) {
        start();
      }
      while (alive > 0) {
        long left = deadlineNanos - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        changed.awaitNanos(left);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }
}
