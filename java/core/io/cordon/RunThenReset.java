// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The future of a run and of the reset after it.
 *
 * <ul>
 *   <li>I1: either it is completed from outside, and no reset begins; or a reset begins, and it is not done before that
 *       is. So there is never a reset that no caller waits for: it would meet the next run.
 * </ul>
 */
final class RunThenReset extends CompletableFuture<Result> {
  private final CompletableFuture<Result> run;
  private final AtomicBoolean decided = new AtomicBoolean();

  private RunThenReset(CompletableFuture<Result> run) {
    this.run = run;
  }

  static CompletableFuture<Result> start(ReusableRunner runner, Command command) {
    var both = new RunThenReset(runner.runAsync(command));
    // Not on the thread that completes the run: it may serve others.
    both.run.whenCompleteAsync((result, failure) -> {
      if (both.decided.compareAndSet(false, true)) {
        both.reset(runner, result, failure);
      }
    });
    return both;
  }

  private void reset(ReusableRunner runner, Result result, @Nullable Throwable failure) {
    if (failure != null) {
      super.completeExceptionally(failure);
      return;
    }
    try {
      runner.reset();
      super.complete(result);
    } catch (Throwable t) {
      super.completeExceptionally(t); // An exception thrown here would be lost.
    }
  }

  private boolean decide() {
    if (!decided.compareAndSet(false, true)) {
      return false;
    }
    run.cancel(false);
    return true;
  }

  @Override
  public boolean complete(Result value) {
    return decide() && super.complete(value);
  }

  @Override
  public boolean completeExceptionally(Throwable failure) {
    return decide() && super.completeExceptionally(failure);
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    return decide() ? super.cancel(mayInterruptIfRunning) : isCancelled();
  }
}
