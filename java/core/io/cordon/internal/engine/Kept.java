// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.Sandbox;
import io.cordon.SandboxException;
import io.cordon.Step;
import io.cordon.internal.jni.NativeLibrary;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.util.Errno;
import io.cordon.internal.wire.Buffers;
import io.cordon.internal.wire.WireError;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What is kept from one sandbox to the next, and how it is given back: the library's descriptors and processes, the
 * event thread, compiled policies, buffers, the cleaner's thread.
 *
 * <ul>
 *   <li>I1: a caller that uses a compiled policy, or opens a sandbox, holds {@link #use} meanwhile. The library counts
 *       what is open afterwards.
 *   <li>I2: it is given back only while no caller does either, so no caller waits for a sandbox to end.
 * </ul>
 */
public final class Kept {
  /** For the event thread, which may be in a caller's callback. */
  private static final long PATIENCE_MILLIS = 10_000;

  private static final ReentrantReadWriteLock LOCK = new ReentrantReadWriteLock();

  private Kept() {}

  public static Lock use() {
    return LOCK.readLock();
  }

  public static void release() throws SandboxException {
    if (!NativeLibrary.isLoaded()) {
      return;
    }
    if (!LOCK.writeLock().tryLock()) {
      throw SandboxException.of(Step.WAIT, Errno.EBUSY, "a sandbox is being opened");
    }
    @Nullable Thread events;
    try {
      releaseNative();
      events = EventLoop.end();
      CompiledPolicy.releaseAll();
      Cleaners.leave();
      Buffers.drop();
    } finally {
      LOCK.writeLock().unlock();
    }
    // Not under the lock: a callback that the thread is in may open the next sandbox.
    if (events != null && events != Thread.currentThread()) {
      await(events);
    }
  }

  private static void await(Thread thread) {
    try {
      thread.join(PATIENCE_MILLIS);
      if (thread.isAlive()) {
        LoggerFactory.getLogger(Sandbox.class).warn("a callback still keeps Cordon's event thread");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Then it ends in the background.
    }
  }

  private static void releaseNative() throws SandboxException {
    var error = Buffers.take(WireError.BYTES);
    try {
      if (Natives.shutdown(error) < 0) {
        throw Errors.read(error);
      }
    } finally {
      Buffers.give(error);
    }
  }
}
