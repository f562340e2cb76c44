// SPDX-License-Identifier: Apache-2.0
package io.cordon;

/**
 * Where a controller is mounted. The constants are those of {@code enum cordon_cgroup_version}.
 *
 * @since 0.1.0
 */
public enum CgroupVersion {
  /** Nowhere. */
  NONE,

  /** In a hierarchy of cgroup v1. */
  V1,

  /** In the unified hierarchy of cgroup v2. */
  V2;

  /**
   * Returns the version's number.
   *
   * @return 1 or 2; 0 for {@link #NONE}
   */
  public int version() {
    return ordinal();
  }
}
