// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Command;
import io.cordon.Input;
import io.cordon.Output;
import io.cordon.SandboxException;
import io.cordon.SandboxException.Kind;
import io.cordon.Step;
import org.junit.jupiter.api.Test;

/** A program that did not run is an exception, which says why in one of few words. */
interface ErrorContract {
  private static void notRun(SandboxException failed, Kind kind, Step step) {
    assertEquals(kind + " " + step, failed.kind() + " " + failed.step(), failed.getMessage());
    assertFalse(String.valueOf(failed.getMessage()).isEmpty());
  }

  @Test
  default void aProgramThatIsNotThere(Bench bench) throws Exception {
    notRun(bench.failure(bench.programs().missing()), Kind.NOT_FOUND, Step.EXECVE);
    notRun(bench.failure(Command.builder("no-such-program-in-the-path")), Kind.NOT_FOUND, Step.EXECVE);
    bench.stillWorks();
  }

  @Test
  @Uses("program.notExecutable")
  default void aProgramThatCannotBeExecuted(Bench bench) throws Exception {
    notRun(bench.failure(bench.programs().notExecutable()), Kind.REFUSED, Step.EXECVE);
    bench.stillWorks();
  }

  @Test
  default void theFutureFailsWithWhatRunThrows(Bench bench) throws Exception {
    var command = bench.command(bench.programs().missing()).build();
    var runner = bench.runner();
    notRun(Bench.failure(() -> {
      try {
        return bench.get(runner.runAsync(command));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }), Kind.NOT_FOUND, Step.EXECVE);
    bench.stillWorks();
  }

  @Test
  @Uses("workDir")
  default void aWorkDirectoryThatIsNotThere(Bench bench) throws Exception {
    var failed = bench.failure(bench.programs().exit(0).workDir("/no/such/directory"));
    notRun(failed, Kind.NOT_FOUND, Step.WORK_DIR);
    bench.stillWorks();
  }

  @Test
  @Uses("stdin.hostFile")
  default void anInputThatIsNotThere(Bench bench) throws Exception {
    var missing = bench.file("missing");
    notRun(bench.failure(bench.programs().exit(0).stdin(Input.file(missing))), Kind.NOT_FOUND, Step.OPEN_FILE);
    bench.stillWorks();
  }

  @Test
  @Uses("stdout.hostFile")
  default void anOutputThatCannotBeMade(Bench bench) throws Exception {
    var lost = bench.file("missing").resolve("directory");
    notRun(bench.failure(bench.programs().exit(0).stdout(Output.file(lost))), Kind.NOT_FOUND, Step.OPEN_FILE);
    bench.stillWorks();
  }

  @Test
  @Uses("stdin.descriptor")
  default void aDescriptorThatIsNotOpen(Bench bench) throws Exception {
    var failed = bench.failure(bench.programs().exit(0).stdin(Input.descriptor(1_000_000)));
    assertEquals(Kind.REFUSED, failed.kind(), failed.getMessage());
    bench.stillWorks();
  }

  @Test
  @Uses("cpuset")
  default void aCpuThatIsNotThere(Bench bench) throws Exception {
    var failed = bench.failure(bench.programs().exit(0).cpuset("8191"));
    assertEquals(Kind.REFUSED, failed.kind(), failed.getMessage());
    bench.stillWorks();
  }

  /** Where a runner can be closed, that is final, and doing it twice does no harm. */
  @Test
  default void aClosedRunnerRunsNothing(Bench bench) throws Exception {
    var runner = bench.runner();
    if (!(runner instanceof AutoCloseable)) {
      return;
    }
    bench.ok(runner, bench.programs().exit(0));
    Bench.close(runner);
    var failed = Bench.failure(() -> bench.run(runner, bench.command(bench.programs().exit(0))));
    assertEquals(Kind.BROKEN, failed.kind(), failed.getMessage());
    Bench.close(runner);
    assertTrue(runner.runAsync(bench.command(bench.programs().exit(0)).build()).isCompletedExceptionally());
  }
}
