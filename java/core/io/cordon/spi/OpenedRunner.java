// SPDX-License-Identifier: Apache-2.0
package io.cordon.spi;

import io.cordon.Command;
import io.cordon.LiveRun;
import io.cordon.Result;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.Step;
import io.cordon.internal.util.Errno;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A runner that {@link Runners#open} has opened. The caller that opened it closes it, whatever the tier is, and nothing
 * can be run with it from then on. Closing a runner that owns something ends what runs in it; in the others a run that
 * is going on ends by itself.
 *
 * @since 0.1.0
 */
public final class OpenedRunner implements Runner, AutoCloseable {
  private final String tier;
  private final Runner runner;
  private volatile boolean closed;

  OpenedRunner(String tier, Runner runner) {
    this.tier = tier;
    this.runner = runner;
  }

  /**
   * Returns the name under which it was opened.
   *
   * @return the tier's name
   */
  public String tier() {
    return tier;
  }

  /**
   * Returns the tier's own runner, for what only that can do.
   *
   * @param <T> its class
   * @param type its class
   * @return the runner, which stays this one's to close; empty where it is of another class
   */
  public <T> Optional<T> as(Class<T> type) {
    return type.isInstance(runner) ? Optional.of(type.cast(runner)) : Optional.empty();
  }

  @Override
  public Result run(Command command) throws SandboxException {
    checkOpen();
    return runner.run(command);
  }

  @Override
  public CompletableFuture<Result> runAsync(Command command) {
    try {
      checkOpen();
    } catch (SandboxException e) {
      return CompletableFuture.failedFuture(e);
    }
    return runner.runAsync(command);
  }

  @Override
  public LiveRun start(Command command) throws SandboxException {
    checkOpen();
    return runner.start(command);
  }

  private void checkOpen() throws SandboxException {
    if (closed) {
      throw SandboxException.builder(Step.WAIT).errno(Errno.ECANCELED).kind(SandboxException.Kind.BROKEN)
          .detail("the runner " + tier + " is closed").build();
    }
  }

  /** Closes the tier's runner, where there is anything to close. Closing twice does nothing. */
  @Override
  public void close() {
    closed = true;
    if (!(runner instanceof AutoCloseable closeable)) {
      return;
    }
    try {
      closeable.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("runner " + tier + ": interrupted in close", e);
    } catch (Exception e) {
      throw new IllegalStateException("runner " + tier + ": " + e.getMessage(), e);
    }
  }
}
