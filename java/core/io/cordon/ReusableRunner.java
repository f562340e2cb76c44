// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import java.util.concurrent.CompletableFuture;

/**
 * A {@link Runner} for many commands, one after the other, that can forget what they left: what a {@code ContainerPool}
 * keeps. A {@link Container} is one.
 *
 * <p>What a run leaves is there for the next one, until {@link #reset}. One command at a time: a run, a reset or a ping
 * waits until the run before it is over, also where that was cancelled and its program is still being killed; or it is
 * refused. Once broken or closed, it fails every later call.
 *
 * @since 0.1.0
 */
public interface ReusableRunner extends Runner, AutoCloseable {
  /**
   * Returns what it is called in messages and events.
   *
   * @return a short name, the same at any time, for example a container's process id
   */
  String id();

  /**
   * Runs a command and resets. By default that is {@link #run} and {@link #reset}; an implementation may return before
   * the reset is over, if everything later waits for it and fails where it failed.
   *
   * @param command what to run
   * @return what the program did
   * @throws SandboxException as {@link #run}, and where the reset failed
   */
  default Result runAndReset(Command command) throws SandboxException {
    var result = run(command);
    boolean interrupted = Thread.interrupted(); // It ended the run; it must not end the reset.
    try {
      reset();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return result;
  }

  /**
   * Starts a command as {@link #runAsync}, and resets after it. Completing the future from outside kills the program,
   * and nothing is reset then; once the reset has begun, it has no effect.
   *
   * @param command what to run
   * @return the result, later
   */
  default CompletableFuture<Result> runAndResetAsync(Command command) {
    return RunThenReset.start(this, command);
  }

  /**
   * Starts a command as {@link #start}, and resets after it, as {@link #runAndResetAsync} does. By default it is
   * refused by name.
   *
   * @param command what to run
   * @return the run
   * @throws SandboxException as {@link #start}
   */
  default LiveRun startAndReset(Command command) throws SandboxException {
    throw SandboxException.unsupported("startAndReset", command.args().get(0), "this runner has no live runs");
  }

  /**
   * Tells whether {@link #runAndReset}, {@link #runAndResetAsync} and {@link #startAndReset} can be used. Where they
   * cannot, a pool runs a command alone and then calls {@link #endAndReset} on a thread of its own.
   *
   * @return the same at any time; by default true
   */
  default boolean canRunAndReset() {
    return true;
  }

  /**
   * Asks for a sign of life; waits some seconds for it at most.
   *
   * @throws SandboxException where it is broken or closed
   */
  void ping() throws SandboxException;

  /**
   * Leaves nothing of the runs before.
   *
   * @throws SandboxException where something could not be made fresh, or it is broken or closed
   */
  void reset() throws SandboxException;

  /**
   * Ends what a user has started beside the commands, a {@link Container#sidecar} for example, and resets: what a pool
   * does with one that comes back. By default there is nothing to end.
   *
   * @throws SandboxException as {@link #reset}
   */
  default void endAndReset() throws SandboxException {
    reset();
  }

  /** Kills what runs and leaves nothing. Closing twice does nothing. */
  @Override
  void close();
}
