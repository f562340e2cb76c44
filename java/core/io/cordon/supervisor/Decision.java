// SPDX-License-Identifier: Apache-2.0
package io.cordon.supervisor;

import io.cordon.internal.util.Checks;
import io.cordon.internal.util.Errno;

/**
 * What happens with a system call. Immutable.
 *
 * @param kind which of the four it is
 * @param error for {@link Kind#ERRNO} the errno that the program gets, from 1 to 4095; else 0
 * @since 0.1.0
 */
public record Decision(Kind kind, int error) {
  /** The kinds of decisions. The constants are those of {@code enum cordon_decision}. */
  public enum Kind {
    /** The call goes on; a file policy is still asked. */
    ALLOW,

    /** The call fails with an errno, and the program goes on. */
    ERRNO,

    /** The program is ended. */
    KILL,

    /** The {@link SyscallHandler} decides. */
    ASK
  }

  private static final Decision ALLOW = new Decision(Kind.ALLOW, 0);
  private static final Decision KILL = new Decision(Kind.KILL, 0);
  private static final Decision ASK = new Decision(Kind.ASK, 0);

  /**
   * Checks the errno; the static methods are shorter.
   *
   * @param kind what happens
   * @param error the errno of {@link Kind#ERRNO}; else 0
   * @throws IllegalArgumentException where the errno is not in 1 to 4095, or not 0 for another kind
   */
  public Decision {
    Checks.range("decision errno", error, kind == Kind.ERRNO ? 1 : 0, kind == Kind.ERRNO ? Errno.HIGHEST : 0);
  }

  /**
   * Lets the call go on.
   *
   * @return the decision
   */
  public static Decision allow() {
    return ALLOW;
  }

  /**
   * Lets the call fail.
   *
   * @param error an errno of Linux, from 1 to 4095
   * @return the decision
   */
  public static Decision errno(int error) {
    return new Decision(Kind.ERRNO, error);
  }

  /**
   * Lets the call fail.
   *
   * @param name the name of an errno, for example {@code EACCES}
   * @return the decision
   */
  public static Decision errno(String name) {
    return new Decision(Kind.ERRNO, Errno.find(name)
        .orElseThrow(() -> Checks.refuse("decision errno", name, "is no name of an errno, which look like EACCES")));
  }

  /**
   * Ends the program: {@link io.cordon.Status#ACCESS_DENIED} where it was for a path, else
   * {@link io.cordon.Status#DISALLOWED_SYSCALL}.
   *
   * @return the decision
   */
  public static Decision kill() {
    return KILL;
  }

  /**
   * Asks the {@link SyscallHandler}.
   *
   * @return the decision
   */
  public static Decision ask() {
    return ASK;
  }

  /** Returns the decision in one word. */
  @Override
  public String toString() {
    return kind == Kind.ERRNO ? Errno.name(error) : kind.name();
  }
}
