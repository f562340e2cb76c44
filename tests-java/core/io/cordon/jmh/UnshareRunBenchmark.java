// SPDX-License-Identifier: Apache-2.0
package io.cordon.jmh;

import io.cordon.Command;
import io.cordon.Mount;
import io.cordon.Output;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.Status;
import io.cordon.UnshareRunner;
import java.io.File;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One-shot runs of a program that only exits, beside {@link ProcessBuilder} without any sandbox, with different amounts
 * of live, touched heap in the JVM. The JVM's own size is the same in all of them. docs/performance.md tells how to
 * start it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgs = {"-Xms6g", "-Xmx6g"})
public class UnshareRunBenchmark {
  private static final File NOTHING = new File("/dev/null");

  /** GiB of live heap, every page of it written to. */
  @Param({"0", "2", "4"})
  public int heapGib;

  @SuppressWarnings("UnusedVariable") // Holding it is the use.
  private LiveHeap heap;
  private UnshareRunner runner;
  private Command command;
  private ProcessBuilder process;

  /** Fills the heap and prepares the runs. */
  @Setup
  public void prepare() {
    heap = new LiveHeap(heapGib);
    var programs = LiveHeap.programs();
    runner = UnshareRunner.builder().addMount(Mount.bind(programs, "/programs")).build();
    command = Command.builder("/programs/tiny_nolibc").stdout(Output.discard()).stderr(Output.discard()).build();
    process = new ProcessBuilder(programs.resolve("tiny_nolibc").toString())
        .redirectInput(NOTHING).redirectOutput(NOTHING).redirectError(NOTHING);
  }

  /**
   * Runs it in a fresh sandbox, with every default.
   *
   * @return the result
   * @throws SandboxException where the sandbox failed
   */
  @Benchmark
  public Result unshareRun() throws SandboxException {
    var result = runner.run(command);
    if (result.status() != Status.OK) {
      throw new IllegalStateException(result.toString());
    }
    return result;
  }

  /**
   * Runs it without a sandbox, as the JDK does by default.
   *
   * @return the exit code
   * @throws IOException where it did not start
   * @throws InterruptedException where the benchmark is stopped
   */
  @Benchmark
  public int processBuilder() throws IOException, InterruptedException {
    return process.start().waitFor();
  }

  /**
   * Runs it without a sandbox, in the quickest way that the JDK has.
   *
   * @return the exit code
   * @throws IOException where it did not start
   * @throws InterruptedException where the benchmark is stopped
   */
  @Benchmark
  @Fork(value = 1, jvmArgs = {"-Xms6g", "-Xmx6g", "-Djdk.lang.Process.launchMechanism=VFORK"})
  public int processBuilderVfork() throws IOException, InterruptedException {
    return process.start().waitFor();
  }
}
