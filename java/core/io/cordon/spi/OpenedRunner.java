package io.cordon.spi;

import io.cordon.Command;
import io.cordon.Result;
import io.cordon.Runner;
import io.cordon.SandboxException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A runner that {@link Runners#open} has opened. Whoever opened it closes it, also where the tier's own runner has
 * nothing to close.
 *
 * @since 0.1.0
 */
public final class OpenedRunner implements Runner, AutoCloseable {
  private final String tier;
  private final Runner runner;

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
    return runner.run(command);
  }

  @Override
  public CompletableFuture<Result> runAsync(Command command) {
    return runner.runAsync(command);
  }

  /** Closes the tier's runner, where there is anything to close. */
  @Override
  public void close() {
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
