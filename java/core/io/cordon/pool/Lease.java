package io.cordon.pool;

import io.cordon.Command;
import io.cordon.Container;
import io.cordon.Result;
import io.cordon.Runner;
import io.cordon.SandboxException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A container of a pool for one user, until {@link #close} gives it back: for several runs that share files, or for files
 * brought in and fetched. The pool resets it then.
 */
public final class Lease implements Runner, AutoCloseable {
  private final Slots<Container> slots;
  private final Slots.Slot<Container> slot;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile Slots.State state = Slots.State.CLEAN;

  Lease(Slots<Container> slots, Slots.Slot<Container> slot) {
    this.slots = slots;
    this.slot = slot;
  }

  /**
   * Returns the container. It must not be used after {@link #close}, when it may be somebody else's, nor be closed.
   *
   * @return the container
   */
  public Container container() {
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
    return container().run(command);
  }

  @Override
  public CompletableFuture<Result> runAsync(Command command) {
    return container().runAsync(command);
  }

  /** Says that the container must not be used any more: it is then destroyed instead of reset. */
  public void discard() {
    state = Slots.State.BROKEN;
  }

  /** Gives the container back; closing twice does nothing. No run of it may be going on. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      slots.release(slot, state);
      if (state == Slots.State.BROKEN) {
        ContainerPool.tellBroken(slot.item, "discarded by its user");
      }
    }
  }
}
