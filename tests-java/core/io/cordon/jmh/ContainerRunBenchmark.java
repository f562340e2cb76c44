// SPDX-License-Identifier: Apache-2.0
package io.cordon.jmh;

import io.cordon.Command;
import io.cordon.Container;
import io.cordon.Mount;
import io.cordon.Output;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.Status;
import io.cordon.pool.ContainerPool;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Runs in a kept container of a program that only exits, and of one that leaves two files, with every default but the
 * control groups, and with them. {@code cordon bench} shows the floor beside the same runs.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgs = {"-Xms6g", "-Xmx6g"})
public class ContainerRunBenchmark {
  /** GiB of live heap, every page of it written to. */
  @Param({"0", "4"})
  public int heapGib;

  @SuppressWarnings("UnusedVariable") // Holding it is the use.
  private LiveHeap heap;
  private Container container;
  private Container grouped;
  private ContainerPool<Container> pool;
  private Command tiny;
  private Command writer;

  /**
   * Fills the heap and makes the containers.
   *
   * @throws SandboxException where the sandbox failed
   */
  @Setup
  public void prepare() throws SandboxException {
    heap = new LiveHeap(heapGib);
    container = builder().controlGroups(false).open();
    grouped = builder().open();
    pool = ContainerPool.builder().container(builder().controlGroups(false).build()).maxSize(1).build();
    tiny = command("/programs/tiny_nolibc");
    writer = command("/programs/writer_nolibc");
  }

  private static Container.Builder builder() {
    return Container.builder().addMount(Mount.bind(LiveHeap.programs(), "/programs"));
  }

  private static Command command(String program) {
    return Command.builder(program).stdout(Output.discard()).stderr(Output.discard()).build();
  }

  /** Ends them. */
  @TearDown
  public void end() {
    pool.close();
    grouped.close();
    container.close();
  }

  private static Result ok(Result result) {
    if (result.status() != Status.OK) {
      throw new IllegalStateException(result.toString());
    }
    return result;
  }

  /**
   * Runs the one that only exits.
   *
   * @return the result
   * @throws SandboxException where the sandbox failed
   */
  @Benchmark
  public Result run() throws SandboxException {
    return ok(container.run(tiny));
  }

  /**
   * The same with a reset after it, which finds nothing to do.
   *
   * @return the result
   * @throws SandboxException where the sandbox failed
   */
  @Benchmark
  public Result runAndReset() throws SandboxException {
    return ok(container.runAndReset(tiny));
  }

  /**
   * Runs the one that leaves files in two places, and resets.
   *
   * @return the result
   * @throws SandboxException where the sandbox failed
   */
  @Benchmark
  public Result writeAndReset() throws SandboxException {
    return ok(container.runAndReset(writer));
  }

  /**
   * Runs the one that only exits, in control groups.
   *
   * @return the result
   * @throws SandboxException where the sandbox failed
   */
  @Benchmark
  public Result runInGroups() throws SandboxException {
    return ok(grouped.run(tiny));
  }

  /**
   * Runs it by a pool of one: acquire, run, reset, release.
   *
   * @return the result
   * @throws SandboxException where the sandbox failed
   */
  @Benchmark
  public Result pooled() throws SandboxException {
    return ok(pool.run(tiny));
  }
}
