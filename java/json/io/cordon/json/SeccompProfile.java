// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import io.cordon.seccomp.SeccompPolicy;
import java.util.List;

/**
 * What a profile says for one machine; {@link SeccompProfiles} reads it. Immutable.
 *
 * @param policy the policy
 * @param warnings what of the profile was left out or means something else here, one line each, with its place; empty:
 *     nothing
 * @since 0.1.0
 */
public record SeccompProfile(SeccompPolicy policy, List<String> warnings) {
  /**
   * Copies the list.
   *
   * @param policy what the profile says
   * @param warnings one line each; empty: nothing was left out
   */
  public SeccompProfile {
    warnings = List.copyOf(warnings);
  }
}
