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
   * {@link #KERNEL} for a file policy that allows everything but the trees that it denies, with which mounts do; else
   * {@link #PTRACE}, which does not disturb the program; {@link #NOTIFY} for a file policy that is enforced under that
   * engine alone, or where ptrace(2) is not possible.
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
   * Landlock and mounts alone enforce the file policy. The fastest, without rules for system calls, for policies that
   * only allow. {@code STAT} is not refused, and attributes can be changed outside of {@code WRITE}.
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
