// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import java.time.Duration;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * What a pool is like: {@link ContainerPool.Builder}.
 *
 * @param jitter numbers from 0 up to, but not, 1
 * @param clock nanoseconds
 */
record Settings(String name, int minIdle, int maxSize, int makers, Duration acquireTimeout, long maxUses,
    Duration maxAge, Duration maxIdleTime, Duration checkAfter, PoolListener listener, DoubleSupplier jitter,
    LongSupplier clock) {
  /** One part in so many is what an item's own limits may be less. */
  private static final int JITTER = 10;

  /** After how many uses one item is replaced. */
  long itemUses() {
    return maxUses - (long) (jitter.getAsDouble() * (maxUses / JITTER + 1));
  }

  /** At what age one item is replaced. */
  long itemAgeNanos() {
    long most = maxAge.toNanos();
    return most - (long) (jitter.getAsDouble() * most / JITTER);
  }
}
