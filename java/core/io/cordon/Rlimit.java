// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Checks;

/**
 * One resource limit of setrlimit(2), set after those that {@link Limits} brings.
 *
 * <p>Raising a hard limit above that of the JVM needs root; otherwise the run fails with step {@link Step#RLIMIT}.
 *
 * @param resource which one
 * @param soft the limit in the resource's unit, 0 or more, or {@link Limits#UNLIMITED}
 * @param hard the ceiling of the soft limit, at least as much
 * @since 0.1.0
 */
public record Rlimit(Resource resource, long soft, long hard) {
  /**
   * Checks the values.
   *
   * @param resource what is limited
   * @param soft the soft limit, in the unit of the resource
   * @param hard the hard limit, in the unit of the resource
   * @throws IllegalArgumentException where a limit is negative, or the soft one above the hard one
   */
  public Rlimit {
    Checks.notNegative("rlimit soft", soft);
    Checks.notNegative("rlimit hard", hard);
    if (soft > hard) {
      throw Checks.refuse("rlimit " + resource, soft, "the soft limit must not be above the hard limit " + hard);
    }
  }

  /**
   * Makes a limit whose soft and hard value are the same.
   *
   * @param resource which one
   * @param value the limit, 0 or more, or {@link Limits#UNLIMITED}
   * @return the limit
   */
  public static Rlimit of(Resource resource, long value) {
    return new Rlimit(resource, value, value);
  }
}
