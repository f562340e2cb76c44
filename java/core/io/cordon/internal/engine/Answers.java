// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.seccomp.SeccompAction;
import io.cordon.seccomp.SeccompAction.Kind;

/** A filter's answers as the kernel has them: SECCOMP_RET_* of linux/seccomp.h, with its data. */
public final class Answers {
  /** SECCOMP_RET_DATA. */
  private static final int DATA = 0xffff;

  private Answers() {}

  /** The answer that stands for an action. */
  public static int number(SeccompAction action) {
    return number(action.kind()) | action.data();
  }

  /** The action that an answer stands for; as in the kernel, an unknown one ends the process. */
  public static SeccompAction action(int answer) {
    for (var kind : Kind.values()) {
      if (number(kind) == (answer & ~DATA)) {
        return new SeccompAction(kind, Math.min(answer & DATA, kind.highestData()));
      }
    }
    return SeccompAction.kill();
  }

  private static int number(Kind kind) {
    return switch (kind) {
      case ALLOW -> 0x7fff0000;
      case LOG -> 0x7ffc0000;
      case TRACE -> 0x7ff00000;
      case NOTIFY -> 0x7fc00000;
      case ERRNO -> 0x00050000;
      case TRAP -> 0x00030000;
      case KILL_THREAD -> 0x00000000;
      case KILL_PROCESS -> 0x80000000;
    };
  }
}
