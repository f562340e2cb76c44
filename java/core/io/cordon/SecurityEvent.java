package io.cordon;

import io.cordon.internal.wire.ReplyReader;
import io.cordon.internal.wire.WireException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Something that a program tried and a policy noticed.
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
 */
public record SecurityEvent(Kind kind, OptionalInt syscall, Decision outcome, int pid, Instant time,
    long instructionPointer, List<Long> args, int arch, Optional<String> path) {
  /** The kinds of events. Constants and numbers are those of {@code enum cordon_event_kind}. */
  public enum Kind {
    /** A system call that the seccomp policy or a rule refused. */
    SYSCALL(0),

    /** A path that the file policy refused. */
    PATH(1),

    /** An attempt to change ids, groups or capabilities: {@link Supervisor.Builder#audit}. */
    PRIVILEGE(2),

    /** A question that was not answered in time. */
    UNANSWERED(3),

    /** The supervisor was ended from inside, and the run with it. */
    SUPERVISOR(4);

    private final int number;

    Kind(int number) {
      this.number = number;
    }

    /**
     * Returns the number that the C API uses for it.
     *
     * @return the number, which is never given to anything else
     */
    public int number() {
      return number;
    }

    /**
     * Returns the name that the C API and the command line use, such as {@code path}.
     *
     * @return lower case
     */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What the struct takes. */
  static final int BYTES = 272;

  private static final int PATH_BYTES = 184;
  private static final int ENDED = -1;

  /**
   * Returns the name of the system call.
   *
   * @return for example {@code openat}; empty where there is no call, or nobody knows its name
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

  static SecurityEvent read(ReplyReader in) {
    var kind = Numbers.find("event", Kind.values(), Kind::number, in.u32());
    int syscall = in.i32();
    int error = in.i32();
    int pid = in.i32();
    long nanos = in.u64();
    long instructionPointer = in.i64();
    var args = Syscalls.readArgs(in);
    int arch = in.i32();
    int length = in.u32();
    var path = in.raw(PATH_BYTES);
    if (length > PATH_BYTES) {
      throw new WireException("event: path of " + length + " bytes");
    }
    return new SecurityEvent(kind, syscall < 0 ? OptionalInt.empty() : OptionalInt.of(syscall), outcome(error), pid,
        // Both are CLOCK_MONOTONIC.
        Instant.now().minusNanos(System.nanoTime() - nanos), instructionPointer, args, arch,
        length == 0 ? Optional.empty() : Optional.of(new String(path, 0, length, StandardCharsets.UTF_8)));
  }

  private static Decision outcome(int error) {
    if (error < ENDED || error > Errno.HIGHEST) {
      throw new WireException("event: errno " + error);
    }
    return error == ENDED ? Decision.kill() : error == 0 ? Decision.allow() : Decision.errno(error);
  }
}
