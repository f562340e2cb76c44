// SPDX-License-Identifier: Apache-2.0
package io.cordon.seccomp;

import io.cordon.internal.util.Checks;
import io.cordon.internal.util.Errno;

/**
 * What a seccomp filter answers to a system call. Immutable.
 *
 * @param kind what happens with the call
 * @param data for {@link Kind#ERRNO} the errno, from 0 (the call is skipped and gives 0) to 4095; for {@link
 *     Kind#TRACE} and {@link Kind#TRAP} what a tracer or the signal's handler gets, up to 65535; else 0
 * @since 0.1.0
 */
public record SeccompAction(Kind kind, int data) {
  /** The kinds of actions, the mildest first; those of {@code linux/seccomp.h}. */
  public enum Kind {
    /** The call goes on. */
    ALLOW("allow"),

    /** The call goes on, and the kernel logs it. */
    LOG("log"),

    /** A tracer decides; without one the call fails with ENOSYS. */
    TRACE("trace"),

    /** A listener decides; without one the call fails with ENOSYS. */
    NOTIFY("notify"),

    /** The call fails with an errno. */
    ERRNO("errno"),

    /** The thread gets SIGSYS. */
    TRAP("trap"),

    /** SIGSYS ends the thread and cannot be caught. Other threads of the process go on. */
    KILL_THREAD("kill-thread"),

    /** SIGSYS ends the process and cannot be caught. */
    KILL_PROCESS("kill");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    /**
     * Returns the word for the action that the command line uses.
     *
     * @return for example {@code kill-thread}
     */
    public String label() {
      return label;
    }

    /**
     * Returns the name that profiles of container runtimes have for it.
     *
     * @return for example {@code SCMP_ACT_ERRNO}
     */
    public String profileName() {
      return "SCMP_ACT_" + name();
    }

    /**
     * Returns the greatest {@link SeccompAction#data}.
     *
     * @return 0 for a kind without data
     */
    public int highestData() {
      return this == ERRNO ? Errno.HIGHEST : this == TRACE || this == TRAP ? DATA : 0;
    }
  }

  /** SECCOMP_RET_DATA. */
  private static final int DATA = 0xffff;

  /**
   * Checks the data; the static methods are shorter.
   *
   * @param kind what happens
   * @param data an errno, or what a tracer gets; 0 where the kind has none
   * @throws IllegalArgumentException where the data is out of bounds for the kind
   */
  public SeccompAction {
    Checks.range("seccomp " + kind.label + " data", data, 0, kind.highestData());
  }

  /**
   * Lets the call go on.
   *
   * @return the action
   */
  public static SeccompAction allow() {
    return new SeccompAction(Kind.ALLOW, 0);
  }

  /**
   * Lets the call go on and has the kernel log it.
   *
   * @return the action
   */
  public static SeccompAction log() {
    return new SeccompAction(Kind.LOG, 0);
  }

  /**
   * Lets the call fail.
   *
   * @param errno an errno of Linux, from 0 to 4095
   * @return the action
   */
  public static SeccompAction errno(int errno) {
    return new SeccompAction(Kind.ERRNO, errno);
  }

  /**
   * Sends the thread SIGSYS.
   *
   * @return the action
   */
  public static SeccompAction trap() {
    return new SeccompAction(Kind.TRAP, 0);
  }

  /**
   * Asks a tracer.
   *
   * @param data what the tracer gets, from 0 to 65535
   * @return the action
   */
  public static SeccompAction trace(int data) {
    return new SeccompAction(Kind.TRACE, data);
  }

  /**
   * Asks a listener.
   *
   * @return the action
   */
  public static SeccompAction askListener() {
    return new SeccompAction(Kind.NOTIFY, 0);
  }

  /**
   * Ends the process.
   *
   * @return the action
   */
  public static SeccompAction kill() {
    return new SeccompAction(Kind.KILL_PROCESS, 0);
  }

  /**
   * Ends the thread.
   *
   * @return the action
   */
  public static SeccompAction killThread() {
    return new SeccompAction(Kind.KILL_THREAD, 0);
  }

  /** Whether the call goes on, or may. For such a default action runtimes of containers add no ENOSYS. */
  boolean isPermissive() {
    return kind == Kind.ALLOW || kind == Kind.LOG || kind == Kind.TRACE;
  }

  /**
   * Describes the action in a word or two.
   *
   * @return for example {@code allow}, {@code errno EPERM}, {@code kill}
   */
  public String describe() {
    return switch (kind) {
      case ERRNO -> data == 0 ? "errno 0" : Errno.name(data).startsWith("errno") ? Errno.name(data)
          : "errno " + Errno.name(data);
      case TRACE, TRAP -> data == 0 ? kind.label : kind.label + " " + data;
      default -> kind.label;
    };
  }
}
