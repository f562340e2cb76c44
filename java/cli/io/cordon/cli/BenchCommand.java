// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Command;
import io.cordon.Container;
import io.cordon.Mount;
import io.cordon.Output;
import io.cordon.Result;
import io.cordon.Sandbox;
import io.cordon.SandboxException;
import io.cordon.UnshareRunner;
import io.cordon.internal.jni.Natives;
import io.cordon.seccomp.SeccompPolicy;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cordon bench}: what a run costs here, beside what the kernel alone asks for it. */
@CommandLine.Command(
    name = "bench",
    description = "Measures what runs of a program of three instructions cost on this machine, each beside its floor.",
    separator = " ",
    exitCodeListHeading = "%nExit code:%n",
    exitCodeList = {"0:measured", "125:Cordon itself failed"},
    footer = {
      "",
      "Runs of all kinds are measured in turn, so that a busy moment hits all of them alike. To see everything on one CPU:"
          + " taskset -c 0 cordon bench."
    })
@NeedsJvm
final class BenchCommand implements Callable<Integer> {
  private static final int BLOCK = 50;
  private static final int DEFAULT_RUNS = 2000;
  private static final int WARM_UP_BLOCKS = 30;
  private static final long THROUGHPUT_NANOS = 2_000_000_000L;
  private static final double NANOS_PER_MICRO = 1000;
  private static final long KIB = 1024;

  @Spec
  private @Nullable CommandSpec spec;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures as one JSON object to FILE, too.")
  private @Nullable Path json;

  @Option(names = "--runs", paramLabel = "N", converter = Values.Count.class,
      description = "Runs of each kind.")
  @Usual("2000")
  private @Nullable Long runs;

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
  private boolean help;

  private interface Once {
    /** Does it, and returns the nanoseconds. */
    long run() throws SandboxException, IOException, InterruptedException;
  }

  /** Fills a block of samples. */
  private interface Block {
    void fill(long[] samples) throws SandboxException, IOException, InterruptedException;
  }

  private static final class Series {
    private final String name;
    private final Block block;
    private final boolean rare;
    private final List<long[]> blocks = new ArrayList<>();
    private long[] sorted = {};

    Series(String name, boolean rare, Block block) {
      this.name = name;
      this.rare = rare;
      this.block = block;
    }

    static Series of(String name, boolean rare, Once once) {
      return new Series(name, rare, samples -> {
        once.run(); // Pays for what the kind before has left in the caches and in the kernel.
        for (int i = 0; i < samples.length; i++) {
          samples[i] = once.run();
        }
      });
    }

    void measure(boolean keep) throws SandboxException, IOException, InterruptedException {
      var samples = new long[BLOCK];
      block.fill(samples);
      if (keep) {
        blocks.add(samples);
      }
    }

    void done() {
      sorted = blocks.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    }

    long percentile(int percent) {
      return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (spec == null) {
      throw new IllegalStateException("not made by picocli");
    }
    Sandbox.version(); // Loads the library.
    var tiny = Files.createTempFile("cordon-bench", "");
    try {
      var figures = measure(tiny, spec.commandLine().getOut());
      if (json != null) {
        Files.writeString(json, Json.text(figures) + "\n");
      }
      return ExitCode.OK;
    } catch (SandboxException e) {
      System.err.println("cordon: " + e.getMessage());
      return ExitCode.FAILED;
    } finally {
      Files.deleteIfExists(tiny);
    }
  }

  private static int descriptor() throws IOException {
    int fd = Natives.benchTarget();
    if (fd < 0) {
      throw new IOException("cannot make the program: errno " + -fd);
    }
    return fd;
  }

  private static Container.Builder plain() {
    return Container.builder().seccomp(SeccompPolicy.NONE).controlGroups(false);
  }

  /** What the floor of the one-shot sandbox mounts: bench_one_shot in csrc/bench. */
  private static List<Mount> plan() {
    return List.of(Mount.bind(Path.of("/usr"), "/usr"), Mount.symlink("/bin", "usr/bin"),
        Mount.symlink("/lib", "usr/lib"), Mount.dev("/dev"), Mount.proc("/proc").optional(),
        Mount.tmpfs("/tmp"), Mount.tmpfs("/w"));
  }

