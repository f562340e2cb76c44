// SPDX-License-Identifier: Apache-2.0
package io.cordon.supervisor;

import io.cordon.internal.jni.Syscalls;
import io.cordon.internal.util.Escape;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An action of a program that a policy noticed.
 *
 * @param kind what it was
 * @param syscall the number of the system call, where there is one, on the architecture {@code arch}
 * @param outcome what the program got: {@link Decision#allow} where the call was let through, an errno, or
 *     {@link Decision#kill} where the program was ended
 * @param pid the thread, as the sandbox counts
 * @param time when it was
 * @param instructionPointer where the call was made
 * @param args its six arguments, as bits
 * @param arch the architecture of the call, AUDIT_ARCH_* of linux/audit.h
 * @param path the path that it was about, its first 184 bytes; chosen by the program
 * @since 0.1.0
 */
public record SecurityEvent(Kind kind, OptionalInt syscall, Decision outcome, int pid, Instant time,
    long instructionPointer, List<Long> args, int arch, Optional<String> path) {
  /** The kinds of events. The constants are those of {@code enum cordon_event_kind}. */
  public enum Kind {
    /** A system call that the seccomp policy or a rule refused. */
    SYSCALL,

    /** A path that the file policy refused. */
    PATH,

    /** An attempt to change ids, groups or capabilities: {@link Supervisor.Builder#audit}. */
    PRIVILEGE,

    /** A question that was not answered in time. */
    UNANSWERED,

    /** The supervisor was ended from inside, and the run with it. */
    SUPERVISOR;

    /**
     * Returns the name that the C API and the command line use, such as {@code path}.
     *
     * @return lower case
     */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Returns the name of the system call.
   *
   * @return for example {@code openat}; empty if there is no call, or its name is unknown
   */
  public Optional<String> syscallName() {
    return syscall.isPresent() ? Syscalls.nameOfAudit(syscall.getAsInt(), arch) : Optional.empty();
  }

  /**
   * Returns the event in one line, for messages; what the program chose is escaped.
   *
   * @return for example {@code path /etc/shadow: EACCES}
   */
  public String describe() {
    var text = new StringBuilder(kind.label());
    if (syscall.isPresent()) {
      text.append(' ').append(syscallName().orElseGet(() -> "system call " + syscall.getAsInt()));
    }
    path.ifPresent(name -> text.append(' ').append(Escape.printable(name)));
    return text.append(": ").append(outcome).toString();
  }
}
