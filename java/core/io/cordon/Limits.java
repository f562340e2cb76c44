// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Checks;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a program may use. Every limit has a value; no limit at all must be asked for by name, with {@link #FOREVER},
 * {@link #UNLIMITED} or {@link #FULL_RATE}.
 *
 * <p>Zero, negative and overflowing values are refused with {@link IllegalArgumentException}. Immutable; two with the
 * same values are equal.
 *
 * @since 0.1.0
 */
public final class Limits {
  /** No limit, for the limits that are numbers. */
  public static final long UNLIMITED = Checks.UNLIMITED;

  /** No limit, for the limits that are times. */
  public static final Duration FOREVER = Checks.FOREVER;

  /** No limit, for {@link #cpuRate}. */
  public static final double FULL_RATE = Double.POSITIVE_INFINITY;

  /** The {@link #cpuWeight} of every run that has no other. */
  public static final int USUAL_WEIGHT = Limit.CPU_WEIGHT.usual().orElseThrow().intValue();

  private static final long DEFAULT_WALL = Duration.ofSeconds(30).toNanos();
  private static final long WALL_ROOM = Duration.ofSeconds(2).toNanos();
  static final int RATE_UNIT = 1000;

  private static final Limits DEFAULTS = builder().build();

  /** By {@link Limit#ordinal}. */
  private final long[] values;

  private Limits(long[] values) {
    this.values = values;
  }

  /**
   * Returns the default limits.
   *
   * @return the limits that a command has unless others are given
   */
  public static Limits defaults() {
    return DEFAULTS;
  }

  /**
   * Starts from the default limits.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Starts from these limits. All of them stay as they are, also those that were derived from others.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    var builder = new Builder();
    for (var limit : Limit.values()) {
      builder.values[limit.ordinal()] = values[limit.ordinal()];
    }
    return builder;
  }

  /**
   * Returns any limit.
   *
   * @param limit which one
   * @return its value in the limit's unit, or {@link #UNLIMITED}
   */
  public long get(Limit limit) {
    return values[limit.ordinal()];
  }

  /**
   * Returns the user and system time of the whole process tree.
   *
   * @return the limit; default 10 s
   */
  public Duration cpuTime() {
    return time(Limit.CPU_TIME);
  }

  /**
   * Returns the time from exec to the end.
   *
   * @return the limit; default three times the CPU time and at least the CPU time + 2 s (30 s where the CPU time is
   *     {@link #FOREVER})
   */
  public Duration wallTime() {
    return time(Limit.WALL_TIME);
  }

  /**
   * Returns how long the tree may use less than 1 ms of CPU; found within twice that.
   *
   * @return the limit; default {@link #FOREVER}
   */
  public Duration idleTime() {
    return time(Limit.IDLE_TIME);
  }

  /**
   * Returns the memory of the whole tree without swap, by the memory controller. Where there is none, RLIMIT_DATA and
   * the peak resident size of each process hold it, and {@link Result#layers} lacks {@link Layer#CGROUP_MEMORY}.
   *
   * @return the limit; default 256 MiB
   */
  public long memoryBytes() {
    return get(Limit.MEMORY);
  }

  /**
   * Returns RLIMIT_STACK, at most the hard limit that the JVM has.
   *
   * @return the limit; default as much as the memory (256 MiB where that is {@link #UNLIMITED})
   */
  public long stackBytes() {
    return get(Limit.STACK);
  }

  /**
   * Returns the processes and threads at once.
   *
   * @return the limit; default 64
   */
  public long processes() {
    return get(Limit.PROCESSES);
  }

  /**
   * Returns the bytes of each of: standard output and standard error as far as Cordon reads them, and any single file
   * written.
   *
   * @return the limit; default 64 MiB
   */
  public long outputBytes() {
    return get(Limit.OUTPUT);
  }

  /**
   * Returns RLIMIT_NOFILE.
   *
   * @return the limit; default 256
   */
  public long openFiles() {
    return get(Limit.OPEN_FILES);
  }

  /**
   * Returns the size of a core file.
   *
   * @return the limit; default 0 = none
   */
  public long coreBytes() {
    return get(Limit.CORE);
  }

  /**
   * Returns the bytes of standard output and standard error together, as far as Cordon reads them; what files take
   * together is bounded by the sizes of the sandbox's tmpfs mounts.
   *
   * @return the limit; default {@link #UNLIMITED}
   */
  public long outputTotalBytes() {
    return get(Limit.OUTPUT_TOTAL);
  }

  /**
   * Returns how many CPUs' worth of time the tree may use at a time: 1 = one CPU, 0.5 = half of one. A run with such a
   * limit is refused where no cpu controller can be used.
   *
   * @return the limit; default {@link #FULL_RATE}
   */
  public double cpuRate() {
    long rate = get(Limit.CPU_RATE);
    return rate == UNLIMITED ? FULL_RATE : (double) rate / RATE_UNIT;
  }

  /**
   * Returns how much of a contended CPU the tree gets against the other runs of this JVM, as {@code cpu.weight} of
   * control groups v2 has it ({@code cpu.shares} of v1: 1024 for 100): twice the weight is twice the time. A run with
   * another weight than {@link #USUAL_WEIGHT} is refused where no cpu controller can be used; on v1 a run without a
   * weight or a rate has no group there, and each of its threads counts as 100.
   *
   * @return the weight; default {@link #USUAL_WEIGHT}
   */
  public int cpuWeight() {
    return (int) get(Limit.CPU_WEIGHT);
  }

  /**
   * Returns the nice value (sched(7)) that the program starts with, where that of its host is not higher. Nothing that
   * it starts can have a lower one.
   *
   * @return 0 to 19; default 0
   */
  public int nice() {
    return (int) get(Limit.NICE);
  }

  private Duration time(Limit limit) {
    long nanos = get(limit);
    return nanos == UNLIMITED ? FOREVER : Duration.ofNanos(nanos);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Limits limits && Arrays.equals(values, limits.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  /** Returns all limits, for messages. */
  @Override
  public String toString() {
    var text = new StringBuilder("Limits[");
    for (var limit : Limit.values()) {
      text.append(limit.ordinal() == 0 ? "" : ", ").append(limit.property()).append('=')
          .append(get(limit) == UNLIMITED ? "unlimited" : Long.toString(get(limit)));
    }
    return text.append(']').toString();
  }

  /** Collects limits. One thread at a time. */
  public static final class Builder {
    /** By {@link Limit#ordinal}; null: follows from others. */
    private final @Nullable Long[] values = new Long[Limit.values().length];

    private Builder() {
      for (var limit : Limit.values()) {
        values[limit.ordinal()] = limit.usual().orElse(null);
      }
    }

    /**
     * Sets any limit.
     *
     * @param limit which one
     * @param value in the limit's unit, or {@link #UNLIMITED}
     * @return this
     */
    public Builder set(Limit limit, long value) {
      values[limit.ordinal()] = limit.checked(value);
      return this;
    }

    /**
     * Sets {@link Limits#cpuTime}.
     *
     * @param limit above zero, or {@link #FOREVER}
     * @return this
     */
    public Builder cpuTime(Duration limit) {
      return time(Limit.CPU_TIME, limit);
    }

    /**
     * Sets {@link Limits#wallTime}.
     *
     * @param limit above zero, or {@link #FOREVER}
     * @return this
     */
    public Builder wallTime(Duration limit) {
      return time(Limit.WALL_TIME, limit);
    }

    /**
     * Sets {@link Limits#idleTime}.
     *
     * @param limit above zero, or {@link #FOREVER}
     * @return this
     */
    public Builder idleTime(Duration limit) {
      return time(Limit.IDLE_TIME, limit);
    }

    /**
     * Sets {@link Limits#memoryBytes}.
     *
     * @param limit above zero, or {@link #UNLIMITED}
     * @return this
     */
    public Builder memoryBytes(long limit) {
      return set(Limit.MEMORY, limit);
    }

    /**
     * Sets {@link Limits#stackBytes}.
     *
     * @param limit above zero, or {@link #UNLIMITED}
     * @return this
     */
    public Builder stackBytes(long limit) {
      return set(Limit.STACK, limit);
    }

    /**
     * Sets {@link Limits#processes}.
     *
     * @param limit above zero, or {@link #UNLIMITED}
     * @return this
     */
    public Builder processes(long limit) {
      return set(Limit.PROCESSES, limit);
    }

    /**
     * Sets {@link Limits#outputBytes}.
     *
     * @param limit above zero, or {@link #UNLIMITED}
     * @return this
     */
    public Builder outputBytes(long limit) {
      return set(Limit.OUTPUT, limit);
    }

    /**
     * Sets {@link Limits#openFiles}.
     *
     * @param limit above zero, or {@link #UNLIMITED}
     * @return this
     */
    public Builder openFiles(long limit) {
      return set(Limit.OPEN_FILES, limit);
    }

    /**
     * Sets {@link Limits#coreBytes}.
     *
     * @param limit 0 or more, or {@link #UNLIMITED}
     * @return this
     */
    public Builder coreBytes(long limit) {
      return set(Limit.CORE, limit);
    }

    /**
     * Sets {@link Limits#outputTotalBytes}.
     *
     * @param limit above zero, or {@link #UNLIMITED}
     * @return this
     */
    public Builder outputTotalBytes(long limit) {
      return set(Limit.OUTPUT_TOTAL, limit);
    }

    /**
     * Sets {@link Limits#cpuRate}.
     *
     * @param cpus 0.01 to 8192, of which three decimal places count; or {@link #FULL_RATE}
     * @return this
     */
    public Builder cpuRate(double cpus) {
      var unit = Limit.CPU_RATE.unit();
      boolean full = cpus == FULL_RATE;
      if (!full && !(cpus * RATE_UNIT >= unit.least() && cpus * RATE_UNIT <= unit.most())) {
        throw Checks.refuse("cpuRate", cpus, "must be from 0.01 to 8192 CPUs, or Limits.FULL_RATE");
      }
      return set(Limit.CPU_RATE, full ? UNLIMITED : Math.round(cpus * RATE_UNIT));
    }

    /**
     * Sets {@link Limits#cpuWeight}.
     *
     * @param weight 1 to 10000
     * @return this
     */
    public Builder cpuWeight(int weight) {
      return set(Limit.CPU_WEIGHT, weight);
    }

    /**
     * Sets {@link Limits#nice}.
     *
     * @param value 0 to 19
     * @return this
     */
    public Builder nice(int value) {
      return set(Limit.NICE, value);
    }

    private Builder time(Limit limit, Duration value) {
      var checked = Checks.time(limit.property(), value);
      return set(limit, checked.equals(FOREVER) ? UNLIMITED : checked.toNanos());
    }

    /**
     * Makes the limits.
     *
     * @return limits with every value set
     */
    public Limits build() {
      var all = new long[values.length];
      for (var limit : Limit.values()) {
        var value = values[limit.ordinal()];
        all[limit.ordinal()] = value == null ? derived(limit) : value;
      }
      return new Limits(all);
    }

    private long derived(Limit limit) {
      return limit == Limit.WALL_TIME ? wallTime() : stackBytes();
    }

    private long wallTime() {
      long cpuTime = given(Limit.CPU_TIME);
      if (cpuTime == UNLIMITED) {
        return DEFAULT_WALL;
      }
      long longest = UNLIMITED - 1; // The sum of what is nearly unlimited.
      long triple = cpuTime > longest / 3 ? longest : cpuTime * 3;
      long least = cpuTime > longest - WALL_ROOM ? longest : cpuTime + WALL_ROOM;
      return Math.max(triple, least);
    }

    private long stackBytes() {
      long memory = given(Limit.MEMORY);
      return memory == UNLIMITED ? Limit.MEMORY.usual().orElseThrow() : memory;
    }

    private long given(Limit limit) {
      var value = values[limit.ordinal()];
      return value == null ? UNLIMITED : value;
    }
  }
}
