// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.wire;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes a request, field after field, into a direct buffer that grows.
 *
 * <p>The buffer is borrowed from {@link Buffers} and given back by {@link #close}. One thread at a time.
 */
public final class RequestWriter implements AutoCloseable {
  /** The version that a request starts with; equals {@code REQUEST_VERSION} in C. */
  public static final int VERSION = 9;

  /** The length of a string or list of bytes that is absent (32-bit lengths; all ones in both widths). */
  static final int ABSENT = -1;

  private static final int MAX_BYTES = Integer.MAX_VALUE - 8;

  private @Nullable ByteBuffer buffer;

  /** Starts an empty request. */
  public RequestWriter() {
    buffer = Buffers.take(0);
  }

  /**
   * Returns the buffer, whose content reaches from 0 to {@link #length}; valid until {@link #close}.
   *
   * @return the direct buffer
   */
  public ByteBuffer buffer() {
    if (buffer == null) {
      throw new IllegalStateException("the request is closed");
    }
    return buffer;
  }

  /**
   * Returns how many bytes were written.
   *
   * @return the length in bytes
   */
  public int length() {
    return buffer().position();
  }

  /**
   * Writes a 32-bit number.
   *
   * @param value the number; unsigned ones as their bits
   * @return this
   */
  public RequestWriter u32(int value) {
    room(Integer.BYTES).putInt(value);
    return this;
  }

  /**
   * Writes a 64-bit number.
   *
   * @param value the number; unsigned ones as their bits
   * @return this
   */
  public RequestWriter u64(long value) {
    room(Long.BYTES).putLong(value);
    return this;
  }

  /**
   * Writes how many items follow.
   *
   * @param items the number of items
   * @return this
   */
  public RequestWriter count(int items) {
    if (items < 0) {
      throw new IllegalArgumentException("count: " + items + ": must not be negative");
    }
    return u32(items);
  }

  /**
   * Writes a string as UTF-8, or its absence.
   *
   * @param value the text, without NUL; null = absent
   * @return this
   */
  public RequestWriter str(@Nullable String value) {
    if (value == null) {
      return u32(ABSENT);
    }
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("string: must not hold a NUL character");
    }
    var bytes = value.getBytes(StandardCharsets.UTF_8);
    room(Integer.BYTES + (long) bytes.length + 1).putInt(bytes.length).put(bytes).put((byte) 0);
    return this;
  }

  /**
   * Writes bytes, or their absence.
   *
   * @param value the bytes, which are copied; null = absent
   * @return this
   */
  public RequestWriter bytes(@Nullable ByteBuffer value) {
    if (value == null) {
      return u64(ABSENT);
    }
    room(Long.BYTES + (long) value.remaining()).putLong(value.remaining()).put(value);
    return this;
  }

  /** Gives the buffer back; closing twice does nothing. */
  @Override
  public void close() {
    if (buffer != null) {
      Buffers.give(buffer);
      buffer = null;
    }
  }

  private ByteBuffer room(long bytes) {
    var current = buffer();
    if (bytes <= current.remaining()) {
      return current;
    }
    long needed = current.position() + bytes;
    if (needed > MAX_BYTES) {
      throw new BufferOverflowException();
    }
    var larger = Buffers.take((int) Math.min(MAX_BYTES, Math.max(needed, 2L * current.capacity())));
    larger.put(current.flip());
    Buffers.give(current);
    buffer = larger;
    return larger;
  }
}
