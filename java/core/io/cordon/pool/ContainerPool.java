package io.cordon.pool;

import io.cordon.Command;
import io.cordon.Container;
import io.cordon.CordonEvent;
import io.cordon.Limits;
import io.cordon.Result;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.SecurityEvents;
import io.cordon.Status;
import io.cordon.Step;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * Containers that are made ahead and used again and again: as a {@link Runner}, each command gets one to itself, which
 * is reset after it.
 *
 * <p>Any number of threads may use a pool; who finds no container free waits for one, in the order of asking. A
 * container that breaks (its cordon-init was killed, say) costs at most the command that runs in it a
 * {@link SandboxException}; it is replaced in the background, which {@link SecurityEvents} tells. Where an idle one
 * broke unnoticed, the next command gets the exception; {@link Builder#checkAfterIdle} says after which idle time that
 * is looked for first.
 *
 * <p>One daemon thread, {@code cordon-pool}, makes, resets, checks and ends containers. Another one,
 * {@code cordon-pool-timer}, is there while asynchronous callers wait.
 */
public final class ContainerPool implements Runner, AutoCloseable {
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(30);

  private final Slots<Container> slots;

  private ContainerPool(Builder b) {
    slots = new Slots<>(new Containers(b.container), new Slots.Settings(Math.min(b.minIdle, b.maxSize), b.maxSize,
        b.acquireTimeout, b.maxUses, b.maxAge, b.maxIdleTime, b.checkAfterIdle));
  }

  private record Containers(Container.Config config) implements Slots.Factory<Container> {
    @Override
    public Container create() throws SandboxException {
      return config.open();
    }

    @Override
    public void check(Container container) throws SandboxException {
      container.ping();
    }

    @Override
    public void reset(Container container) throws SandboxException {
      container.reset();
    }

    @Override
    public void destroy(Container container) {
      container.close();
    }

    @Override
    public void broken(Container container, Throwable reason) {
      tellBroken(container, reason.toString());
    }
  }

  static void tellBroken(Container container, String reason) {
    SecurityEvents.publish(new CordonEvent.ContainerBroken(container.pid(), reason));
  }

  /**
   * Starts a configuration.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Takes a container out of the pool; waits for one at most as long as {@link Builder#acquireTimeout} says.
   *
   * @return the container, to be given back by closing the lease
   * @throws SandboxException where none comes in time (step {@link io.cordon.Step#WAIT}, ETIMEDOUT), none can be made
   *     (the step that failed), or the pool is closed
   * @throws InterruptedException where the thread is interrupted while it waits
   */
  public Lease acquire() throws SandboxException, InterruptedException {
    return new Lease(slots, take());
  }

  private Slots.Slot<Container> take() throws SandboxException, InterruptedException {
    var wait = Wait.begin();
    var slot = slots.acquire();
    wait.acquired();
    return slot;
  }

  /**
   * Asks for a container; no thread waits for it.
   *
   * @return the lease, later; a future that is completed from outside gives the container back by itself
   */
  public CompletableFuture<Lease> acquireAsync() {
    var result = new CompletableFuture<Lease>();
    ask(result, slot -> {
      var lease = new Lease(slots, slot);
      if (!result.complete(lease)) {
        lease.close();
      }
    });
    return result;
  }

  private interface Taker {
    void take(Slots.Slot<Container> slot);
  }

  /** Gives the taker a container, or the future a failure, unless that is completed from outside before. */
  private void ask(CompletableFuture<?> result, Taker taker) {
    var wait = Wait.begin();
    CompletableFuture<Slots.Slot<Container>> waiter;
    try {
      waiter = slots.ask();
    } catch (SandboxException e) {
      result.completeExceptionally(e);
      return;
    }
    if (waiter.isDone() && !waiter.isCompletedExceptionally()) {
      wait.acquired();
      taker.take(waiter.join());
      return;
    }
    result.whenComplete((value, failure) -> waiter.cancel(false));
    waiter.whenCompleteAsync((slot, failure) -> {
      if (failure == null) {
        wait.acquired();
        taker.take(slot);
      } else {
        fail(result, failure);
      }
    });
    slots.limit(waiter);
  }

  private void fail(CompletableFuture<?> result, Throwable failure) {
    try {
      result.completeExceptionally(slots.failure(failure));
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e);
    }
  }

  /**
   * Runs a command in a container that nothing of an earlier one is left in, when one is free. A thread that is
   * interrupted while it waits for that gets a result with {@link io.cordon.Status#CANCELLED}, and nothing was run.
   */
  @Override
  public Result run(Command command) throws SandboxException {
    Slots.Slot<Container> slot;
    try {
      slot = take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Result.cancelled(command);
    }
    var state = Slots.State.DIRTY;
    try {
      var result = slot.item.runAndReset(command);
      state = Slots.State.CLEAN;
      return result;
    } finally {
      slots.release(slot, state);
    }
  }

  @Override
  public CompletableFuture<Result> runAsync(Command command) {
    var result = new CompletableFuture<Result>();
    ask(result, slot -> run(slot, command, result));
    return result;
  }

  private void run(Slots.Slot<Container> slot, Command command, CompletableFuture<Result> result) {
    if (result.isDone()) {
      slots.release(slot, Slots.State.CLEAN);
      return;
    }
    CompletableFuture<Result> run;
    try {
      run = slot.item.runAndResetAsync(command);
    } catch (RuntimeException | Error e) {
      slots.release(slot, Slots.State.DIRTY);
      result.completeExceptionally(e);
      return;
    }
    var followed = run;
    // Waits for its turn where the program is still being killed: the pool must not give the container on before that.
    result.whenComplete((value, failure) -> followed.cancel(false));
    run.whenComplete((value, failure) -> {
      slots.release(slot, failure == null ? Slots.State.CLEAN : Slots.State.DIRTY);
      if (failure == null) {
        result.complete(value);
      } else {
        result.completeExceptionally(failure);
      }
    });
  }

  /**
   * Returns what the pool did and what is in it.
   *
   * @return a snapshot
   */
  public Statistics statistics() {
    return slots.statistics();
  }

  /** Closes the pool and waits at most 30 s for what is running. */
  @Override
  public void close() {
    close(CLOSE_PATIENCE);
  }

  /**
   * Closes the pool: who waits for a container, or comes later, gets a {@link SandboxException} (step
   * {@link io.cordon.Step#WAIT}); what is idle is ended at once, and what is in use when it is given back. Where that
   * takes longer than the patience, or the thread is interrupted, the programs are killed.
   *
   * @param patience how long running programs may take; zero kills them at once
   */
  public void close(Duration patience) {
    slots.close(patience);
  }

  /** Collects a pool's configuration. One thread at a time. */
  public static final class Builder {
    private static final Duration LONGEST = Duration.ofDays(36500);

    private Container.Config container = Container.builder().build();
    private int minIdle = 1;
    private int maxSize = Runtime.getRuntime().availableProcessors();
    private Duration acquireTimeout = Duration.ofSeconds(30);
    private long maxUses = Limits.UNLIMITED;
    private Duration maxAge = Duration.ofHours(1);
    private Duration maxIdleTime = Duration.ofMinutes(5);
    private Duration checkAfterIdle = Duration.ofSeconds(1);

    private Builder() {}

    /**
     * Sets what the containers are made from.
     *
     * @param config default: the default container
     * @return this
     */
    public Builder container(Container.Config config) {
      container = Objects.requireNonNull(config, "config");
      return this;
    }

    /**
     * Sets how many containers are kept ready ahead of those who ask.
     *
     * @param containers 0 or more, default 1; more than the maximum counts as that
     * @return this
     */
    public Builder minIdle(int containers) {
      minIdle = (int) least("minIdle", containers, 0);
      return this;
    }

    /**
     * Sets how many containers there are at most, in use or not: more than the machine has CPUs rarely pays.
     *
     * @param containers above 0; default: the number of CPUs
     * @return this
     */
    public Builder maxSize(int containers) {
      maxSize = (int) least("maxSize", containers, 1);
      return this;
    }

    /**
     * Sets how long one waits for a container.
     *
     * @param time above zero; default 30 s
     * @return this
     */
    public Builder acquireTimeout(Duration time) {
      acquireTimeout = time("acquireTimeout", time, false);
      return this;
    }

    /**
     * Sets after how many uses a container is replaced.
     *
     * @param uses above 0; default {@link Limits#UNLIMITED}
     * @return this
     */
    public Builder maxUses(long uses) {
      maxUses = least("maxUses", uses, 1);
      return this;
    }

    /**
     * Sets after what time a container is replaced, when it is not in use.
     *
     * @param time above zero; default 1 h
     * @return this
     */
    public Builder maxAge(Duration time) {
      maxAge = time("maxAge", time, false);
      return this;
    }

    /**
     * Sets after what idle time a container is ended, as long as there are more than {@link #minIdle}.
     *
     * @param time above zero; default 5 min
     * @return this
     */
    public Builder maxIdleTime(Duration time) {
      maxIdleTime = time("maxIdleTime", time, false);
      return this;
    }

    /**
     * Sets after what idle time a container is asked for a sign of life before it is used again, and replaced where
     * none comes.
     *
     * @param time zero (always) or more; default 1 s, because a check costs about as much as a small run
     * @return this
     */
    public Builder checkAfterIdle(Duration time) {
      checkAfterIdle = time("checkAfterIdle", time, true);
      return this;
    }

    /**
     * Makes the pool, which begins to make its containers.
     *
     * @return the pool, which the caller closes
     */
    public ContainerPool build() {
      return new ContainerPool(this);
    }

    private static long least(String field, long value, long least) {
      if (value < least) {
        throw new IllegalArgumentException(field + ": " + value + ": must be at least " + least);
      }
      return value;
    }

    private static Duration time(String field, Duration value, boolean zero) {
      if (value.isNegative() || value.isZero() && !zero) {
        throw new IllegalArgumentException(field + ": " + value + ": must be above zero");
      }
      return value.compareTo(LONGEST) > 0 ? LONGEST : value; // Limits.FOREVER has more nanoseconds than a long.
    }
  }
}
