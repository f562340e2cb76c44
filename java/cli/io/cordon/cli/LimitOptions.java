package io.cordon.cli;

import io.cordon.Limits;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a program may use up. */
final class LimitOptions {
  @Option(names = "--cpu-time", paramLabel = "TIME", converter = Values.Time.class,
      description = "CPU time of all processes. Default: 10s.")
  private @Nullable Duration cpuTime;

  @Option(names = "--wall-time", paramLabel = "TIME", converter = Values.Time.class,
      description = "Time from start to end. Default: 3 times the CPU time, at least 2s more than it.")
  private @Nullable Duration wallTime;

  @Option(names = "--idle-time", paramLabel = "TIME", converter = Values.Time.class,
      description = "Time without use of CPU. Default: unlimited.")
  private @Nullable Duration idleTime;

  @Option(names = "--memory", paramLabel = "SIZE", converter = Values.Size.class,
      description = "Memory of all processes. Default: 256m.")
  private @Nullable Long memory;

  @Option(names = "--stack", paramLabel = "SIZE", converter = Values.Size.class,
      description = "Stack of a process. Default: as --memory.")
  private @Nullable Long stack;

  @Option(names = "--processes", paramLabel = "N", converter = Values.Count.class,
      description = "Processes and threads at once. Default: 64.")
  private @Nullable Long processes;

  @Option(names = "--output-limit", paramLabel = "SIZE", converter = Values.Size.class,
      description = "Each of stdout, stderr and any file written. Default: 64m.")
  private @Nullable Long outputLimit;

  @Option(names = "--output-total", paramLabel = "SIZE", converter = Values.Size.class,
      description = "Stdout and stderr together. Default: unlimited.")
  private @Nullable Long outputTotal;

  @Option(names = "--cpu-rate", paramLabel = "N", converter = Values.Rate.class,
      description = "CPUs' worth of time that all processes may use at a time: 1 is one CPU, 0.5 half of one. Needs a"
          + " cpu controller. Default: unlimited.")
  private @Nullable Double cpuRate;

  @Option(names = "--cpu-weight", paramLabel = "N", converter = Values.Weight.class,
      description = "Share of a contended CPU against other runs of the same JVM, as of a batch: 1 to 10000. Needs a cpu"
          + " controller. Default: 100.")
  private @Nullable Integer cpuWeight;

  @Option(names = "--open-files", paramLabel = "N", converter = Values.Count.class,
      description = "Open descriptors of a process. Default: 256.")
  private @Nullable Long openFiles;

  /** Sets what was given, and leaves the rest. */
  Limits limits(Limits.Builder limits) {
    if (cpuTime != null) {
      limits.cpuTime(cpuTime);
    }
    if (wallTime != null) {
      limits.wallTime(wallTime);
    }
    if (idleTime != null) {
      limits.idleTime(idleTime);
    }
    if (memory != null) {
      limits.memoryBytes(memory);
    }
    if (stack != null) {
      limits.stackBytes(stack);
    }
    if (processes != null) {
      limits.processes(processes);
    }
    if (outputLimit != null) {
      limits.outputBytes(outputLimit);
    }
    if (outputTotal != null) {
      limits.outputTotalBytes(outputTotal);
    }
    if (cpuRate != null) {
      limits.cpuRate(cpuRate);
    }
    if (cpuWeight != null) {
      limits.cpuWeight(cpuWeight);
    }
    if (openFiles != null) {
      limits.openFiles(openFiles);
    }
    return limits.build();
  }
}
