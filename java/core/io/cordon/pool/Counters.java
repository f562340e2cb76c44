// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import java.time.Duration;

/** What a pool has done; guarded by its lock. */
final class Counters {
  final Times waits = new Times();
  final Times creations = new Times();
  final Times resets = new Times();
  long destroyed;
  long failed;
  long timedOut;
  long leaked;

  /** How often something was done and how long that took. */
  static final class Times {
    private long count;
    private long totalNanos;
    private long maxNanos;

    void add(long nanos) {
      count++;
      totalNanos += nanos;
      maxNanos = Math.max(maxNanos, nanos);
    }

    long count() {
      return count;
    }

    Statistics.Time snapshot() {
      return new Statistics.Time(count, Duration.ofNanos(totalNanos), Duration.ofNanos(maxNanos));
    }
  }
}