  private Map<String, Object> measure(Path tiny, PrintWriter out)
      throws SandboxException, IOException, InterruptedException {
    int target = descriptor();
    Files.copy(Path.of("/proc/self/fd/" + target), tiny, StandardCopyOption.REPLACE_EXISTING);
    Files.setPosixFilePermissions(tiny, PosixFilePermissions.fromString("rwx------"));
    var command = Command.builder("tiny").execFd(target).stdout(Output.discard()).stderr(Output.discard()).build();
    try (var plain = plain().open();
        var reset = plain().seccomp(SeccompPolicy.DEFAULT).open();
        var filtered = plain().seccomp(SeccompPolicy.DEFAULT).open();
        var grouped = plain().controlGroups(true).open()) {
      var unshare = UnshareRunner.builder().mounts(plan()).seccomp(SeccompPolicy.NONE).controlGroups(false).build();
      var process = new ProcessBuilder(tiny.toString());
      var floor = new Series("exec and wait, no sandbox", false, samples -> floor(samples, Natives::benchFloor));
      var pooled = Series.of("container", false, () -> time(() -> plain.run(command)));
      var pooledReset =
          Series.of("container, default seccomp, reset", false, () -> time(() -> reset.runAndReset(command)));
      var pooledSeccomp = Series.of("container, default seccomp", false, () -> time(() -> filtered.run(command)));
      var pooledCgroup = Series.of("container, control groups", false, () -> time(() -> grouped.run(command)));
      var oneShotFloor = new Series("one-shot sandbox by hand", true, samples -> floor(samples, Natives::benchOneShot));
      var oneShot = Series.of("one-shot sandbox", true, () -> time(() -> unshare.run(command)));
      var build = Series.of("making a container", true, BenchCommand::build);
      var java = Series.of("ProcessBuilder, no sandbox", true, () -> processBuilder(process));
      measure(List.of(floor, pooled, pooledReset, pooledSeccomp, pooledCgroup, oneShotFloor, oneShot, build, java), out,
          floor);
      var figures = new LinkedHashMap<String, Object>();
      figures.put("floorP50Ns", floor.percentile(50));
      figures.put("pooledP50Ns", pooled.percentile(50));
      figures.put("pooledP99Ns", pooled.percentile(99));
      figures.put("pooledResetP50Ns", pooledReset.percentile(50));
      figures.put("pooledSeccompP50Ns", pooledSeccomp.percentile(50));
      figures.put("pooledCgroupP50Ns", pooledCgroup.percentile(50));
      figures.put("unshareP50Ns", oneShot.percentile(50));
      figures.put("unshareFloorP50Ns", oneShotFloor.percentile(50));
      figures.put("buildP50Ns", build.percentile(50));
      figures.put("processBuilderP50Ns", java.percentile(50));
      long one = throughput(List.of(plain), command);
      long two = throughput(List.of(plain, reset), command);
      long idle = pss(plain.pid());
      figures.put("throughput1", one);
      figures.put("throughput2", two);
      figures.put("idlePssBytes", idle);
      out.printf("%nruns a second: 1 container %d, 2 containers %d; idle container: %d KiB%n", one,
          two, idle / KIB);
      out.flush();
      return figures;
    }
  }

  private void measure(List<Series> all, PrintWriter out, Series floor)
      throws SandboxException, IOException, InterruptedException {
    long wanted = runs == null ? DEFAULT_RUNS : runs;
    for (int i = 0; i < WARM_UP_BLOCKS; i++) {
      for (var series : all) {
        if (!series.rare || i == 0) {
          series.measure(false);
        }
      }
    }
    for (long done = 0; done < wanted; done += BLOCK) {
      for (var series : all) {
        // The dear ones, a fifth as often: they also leave work behind for the kernel.
        if (!series.rare || done / BLOCK % 5 == 0) {
          series.measure(true);
        }
      }
    }
    out.printf("%-32s %10s %10s %10s%n", "", "p50 us", "p99 us", "x floor");
    for (var series : all) {
      series.done();
      out.printf("%-32s %10.1f %10.1f %10.2f%n", series.name, series.percentile(50) / NANOS_PER_MICRO,
          series.percentile(99) / NANOS_PER_MICRO, (double) series.percentile(50) / floor.percentile(50));
    }
    out.flush();
  }

  private interface Floor {
    int run(int iterations, ByteBuffer out);
  }

  private static void floor(long[] samples, Floor floor) throws IOException {
    var out = ByteBuffer.allocateDirect(samples.length * Long.BYTES).order(ByteOrder.nativeOrder());
    int rc = floor.run(samples.length, out);
    if (rc < 0) {
      throw new IOException("the floor cannot be measured here: errno " + -rc);
    }
    out.asLongBuffer().get(samples);
  }

  private interface Run {
    Result run() throws SandboxException;
  }

  private static long time(Run run) throws SandboxException, IOException {
    long start = System.nanoTime();
    var result = run.run();
    long nanos = System.nanoTime() - start;
    if (!result.isOk()) {
      throw new IOException("a run ended with " + result.status());
    }
    return nanos;
  }

  private static long build() throws SandboxException {
    long start = System.nanoTime();
    var container = plain().open();
    long nanos = System.nanoTime() - start;
    container.close();
    return nanos;
  }

  private static long processBuilder(ProcessBuilder builder) throws IOException, InterruptedException {
    long start = System.nanoTime();
    int code = builder.start().waitFor();
    long nanos = System.nanoTime() - start;
    if (code != 0) {
      throw new IOException("the program ended with " + code);
    }
    return nanos;
  }

  /** Runs a second, one thread for each container. */
  private static long throughput(List<Container> containers, Command command) throws IOException, InterruptedException {
    var counts = new long[containers.size()];
    var threads = new ArrayList<Thread>();
    long end = System.nanoTime() + THROUGHPUT_NANOS;
    for (int i = 0; i < counts.length; i++) {
      int mine = i;
      threads.add(new Thread(() -> counts[mine] = runUntil(end, containers.get(mine), command)));
    }
    threads.forEach(Thread::start);
    for (var thread : threads) {
      thread.join();
    }
    if (Arrays.stream(counts).anyMatch(count -> count < 0)) {
      throw new IOException("a run failed");
    }
    return Arrays.stream(counts).sum() * 1_000_000_000L / THROUGHPUT_NANOS;
  }

  private static long runUntil(long end, Container container, Command command) {
    long count = 0;
    try {
      for (; System.nanoTime() < end; count++) {
        container.run(command);
      }
      return count;
    } catch (SandboxException e) {
      return -1;
    }
  }

  /** What cordon-init alone has in memory, shared pages counted by their share: proc(5). */
  private static long pss(int pid) throws IOException {
    try (var lines = Files.lines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
      return lines.filter(line -> line.startsWith("Pss:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst().orElse(0) * KIB;
    }
  }
}
