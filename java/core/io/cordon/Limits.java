package io.cordon;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a program may use. Every limit has a value; no limit at all must be asked for by name, with {@link #FOREVER} or
 * {@link #UNLIMITED}.
 *
 * <p>Zero, negative and overflowing values are refused with {@link IllegalArgumentException}. Immutable.
 *
 * @param cpuTime user and system time of the whole process tree; default 10 s
 * @param wallTime from exec to the end; default three times the CPU time and at least the CPU time + 2 s (30 s where
 *     the CPU time is {@link #FOREVER})
 * @param idleTime how long the tree may use less than 1 ms of CPU; found within twice that; default {@link #FOREVER}
 * @param memoryBytes memory of the whole tree without swap, by the memory controller; where there is none, RLIMIT_DATA
 *     and the peak resident size of each process, and {@link Result#layers} lacks {@link Layer#CGROUP_MEMORY}; default
 *     256 MiB
 * @param stackBytes RLIMIT_STACK, at most the hard limit that the JVM has; default as much as the memory (256 MiB
 *     where that is {@link #UNLIMITED})
 * @param processes processes and threads at once; default 64
 * @param outputBytes each of: standard output and standard error as far as Cordon reads them, and any single file
 *     written; default 64 MiB
 * @param openFiles RLIMIT_NOFILE; default 256
 * @param coreBytes size of a core file; default 0 = none
 * @param outputTotalBytes standard output and standard error together, as far as Cordon reads them; what files take
 *     together is bounded by the sizes of the sandbox's tmpfs mounts; default {@link #UNLIMITED}
 * @param cpuRate how many CPUs' worth of time the tree may use at a time: 1 = one CPU, 0.5 = half of one; a run is
 *     refused where no cpu controller can be used; default {@link #FULL_RATE}
 * @param cpuWeight how much of a contended CPU the tree gets against the other runs of this JVM, as {@code cpu.weight}
 *     of control groups v2 has it ({@code cpu.shares} of v1: 1024 for 100): twice the weight is twice the time; a run
 *     with another weight than {@link #USUAL_WEIGHT} is refused where no cpu controller can be used; on v1 a run
 *     without a weight or a rate has no group there, and each of its threads counts as 100; default
 *     {@link #USUAL_WEIGHT}
 */
public record Limits(
    Duration cpuTime,
    Duration wallTime,
    Duration idleTime,
    long memoryBytes,
    long stackBytes,
    long processes,
    long outputBytes,
    long openFiles,
    long coreBytes,
    long outputTotalBytes,
    double cpuRate,
    int cpuWeight) {
  /** No limit, for the limits that are numbers. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** No limit, for the limits that are times. */
  public static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

  /** No limit, for {@link #cpuRate}. */
  public static final double FULL_RATE = Double.POSITIVE_INFINITY;

  /** The {@link #cpuWeight} of every run that has no other. */
  public static final int USUAL_WEIGHT = 100;

  private static final Duration DEFAULT_WALL = Duration.ofSeconds(30);
  private static final Duration WALL_ROOM = Duration.ofSeconds(2);
  private static final long DEFAULT_MEMORY = 256L << 20;

  private static final Limits DEFAULTS = builder().build();

  // The builder has checked its values; this is for those who call the constructor.
  public Limits {
    Checks.time("cpuTime", cpuTime);
    Checks.time("wallTime", wallTime);
    Checks.time("idleTime", idleTime);
    Checks.positive("memoryBytes", memoryBytes);
    Checks.positive("stackBytes", stackBytes);
    Checks.positive("processes", processes);
    Checks.positive("outputBytes", outputBytes);
    Checks.positive("openFiles", openFiles);
    Checks.notNegative("coreBytes", coreBytes);
    Checks.positive("outputTotalBytes", outputTotalBytes);
    Checks.rate("cpuRate", cpuRate);
    Checks.weight("cpuWeight", cpuWeight);
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
    return new Builder()
        .cpuTime(cpuTime).wallTime(wallTime).idleTime(idleTime).memoryBytes(memoryBytes).stackBytes(stackBytes)
        .processes(processes).outputBytes(outputBytes).openFiles(openFiles).coreBytes(coreBytes)
        .outputTotalBytes(outputTotalBytes).cpuRate(cpuRate).cpuWeight(cpuWeight);
  }

  /** Collects limits. One thread at a time. */
  public static final class Builder {
    private Duration cpuTime = Duration.ofSeconds(10);
    private @Nullable Duration wallTime;
    private Duration idleTime = FOREVER;
    private long memoryBytes = DEFAULT_MEMORY;
    private @Nullable Long stackBytes;
    private long processes = 64;
    private long outputBytes = 64L << 20;
    private long openFiles = 256;
    private long coreBytes;
    private long outputTotalBytes = UNLIMITED;
    private double cpuRate = FULL_RATE;
    private int cpuWeight = USUAL_WEIGHT;

    private Builder() {}

    /**
     * Sets {@link Limits#cpuTime}.
     *
     * @param limit above zero, or {@link #FOREVER}
     * @return this
     */
    public Builder cpuTime(Duration limit) {
      cpuTime = Checks.time("cpuTime", limit);
      return this;
    }

    /**
     * Sets {@link Limits#wallTime}.
     *
     * @param limit above zero, or {@link #FOREVER}
     * @return this
     */
    public Builder wallTime(Duration limit) {
      wallTime = Checks.time("wallTime", limit);
      return this;
    }

    /**
     * Sets {@link Limits#idleTime}.
     *
     * @param limit above zero, or {@link #FOREVER}
     * @return this
     */
    public Builder idleTime(Duration limit) {
      idleTime = Checks.time("idleTime", limit);
      return this;
    }

    /**
     * Sets {@link Limits#memoryBytes}.
     *
     * @param limit above zero, or {@link #UNLIMITED}
     * @return this
     */
    public Builder memoryBytes(long limit) {
      memoryBytes = Checks.positive("memoryBytes", limit);
      return this;
    }

    /**
     * Sets {@link Limits#stackBytes}.
     *
     * @param limit above zero, or {@link #UNLIMITED}
     * @return this
     */
    public Builder stackBytes(long limit) {
      stackBytes = Checks.positive("stackBytes", limit);
      return this;
    }

    /**
     * Sets {@link Limits#processes}.
     *
     * @param limit above zero, or {@link #UNLIMITED}
     * @return this
     */
    public Builder processes(long limit) {
      processes = Checks.positive("processes", limit);
      return this;
    }

    /**
     * Sets {@link Limits#outputBytes}.
     *
     * @param limit above zero, or {@link #UNLIMITED}
     * @return this
     */
    public Builder outputBytes(long limit) {
      outputBytes = Checks.positive("outputBytes", limit);
      return this;
    }

    /**
     * Sets {@link Limits#openFiles}.
     *
     * @param limit above zero, or {@link #UNLIMITED}
     * @return this
     */
    public Builder openFiles(long limit) {
      openFiles = Checks.positive("openFiles", limit);
      return this;
    }

    /**
     * Sets {@link Limits#coreBytes}.
     *
     * @param limit 0 or more, or {@link #UNLIMITED}
     * @return this
     */
    public Builder coreBytes(long limit) {
      coreBytes = Checks.notNegative("coreBytes", limit);
      return this;
    }

    /**
     * Sets {@link Limits#outputTotalBytes}.
     *
     * @param limit above zero, or {@link #UNLIMITED}
     * @return this
     */
    public Builder outputTotalBytes(long limit) {
      outputTotalBytes = Checks.positive("outputTotalBytes", limit);
      return this;
    }

    /**
     * Sets {@link Limits#cpuRate}.
     *
     * @param cpus 0.01 to 8192, of which three decimal places count; or {@link #FULL_RATE}
     * @return this
     */
    public Builder cpuRate(double cpus) {
      cpuRate = Checks.rate("cpuRate", cpus);
      return this;
    }

    /**
     * Sets {@link Limits#cpuWeight}.
     *
     * @param weight 1 to 10000
     * @return this
     */
    public Builder cpuWeight(int weight) {
      cpuWeight = Checks.weight("cpuWeight", weight);
      return this;
    }

    /**
     * Makes the limits.
     *
     * @return limits with every value set
     */
    public Limits build() {
      long memoryStack = memoryBytes == UNLIMITED ? DEFAULT_MEMORY : memoryBytes;
      return new Limits(cpuTime, wallTime == null ? wallFor(cpuTime) : wallTime, idleTime, memoryBytes,
          stackBytes == null ? memoryStack : stackBytes, processes, outputBytes, openFiles, coreBytes,
          outputTotalBytes, cpuRate, cpuWeight);
    }

    private static Duration wallFor(Duration cpuTime) {
      if (cpuTime.equals(FOREVER)) {
        return DEFAULT_WALL;
      }
      var triple = cpuTime.multipliedBy(3);
      var least = cpuTime.plus(WALL_ROOM);
      return triple.compareTo(least) > 0 ? triple : least;
    }
  }
}
