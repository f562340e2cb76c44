// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Checks;
import io.cordon.internal.util.Texts;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What can be limited: one constant for each limit, with everything that is known about it. {@link Limits} has a typed
 * method for each; this is for code that treats all of them alike, such as a command line or a file format.
 *
 * <p>The constants stand in the order of {@code include/cordon/limits.def}, which a test compares.
 *
 * @since 0.1.0
 */
public enum Limit {
  /** {@link Limits#cpuTime}. */
  CPU_TIME(Unit.NANOSECONDS, "cpuTime", "cpuTime", Duration.ofSeconds(10).toNanos(), "CPU time of all processes."),

  /** {@link Limits#wallTime}. */
  WALL_TIME(Unit.NANOSECONDS, "wallTime", "wallTime", "3 times the CPU time, at least 2s more than it",
      "Time from start to end."),

  /** {@link Limits#idleTime}. */
  IDLE_TIME(Unit.NANOSECONDS, "idleTime", "idleTime", Checks.UNLIMITED, "Time without use of CPU."),

  /** {@link Limits#memoryBytes}. */
  MEMORY(Unit.BYTES, "memoryBytes", "memory", 256L << 20, "Memory of all processes."),

  /** {@link Limits#stackBytes}. */
  STACK(Unit.BYTES, "stackBytes", "stack", "as --memory", "Stack of a process."),

  /** {@link Limits#processes}. */
  PROCESSES(Unit.COUNT, "processes", "processes", 64L, "Processes and threads at once."),

  /** {@link Limits#outputBytes}. */
  OUTPUT(Unit.BYTES, "outputBytes", "outputLimit", 64L << 20, "Each of stdout, stderr and any file written."),

  /** {@link Limits#openFiles}. */
  OPEN_FILES(Unit.COUNT, "openFiles", "openFiles", 256L, "Open descriptors of a process."),

  /** {@link Limits#coreBytes}. */
  CORE(Unit.BYTES_OR_NONE, "coreBytes", "core", 0L, "Size of a core file.") {
    @Override
    public Optional<String> option() {
      return Optional.empty();
    }
  },

  /** {@link Limits#outputTotalBytes}. */
  OUTPUT_TOTAL(Unit.BYTES, "outputTotalBytes", "outputTotal", Checks.UNLIMITED, "Stdout and stderr together."),

  /** {@link Limits#cpuRate}. */
  CPU_RATE(Unit.MILLI_CPUS, "cpuRate", "cpuRate", Checks.UNLIMITED, "CPUs' worth of time that all processes may use at"
      + " a time: 1 is one CPU, 0.5 half of one. Needs a cpu controller."),

  /** {@link Limits#cpuWeight}. */
  CPU_WEIGHT(Unit.WEIGHT, "cpuWeight", "cpuWeight", 100L, "Share of a contended CPU against other runs of the same JVM,"
      + " as of a batch: 1 to 10000. Needs a cpu controller."),

  /** {@link Limits#nice}. */
  NICE(Unit.NICE, "nice", "nice", 0L, "Nice value that the program starts with: 0 to 19, the higher the more it yields"
      + " to others.");

  /** How a limit's value is counted and written, and between which bounds it lies. */
  public enum Unit {
    /** A time in nanoseconds; written with its unit, such as {@code 500ms}. */
    NANOSECONDS(1, Checks.UNLIMITED, "TIME"),

    /** A size in bytes, above zero; written as such or in binary units, such as {@code 64m}. */
    BYTES(1, Checks.UNLIMITED, "SIZE"),

    /** A size in bytes, which may be zero. */
    BYTES_OR_NONE(0, Checks.UNLIMITED, "SIZE"),

    /** A number of things. */
    COUNT(1, Checks.UNLIMITED, "N"),

    /** Thousandths of a CPU, from 10 to 8192000; written in CPUs, such as {@code 0.5}. */
    MILLI_CPUS(10, 8_192_000, "N"),

    /** A weight as {@code cpu.weight} of control groups v2 has it. */
    WEIGHT(1, 10_000, "N"),

    /** A nice value as in sched(7). */
    NICE(0, 19, "N");

    private final long least;
    private final long most;
    private final String placeholder;

