// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Errno;
import io.cordon.internal.util.Escape;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The sandbox failed or refused the command, or the program could not be executed. There is no result.
 *
 * <p>The step, errno, index, detail and origin come unchanged from the place where the failure happened. When the
 * exception is thrown, nothing of the run is left.
 *
 * @since 0.1.0
 */
public final class SandboxException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What a caller can do about a failure. There are few kinds, and many {@link Step}s. */
  public enum Kind {
    /** The request was wrong or not permitted, and will be again: change it. */
    REFUSED,

    /** This runner or this machine cannot do what was asked for: ask for less, or take another runner. */
    UNSUPPORTED,

    /** A program, file or directory that the request names is not there. */
    NOT_FOUND,

    /** Memory, descriptors, processes, space or time ran out: try again later, or with less at once. */
    RESOURCES,

    /** The sandbox broke or is closed: make another. */
    BROKEN,

    /** Cordon failed in a way that it should not: please report it. */
    BUG
  }

  /** See {@link #kind()}. */
  private final Kind kind;

  /** See {@link #step()}. */
  private final Step step;

  /** See {@link #errno()}. */
  private final int errno;

  /** See {@link #index()}. */
  private final int index;

  /** See {@link #detail()}. */
  private final String detail;

  /** See {@link #detailTruncated()}. */
  private final boolean detailTruncated;

  /** See {@link #origin()}. */
  private final Origin origin;

  /** See {@link #property()}. */
  private final @Nullable String property;

  private SandboxException(Builder b) {
    super(describe(b.step, b.errno, b.index, b.detail, b.truncated, b.origin), b.cause);
    kind = b.kind != null ? b.kind : KindOfStep.of(b.step, b.errno);
    step = b.step;
    errno = b.errno;
    index = b.index;
    detail = new String(b.detail, StandardCharsets.UTF_8);
    detailTruncated = b.truncated;
    origin = b.origin;
    property = b.property;
  }

  /**
   * Makes one.
   *
   * @param step what failed
   * @param errno an errno of Linux, or 0 where the runner itself refused
   * @param detail the path or name that it is about, or the reason
   * @return the exception; its origin is {@link Origin#HOST}, its kind that of the step
   */
  public static SandboxException of(Step step, int errno, String detail) {
    return builder(step).errno(errno).detail(detail).build();
  }

  /**
   * Makes the one with which a runner refuses a property that it cannot hold.
   *
   * @param property the property of the command or the description, by the name of its reader; a part or a kind of it
   *     behind a dot: {@code network}, {@code limits.cpuTime}, {@code stdin.descriptor}
   * @param value its value
   * @param rule what holds instead
   * @return the exception, of the kind {@link Kind#UNSUPPORTED}; its detail is {@code property: value: rule}
   */
  public static SandboxException unsupported(String property, Object value, String rule) {
    return builder(Step.VALIDATE).kind(Kind.UNSUPPORTED).detail(property + ": " + value + ": " + rule)
        .property(property).build();
  }

  /**
   * Starts one, for kinds of {@link Runner} that know more of it.
   *
   * @param step what failed
   * @return a builder
   */
  public static Builder builder(Step step) {
    return new Builder(step);
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
   * Returns what a caller can do about it.
   *
   * @return the kind
   */
  public Kind kind() {
    return kind;
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
   * Returns the property that a runner refused with {@link #unsupported}.
   *
   * @return its name, or empty
   */
  public Optional<String> property() {
    return Optional.ofNullable(property);
  }

  /**
   * Returns the process in which it happened.
   *
   * @return the process
   */
  public Origin origin() {
    return origin;
  }

  /** Collects an exception. One thread at a time. */
  public static final class Builder {
    private final Step step;
    private @Nullable Kind kind;
    private int errno;
    private int index = -1;
    private byte[] detail = new byte[0];
    private boolean truncated;
    private Origin origin = Origin.HOST;
    private @Nullable Throwable cause;
    private @Nullable String property;

    private Builder(Step step) {
      this.step = Objects.requireNonNull(step, "step");
    }

    /**
     * Sets {@link SandboxException#kind}.
     *
     * @param value default: what step and errno say
     * @return this
     */
    public Builder kind(Kind value) {
      kind = Objects.requireNonNull(value, "kind");
      return this;
    }

    /**
     * Sets {@link SandboxException#property}.
     *
     * @param name default: none
     * @return this
     */
    public Builder property(String name) {
      property = Objects.requireNonNull(name, "name");
      return this;
    }

    /**
     * Sets {@link SandboxException#errno}.
     *
     * @param value an errno of Linux; default 0
     * @return this
     */
    public Builder errno(int value) {
      errno = value;
      return this;
    }

    /**
     * Sets {@link SandboxException#index}.
     *
     * @param value from 0; default -1: the step has only one item
     * @return this
     */
    public Builder index(int value) {
      index = value;
      return this;
    }

    /**
     * Sets {@link SandboxException#detail}.
     *
     * @param text default: the empty string
     * @return this
     */
    public Builder detail(String text) {
      return detail(text.getBytes(StandardCharsets.UTF_8), false);
    }

    /**
     * Sets {@link SandboxException#detail} from bytes, which need not be UTF-8.
     *
     * @param bytes the bytes, copied
     * @param isTruncated whether there were more
     * @return this
     */
    public Builder detail(byte[] bytes, boolean isTruncated) {
      detail = bytes.clone();
      truncated = isTruncated;
      return this;
    }

    /**
     * Sets {@link SandboxException#origin}.
     *
     * @param value default {@link Origin#HOST}
     * @return this
     */
    public Builder origin(Origin value) {
      origin = Objects.requireNonNull(value, "origin");
      return this;
    }

    /**
     * Sets the cause.
     *
     * @param value what it came from
     * @return this
     */
    public Builder cause(Throwable value) {
      cause = Objects.requireNonNull(value, "cause");
      return this;
    }

    /**
     * Makes the exception.
     *
     * @return the exception
     */
    public SandboxException build() {
      return new SandboxException(this);
    }
  }
}
