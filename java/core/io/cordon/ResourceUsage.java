// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a program used besides time and memory, and where each number came from: the numbers of a {@link Result} for
 * which {@link Measure#isUsage} is true. Immutable; two with the same numbers are equal.
 *
 * <p>Context switches and page faults always come from rusage: they count each process that was waited for, by its
 * parent or at the end; a child whose parent ignores SIGCHLD is not among them.
 *
 * @since 0.1.0
 */
public final class ResourceUsage {
  private final Measures measures;

  ResourceUsage(Measures measures) {
    this.measures = measures;
  }

  Measures measures() {
    return measures;
  }

  private static Stream<Measure> all() {
    return Arrays.stream(Measure.values()).filter(Measure::isUsage);
  }

  /**
   * Returns how often a process gave its CPU up, to wait for something.
   *
   * @return a number
   */
  public long voluntarySwitches() {
    return measures.number(Measure.VOLUNTARY_SWITCHES);
  }

  /**
   * Returns how often the kernel took the CPU from a process.
   *
   * @return a number
   */
  public long involuntarySwitches() {
    return measures.number(Measure.INVOLUNTARY_SWITCHES);
  }

  /**
   * Returns the page faults that needed no I/O.
   *
   * @return a number
   */
  public long minorFaults() {
    return measures.number(Measure.MINOR_FAULTS);
  }

  /**
   * Returns the page faults that needed I/O.
   *
   * @return a number
   */
  public long majorFaults() {
    return measures.number(Measure.MAJOR_FAULTS);
  }

  /**
   * Returns what was read from block devices; what came from the page cache or a tmpfs is not among it.
   *
   * @return bytes
   */
  public long readBytes() {
    return measures.number(Measure.READ_BYTES);
  }

  /**
   * Returns what was written for block devices: by rusage when it was written, by the io controller when it went to the
   * device.
   *
   * @return bytes
   */
  public long writtenBytes() {
    return measures.number(Measure.WRITTEN_BYTES);
  }

  /**
   * Returns where {@link #readBytes} and {@link #writtenBytes} came from.
   *
   * @return a constant
   */
  public Source ioSource() {
    return measures.source(Measure.IO_SOURCE);
  }

  /**
   * Returns the most processes and threads at once.
   *
   * @return a number; empty where the kernel does not tell (pids.peak)
   */
  public OptionalLong processPeak() {
    return measures.get(Measure.PROCESS_PEAK);
  }

  /**
   * Returns where {@link #processPeak} came from.
   *
   * @return a constant
   */
  public Source processSource() {
    return measures.source(Measure.PROCESS_SOURCE);
  }

  /**
   * Returns how long {@link Limits#cpuRate} held the program back, summed over its CPUs.
   *
   * @return a time; empty if it was not counted
   */
  public Optional<Duration> throttledTime() {
    var time = measures.get(Measure.THROTTLED_TIME);
    return time.isPresent() ? Optional.of(Duration.ofNanos(time.getAsLong())) : Optional.empty();
  }

  /**
   * Returns where {@link #throttledTime} came from.
   *
   * @return a constant
   */
  public Source throttledSource() {
    return measures.source(Measure.THROTTLED_SOURCE);
  }

  /**
   * Returns how often {@link Limits#processes} refused a process or a thread: each is a fork(2), clone(2) or
   * pthread_create(3) that failed with EAGAIN. It is a fact, no verdict: a program may cope with it, and one that does
   * not ends in its own way.
   *
   * @return a number; empty where no pids controller counts (pids.events)
   */
  public OptionalLong processRefusals() {
    return measures.get(Measure.PROCESS_REFUSALS);
  }

  /**
   * Returns where {@link #processRefusals} came from.
   *
   * @return a constant
   */
  public Source refusalSource() {
    return measures.source(Measure.REFUSAL_SOURCE);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ResourceUsage usage
        && all().allMatch(measure -> measures.get(measure).equals(usage.measures.get(measure)));
  }

  @Override
  public int hashCode() {
    return Objects.hash(all().map(measures::get).toArray());
  }

  /** Returns all numbers, for messages. */
  @Override
  public String toString() {
    return all().map(measure -> measure.property() + "=" + shown(measure))
        .collect(Collectors.joining(", ", "ResourceUsage[", "]"));
  }

  private String shown(Measure measure) {
    var value = measures.get(measure);
    return measure.unit() == Measure.Unit.SOURCE ? measures.source(measure).label()
        : value.isPresent() ? Long.toString(value.getAsLong()) : "unknown";
  }
}
