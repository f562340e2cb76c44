// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import io.cordon.Boundary;
import io.cordon.Command;
import io.cordon.Limits;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;

/**
 * A kind of {@link Runner} as {@link RunnerContract} meets it.
 *
 * @since 0.1.0
 */
public interface Tier {
  /**
   * Opens a runner. The contract closes it where it is {@link AutoCloseable}.
   *
   * @param spec {@link #description}, or that with a change
   * @return a runner of its own
   * @throws SandboxException as {@link io.cordon.spi.RunnerProvider#open}
   */
  Runner open(SandboxSpec spec) throws SandboxException;

  /**
   * Returns what stands between a program and the host: {@link io.cordon.Result#boundaries} of every run.
   *
   * @return the outermost first; empty only for a tier that separates nothing
   */
  List<Boundary> boundaries();

  /**
   * Returns the properties that the tier refuses by {@link SandboxException#unsupported}: a closed list. A refusal that
   * is not in it fails, and so does an entry that is not refused any more. Only {@link SandboxSpec#required layers} may
   * be refused by every tier.
   *
   * @return their names, among them {@code program.NAME} for each that {@link #programs} lacks
   */
  Set<String> refusals();

  /**
   * Starts the description that the tests begin with.
   *
   * @return a new builder; default: one that asks for nothing special
   */
  default SandboxSpec.Builder description() {
    return SandboxSpec.builder();
  }

  /**
   * Returns the limits of all commands, where a test has none of its own. They keep a sandbox that fails from harming
   * the machine.
   *
   * @return default: 10 s of CPU, 60 s in all, and what {@link Limits#defaults} has
   */
  default Limits limits() {
    return Limits.builder().cpuTime(Duration.ofSeconds(10)).wallTime(Duration.ofSeconds(60)).build();
  }

  /**
   * Returns what is run.
   *
   * @return default: the shell and the tools that every Linux has
   */
  default Programs programs() {
    return new PosixPrograms();
  }

  /**
   * Returns a directory in which programs may write.
   *
   * @return absolute inside the sandbox; default {@link Command#DEFAULT_WORK_DIR}
   */
  default String scratch() {
    return Command.DEFAULT_WORK_DIR;
  }

  /**
   * Tells whether what a run has written is gone in the next one.
   *
   * @return default true; false where runs share their directories on purpose
   */
  default boolean startsFresh() {
    return true;
  }

  /**
   * Lists what the tier itself holds on the host, for the check that nothing is left over: directories of runs, say.
   * Descriptors, children, mounts, threads and control groups of this process are looked at anyway.
   *
   * @return one line for each thing; default none
   * @throws Exception fails the test
   */
  default Set<String> held() throws Exception {
    return Set.of();
  }

  /**
   * Tells whether a failure is one of the machine's, which has not got what a test needs: no controller for a CPU rate,
   * say.
   *
   * @param failure what a test got, without a {@link SandboxException#property}
   * @return default false
   */
  default boolean isLacking(SandboxException failure) {
    return false;
  }

  /**
   * Skips a test that this machine cannot run.
   *
   * @param why what is missing; default: JUnit reports the test as aborted
   */
  default void skip(String why) {
    Assumptions.abort(why);
  }

  /**
   * Returns how long the contract waits for what must happen. Never reached unless something is broken, so it may be
   * long on a busy machine.
   *
   * @return default 30 s
   */
  default Duration patience() {
    return Duration.ofSeconds(30);
  }
}
