// SPDX-License-Identifier: Apache-2.0
package io.cordon.supervisor;

import java.util.Locale;

/**
 * The mechanism that carries out what a {@link Supervisor} says. The constants are those of {@code enum cordon_engine}.
 *
 * @since 0.1.0
 */
public enum Engine {
  /**
   * {@link #KERNEL} for a file policy that allows everything but the trees that it denies, with which mounts do;
   * else {@link #PTRACE} where it enforces the policy as well, as it disturbs programs less; else {@link #NOTIFY}.
   */
  AUTO,

  /**
   * Seccomp user notification: files are opened on the program's behalf, so that no race changes the path. A signal may
   * interrupt a stopped call before it is received: it fails with {@code EINTR}, unless the handler has
   * {@code SA_RESTART}.
   */
  NOTIFY,

  /** ptrace(2). The program can then trace no process of its own. */
  PTRACE,

  /**
   * Landlock and mounts alone enforce the file policy. The fastest, without rules for system calls, for policies that only
   * allow. {@code STAT} is not refused, and attributes can be changed outside of {@code WRITE}.
   */
  KERNEL;

  /**
   * Returns the name that the command line uses, such as {@code notify}.
   *
   * @return lower case
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
