// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.wire;

/**
 * The numbers of {@code struct cordon_error}.
 *
 * @param err an errno, or 0 where the request was refused by Cordon itself
 * @param step the number of the step that failed; 0 = no error
 * @param origin the number of the process in which it happened
 * @param flags bit 0: the detail was longer
 * @param index which item, counted from 0, or -1
 * @param detail bytes that may come from the sandboxed program; never null
 */
@SuppressWarnings("ArrayRecordComponent") // Read once by its only user and never compared.
public record WireError(int err, int step, int origin, int flags, int index, byte[] detail) {
  /** Bytes that the struct takes. */
  public static final int BYTES = 128;

  /** Bytes of detail that it has room for. */
  public static final int DETAIL_BYTES = 112;

  /** The flag that says that the detail was cut. */
  public static final int FLAG_TRUNCATED = 1;
}
