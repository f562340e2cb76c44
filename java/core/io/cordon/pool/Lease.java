// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import io.cordon.Command;
import io.cordon.LiveRun;
import io.cordon.Result;
import io.cordon.ReusableRunner;
import io.cordon.Runner;
import io.cordon.SandboxException;
import java.lang.ref.Reference;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A container of a pool for one user, until {@link #close} gives it back: for several runs that share files, or for
 * files brought in and fetched. The pool resets it then. Where the pool's containers are
 * {@linkplain io.cordon.Container.Builder#shared shared}, several commands run at a time, in
 * {@linkplain io.cordon.Container#sidecar sidecars}, and files go in and out meanwhile.
 *
 * <p>Keep the lease for as long as you use its container. One that is dropped without being closed is reported after it
 * was garbage-collected, and its container is destroyed with all that is in it; not before a run of {@link #runAsync}
 * is over.
 *
 * @param <R> what the pool's containers are
 * @since 0.1.0
 */
public final class Lease<R extends ReusableRunner> implements Runner, AutoCloseable {
  private final ContainerPool<R> pool;
  private final Slot<R> slot;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile Slots.State state = Slots.State.CLEAN;

  private Lease(ContainerPool<R> pool, Slot<R> slot) {
    this.pool = pool;
    this.slot = slot;
  }

  static <R extends ReusableRunner> Lease<R> of(
      ContainerPool<R> pool, Slot<R> slot, @Nullable Throwable acquired) {
    var lease = new Lease<>(pool, slot);
    pool.slots.watch(lease, slot, acquired);
    return lease;
  }

  /**
   * Returns the container. It must not be used after {@link #close}, because another caller may have it
   * then, and must not be closed.
   *
   * @return the container
   */
  public R container() {
    if (closed.get()) {
      throw new IllegalStateException("the lease is closed");
    }
    if (state == Slots.State.CLEAN) {
      state = Slots.State.DIRTY;
    }
    return slot.item;
  }

  /** Runs a command in the container, with what earlier ones of this lease have left there. */
  @Override
  public Result run(Command command) throws SandboxException {
    try {
      return container().run(command);
    } finally {
      Reference.reachabilityFence(this); // Else it might be taken for a dropped one.
    }
  }

  @Override
  @SuppressWarnings("ReachabilityFenceUsage") // The run goes on after this method has returned.
  public CompletableFuture<Result> runAsync(Command command) {
    var run = container().runAsync(command);
    run.whenComplete((result, failure) -> Reference.reachabilityFence(this));
    return run;
  }

  @Override
  @SuppressWarnings("ReachabilityFenceUsage") // As there.
  public LiveRun start(Command command) throws SandboxException {
    var run = container().start(command);
    run.result().whenComplete((result, failure) -> Reference.reachabilityFence(this));
    return run;
  }

  /** Says that the container must not be used any more: it is then destroyed instead of reset. */
  public void discard() {
    state = Slots.State.BROKEN;
  }

  /**
   * Gives the container back; closing twice does nothing. No run of it may be going on. Its sidecars are closed, and
   * what runs in them is killed.
   */
  @Override
  public void close() {
    try {
      if (closed.compareAndSet(false, true)) {
        pool.slots.release(slot, state);
        if (state == Slots.State.BROKEN) {
          ContainerPool.tellBroken(pool.name(), slot.item, "discarded by its user");
        }
      }
    } finally {
      Reference.reachabilityFence(this);
    }
  }
}
