// SPDX-License-Identifier: Apache-2.0
package io.cordon.seccomp;

import io.cordon.internal.util.Checks;
import java.util.List;

/**
 * One rule of a {@link SeccompPolicy}: an action for some system calls. Immutable.
 *
 * @param action what is done
 * @param names the system calls; at least one
 * @param conditions all of them must hold; empty: always
 * @since 0.1.0
 */
public record SeccompRule(SeccompAction action, List<String> names, List<SeccompCondition> conditions) {
  /**
   * Checks the rule and copies the lists.
   *
   * @param action what the calls get
   * @param names names of system calls
   * @param conditions what arguments must be like; empty: any
   * @throws IllegalArgumentException where there is no name, an empty one, or more than 6 conditions
   */
  public SeccompRule {
    names = List.copyOf(names);
    conditions = List.copyOf(conditions);
    if (names.isEmpty()) {
      throw Checks.refuse("seccomp names", names, "must hold at least one");
    }
    names.forEach(name -> Checks.filled("seccomp name", name));
    Checks.range("seccomp conditions", conditions.size(), 0, 6);
  }
}
