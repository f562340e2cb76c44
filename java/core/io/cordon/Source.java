// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import java.util.Locale;

/**
 * The source of a number in a result. The constants are those of {@code enum cordon_source}.
 *
 * @since 0.1.0
 */
public enum Source {
  /** Not measured. */
  NONE,

  /** A controller of cgroup v1: the whole process tree. */
  CGROUP_V1,

  /** A controller of cgroup v2: the whole process tree. */
  CGROUP_V2,

  /** The kernel's usage record of all reaped processes (getrusage(2)). */
  RUSAGE;

  /**
   * Returns the name that the C API and the command line use, such as {@code cgroup-v1}.
   *
   * @return lower case with hyphens
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
