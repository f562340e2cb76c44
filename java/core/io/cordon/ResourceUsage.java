package io.cordon;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a program used besides time and memory, and where each number came from.
 *
 * <p>Context switches and page faults always come from rusage: they count each process that was waited for, by its
 * parent or at the end; a child whose parent ignores SIGCHLD is not among them.
 *
 * @param voluntarySwitches how often a process gave its CPU up, to wait for something
 * @param involuntarySwitches how often the kernel took the CPU from one
 * @param minorFaults page faults that needed no I/O
 * @param majorFaults page faults that did
 * @param readBytes read from block devices; what came from the page cache or a tmpfs is not among it
 * @param writtenBytes written for block devices: by rusage when it was written, by the io controller when it went to
 *     the device
 * @param ioSource where the bytes came from
 * @param processPeak the most processes and threads at once; empty where the kernel does not tell (pids.peak)
 * @param processSource where {@code processPeak} came from
 * @param throttledTime how long {@link Limits#cpuRate} held the program back, summed over its CPUs; empty where nobody
 *     counted
 * @param throttledSource where {@code throttledTime} came from
 */
public record ResourceUsage(
    long voluntarySwitches,
    long involuntarySwitches,
    long minorFaults,
    long majorFaults,
    long readBytes,
    long writtenBytes,
    Source ioSource,
    OptionalLong processPeak,
    Source processSource,
    Optional<Duration> throttledTime,
    Source throttledSource) {
  /** Nothing was counted. */
  public static final ResourceUsage NONE = new ResourceUsage(0, 0, 0, 0, 0, 0, Source.NONE, OptionalLong.empty(),
      Source.NONE, Optional.empty(), Source.NONE);
}
