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
   * Some rule is held by a check of names alone, which a thread that changes the path meanwhile can pass, or not held
   * at all: on a kernel without Landlock, without namespaces, or because the rule says what no mount can say.
   */
  ADVISORY,

  /**
   * Each rule is held by the kernel, or by a supervisor that carries out the calls itself. {@link
   * io.cordon.Layer#PATH_POLICY} stands for it, and can be required.
   */
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
