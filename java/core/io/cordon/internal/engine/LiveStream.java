// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.internal.jni.Natives;
import io.cordon.internal.util.Errno;
import io.cordon.internal.wire.Buffers;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ref.Cleaner;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The library's stream of a run: bytes in or out, without a buffer of its own.
 *
 * <p>A platform thread waits in poll(2), one wake-up away from the program. A virtual thread would hold its carrier
 * there, so the event loop watches for it.
 *
 * <ul>
 *   <li>I1: {@link #use} is held by a thread that reads, writes or waits; so the handle is valid under it until
 *       {@link #freed}.
 *   <li>I2: {@link #close} wakes who waits before it takes the lock, and only it frees; or the cleaner, when the stream
 *       is not reachable any more.
 * </ul>
 */
final class LiveStream {
  /** What one read or write moves at most: the size of a pipe. */
  static final int CHUNK_BYTES = 64 << 10;

  private final long handle;
  private final boolean input;
  private final ReentrantLock use = new ReentrantLock();
  private final AtomicBoolean closed = new AtomicBoolean();

  private final Cleaner.Cleanable cleanable;

  /** Who waits by the event loop. */
  private volatile @Nullable CountDownLatch waiter;

  /** Guarded by {@link #use}. */
  private boolean freed;

  /**
   * Takes over a stream of the library.
   *
   * @param input whether it is the program's standard input, to be written to
   */
  LiveStream(long handle, boolean input) {
    this.handle = handle;
    this.input = input;
    cleanable = Cleaners.register(this, () -> Natives.streamFree(handle));
  }

  boolean isClosed() {
    return closed.get();
  }

  /** Reads at least one byte, waiting for it. -1 at the end. */
  int read(byte[] data, int from, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    lock();
    try {
      int read = tryRead(data, from, length);
      while (read == -Errno.EAGAIN) {
        await();
        read = tryRead(data, from, length);
      }
      return read;
    } finally {
      use.unlock();
    }
  }

  /** Writes all, waiting for room. */
  void write(byte[] data, int from, int length) throws IOException {
    lock();
    try {
      for (int done = 0; done < length;) {
        int written = tryWrite(data, from + done, length - done);
        if (written == -Errno.EAGAIN) {
          await();
        } else {
          done += written;
        }
      }
    } finally {
      use.unlock();
    }
  }

  private void lock() throws InterruptedIOException {
    try {
      use.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted();
    }
  }

  /** Reads what is there: the number of bytes, -1 at the end, or -EAGAIN. */
  int tryRead(byte[] data, int from, int length) throws IOException {
    use.lock();
    var buffer = Buffers.take(CHUNK_BYTES);
    try {
      requireOpen();
      int rc = Natives.streamRead(handle, buffer, Math.min(length, CHUNK_BYTES));
      if (rc > 0) {
        buffer.get(0, data, from, rc);
      }
      return rc == 0 ? -1 : check(rc);
    } finally {
      Buffers.give(buffer);
      use.unlock();
    }
  }

  /** Writes what there is room for: the number of bytes, or -EAGAIN. */
  int tryWrite(byte[] data, int from, int length) throws IOException {
    use.lock();
    var buffer = Buffers.take(CHUNK_BYTES);
    try {
      requireOpen();
      int part = Math.min(length, CHUNK_BYTES);
      buffer.put(0, data, from, part);
      return check(Natives.streamWrite(handle, buffer, part));
    } finally {
      Buffers.give(buffer);
      use.unlock();
    }
  }

  private void requireOpen() throws IOException {
    if (closed.get()) {
      throw new ClosedChannelException();
    }
  }

  private static int check(int rc) throws IOException {
    if (rc < 0 && rc != -Errno.EAGAIN) {
      throw new IOException(rc == -Errno.EPIPE ? "the program does not read its input any more"
          : Errno.name(-rc) + " (" + Errno.text(-rc) + ")");
    }
    return rc;
  }

  /** Says that the input ends, waiting for room: a terminal has no end of file but what is typed. */
  void end() throws IOException {
    lock();
    try {
      while (!tryEnd()) {
        await();
      }
    } finally {
      use.unlock();
    }
  }

  /** Says that the input ends, or returns false where there is no room for it. */
  boolean tryEnd() {
    use.lock();
    try {
      return freed || Natives.streamEnd(handle) != -Errno.EAGAIN;
    } finally {
      use.unlock();
    }
  }

  /** Sets a terminal's size. False where it is none, or closed. */
  boolean resize(int columns, int rows) {
    use.lock();
    try {
      return !freed && Natives.streamResize(handle, columns, rows) == 0;
    } finally {
      use.unlock();
    }
  }

  /** Calls {@code ready} once on the event thread, where the stream can be used or has failed. */
  void whenReady(Runnable ready) throws IOException {
    use.lock();
    try {
      requireOpen();
      EventLoop.watch(Natives.streamFd(handle), input, ready);
    } finally {
      use.unlock();
    }
  }

  private void await() throws IOException {
    if (Thread.currentThread().isInterrupted()) {
      throw interrupted();
    }
    if (Running.isVirtual(Thread.currentThread())) {
      awaitLoop();
    } else {
      awaitHere();
    }
    requireOpen();
  }

  private void awaitLoop() throws IOException {
    var latch = new CountDownLatch(1);
    waiter = latch;
    try {
      whenReady(latch::countDown);
      if (closed.get()) {
        latch.countDown(); // By a close that came before the waiter was there.
      }
      latch.await();
    } catch (InterruptedException e) {
      EventLoop.unwatch(Natives.streamFd(handle));
      Thread.currentThread().interrupt();
      throw interrupted();
    } finally {
      waiter = null;
    }
  }

  /** The JDK's only hook that is called when a thread is interrupted, as in {@link RunHandle}. */
  private final class Wait extends AbstractInterruptibleChannel {
    void await() throws IOException {
      boolean done = false;
      try {
        begin();
        Natives.streamWait(handle);
        done = true;
      } finally {
        end(done);
      }
    }

    @Override
    protected void implCloseChannel() {
      Natives.streamWake(handle);
    }
  }

  private void awaitHere() throws IOException {
    try {
      new Wait().await();
    } catch (ClosedChannelException e) {
      throw interrupted();
    }
  }

  private static InterruptedIOException interrupted() {
    return new InterruptedIOException("interrupted while it waited for the program");
  }

  /**
   * Closes it, also while others wait for it: who waits by {@link #whenReady} is called and finds it closed. A second
   * call does nothing.
   */
  void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    Natives.streamWake(handle);
    var waiting = waiter;
    if (waiting != null) {
      waiting.countDown();
    }
    @Nullable Runnable told;
    use.lock();
    try {
      told = EventLoop.unwatch(Natives.streamFd(handle));
      freed = true;
      cleanable.clean();
    } finally {
      use.unlock();
    }
    if (told != null) {
      told.run();
    }
  }
}
