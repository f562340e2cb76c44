// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import java.util.List;
import java.util.Optional;

/**
 * What is measured of a run: one constant for each number of a {@link Result}, with everything that is known about it.
 * {@link Result} and {@link ResourceUsage} have a typed method for each; this is for code that treats all of them
 * alike, such as a file format or a table of figures.
 *
 * <p>The constants are rows of {@code include/cordon/result.def}, in its order, which a test compares.
 *
 * @since 0.1.0
 */
public enum Measure {
  /** {@link Result#cpuTime}. */
  CPU_TIME(Unit.NANOSECONDS, "cpuTime", "cpuTimeNs", "CPU time of all processes, in nanoseconds"),

  /** {@link Result#userTime}. */
  USER_TIME(Unit.NANOSECONDS, "userTime", "userTimeNs", "user time of all processes"),

  /** {@link Result#systemTime}. */
  SYSTEM_TIME(Unit.NANOSECONDS, "systemTime", "systemTimeNs", "system time of all processes"),

  /** {@link Result#wallTime}. */
  WALL_TIME(Unit.NANOSECONDS, "wallTime", "wallTimeNs", "from exec to the end"),

  /** {@link Result#setupTime}. */
  SETUP_TIME(Unit.NANOSECONDS, "setupTime", "setupTimeNs", "from the call to exec"),

  /** {@link Result#memoryPeakBytes}. */
  MEMORY_PEAK(Unit.BYTES, "memoryPeakBytes", "memoryPeakBytes", "the most memory in use at once"),

  /** {@link Result#memorySource}. */
  MEMORY_SOURCE("memorySource", "where that came from: `cgroup-v1`, `cgroup-v2` or `rusage`", MEMORY_PEAK),

  /** {@link Result#cpuSource}. */
  CPU_SOURCE("cpuSource", "where the CPU times came from", CPU_TIME, USER_TIME, SYSTEM_TIME),

  /** {@link Result#oomKills}. */
  OOM_KILLS(Unit.COUNT, "oomKills", "oomKills", "how many processes the kernel's out-of-memory killer ended"),

  /** {@link ResourceUsage#voluntarySwitches}. */
  VOLUNTARY_SWITCHES(Unit.COUNT, "voluntarySwitches", "voluntarySwitches", "context switches to wait; from rusage"),

  /** {@link ResourceUsage#involuntarySwitches}. */
  INVOLUNTARY_SWITCHES(Unit.COUNT, "involuntarySwitches", "involuntarySwitches",
      "context switches because the CPU was taken away; from rusage"),

  /** {@link ResourceUsage#minorFaults}. */
  MINOR_FAULTS(Unit.COUNT, "minorFaults", "minorFaults", "page faults without I/O; from rusage"),

  /** {@link ResourceUsage#majorFaults}. */
  MAJOR_FAULTS(Unit.COUNT, "majorFaults", "majorFaults", "page faults with I/O; from rusage"),

  /** {@link ResourceUsage#readBytes}. */
  READ_BYTES(Unit.BYTES, "readBytes", "readBytes",
      "bytes of block devices; not what stays in a tmpfs or comes from the page cache"),

  /** {@link ResourceUsage#writtenBytes}. */
  WRITTEN_BYTES(Unit.BYTES, "writtenBytes", "writtenBytes", "the same, written"),

  /** {@link ResourceUsage#ioSource}. */
  IO_SOURCE("ioSource", "where those came from: the controller where it saw more, else `rusage`", READ_BYTES,
      WRITTEN_BYTES),

  /** {@link ResourceUsage#processPeak}. */
  PROCESS_PEAK(Unit.COUNT, "processPeak", "processPeak",
      "the most processes and threads at once; `null` where the kernel does not count (pids.peak)"),

  /** {@link ResourceUsage#processSource}. */
  PROCESS_SOURCE("processSource", "who counted them", PROCESS_PEAK),

  /** {@link ResourceUsage#throttledTime}. */
  THROTTLED_TIME(Unit.NANOSECONDS, "throttledTime", "throttledTimeNs",
      "how long `--cpu-rate` held the program back, summed over CPUs"),

  /** {@link ResourceUsage#throttledSource}. */
  THROTTLED_SOURCE("throttledSource", "who counted that", THROTTLED_TIME),

  /** {@link ResourceUsage#processRefusals}. */
  PROCESS_REFUSALS(Unit.COUNT, "processRefusals", "processRefusals",
      "how often the limit of processes and threads refused one; `null` without a pids controller (pids.events)"),

  /** {@link ResourceUsage#refusalSource}. */
  REFUSAL_SOURCE("refusalSource", "who counted those refusals", PROCESS_REFUSALS);

  /** How a number is counted. */
  public enum Unit {
    /** A time in nanoseconds. */
    NANOSECONDS,

    /** A size in bytes. */
    BYTES,

    /** A number of things. */
    COUNT,

    /** The ordinal of a {@link Source}, which says where other numbers came from. */
    SOURCE
  }

  private final Unit unit;
  private final String property;
  private final String key;
  private final String help;
  @SuppressWarnings("ImmutableEnumChecker") // List.of's is.
  private final List<Measure> about;

  /** Set once all constants are there. A search for each number of each result would cost more than reading it. */
  @SuppressWarnings("ImmutableEnumChecker") // The initializer below is the only one that sets it.
  private Optional<Measure> source = Optional.empty();

  static {
    for (var measure : values()) {
      for (var number : measure.about) {
        number.source = Optional.of(measure);
      }
    }
  }

  Measure(Unit unit, String property, String key, String help) {
    this(unit, property, key, help, List.of());
  }

  /** The source of other numbers. */
  Measure(String property, String help, Measure... about) {
    this(Unit.SOURCE, property, property, help, List.of(about));
  }

  Measure(Unit unit, String property, String key, String help, List<Measure> about) {
    this.unit = unit;
    this.property = property;
    this.key = key;
    this.help = help;
    this.about = about;
  }

  /**
   * Returns how the number is counted.
   *
   * @return the unit
   */
  public Unit unit() {
    return unit;
  }

  /**
   * Returns the name of the method of {@link Result} or {@link ResourceUsage}.
   *
   * @return for example {@code cpuTime}
   */
  public String property() {
    return property;
  }

  /**
   * Returns the name in JSON.
   *
   * @return for example {@code cpuTimeNs}
   */
  public String key() {
    return key;
  }

  /**
   * Returns what the number says, for documentation.
   *
   * @return a phrase
   */
  public String help() {
    return help;
  }

  /**
   * Returns which number says where this one came from.
   *
   * @return one of {@link Unit#SOURCE}; empty for one that always has the same source, and for a source
   */
  public Optional<Measure> source() {
    return source;
  }

  /**
   * Tells whether it is one of the numbers of {@link ResourceUsage}.
   *
   * @return false for those of {@link Result} itself
   */
  public boolean isUsage() {
    return compareTo(VOLUNTARY_SWITCHES) >= 0;
  }

  /**
   * Tells whether the short form of a result in JSON has it, which {@code cordon run --result} writes.
   *
   * @return false for {@link #OOM_KILLS}, which the cause of a memory limit tells
   */
  public boolean isInSummary() {
    return this != OOM_KILLS;
  }

  /**
   * Tells whether the number may be unknown in a result of a run; others are 0 then.
   *
   * @return true for peaks, for the time of throttling and for refused processes
   */
  public boolean mayBeUnknown() {
    return this == MEMORY_PEAK || this == PROCESS_PEAK || this == THROTTLED_TIME || this == PROCESS_REFUSALS;
  }
}
