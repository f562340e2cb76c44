// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import java.util.concurrent.CompletableFuture;

/**
 * Runs commands in sandboxes. Implementations may be used by any number of threads at once.
 *
 * <p>A runner never does less than a command asks for: what it cannot hold it refuses by name, with
 * {@link SandboxException#unsupported}, before anything is started. One that owns something is {@link AutoCloseable} as
 * well. It tells {@link SecurityEvents#finished} of every run that has a result.
 *
 * <p>{@code RunnerContract} of the module {@code io.cordon.test} is this contract as a JUnit class.
 *
 * @since 0.1.0
 */
public interface Runner {
  /**
   * Runs a command and waits for its end.
   *
   * <p>An interrupt of the calling thread, also one that came before the call, kills the program: the result's status
   * is {@link Status#CANCELLED}, with the output so far, and the thread's interrupt flag stays set. On a virtual thread
   * the wait does not hold its carrier.
   *
   * @param command what to run
   * @return what the program did
   * @throws SandboxException where the sandbox failed or refused, or the program could not be executed; nothing is
   *     left over then
   * @throws UnsatisfiedLinkError where a native library that the runner needs cannot be loaded
   */
  Result run(Command command) throws SandboxException;

  /**
   * Starts a command; no thread waits for it.
   *
   * <p>The future fails with a {@link SandboxException} where {@link #run} would throw one. Completing it from outside,
   * by {@link CompletableFuture#cancel}, {@link CompletableFuture#orTimeout} or otherwise, kills the program.
   *
   * <p>The future may be completed on a thread that serves other runs as well, in Cordon's own runners on their event
   * thread. A dependent that takes long or waits must therefore be added with one of the {@code ...Async} methods.
   *
   * @param command what to run
   * @return the result, later
   * @throws UnsatisfiedLinkError where a native library that the runner needs cannot be loaded
   */
  CompletableFuture<Result> runAsync(Command command);

  /**
   * Starts a command and returns while it runs, for a caller who writes its input and reads its output meanwhile. The
   * caller closes the run. By default it is refused by name.
   *
   * @param command what to run; what it gives as {@link Input#stream} and {@link Output#stream} is in the run
   * @return the run
   * @throws SandboxException where the sandbox could not be started; what fails later, fails {@link LiveRun#result}
   * @throws UnsatisfiedLinkError where a native library that the runner needs cannot be loaded
   */
  default LiveRun start(Command command) throws SandboxException {
    throw SandboxException.unsupported("start", command.args().get(0), "this runner has no live runs");
  }
}
