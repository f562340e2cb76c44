// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.SandboxException;
import io.cordon.Step;
import io.cordon.internal.util.Errno;
import io.cordon.internal.util.Uninterrupted;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Whose turn it is to use a container: one at a time, in the order of asking, for threads and for asynchronous callers.
 *
 * <p>Only j.u.c. locks: a virtual thread that waits does not hold its carrier.
 *
 * <ul>
 *   <li>I1: the turn is handed over, never dropped: while a caller waits, {@link #taken} stays true.
 *   <li>I2: once closed it is not given any more; a caller that waits gets an error.
 * </ul>
 */
public final class Turn {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition given = lock.newCondition();
  private final ArrayDeque<CompletableFuture<Void>> waiting = new ArrayDeque<>();
  private boolean taken;
  private boolean closed;

  public static SandboxException closedError() {
    return SandboxException.of(Step.WAIT, Errno.ECANCELED, "the container is closed");
  }

  /**
   * Asks for the turn: done at once where it is free, later where it is not. Who cancels a turn that was not given yet
   * must do nothing more; one that was given must be passed on.
   */
  public CompletableFuture<Void> ask(boolean refuseWhenTaken) throws SandboxException {
    lock.lock();
    try {
      if (closed) {
        throw closedError();
      }
      if (!taken) {
        taken = true;
        return CompletableFuture.completedFuture(null);
      }
      if (refuseWhenTaken) {
        throw SandboxException.of(Step.WAIT, Errno.EBUSY, "the container runs another command");
      }
      var ticket = new CompletableFuture<Void>();
      waiting.add(ticket);
      return ticket;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the turn. Returns false where the thread was interrupted meanwhile; its flag is set then. */
  public boolean takeUnlessInterrupted(boolean refuseWhenTaken) throws SandboxException {
    var ticket = ask(refuseWhenTaken);
    if (ticket.isDone() && !ticket.isCompletedExceptionally()) {
      return true; // Whatever the thread's flag says: the run itself will see it.
    }
    try {
      ticket.get();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      ticket.cancel(false);
      return !ticket.isCompletedExceptionally(); // It may have been given in this moment.
    } catch (ExecutionException e) {
      throw Uninterrupted.cause(e, SandboxException.class);
    }
  }

  /** Waits for the turn. */
  public void take(boolean refuseWhenTaken) throws SandboxException {
    if (!takeUnlessInterrupted(refuseWhenTaken)) {
      throw SandboxException.of(Step.WAIT, Errno.EINTR, "interrupted while another command runs in the container");
    }
  }

  /** Passes the turn on to the next one who waits. */
  public void pass() {
    lock.lock();
    try {
      for (var next = waiting.poll(); next != null && !closed; next = waiting.poll()) {
        if (next.complete(null)) {
          return;
        }
      }
      taken = false;
      given.signalAll();
    } finally {
      lock.unlock();
    }
  }

  public boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the giving of turns. Returns false where it was closed before. */
  public boolean close() {
    ArrayDeque<CompletableFuture<Void>> refused;
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      closed = true;
      refused = new ArrayDeque<>(waiting);
      waiting.clear();
    } finally {
      lock.unlock();
    }
    refused.forEach(ticket -> ticket.completeExceptionally(closedError()));
    return true;
  }

  /** After {@link #close}: waits until who has the turn has passed it on. */
  public void awaitPassed() {
    lock.lock();
    try {
      while (taken) {
        given.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }
}
