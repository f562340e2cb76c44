// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import io.cordon.Command;
import io.cordon.Container;
import io.cordon.CordonEvent;
import io.cordon.Limits;
import io.cordon.LiveRun;
import io.cordon.Result;
import io.cordon.ReusableRunner;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.SecurityEvents;
import io.cordon.Step;
import io.cordon.internal.util.Checks;
import io.cordon.internal.util.Errno;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Keeps containers ready and uses them again and again. As a {@link Runner} it gives each command a container to
 * itself, which is reset afterwards. A container is a {@link Container}, or any other {@link ReusableRunner}.
 *
 * <p>Any number of threads may use a pool. A caller that finds no container free waits for one, in the order of asking.
 * If a container breaks, for example because its cordon-init was killed, at most the command that runs in it gets a
 * {@link SandboxException}. The container is replaced in the background, and {@link SecurityEvents} tells. If an idle
 * container broke unnoticed, the next command gets the exception; {@link Builder#checkAfterIdle} says after which idle
 * time a container is checked before it is used.
 *
 * <p>Daemon threads make, reset, check and end containers; {@link Builder#makers} says how many. They are named after
 * the pool, {@code cordon-pool-1-maker-1} for example, and all but one are there only while they have something to do.
 *
 * <p>A pool that was not closed is closed, with a warning, after it was garbage-collected.
 *
 * @param <R> what the containers are
 * @since 0.1.0
 */
public final class ContainerPool<R extends ReusableRunner> implements Runner, AutoCloseable {
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(30);
  private static final AtomicInteger COUNT = new AtomicInteger();

  final Slots<R> slots;
  private final String name;
  private final boolean leaseTraces;

  private ContainerPool(Builder<R> b) {
    name = b.name == null ? "pool-" + COUNT.incrementAndGet() : b.name;
    leaseTraces = b.leaseTraces;
    var listener = b.listener == null ? GuardedListener.NONE : new GuardedListener(name, b.listener);
    slots = new Slots<>(new Containers<>(name, b.opener, listener), new Settings(name, Math.min(b.minIdle, b.maxSize),
        b.maxSize, b.makers, b.acquireTimeout, b.maxUses, b.maxAge, b.maxIdleTime, b.checkAfterIdle, listener,
        () -> ThreadLocalRandom.current().nextDouble(), System::nanoTime));
    slots.closeWithout(this);
  }

  /**
   * Makes containers for a pool.
   *
   * @param <R> what they are
   */
  @FunctionalInterface
  public interface Opener<R extends ReusableRunner> {
    /**
     * Makes a container and waits until it is ready. Called on threads of the pool, as many at once as
     * {@link Builder#makers} says. The pool publishes {@link CordonEvent.ContainerOpened} of it.
     *
     * @return a new one, which the pool closes
     * @throws SandboxException where it cannot be made; nothing is left over then
     */
    R open() throws SandboxException;
  }

  /**
   * What the pool's slots do with containers, and the reports of it. Has no reference to the pool, which it outlives.
   */
  private static final class Containers<R extends ReusableRunner> implements Slots.Factory<R> {
    private final String name;
    private final Opener<? extends R> opener;
    private final PoolListener listener;

    Containers(String name, Opener<? extends R> opener, PoolListener listener) {
      this.name = name;
      this.opener = opener;
      this.listener = listener;
    }

    @Override
    public R create() throws SandboxException {
      long start = System.nanoTime();
      var container = Objects.requireNonNull(opener.open(), "the opener's container");
      if (SecurityEvents.isObserved()) {
        SecurityEvents.publish(new CordonEvent.ContainerOpened(
            container.id(), Optional.of(name), Duration.ofNanos(System.nanoTime() - start)));
      }
      return container;
    }

    @Override
    public void check(R container) throws SandboxException {
      container.ping();
    }

    @Override
    public void reset(R container) throws SandboxException {
      container.endAndReset();
    }

    @Override
    public void destroy(R container) {
      container.close();
    }

    @Override
    public void broken(R container, Throwable reason) {
      tellBroken(name, container, reason.toString());
    }

    @Override
    public void leaked(R container, @Nullable Throwable acquired) {
      LoggerFactory.getLogger(ContainerPool.class)
          .warn("{}: a lease was dropped without being closed; its container {} is"
              + " destroyed", name, container.id(), acquired);
      SecurityEvents.publish(new CordonEvent.LeaseLeaked(container.id(), Optional.of(name)));
      listener.leaked(container.id(), Optional.ofNullable(acquired));
    }
  }

  static void tellBroken(String pool, ReusableRunner container, String reason) {
    SecurityEvents.publish(new CordonEvent.ContainerBroken(container.id(), Optional.of(pool), reason));
  }

  /**
   * Starts the configuration of a pool of containers.
   *
   * @return a builder
   */
  public static Builder<Container> builder() {
    return new Builder<>(new OfContainers(Container.builder().build()));
  }

  /**
   * Starts the configuration of a pool of anything that can be used again.
   *
   * @param <R> what is in the pool
   * @param opener makes one
   * @return a builder
   */
  public static <R extends ReusableRunner> Builder<R> builder(Opener<? extends R> opener) {
    return new Builder<>(Objects.requireNonNull(opener, "opener"));
  }

  /**
   * Returns the pool's name, which is in the names of its threads, in log messages and in events.
   *
   * @return {@link Builder#name}
   */
  public String name() {
    return name;
  }

  /**
   * Takes a container out of the pool; waits for one at most as long as {@link Builder#acquireTimeout} says.
   *
   * @return the container, to be given back by closing the lease
   * @throws SandboxException where none comes in time (step {@link io.cordon.Step#WAIT}, ETIMEDOUT), none can be made
   *     (the step that failed), or the pool is closed
   * @throws InterruptedException where the thread is interrupted while it waits
   */
  public Lease<R> acquire() throws SandboxException, InterruptedException {
    return Lease.of(this, slots.acquire(), trace());
  }

  private @Nullable Throwable trace() {
    return leaseTraces ? new Throwable("acquired by thread " + Thread.currentThread().getName()) : null;
  }

  /**
   * Asks for a container; no thread waits for it.
   *
   * @return the lease, later; a future that is completed from outside gives the container back by itself
   */
  public CompletableFuture<Lease<R>> acquireAsync() {
    var result = new CompletableFuture<Lease<R>>();
    var acquired = trace();
    ask(result, slot -> {
      var lease = Lease.of(this, slot, acquired);
      if (!result.complete(lease)) {
        lease.close();
      }
    });
    return result;
  }

  private interface Taker<R> {
    void take(Slot<R> slot);
  }

  /** Gives the taker a container, or the future a failure, unless that is completed from outside before. */
  private void ask(CompletableFuture<?> result, Taker<R> taker) {
    var wait = slots.begin();
    CompletableFuture<Slot<R>> waiter;
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
        return;
      }
      if (failure instanceof TimeoutException) {
        wait.timedOut();
      }
      fail(result, failure);
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
    Slot<R> slot;
    try {
      slot = slots.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Result.cancelled(command);
    }
    var state = Slots.State.DIRTY;
    try {
      var result = slot.item.canRunAndReset() ? slot.item.runAndReset(command) : slot.item.run(command);
      state = afterRun(slot);
      return result;
    } finally {
      slots.release(slot, state);
      Reference.reachabilityFence(this); // Else the pool might be taken for a dropped one.
    }
  }

  /** How an item is after a run with which nothing went wrong. */
  private static Slots.State afterRun(Slot<? extends ReusableRunner> slot) {
    return slot.item.canRunAndReset() ? Slots.State.CLEAN : Slots.State.DIRTY;
  }

  @Override
  public CompletableFuture<Result> runAsync(Command command) {
    var result = new CompletableFuture<Result>();
    ask(result, slot -> run(slot, command, result));
    return result;
  }

  private void run(Slot<R> slot, Command command, CompletableFuture<Result> result) {
    if (result.isDone()) {
      slots.release(slot, Slots.State.CLEAN);
      return;
    }
    CompletableFuture<Result> run;
    try {
      run = slot.item.canRunAndReset() ? slot.item.runAndResetAsync(command) : slot.item.runAsync(command);
    } catch (RuntimeException | Error e) {
      slots.release(slot, Slots.State.DIRTY);
      result.completeExceptionally(e);
      return;
    }
    var followed = run;
    // Waits for its turn where the program is still being killed: the pool must not give the container on before that.
    result.whenComplete((value, failure) -> followed.cancel(false));
    run.whenComplete((value, failure) -> {
      slots.release(slot, failure == null ? afterRun(slot) : Slots.State.DIRTY);
      if (failure == null) {
        result.complete(value);
      } else {
        result.completeExceptionally(failure);
      }
    });
  }

  /**
   * Starts a command in a container that nothing of an earlier one is left in, when one is free; waits for that as
   * {@link #acquire} does. The container comes back to the pool when the run is over, whether it is closed or not.
   *
   * @param command what to run
   * @return the run
   * @throws SandboxException as {@link #acquire}, where the thread is interrupted while it waits, or where the command
   *     could not be started
   */
  @Override
  public LiveRun start(Command command) throws SandboxException {
    Slot<R> slot;
    try {
      slot = slots.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SandboxException.of(Step.WAIT, Errno.EINTR, "interrupted while it waited for a container");
    }
    LiveRun run = null;
    try {
      run = slot.item.canRunAndReset() ? slot.item.startAndReset(command) : slot.item.start(command);
    } finally {
      if (run == null) {
        slots.release(slot, Slots.State.DIRTY);
      }
    }
    run.result().whenComplete(
        (result, failure) -> slots.release(slot, failure == null ? afterRun(slot) : Slots.State.DIRTY));
    return run;
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
   * Closes the pool. Callers that wait for a container, or come later, get a {@link SandboxException} (step
   * {@link io.cordon.Step#WAIT}). Idle containers are ended at once, and those in use when they are given back. If that
   * takes longer than the patience, or the thread is interrupted, the programs are killed.
   *
   * @param patience how long running programs may take; zero kills them at once
   */
  public void close(Duration patience) {
    slots.close(patience);
  }

  /** Opens containers of one configuration. */
  private record OfContainers(Container.Config config) implements Opener<Container> {
    @Override
    public Container open() throws SandboxException {
      return config.open();
    }
  }

  /**
   * Collects a pool's configuration. One thread at a time.
   *
   * @param <R> what the containers are
   */
  public static final class Builder<R extends ReusableRunner> {
    private static final Duration LONGEST = Duration.ofDays(36500);

    private Opener<? extends R> opener;
    private @Nullable String name;
    private int minIdle = 1;
    private int maxSize = Runtime.getRuntime().availableProcessors();
    private int makers = 2;
    private Duration acquireTimeout = Duration.ofSeconds(30);
    private long maxUses = Limits.UNLIMITED;
    private Duration maxAge = Duration.ofHours(1);
    private Duration maxIdleTime = Duration.ofMinutes(5);
    private Duration checkAfterIdle = Duration.ofSeconds(1);

    private @Nullable PoolListener listener;
    private boolean leaseTraces;

    private Builder(Opener<? extends R> opener) {
      this.opener = opener;
    }

    /**
     * Sets what containers are made from, where {@link ContainerPool#builder()} has started this.
     *
     * @param config default: the default container. Of a {@linkplain Container.Builder#shared shared} one each lease
     *     can have sidecars, which are closed when it comes back; the pool resets it after each command, which takes
     *     longer
     * @return this
     * @throws IllegalStateException where the pool is not of containers, but of what an {@link Opener} makes
     */
    @SuppressWarnings("unchecked") // R is Container, as the opener says.
    public Builder<R> container(Container.Config config) {
      Objects.requireNonNull(config, "config");
      if (!(opener instanceof OfContainers)) {
        throw new IllegalStateException("container: the pool has an opener of its own");
      }
      opener = (Opener<? extends R>) new OfContainers(config);
      return this;
    }

    /**
     * Sets the pool's name: {@link ContainerPool#name}.
     *
     * @param text not empty; default: {@code pool-} and a number
     * @return this
     */
    public Builder<R> name(String text) {
      name = Checks.filled("name", text);
      return this;
    }

    /**
     * Sets how many containers are kept ready ahead of demand.
     *
     * @param containers 0 or more, default 1; more than the maximum counts as that
     * @return this
     */
    public Builder<R> minIdle(int containers) {
      minIdle = (int) least("minIdle", containers, 0);
      return this;
    }

    /**
     * Sets how many containers there are at most, in use or not: more than the machine has CPUs rarely pays. Up to
     * {@link #makers} of them more may still be there while they are ended.
     *
     * @param containers above 0; default: the number of CPUs
     * @return this
     */
    public Builder<R> maxSize(int containers) {
      maxSize = (int) least("maxSize", containers, 1);
      return this;
    }

    /**
     * Sets how many containers are made or ended at once, and how many are reset or checked: others wait for as many
     * that take long, an init command say.
     *
     * @param threads above 0; default 2
     * @return this
     */
    public Builder<R> makers(int threads) {
      makers = (int) least("makers", threads, 1);
      return this;
    }

    /**
     * Sets how long one waits for a container.
     *
     * @param time above zero; default 30 s
     * @return this
     */
    public Builder<R> acquireTimeout(Duration time) {
      acquireTimeout = time("acquireTimeout", time, false);
      return this;
    }

    /**
     * Sets after how many uses a container is replaced: each after a number of its own, up to a tenth less, so that not
     * all are replaced at once.
     *
     * @param uses above 0; default {@link Limits#UNLIMITED}
     * @return this
     */
    public Builder<R> maxUses(long uses) {
      maxUses = least("maxUses", uses, 1);
      return this;
    }

    /**
     * Sets after what time a container is replaced, when it is not in use: each after a time of its own, up to a tenth
     * less, so that those that were made together are not replaced at once.
     *
     * @param time above zero; default 1 h
     * @return this
     */
    public Builder<R> maxAge(Duration time) {
      maxAge = time("maxAge", time, false);
      return this;
    }

    /**
     * Sets after what idle time a container is ended, as long as there are more than {@link #minIdle}.
     *
     * @param time above zero; default 5 min
     * @return this
     */
    public Builder<R> maxIdleTime(Duration time) {
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
    public Builder<R> checkAfterIdle(Duration time) {
      checkAfterIdle = time("checkAfterIdle", time, true);
      return this;
    }

    /**
     * Sets the listener that is told what happens in the pool.
     *
     * @param meters default: none
     * @return this
     */
    public Builder<R> listener(PoolListener meters) {
      listener = Objects.requireNonNull(meters, "listener");
      return this;
    }

    /**
     * Sets whether a lease remembers where it was acquired, for the report if it is dropped without being closed. Costs
     * some microseconds for each acquire.
     *
     * @param kept default false
     * @return this
     */
    public Builder<R> leaseTraces(boolean kept) {
      leaseTraces = kept;
      return this;
    }

    /**
     * Makes the pool, which begins to make its containers.
     *
     * @return the pool, which the caller closes
     */
    public ContainerPool<R> build() {
      return new ContainerPool<>(this);
    }

    private static long least(String field, long value, long least) {
      if (value < least) {
        throw new IllegalArgumentException(field + ": " + value + ": must be at least " + least);
      }
      return value;
    }

    private static Duration time(String field, Duration value, boolean zero) {
      if (value.isNegative() || (value.isZero() && !zero)) {
        throw new IllegalArgumentException(field + ": " + value + ": must be above zero");
      }
      return value.compareTo(LONGEST) > 0 ? LONGEST : value; // Limits.FOREVER has more nanoseconds than a long.
    }
  }
}
