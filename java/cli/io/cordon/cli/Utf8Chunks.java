// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import java.util.Arrays;

/** Moves the borders of chunks to those of characters, so that each chunk of a text is a text. */
final class Utf8Chunks {
  private static final int MOST_BYTES = 4;
  private static final int CONTINUATION = 0b10;

  private byte[] rest = {};

  /** Returns what has come, without the beginning of a character whose end is still to come. */
  byte[] add(byte[] chunk) {
    var all = Arrays.copyOf(rest, rest.length + chunk.length);
    System.arraycopy(chunk, 0, all, rest.length, chunk.length);
    int whole = all.length - begun(all);
    rest = Arrays.copyOfRange(all, whole, all.length);
    return Arrays.copyOf(all, whole);
  }

  /** Returns what was kept back, at the end. */
  byte[] rest() {
    var last = rest;
    rest = new byte[0];
    return last;
  }

  /** The bytes at the end that begin a character of more bytes; RFC 3629. */
  private static int begun(byte[] bytes) {
    for (int back = 1; back < MOST_BYTES && back <= bytes.length; back++) {
      int value = bytes[bytes.length - back] & 0xff;
      if (value >> 6 != CONTINUATION) {
        return length(value) > back ? back : 0;
      }
    }
    return 0;
  }

  /** How many bytes a character has that begins with this one; 1 where none does. */
  private static int length(int first) {
    return first >> 5 == 0b110 ? 2 : first >> 4 == 0b1110 ? 3 : first >> 3 == 0b11110 ? MOST_BYTES : 1;
  }
}
