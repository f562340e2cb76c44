// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.util;

import java.nio.charset.StandardCharsets;

/**
 * Makes bytes that a hostile program chose harmless for logs and terminals: everything outside printable ASCII, and
 * the backslash, comes as {@code \xNN}, as cordon_error_describe in C does it.
 */
public final class Escape {
  private static final int SHOWN = 256;

  private Escape() {}

  public static String printable(byte[] bytes) {
    var text = new StringBuilder(bytes.length);
    for (byte b : bytes) {
      if (b >= 0x20 && b < 0x7f && b != '\\') {
        text.append((char) b);
      } else {
        text.append(String.format("\\x%02x", b));
      }
    }
    return text.toString();
  }

  /** The same for text; a long one is cut, since a refused argument may be a megabyte. */
  public static String printable(String text) {
    boolean cut = text.length() > SHOWN;
    var shown = printable((cut ? text.substring(0, SHOWN) : text).getBytes(StandardCharsets.UTF_8));
    return cut ? shown + "..." : shown;
  }
}
