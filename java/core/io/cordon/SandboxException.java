package io.cordon;

import io.cordon.internal.wire.WireError;
import io.cordon.internal.wire.WireException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The sandbox failed or refused, or the program could not be executed; there is no result.
 *
 * <p>Holds what {@code struct cordon_error} holds, unchanged from the place where it was found. Nothing of the run is
 * left over when it is thrown.
 */
public final class SandboxException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Step step;
  private final int errno;
  private final int index;
  private final String detail;
  private final boolean detailTruncated;
  private final Origin origin;

  SandboxException(
      Step step, int errno, int index, byte[] detail, boolean truncated, Origin origin, @Nullable Throwable cause) {
    super(describe(step, errno, index, detail, truncated, origin), cause);
    this.step = step;
    this.errno = errno;
    this.index = index;
    this.detail = new String(detail, StandardCharsets.UTF_8);
    this.detailTruncated = truncated;
    this.origin = origin;
  }

  static SandboxException of(WireError error, @Nullable Throwable cause) {
    return new SandboxException(Step.of(error.step()), error.err(), error.index(), error.detail(),
        (error.flags() & WireError.FLAG_TRUNCATED) != 0, Origin.of(error.origin()), cause);
  }

  /** A reply that cannot be read: the step is PROTOCOL, the detail says which field. */
  static SandboxException of(WireException damaged) {
    var detail = String.valueOf(damaged.getMessage()).getBytes(StandardCharsets.UTF_8);
    return new SandboxException(Step.PROTOCOL, 0, -1, detail, false, Origin.HOST, damaged);
  }

  /**
   * Makes one, for other kinds of {@link Runner}.
   *
   * @param step what failed
   * @param errno an errno of Linux, or 0 where the runner itself refused
   * @param detail the path or name that it is about, or the reason
   * @return the exception; its origin is {@link Origin#HOST}
   */
  public static SandboxException of(Step step, int errno, String detail) {
    return new SandboxException(step, errno, -1, detail.getBytes(StandardCharsets.UTF_8), false, Origin.HOST, null);
  }

  private static String describe(
      Step step, int errno, int index, byte[] detail, boolean truncated, Origin origin) {
    var text = new StringBuilder(step.name());
    if (index >= 0) {
      text.append('[').append(index).append(']');
    }
    text.append(" failed");
    if (origin != Origin.HOST) {
      text.append(origin == Origin.INIT ? " in cordon-init" : " before exec");
    }
    if (errno != 0) {
      text.append(": ").append(Errno.name(errno));
      if (!Errno.text(errno).isEmpty()) {
        text.append(" (").append(Errno.text(errno)).append(')');
      }
    }
    if (detail.length > 0) {
      text.append(": ").append(Escape.printable(detail)).append(truncated ? "..." : "");
    }
    return text.toString();
  }

  /**
   * Returns the step that failed.
   *
   * @return the step
   */
  public Step step() {
    return step;
  }

  /**
   * Returns the errno of the system call that failed.
   *
   * @return an errno of Linux, or 0 where Cordon itself refused
   */
  public int errno() {
    return errno;
  }

  /**
   * Returns the name of {@link #errno}.
   *
   * @return for example {@code ENOENT}; the empty string for 0
   */
  public String errnoName() {
    return errno == 0 ? "" : Errno.name(errno);
  }

  /**
   * Returns which mount, limit, file or descriptor failed.
   *
   * @return a number from 0, or -1 where the step has only one item
   */
  public int index() {
    return index;
  }

  /**
   * Returns what {@link #step} says that its detail is, usually a path.
   *
   * <p>It may hold characters chosen by the sandboxed program; {@link #getMessage} has it escaped.
   *
   * @return at most 112 bytes of UTF-8; bytes that are none are replaced
   */
  public String detail() {
    return detail;
  }

  /**
   * Tells whether the detail was longer.
   *
   * @return true where {@link #detail} is only its beginning
   */
  public boolean detailTruncated() {
    return detailTruncated;
  }

  /**
   * Returns the process in which it happened.
   *
   * @return the process
   */
  public Origin origin() {
    return origin;
  }
}
