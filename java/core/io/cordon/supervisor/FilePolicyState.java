// SPDX-License-Identifier: Apache-2.0
package io.cordon.supervisor;

import java.util.Locale;

/**
 * What enforced the file policy of a run. The constants are those of {@code enum cordon_file_policy}.
 *
 * @since 0.1.0
 */
public enum FilePolicyState {
  /** There was none. */
  NONE,

  /**
   * The supervisor alone, on a kernel without Landlock: a thread that changes a path between check and use can still
   * get a call through (with {@link Engine#NOTIFY} not one that opens a file).
   */
  ADVISORY,

  /** The kernel, too. */
  ENFORCED;

  /**
   * Returns the name that the command line uses, such as {@code enforced}.
   *
   * @return lower case
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
