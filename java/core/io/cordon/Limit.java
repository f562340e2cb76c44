package io.cordon;

import io.cordon.internal.util.Checks;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What can be limited: one constant for each limit, with everything that is known about it. {@link Limits} has a typed
 * method for each; this is for code that treats all of them alike, such as a command line or a file format.
 *
 * <p>The constants stand in the order of {@code include/cordon/limits.def}, which a test compares.
 */
public enum Limit {
  /** {@link Limits#cpuTime}. */
  CPU_TIME(Unit.NANOSECONDS, "cpuTime", "cpuTime", Duration.ofSeconds(10).toNanos(),
      "CPU time of all processes."),

  /** {@link Limits#wallTime}. */
  WALL_TIME(Unit.NANOSECONDS, "wallTime", "wallTime", null,
      "Time from exec to the end. Default: 3 times the CPU time, at least 2 s more than it."),

  /** {@link Limits#idleTime}. */
  IDLE_TIME(Unit.NANOSECONDS, "idleTime", "idleTime", Checks.UNLIMITED,
      "Time in which all processes use less than 1 ms of CPU."),

  /** {@link Limits#memoryBytes}. */
  MEMORY(Unit.BYTES, "memoryBytes", "memory", 256L << 20, "Memory of all processes, without swap."),

  /** {@link Limits#stackBytes}. */
  STACK(Unit.BYTES, "stackBytes", "stack", null, "Stack of a process. Default: as --memory."),

  /** {@link Limits#processes}. */
  PROCESSES(Unit.COUNT, "processes", "processes", 64L, "Processes and threads at once."),

  /** {@link Limits#outputBytes}. */
  OUTPUT(Unit.BYTES, "outputBytes", "outputLimit", 64L << 20,
      "Each of stdout, stderr, and any single file written."),

  /** {@link Limits#openFiles}. */
  OPEN_FILES(Unit.COUNT, "openFiles", "openFiles", 256L, "Open descriptors of a process."),

  /** {@link Limits#coreBytes}. */
  CORE(Unit.BYTES_OR_NONE, "coreBytes", null, 0L, "Size of a core file."),

  /** {@link Limits#outputTotalBytes}. */
  OUTPUT_TOTAL(Unit.BYTES, "outputTotalBytes", "outputTotal", Checks.UNLIMITED,
      "stdout and stderr together; what files take is bounded by the sizes of the tmpfs mounts."),

  /** {@link Limits#cpuRate}. */
  CPU_RATE(Unit.MILLI_CPUS, "cpuRate", "cpuRate", Checks.UNLIMITED,
      "CPUs' worth of time that all processes may use at a time: 0.5 is half of one."),

  /** {@link Limits#cpuWeight}. */
  CPU_WEIGHT(Unit.WEIGHT, "cpuWeight", "cpuWeight", 100L,
      "Share of a contended CPU against other runs: twice the weight is twice the time. 1 to 10000.");

  /** How a limit's value is counted, and between which bounds it lies. */
  public enum Unit {
    /** A time in nanoseconds. */
    NANOSECONDS(1, Checks.UNLIMITED),

    /** A size in bytes, above zero. */
    BYTES(1, Checks.UNLIMITED),

    /** A size in bytes, which may be zero. */
    BYTES_OR_NONE(0, Checks.UNLIMITED),

    /** A number of things. */
    COUNT(1, Checks.UNLIMITED),

    /** Thousandths of a CPU, from 10 to 8192000. */
    MILLI_CPUS(10, 8_192_000),

    /** A weight as {@code cpu.weight} of control groups v2 has it. */
    WEIGHT(1, 10_000);

    private final long least;
    private final long most;

    Unit(long least, long most) {
      this.least = least;
      this.most = most;
    }

    /**
     * Returns the least value.
     *
     * @return a number of this unit
     */
    public long least() {
      return least;
    }

    /**
     * Returns the greatest value that is not "unlimited".
     *
     * @return a number of this unit
     */
    public long most() {
      return most;
    }

    /**
     * Tells whether there may be no limit at all ({@link Limits#UNLIMITED}).
     *
     * @return false for a weight only
     */
    public boolean hasUnlimited() {
      return this != WEIGHT;
    }
  }

  private final Unit unit;
  private final String property;
  private final @Nullable String key;
  private final @Nullable Long usual;
  private final String help;

  Limit(Unit unit, String property, @Nullable String key, @Nullable Long usual, String help) {
    this.unit = unit;
    this.property = property;
    this.key = key;
    this.usual = usual;
    this.help = help;
  }

  /**
   * Returns how the value is counted.
   *
   * @return the unit
   */
  public Unit unit() {
    return unit;
  }

  /**
   * Returns the name of the method of {@link Limits}, which is also its name in messages.
   *
   * @return for example {@code memoryBytes}
   */
  public String property() {
    return property;
  }

  /**
   * Returns the name in JSON, such as a line of a batch.
   *
   * @return for example {@code memory}; empty where users cannot set it there
   */
  public Optional<String> key() {
    return Optional.ofNullable(key);
  }

  /**
   * Returns the option of the command line.
   *
   * @return for example {@code --cpu-time}; empty where there is none
   */
  public Optional<String> option() {
    return key().map(name -> "--" + name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT));
  }

  /**
   * Returns the default.
   *
   * @return a number of {@link #unit}, or {@link Limits#UNLIMITED}; empty where it follows from other limits
   */
  public Optional<Long> usual() {
    return Optional.ofNullable(usual);
  }

  /**
   * Returns what it limits, for a help text.
   *
   * @return one or two sentences
   */
  public String help() {
    return help;
  }

  /** The value, where it is one. */
  long checked(long value) {
    boolean unlimited = value == Checks.UNLIMITED && unit.hasUnlimited();
    if (unlimited || value >= unit.least() && value <= unit.most()) {
      return value;
    }
    throw Checks.refuse(property, value, rule());
  }

  private String rule() {
    return switch (unit) {
      case NANOSECONDS, BYTES, COUNT -> "must be above zero";
      case BYTES_OR_NONE -> "must not be negative";
      case MILLI_CPUS -> "must be from 0.01 to 8192 CPUs, or Limits.FULL_RATE";
      case WEIGHT -> "must be from " + unit.least() + " to " + unit.most();
    };
  }
}
