package io.cordon;

import java.util.concurrent.CompletableFuture;

/** Runs commands in sandboxes. Implementations may be used by any number of threads at once. */
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
   * @throws UnsatisfiedLinkError where the native library cannot be loaded
   */
  Result run(Command command) throws SandboxException;

  /**
   * Starts a command; no thread waits for it.
   *
   * <p>The future fails with a {@link SandboxException} where {@link #run} would throw one. Completing it from outside,
   * by {@link CompletableFuture#cancel}, {@link CompletableFuture#orTimeout} or otherwise, kills the program.
   *
   * <p>The future is completed on Cordon's event thread, which serves all asynchronous runs. A dependent that takes
   * long or waits must therefore be added with one of the {@code ...Async} methods.
   *
   * @param command what to run
   * @return the result, later
   * @throws UnsatisfiedLinkError where the native library cannot be loaded
   */
  CompletableFuture<Result> runAsync(Command command);
}
