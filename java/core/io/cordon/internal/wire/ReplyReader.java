// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads a reply, field after field. Every length is checked against what is left before anything is allocated, so a
 * damaged reply costs a {@link WireException} and neither memory nor a read beyond the buffer.
 *
 * <p>Borrows the buffer and copies what it returns. One thread at a time.
 */
public final class ReplyReader {
  private final ByteBuffer in;

  /**
   * Starts at the buffer's beginning.
   *
   * @param buffer the buffer that the library has written
   * @param length how many bytes of it count
   */
  public ReplyReader(ByteBuffer buffer, long length) {
    if (length < 0 || length > buffer.capacity()) {
      throw new WireException("reply: length " + length + " of " + buffer.capacity());
    }
    in = buffer.duplicate().order(ByteOrder.nativeOrder()).limit((int) length).position(0);
  }

  /**
   * Reads a 32-bit number, signed or as its bits.
   *
   * @return the number
   */
  public int i32() {
    return need(Integer.BYTES, "i32").getInt();
  }

  /**
   * Reads an unsigned 32-bit number that has a meaning only up to 2^31 - 1.
   *
   * @return the number, not negative
   */
  public int u32() {
    int value = i32();
    if (value < 0) {
      throw new WireException("u32: " + Integer.toUnsignedString(value) + " is too large");
    }
    return value;
  }

  /**
   * Reads 64 bits: a set of flags, or a signed number.
   *
   * @return the bits
   */
  public long i64() {
    return need(Long.BYTES, "i64").getLong();
  }

  /**
   * Reads an unsigned 64-bit number that has a meaning only up to 2^63 - 1.
   *
   * @return the number, not negative
   */
  public long u64() {
    long value = i64();
    if (value < 0) {
      throw new WireException("u64: " + Long.toUnsignedString(value) + " is too large");
    }
    return value;
  }

  /**
   * Reads how many items follow.
   *
   * @param itemBytes the least that one item takes, above 0
   * @return a number of items for which there is room in what is left
   */
  public int count(int itemBytes) {
    int items = u32();
    if (items > in.remaining() / itemBytes) {
      throw new WireException("count: " + items + " items in " + in.remaining() + " bytes");
    }
    return items;
  }

  /**
   * Reads a string.
   *
   * @return the text, or null where it is absent
   */
  public @Nullable String str() {
    int length = i32();
    if (length == RequestWriter.ABSENT) {
      return null;
    }
    if (length < 0 || length >= in.remaining()) {
      throw new WireException("str: length " + Integer.toUnsignedString(length) + " of " + in.remaining());
    }
    var text = new byte[length];
    in.get(text);
    if (in.get() != 0) {
      throw new WireException("str: no NUL at its end");
    }
    return new String(text, StandardCharsets.UTF_8);
  }

  /**
   * Reads bytes.
   *
   * @return a copy, or null where they are absent
   */
  public byte @Nullable [] bytes() {
    long length = i64();
    if (length == RequestWriter.ABSENT) {
      return null;
    }
    if (length < 0 || length > in.remaining()) {
      throw new WireException("bytes: length " + Long.toUnsignedString(length) + " of " + in.remaining());
    }
    var copy = new byte[(int) length];
    in.get(copy);
    return copy;
  }

  /**
   * Reads bytes that have a fixed number.
   *
   * @param length how many
   * @return a copy
   */
  public byte[] raw(int length) {
    var copy = new byte[length];
    need(length, "raw").get(copy);
    return copy;
  }

  /**
   * Reads a {@code struct cordon_error}.
   *
   * @return its numbers; step 0 where there is no error
   */
  public WireError error() {
    need(WireError.BYTES, "error");
    int start = in.position();
    int err = in.getInt();
    int step = Short.toUnsignedInt(in.getShort());
    int origin = Byte.toUnsignedInt(in.get());
    int flags = Byte.toUnsignedInt(in.get());
    int index = in.getInt();
    int length = in.getInt();
    if (length < 0 || length > WireError.DETAIL_BYTES) {
      throw new WireException("error: detail of " + Integer.toUnsignedString(length) + " bytes");
    }
    var detail = new byte[length];
    in.get(detail);
    in.position(start + WireError.BYTES);
    return new WireError(err, step, origin, flags, index, detail);
  }

  /**
   * Checks that nothing is left: more would mean that both sides disagree on the fields.
   */
  public void end() {
    if (in.hasRemaining()) {
      throw new WireException("reply: " + in.remaining() + " bytes too many");
    }
  }

  private ByteBuffer need(int bytes, String what) {
    if (in.remaining() < bytes) {
      throw new WireException(what + ": " + bytes + " bytes needed, " + in.remaining() + " left");
    }
    return in;
  }
}