    Unit(long least, long most, String placeholder) {
      this.least = least;
      this.most = most;
      this.placeholder = placeholder;
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
     * @return false for a weight and a nice value
     */
    public boolean hasUnlimited() {
      return this != WEIGHT && this != NICE;
    }

    /**
     * Returns what stands for a value in the description of an option.
     *
     * @return for example {@code SIZE}
     */
    public String placeholder() {
      return placeholder;
    }

    /**
     * Reads a value as users write it. Whether it is within the bounds is for {@link Limits.Builder#set} to say.
     *
     * @param text for example {@code 256m}, or {@code unlimited}
     * @return a number of this unit, or {@link Limits#UNLIMITED}
     * @throws IllegalArgumentException where it is written in another way; the message has the text and the rule
     */
    public long parse(String text) {
      if (text.equals(NO_LIMIT) && hasUnlimited()) {
        return Checks.UNLIMITED;
      }
      return switch (this) {
        case NANOSECONDS -> Texts.nanos(text);
        case BYTES -> Texts.bytes(text);
        case BYTES_OR_NONE -> text.equals("0") ? 0 : Texts.bytes(text);
        case COUNT -> Texts.count(text);
        case MILLI_CPUS -> Texts.milliCpus(text);
        case WEIGHT, NICE -> whole(text);
      };
    }

    private long whole(String text) {
      if (!text.matches("0|[1-9][0-9]{0,4}") || Long.parseLong(text) < least) {
        throw Texts.refuse(text, "must be a whole number from " + least + " to " + most);
      }
      return Long.parseLong(text);
    }

    /**
     * Writes a value as {@link #parse} reads it.
     *
     * @param value a number of this unit, or {@link Limits#UNLIMITED}
     * @return for example {@code 256m}
     */
    public String format(long value) {
      if (value == Checks.UNLIMITED && hasUnlimited()) {
        return NO_LIMIT;
      }
      return switch (this) {
        case NANOSECONDS -> Texts.ofNanos(value);
        case BYTES, BYTES_OR_NONE -> Texts.ofBytes(value);
        case MILLI_CPUS -> Texts.ofMilliCpus(value);
        case COUNT, WEIGHT, NICE -> Long.toString(value);
      };
    }
  }

  private static final String NO_LIMIT = "unlimited";

  private final Unit unit;
  private final String property;
  private final String key;
  private final @Nullable Long usual;
  private final String usualText;
  private final String help;

  Limit(Unit unit, String property, String key, long usual, String help) {
    this(unit, property, key, usual, unit.format(usual), help);
  }

  /** For one whose default follows from others. */
  Limit(Unit unit, String property, String key, String usual, String help) {
    this(unit, property, key, null, usual, help);
  }

  Limit(Unit unit, String property, String key, @Nullable Long usual, String usualText, String help) {
    this.unit = unit;
    this.property = property;
    this.key = key;
    this.usual = usual;
    this.usualText = usualText;
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
   * @return for example {@code memory}
   */
  public String key() {
    return key;
  }

  /**
   * Returns the option of the command line.
   *
   * @return for example {@code --cpu-time}; empty where there is none
   */
  public Optional<String> option() {
    return Optional.of("--" + key.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT));
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
   * Returns the default, for a help text.
   *
   * @return for example {@code 256m}
   */
  public String usualText() {
    return usualText;
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
    if (unlimited || (value >= unit.least() && value <= unit.most())) {
      return value;
    }
    throw Checks.refuse(property, shown(value), rule());
  }

  /** As the caller of {@link Limits.Builder} gave it. */
  private String shown(long value) {
    return unit == Unit.MILLI_CPUS ? Double.toString((double) value / Limits.RATE_UNIT) : Long.toString(value);
  }

  private String rule() {
    return switch (unit) {
      case NANOSECONDS, BYTES, COUNT -> "must be above zero";
      case BYTES_OR_NONE -> "must not be negative";
      case MILLI_CPUS -> "must be from 0.01 to 8192 CPUs, or Limits.FULL_RATE";
      case WEIGHT, NICE -> "must be from " + unit.least() + " to " + unit.most();
    };
  }
}
