// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A few direct buffers kept for the next run: allocating one means zeroing it and registering a cleaner.
 *
 * <p>The cache is shared instead of thread-local because a service may run a hundred thousand virtual threads, each of
 * which would keep its own. A buffer that has grown beyond {@link #KEEP_BYTES} is dropped, so that one request with a
 * large input does not hold its memory for ever. Any thread.
 */
public final class Buffers {
  /** What a buffer has at least; a usual request takes about 4 KiB. */
  static final int INITIAL_BYTES = 16 << 10;

  /** The largest buffer that is kept. */
  static final int KEEP_BYTES = 256 << 10;

  private static final int SLOTS = 16;

  private static final AtomicReferenceArray<ByteBuffer> CACHE = new AtomicReferenceArray<>(SLOTS);

  private Buffers() {}

  /**
   * Takes a direct buffer in native byte order with at least {@code bytes} of capacity; its content is undefined.
   *
   * @param bytes the least capacity; not negative
   * @return a cleared buffer that belongs to the caller until it is given back
   */
  public static ByteBuffer take(int bytes) {
    if (bytes <= KEEP_BYTES) {
      int start = (int) Thread.currentThread().getId();
      for (int i = 0; i < SLOTS; i++) {
        var buffer = CACHE.getAndSet(Math.floorMod(start + i, SLOTS), null);
        if (buffer != null && buffer.capacity() >= bytes) {
          buffer.clear();
          return buffer;
        }
      }
    }
    return ByteBuffer.allocateDirect(Math.max(bytes, INITIAL_BYTES)).order(ByteOrder.nativeOrder());
  }

  /**
   * Gives a buffer back. The caller must not use it any more.
   *
   * @param buffer one that {@link #take} returned
   */
  public static void give(ByteBuffer buffer) {
    if (buffer.capacity() > KEEP_BYTES) {
      return;
    }
    int start = (int) Thread.currentThread().getId();
    for (int i = 0; i < SLOTS; i++) {
      if (CACHE.compareAndSet(Math.floorMod(start + i, SLOTS), null, buffer)) {
        return;
      }
    }
  }

  /** Keeps none of those that are there. */
  public static void drop() {
    for (int i = 0; i < SLOTS; i++) {
      CACHE.set(i, null);
    }
  }
}
