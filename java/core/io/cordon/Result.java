// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.jni.Syscalls;
import io.cordon.internal.util.Signals;
import io.cordon.supervisor.Engine;
import io.cordon.supervisor.FilePolicyState;
import io.cordon.supervisor.SecurityEvent;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a program did, and where each number came from. A result means that the program ran. Immutable.
 *
 * <p>Runners of other kinds make one with {@link #builder}; what they cannot tell stays at its default.
 *
 * @since 0.1.0
 */
public final class Result {
  private static final Captured NOTHING = new Captured(new byte[0], false, 0);

  private final Status status;
  private final Cause cause;
  private final OptionalInt exitCode;
  private final OptionalInt signal;
  private final Measures measures;
  private final OptionalInt syscall;
  private final Set<Layer> layers;
  private final Set<Layer> missing;
  private final List<Boundary> boundaries;
  private final Captured stdout;
  private final Captured stderr;
  private final Map<String, CopiedFile> copiedOut;
  private final FilePolicyState filePolicy;
  private final Optional<Engine> engine;
  private final List<SecurityEvent> events;
  private final long eventsTotal;
  private final Optional<SecurityEvent> violation;
  private final SortedMap<String, Long> syscallCounts;
  private final SortedMap<String, Long> setupCounts;
  private final Optional<String> label;

  private Result(Builder b) {
    status = b.status;
    cause = b.cause;
    exitCode = b.exitCode;
    signal = b.signal;
    measures = b.measures.copy();
    syscall = b.syscall;
    layers = b.layers;
    missing = b.missing;
    boundaries = b.boundaries;
    stdout = b.stdout;
    stderr = b.stderr;
    copiedOut = b.copiedOut;
    filePolicy = b.filePolicy;
    engine = b.engine;
    events = b.events;
    eventsTotal = b.eventsTotal;
    violation = b.violation;
    syscallCounts = b.syscallCounts;
    setupCounts = b.setupCounts;
    label = b.label;
  }

  /**
   * Starts a result.
   *
   * @param status what became of the program
   * @return a builder
   */
  public static Builder builder(Status status) {
    return new Builder(status);
  }

  /**
   * Starts from this result.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /**
   * Returns what a run comes to that was cancelled before its program was started, while it waited for a container say.
   *
   * @param command what was to be run
   * @return a result with {@link Status#CANCELLED}, the command's label, and nothing else in it
   */
  public static Result cancelled(Command command) {
    var builder = builder(Status.CANCELLED);
    command.label().ifPresent(builder::label);
    return builder.build();
  }

  /**
   * Returns what became of it.
   *
   * @return a constant
   */
  public Status status() {
    return status;
  }

  /**
   * Returns which limit it was, for the statuses of limits; else {@link Cause#NONE}.
   *
   * @return a constant
   */
  public Cause cause() {
    return cause;
  }

  /**
   * Returns its exit code, where it ended by itself.
   *
   * @return a number, or empty
   */
  public OptionalInt exitCode() {
    return exitCode;
  }

  /**
   * Returns the signal that ended it, where one did.
   *
   * @return a number, or empty
   */
  public OptionalInt signal() {
    return signal;
  }

  /**
   * Returns any number that was measured.
   *
   * @param measure which one
   * @return the number in the measure's unit; empty where it is not known
   */
  public OptionalLong get(Measure measure) {
    return measures.get(measure);
  }

  /**
   * Returns where a number came from.
   *
   * @param measure the number, or what says its source
   * @return a constant; {@link Source#NONE} where it is not known, or always the same
   */
  public Source source(Measure measure) {
    return measures.source(measure);
  }

  /**
   * Returns user and system time of the whole process tree, and of the supervisor's work for it.
   *
   * @return a time
   */
  public Duration cpuTime() {
    return measures.time(Measure.CPU_TIME);
  }

  /**
   * Returns user time of the whole process tree.
   *
   * @return a time
   */
  public Duration userTime() {
    return measures.time(Measure.USER_TIME);
  }

  /**
   * Returns system time of the whole process tree.
   *
   * @return a time
   */
  public Duration systemTime() {
    return measures.time(Measure.SYSTEM_TIME);
  }

  /**
   * Returns from exec to the end.
   *
   * @return a time
   */
  public Duration wallTime() {
    return measures.time(Measure.WALL_TIME);
  }

  /**
   * Returns from the call to exec.
   *
   * @return a time
   */
  public Duration setupTime() {
    return measures.time(Measure.SETUP_TIME);
  }

  /**
   * Returns the most memory in use at once; empty where it could not be measured.
   *
   * @return a number, or empty
   */
  public OptionalLong memoryPeakBytes() {
    return measures.get(Measure.MEMORY_PEAK);
  }

  /**
   * Returns where {@link #memoryPeakBytes} came from.
   *
   * @return a constant
   */
  public Source memorySource() {
    return measures.source(Measure.MEMORY_SOURCE);
  }

  /**
   * Returns where the CPU times came from.
   *
   * @return a constant
   */
  public Source cpuSource() {
    return measures.source(Measure.CPU_SOURCE);
  }

  /**
   * Returns how many processes the kernel's out-of-memory killer ended, by the control group's counter.
   *
   * @return a number
   */
  public int oomKills() {
    return (int) Math.min(Integer.MAX_VALUE, measures.number(Measure.OOM_KILLS));
  }

  /**
   * Returns for {@link Status#DISALLOWED_SYSCALL}, the number of the system call where it is known.
   *
   * @return a number, or empty
   */
  public OptionalInt syscall() {
    return syscall;
  }

  /**
   * Returns the layers that were active.
   *
   * @return an immutable set
   */
  public Set<Layer> layers() {
    return layers;
  }

  /**
   * Returns the layers that were preferred ({@link UnshareRunner.Builder#prefer}) and not active.
   *
   * @return an immutable set
   */
  public Set<Layer> missing() {
    return missing;
  }

  /**
   * Returns what stood between the program and the host, the outermost first: what a program would have to break last.
   *
   * @return an immutable list; empty where nothing was run
   */
  public List<Boundary> boundaries() {
    return boundaries;
  }

  /**
   * Returns what was kept of standard output.
   *
   * @return the value
   */
  public Captured stdout() {
    return stdout;
  }

  /**
   * Returns what was kept of standard error.
   *
   * @return the value
   */
  public Captured stderr() {
    return stderr;
  }

  /**
   * Returns what became of each {@link CopyOut}, by its name and in its order.
   *
   * @return an immutable map
   */
  public Map<String, CopiedFile> copiedOut() {
    return copiedOut;
  }

  /**
   * Returns what held the file policy.
   *
   * @return a constant
   */
  public FilePolicyState filePolicy() {
    return filePolicy;
  }

  /**
   * Returns the engine that supervised the program, if there was a supervisor.
   *
   * @return the value, or empty
   */
  public Optional<Engine> engine() {
    return engine;
  }

  /**
   * Returns the first things that policies noticed, in order.
   *
   * @return an immutable list
   */
  public List<SecurityEvent> events() {
    return events;
  }

  /**
   * Returns how many there were, with those that were not kept.
   *
   * @return a number
   */
  public long eventsTotal() {
    return eventsTotal;
  }

  /**
   * Returns the event that ended the program, where one did; it is also the last of {@link #events}, if not an earlier
   * one.
   *
   * @return the value, or empty
   */
  public Optional<SecurityEvent> violation() {
    return violation;
  }

  /**
   * Returns with {@code Supervisor.Builder.record} or {@code count}, how often each system call was made by the
   * program, by its name.
   *
   * @return an immutable map
   */
  public SortedMap<String, Long> syscallCounts() {
    return syscallCounts;
  }

  /**
   * Returns the same for those that Cordon made in the program's process before.
   *
   * @return an immutable map
   */
  public SortedMap<String, Long> setupCounts() {
    return setupCounts;
  }

  /**
   * Returns what else the program used.
   *
   * @return the value
   */
  public ResourceUsage usage() {
    return new ResourceUsage(measures);
  }

  /**
   * Returns the caller's own name for the command: {@link Command.Builder#label}.
   *
   * @return the value, or empty
   */
  public Optional<String> label() {
    return label;
  }

  /**
   * Tells whether the program ended by itself with exit code 0 within its limits.
   *
   * @return true for {@link Status#OK}
   */
  public boolean isOk() {
    return status == Status.OK;
  }

  /**
   * Returns the name of {@link #signal}.
   *
   * @return for example {@code SIGSEGV}; empty where no signal ended the program
   */
  public Optional<String> signalName() {
    return signal.isPresent() ? Optional.of(Signals.name(signal.getAsInt())) : Optional.empty();
  }

  /**
   * Returns the name of {@link #syscall}.
   *
   * @return for example {@code socket}; empty if no system call ended the program, or its name is unknown
   */
  public Optional<String> syscallName() {
    return syscall.isPresent() ? Syscalls.name(syscall.getAsInt(), Syscalls.NATIVE) : Optional.empty();
  }

  /**
   * Returns why a file could not be fetched.
   *
   * @return for {@link Status#FILE_ERROR} the error of the first such file; else usually empty
   */
  public Optional<SandboxException> error() {
    return copiedOut.values().stream().flatMap(file -> file.error().stream()).findFirst();
  }

  /** Returns status, cause and the most important numbers, for messages. */
  @Override
  public String toString() {
    return "Result[" + status + (cause == Cause.NONE ? "" : " " + cause)
        + (exitCode.isPresent() ? ", exit code " + exitCode.getAsInt() : "")
        + signalName().map(name -> ", " + name).orElse("") + ", CPU " + cpuTime().toNanos() / 1000 + " us, wall "
        + wallTime().toNanos() / 1000 + " us, stdout " + stdout + ", stderr " + stderr + "]";
  }

  /** Collects a result. One thread at a time. */
  public static final class Builder {
    private Status status;
    private Cause cause = Cause.NONE;
    private OptionalInt exitCode = OptionalInt.empty();
    private OptionalInt signal = OptionalInt.empty();
    private final Measures measures;
    private OptionalInt syscall = OptionalInt.empty();
    private Set<Layer> layers = Set.of();
    private Set<Layer> missing = Set.of();
    private List<Boundary> boundaries = List.of();
    private Captured stdout = NOTHING;
    private Captured stderr = NOTHING;
    private Map<String, CopiedFile> copiedOut = Map.of();
    private FilePolicyState filePolicy = FilePolicyState.NONE;
    private Optional<Engine> engine = Optional.empty();
    private List<SecurityEvent> events = List.of();
    private long eventsTotal;
    private Optional<SecurityEvent> violation = Optional.empty();
    private SortedMap<String, Long> syscallCounts = Collections.emptySortedMap();
    private SortedMap<String, Long> setupCounts = Collections.emptySortedMap();
    private Optional<String> label = Optional.empty();

    private Builder(Status status) {
      this.status = Objects.requireNonNull(status, "status");
      measures = new Measures();
    }

    private Builder(Result other) {
      status = other.status;
      cause = other.cause;
      exitCode = other.exitCode;
      signal = other.signal;
      measures = other.measures.copy();
      syscall = other.syscall;
      layers = other.layers;
      missing = other.missing;
      boundaries = other.boundaries;
      stdout = other.stdout;
      stderr = other.stderr;
      copiedOut = other.copiedOut;
      filePolicy = other.filePolicy;
      engine = other.engine;
      events = other.events;
      eventsTotal = other.eventsTotal;
      violation = other.violation;
      syscallCounts = other.syscallCounts;
      setupCounts = other.setupCounts;
      label = other.label;
    }

    /**
     * Sets {@link Result#status}.
     *
     * @param value the value
     * @return this
     */
    public Builder status(Status value) {
      status = Objects.requireNonNull(value, "status");
      return this;
    }

    /**
     * Sets {@link Result#cause}.
     *
     * @param value the value; default {@link Cause#NONE}
     * @return this
     */
    public Builder cause(Cause value) {
      cause = Objects.requireNonNull(value, "cause");
      return this;
    }

    /**
     * Sets {@link Result#exitCode}.
     *
     * @param value the value; default none
     * @return this
     */
    public Builder exitCode(int value) {
      exitCode = OptionalInt.of(value);
      return this;
    }

    /**
     * Sets {@link Result#signal}.
     *
     * @param value the value; default none
     * @return this
     */
    public Builder signal(int value) {
      signal = OptionalInt.of(value);
      return this;
    }

    /**
     * Sets any number that was measured.
     *
     * @param measure which one
     * @param value in the measure's unit, 0 or more
     * @return this
     */
    public Builder set(Measure measure, long value) {
      measures.set(measure, value);
      return this;
    }

    private Builder time(Measure measure, Duration value) {
      return set(measure, value.toNanos());
    }

    /**
     * Sets {@link Result#cpuTime}.
     *
     * @param value the value; default zero
     * @return this
     */
    public Builder cpuTime(Duration value) {
      return time(Measure.CPU_TIME, value);
    }

    /**
     * Sets {@link Result#userTime}.
     *
     * @param value the value; default zero
     * @return this
     */
    public Builder userTime(Duration value) {
      return time(Measure.USER_TIME, value);
    }

    /**
     * Sets {@link Result#systemTime}.
     *
     * @param value the value; default zero
     * @return this
     */
    public Builder systemTime(Duration value) {
      return time(Measure.SYSTEM_TIME, value);
    }

    /**
     * Sets {@link Result#wallTime}.
     *
     * @param value the value; default zero
     * @return this
     */
    public Builder wallTime(Duration value) {
      return time(Measure.WALL_TIME, value);
    }

    /**
     * Sets {@link Result#setupTime}.
     *
     * @param value the value; default zero
     * @return this
     */
    public Builder setupTime(Duration value) {
      return time(Measure.SETUP_TIME, value);
    }

    /**
     * Sets {@link Result#memoryPeakBytes}.
     *
     * @param value the value; default none
     * @return this
     */
    public Builder memoryPeakBytes(long value) {
      return set(Measure.MEMORY_PEAK, value);
    }

    /**
     * Sets {@link Result#memorySource}.
     *
     * @param value the value; default {@link Source#NONE}
     * @return this
     */
    public Builder memorySource(Source value) {
      return set(Measure.MEMORY_SOURCE, value.ordinal());
    }

    /**
     * Sets {@link Result#cpuSource}.
     *
     * @param value the value; default {@link Source#NONE}
     * @return this
     */
    public Builder cpuSource(Source value) {
      return set(Measure.CPU_SOURCE, value.ordinal());
    }

    /**
     * Sets {@link Result#oomKills}.
     *
     * @param value the value; default 0
     * @return this
     */
    public Builder oomKills(int value) {
      return set(Measure.OOM_KILLS, value);
    }

    /**
     * Sets {@link Result#syscall}.
     *
     * @param value the value; default none
     * @return this
     */
    public Builder syscall(int value) {
      syscall = OptionalInt.of(value);
      return this;
    }

    /**
     * Sets {@link Result#layers}.
     *
     * @param value the value; default none
     * @return this
     */
    public Builder layers(Set<Layer> value) {
      layers = inOrder(value);
      return this;
    }

    /**
     * Sets {@link Result#missing}.
     *
     * @param value the value; default none
     * @return this
     */
    public Builder missing(Set<Layer> value) {
      missing = inOrder(value);
      return this;
    }

    /**
     * Sets {@link Result#boundaries}.
     *
     * @param value the value; default none
     * @return this
     */
    public Builder boundaries(List<Boundary> value) {
      boundaries = List.copyOf(value);
      return this;
    }

    /**
     * Sets {@link Result#stdout}.
     *
     * @param value the value; default nothing
     * @return this
     */
    public Builder stdout(Captured value) {
      stdout = Objects.requireNonNull(value, "stdout");
      return this;
    }

    /**
     * Sets {@link Result#stderr}.
     *
     * @param value the value; default nothing
     * @return this
     */
    public Builder stderr(Captured value) {
      stderr = Objects.requireNonNull(value, "stderr");
      return this;
    }

    /**
     * Sets {@link Result#copiedOut}.
     *
     * @param value the value; default none
     * @return this
     */
    public Builder copiedOut(Map<String, CopiedFile> value) {
      copiedOut = value.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(value));
      return this;
    }

    /**
     * Sets {@link Result#filePolicy}.
     *
     * @param value the value; default {@link FilePolicyState#NONE}
     * @return this
     */
    public Builder filePolicy(FilePolicyState value) {
      filePolicy = Objects.requireNonNull(value, "filePolicy");
      return this;
    }

    /**
     * Sets {@link Result#engine}.
     *
     * @param value the value; default none
     * @return this
     */
    public Builder engine(Engine value) {
      engine = Optional.of(value);
      return this;
    }

    /**
     * Sets {@link Result#events}.
     *
     * @param value the value; default none
     * @return this
     */
    public Builder events(List<SecurityEvent> value) {
      events = List.copyOf(value);
      return this;
    }

    /**
     * Sets {@link Result#eventsTotal}.
     *
     * @param value the value; default 0
     * @return this
     */
    public Builder eventsTotal(long value) {
      eventsTotal = value;
      return this;
    }

    /**
     * Sets {@link Result#violation}.
     *
     * @param value the value; default none
     * @return this
     */
    public Builder violation(SecurityEvent value) {
      violation = Optional.of(value);
      return this;
    }

    /**
     * Sets {@link Result#syscallCounts}.
     *
     * @param value the value; default none
     * @return this
     */
    public Builder syscallCounts(SortedMap<String, Long> value) {
      syscallCounts = copy(value);
      return this;
    }

    /**
     * Sets {@link Result#setupCounts}.
     *
     * @param value the value; default none
     * @return this
     */
    public Builder setupCounts(SortedMap<String, Long> value) {
      setupCounts = copy(value);
      return this;
    }

    /**
     * Sets {@link Result#usage}.
     *
     * @param value the value; default nothing
     * @return this
     */
    public Builder usage(ResourceUsage value) {
      measures.setAll(value.measures(), Measure::isUsage);
      return this;
    }

    /**
     * Sets {@link Result#label}.
     *
     * @param value the value; default none
     * @return this
     */
    public Builder label(String value) {
      label = Optional.of(value);
      return this;
    }

    private static SortedMap<String, Long> copy(SortedMap<String, Long> value) {
      return value.isEmpty() ? Collections.emptySortedMap() : Collections.unmodifiableSortedMap(new TreeMap<>(value));
    }

    private static Set<Layer> inOrder(Set<Layer> value) {
      var set = EnumSet.noneOf(Layer.class);
      set.addAll(value);
      return Collections.unmodifiableSet(set);
    }

    /**
     * Makes the result.
     *
     * @return the result
     */
    public Result build() {
      return new Result(this);
    }
  }
}
