// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import java.util.Locale;

/**
 * A kernel interface that Cordon tries. The constants are those of {@code enum cordon_kernel_feature}.
 *
 * @since 0.1.0
 */
public enum KernelFeature {
  /** clone3(2), Linux 5.3. */
  CLONE3,

  /** pidfd_open(2) and waiting on a pidfd, Linux 5.4. */
  PIDFD,

  /** openat2(2), Linux 5.6. */
  OPENAT2,

  /** close_range(2), Linux 5.9. */
  CLOSE_RANGE,

  /** mount_setattr(2), Linux 5.12. */
  MOUNT_SETATTR,

  /** open_tree(2) and move_mount(2), Linux 5.2. */
  OPEN_TREE,

  /** Executing a sealed memfd, MFD_EXEC since Linux 6.3. */
  MEMFD_EXEC,

  /** Seccomp filters. */
  SECCOMP_FILTER,

  /** Seccomp user notification. */
  SECCOMP_USER_NOTIF,

  /** The seccomp action that kills the whole process. */
  SECCOMP_KILL_PROCESS,

  /** The seccomp action that logs. */
  SECCOMP_LOG,

  /** ptrace(2) of a child. */
  PTRACE;

  /**
   * Returns the name that the C API and the command line use, such as {@code mount-setattr}.
   *
   * @return lower case with hyphens
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
