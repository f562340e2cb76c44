// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.SandboxException.Kind;
import java.util.Set;

/** The kind of a failure, from its step and errno. */
final class KindOfStep {
  private static final int EPERM = 1;
  private static final int ENOENT = 2;
  private static final int ENOTDIR = 20;

  /** EAGAIN, ENOMEM, EBUSY, ENFILE, EMFILE, ENOSPC, EUSERS, ETIMEDOUT, EDQUOT. */
  private static final Set<Integer> SCARCE = Set.of(11, 12, 16, 23, 24, 28, 87, 110, 122);

  /** ENOSYS, EPROTONOSUPPORT, EOPNOTSUPP. */
  private static final Set<Integer> LACKING = Set.of(38, 93, 95);

  private KindOfStep() {}

  static Kind of(Step step, int errno) {
    if (SCARCE.contains(errno)) {
      return Kind.RESOURCES;
    }
    return switch (step) {
      case VALIDATE -> LACKING.contains(errno) ? Kind.UNSUPPORTED : Kind.REFUSED;
      case SECCOMP_COMPILE, PATH_POLICY, INIT_COMMAND, SYNC -> Kind.REFUSED;
      case LAYER, LABEL, SUPERVISOR, LANDLOCK -> Kind.UNSUPPORTED;
      case MEMORY, MEMFD, PIPE, SOCKET -> Kind.RESOURCES;
      case PROTOCOL, UNKNOWN -> Kind.BUG;
      case INIT_GONE, INIT_TIMEOUT, WAIT, RESET -> Kind.BROKEN;
      case OPEN_FILE, MOUNT_SOURCE, MOUNT_TARGET, WORK_DIR, EXECVE, COPY_IN, COPY_OUT, DELETE, SYMLINK, DUP_FD, RLIMIT,
          AFFINITY, NICE, TERMINAL -> errno == ENOENT || errno == ENOTDIR ? Kind.NOT_FOUND
              : LACKING.contains(errno) ? Kind.UNSUPPORTED : Kind.REFUSED;
      default -> errno == EPERM || LACKING.contains(errno) ? Kind.UNSUPPORTED : Kind.BROKEN;
    };
  }
}
