package io.cordon;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;

/**
 * What a program did, and where each number came from. A result means that the program ran.
 *
 * @param status what became of it
 * @param cause which limit it was, for the statuses of limits; else {@link Cause#NONE}
 * @param exitCode its exit code, where it ended by itself
 * @param signal the signal that ended it, where one did
 * @param cpuTime user and system time of the whole process tree
 * @param userTime user time of the whole process tree
 * @param systemTime system time of the whole process tree
 * @param wallTime from exec to the end
 * @param setupTime from the call to exec
 * @param memoryPeakBytes the most memory in use at once; empty where it could not be measured
 * @param memorySource where {@code memoryPeakBytes} came from
 * @param cpuSource where the CPU times came from
 * @param oomKills how many processes the kernel's out-of-memory killer ended, by the control group's counter
 * @param syscall for {@link Status#DISALLOWED_SYSCALL}, the number of the system call where it is known
 * @param layers the layers that were active
 * @param missing the layers that were preferred ({@link UnshareRunner.Builder#prefer}) and not active
 * @param stdout what was kept of standard output
 * @param stderr what was kept of standard error
 * @param copiedOut what became of each {@link CopyOut}, by its name and in its order
 * @param filePolicy what held the file policy
 * @param engine who supervised the program, where somebody did
 * @param events the first things that policies noticed, in order
 * @param eventsTotal how many there were, with those that were not kept
 * @param violation the event that ended the program, where one did; it is also the last of {@code events}, if not an
 *     earlier one
 * @param syscallCounts with {@link Supervisor.Builder#record} or {@link Supervisor.Builder#count}, how often each
 *     system call was made by the program, by its name
 * @param setupCounts the same for those that Cordon made in the program's process before
 * @param usage what else the program used
 */
public record Result(
    Status status,
    Cause cause,
    OptionalInt exitCode,
    OptionalInt signal,
    Duration cpuTime,
    Duration userTime,
    Duration systemTime,
    Duration wallTime,
    Duration setupTime,
    OptionalLong memoryPeakBytes,
    Source memorySource,
    Source cpuSource,
    int oomKills,
    OptionalInt syscall,
    Set<Layer> layers,
    Set<Layer> missing,
    Captured stdout,
    Captured stderr,
    Map<String, CopiedFile> copiedOut,
    FilePolicyState filePolicy,
    Optional<Engine> engine,
    List<SecurityEvent> events,
    long eventsTotal,
    Optional<SecurityEvent> violation,
    SortedMap<String, Long> syscallCounts,
    SortedMap<String, Long> setupCounts,
    ResourceUsage usage) {

  /**
   * Makes a result of a program that nobody supervised, for other kinds of {@link Runner}.
   *
   * @param status as of the record, and so the others
   * @param cause as of the record
   * @param exitCode as of the record
   * @param signal as of the record
   * @param cpuTime as of the record
   * @param userTime as of the record
   * @param systemTime as of the record
   * @param wallTime as of the record
   * @param setupTime as of the record
   * @param memoryPeakBytes as of the record
   * @param memorySource as of the record
   * @param cpuSource as of the record
   * @param oomKills as of the record
   * @param syscall as of the record
   * @param layers as of the record
   * @param missing as of the record
   * @param stdout as of the record
   * @param stderr as of the record
   * @param copiedOut as of the record
   */
  public Result(
      Status status,
      Cause cause,
      OptionalInt exitCode,
      OptionalInt signal,
      Duration cpuTime,
      Duration userTime,
      Duration systemTime,
      Duration wallTime,
      Duration setupTime,
      OptionalLong memoryPeakBytes,
      Source memorySource,
      Source cpuSource,
      int oomKills,
      OptionalInt syscall,
      Set<Layer> layers,
      Set<Layer> missing,
      Captured stdout,
      Captured stderr,
      Map<String, CopiedFile> copiedOut) {
    this(status, cause, exitCode, signal, cpuTime, userTime, systemTime, wallTime, setupTime, memoryPeakBytes,
        memorySource, cpuSource, oomKills, syscall, layers, missing, stdout, stderr, copiedOut, FilePolicyState.NONE,
        Optional.empty(), List.of(), 0, Optional.empty(), Collections.emptySortedMap(), Collections.emptySortedMap(),
        ResourceUsage.NONE);
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
   * @return for example {@code socket}; empty where no system call ended the program, or nobody knows its name
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

  /** The same with another standard output and what follows from it. */
  Result with(Status newStatus, Cause newCause, Captured newStdout) {
    return new Result(newStatus, newCause, exitCode, signal, cpuTime, userTime, systemTime, wallTime, setupTime,
        memoryPeakBytes, memorySource, cpuSource, oomKills, syscall, layers, missing, newStdout, stderr, copiedOut,
        filePolicy, engine, events, eventsTotal, violation, syscallCounts, setupCounts, usage);
  }

  /**
   * Returns what a run comes to that was cancelled before its program was started, while it waited for a container say.
   *
   * @return a result with {@link Status#CANCELLED}, and nothing else in it
   */
  public static Result cancelled() {
    var nothing = new Captured(new byte[0], false, 0);
    return new Result(Status.CANCELLED, Cause.NONE, OptionalInt.empty(), OptionalInt.empty(), Duration.ZERO,
        Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, OptionalLong.empty(), Source.NONE, Source.NONE, 0,
        OptionalInt.empty(), Set.of(), Set.of(), nothing, nothing, Map.of());
  }
}
