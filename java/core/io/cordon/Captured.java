// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Checks;
import java.nio.charset.StandardCharsets;

/**
 * The part of a stream that was kept. If a limit ended the program, what it wrote before is there. Immutable.
 *
 * @since 0.1.0
 */
public final class Captured {
  private final byte[] data;
  private final boolean truncated;
  private final long totalBytes;

  /**
   * Makes one, for tests of code that takes results.
   *
   * @param data what was kept; copied
   * @param truncated whether the stream had more
   * @param totalBytes what the program wrote, as far as it was read
   */
  public Captured(byte[] data, boolean truncated, long totalBytes) {
    this.data = data.clone();
    this.truncated = truncated;
    this.totalBytes = Checks.notNegative("totalBytes", totalBytes);
  }

  /**
   * Returns the bytes.
   *
   * @return a copy; empty where the stream was not captured
   */
  public byte[] bytes() {
    return data.clone();
  }

  /**
   * Returns the bytes as UTF-8 text. Bytes that are not UTF-8 become U+FFFD, and so does a character that was cut at
   * the end.
   *
   * @return the text. A hostile program may have chosen it: escape it before a terminal or a page shows it
   */
  public String text() {
    return new String(data, StandardCharsets.UTF_8);
  }

  /**
   * Tells whether the stream had more.
   *
   * @return true where {@link #bytes} is only its beginning
   */
  public boolean truncated() {
    return truncated;
  }

  /**
   * Returns how much the program wrote, as far as Cordon read it.
   *
   * @return bytes; 0 where Cordon did not read the stream
   */
  public long totalBytes() {
    return totalBytes;
  }

  /** Returns the sizes, not the content. */
  @Override
  public String toString() {
    return "Captured[" + data.length + " of " + totalBytes + " bytes" + (truncated ? ", truncated]" : "]");
  }
}
