// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import java.time.Duration;

/**
 * What a pool did, and what was in it at one moment. Immutable.
 *
 * @since 0.1.0
 */
public final class Statistics {
  private final int idle;
  private final int active;
  private final int coming;
  private final int waiting;
  private final long created;
  private final long destroyed;
  private final long failed;
  private final long timedOut;
  private final long leaked;
  private final Time waits;
  private final Time creations;
  private final Time resets;

  Statistics(Counters counters, int idle, int active, int coming, int waiting) {
    this.idle = idle;
    this.active = active;
    this.coming = coming;
    this.waiting = waiting;
    created = counters.creations.count();
    destroyed = counters.destroyed;
    failed = counters.failed;
    timedOut = counters.timedOut;
    leaked = counters.leaked;
    waits = counters.waits.snapshot();
    creations = counters.creations.snapshot();
    resets = counters.resets.snapshot();
  }

  /** How often something was done, and how long it took. Immutable. */
  public static final class Time {
    private final long count;
    private final Duration total;
    private final Duration max;

    Time(long count, Duration total, Duration max) {
      this.count = count;
      this.total = total;
      this.max = max;
    }

    /**
     * Returns how often it was done.
     *
     * @return the number
     */
    public long count() {
      return count;
    }

    /**
     * Returns how long it took altogether.
     *
     * @return the time
     */
    public Duration total() {
      return total;
    }

    /**
     * Returns how long it took on average.
     *
     * @return the time; zero where it was never done
     */
    public Duration mean() {
      return count == 0 ? Duration.ZERO : total.dividedBy(count);
    }

    /**
     * Returns how long it took at most.
     *
     * @return the time
     */
    public Duration max() {
      return max;
    }

    @Override
    public String toString() {
      return "[count=" + count + ", mean=" + mean() + ", max=" + max + "]";
    }
  }

  /**
   * Returns how many containers were ready.
   *
   * @return the number
   */
  public int idle() {
    return idle;
  }

  /**
   * Returns how many containers were in use.
   *
   * @return the number
   */
  public int active() {
    return active;
  }

  /**
   * Returns how many containers were being made, reset or checked.
   *
   * @return the number
   */
  public int coming() {
    return coming;
  }

  /**
   * Returns how many callers waited for a container.
   *
   * @return the number
   */
  public int waiting() {
    return waiting;
  }

  /**
   * Returns how many containers were made since the pool's start.
   *
   * @return the number
   */
  public long created() {
    return created;
  }

  /**
   * Returns how many containers were ended since then, or are being ended.
   *
   * @return the number
   */
  public long destroyed() {
    return destroyed;
  }

  /**
   * Returns how many containers could not be made.
   *
   * @return the number
   */
  public long failed() {
    return failed;
  }

  /**
   * Returns how many callers got no container in time.
   *
   * @return the number
   */
  public long timedOut() {
    return timedOut;
  }

  /**
   * Returns how many leases were dropped without being closed.
   *
   * @return the number
   */
  public long leaked() {
    return leaked;
  }

  /**
   * Returns how long callers waited for a container, including those that got one at once, or none.
   *
   * @return the times
   */
  public Time waits() {
    return waits;
  }

  /**
   * Returns how long making a container took.
   *
   * @return the times
   */
  public Time creations() {
    return creations;
  }

  /**
   * Returns how long resets took that the pool itself waited for. After {@link ContainerPool#run} the container resets
   * itself, and no caller waits for it.
   *
   * @return the times
   */
  public Time resets() {
    return resets;
  }

  @Override
  public String toString() {
    return "Statistics[idle=" + idle + ", active=" + active + ", coming=" + coming + ", waiting=" + waiting
        + ", created=" + created + ", destroyed=" + destroyed + ", failed=" + failed + ", timedOut=" + timedOut
        + ", leaked=" + leaked
        + ", waits=" + waits + ", creations=" + creations + ", resets=" + resets + "]";
  }
}
