// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Errno;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The result of a {@link CopyOut}: the bytes, or an error. Immutable.
 *
 * @since 0.1.0
 */
public final class CopiedFile {
  /** Why a file could not be fetched. */
  public enum Reason {
    /** It is not there. */
    MISSING,

    /** It is there, but no regular file: a directory, a FIFO, a socket, a device. */
    NOT_REGULAR,

    /** It, or a part of its path, is a symbolic link, or a part of its path is no directory. */
    LINK,

    /** It is longer than {@link CopyOut#limitBytes}. */
    TOO_LARGE,

    /** The program has forbidden it: no right to open it or to reach it. */
    FORBIDDEN,

    /** Something else: {@link #error} says what. */
    OTHER
  }

  private final byte @Nullable [] data;
  private final long size;
  private final boolean truncated;
  private final @Nullable SandboxException error;

  private CopiedFile(byte @Nullable [] data, long size, boolean truncated, @Nullable SandboxException error) {
    this.data = data;
    this.size = size;
    this.truncated = truncated;
    this.error = error;
  }

  /**
   * Makes the result for a file that was kept.
   *
   * @param data the file's bytes, copied
   * @return the result
   */
  public static CopiedFile of(byte[] data) {
    return new CopiedFile(data.clone(), data.length, false, null);
  }

  /**
   * Makes the result for a file of which the first bytes were kept.
   *
   * @param data the first bytes, copied
   * @param size how long the file is, in bytes
   * @return the result
   * @throws IllegalArgumentException where the size is less than the bytes
   */
  public static CopiedFile of(byte[] data, long size) {
    if (size < data.length) {
      throw new IllegalArgumentException("size: " + size + ": must be at least the " + data.length + " bytes given");
    }
    return new CopiedFile(data.clone(), size, size > data.length, null);
  }

  /**
   * Makes the result for a file that went to the host, or was optional and not there.
   *
   * @return the result
   */
  public static CopiedFile elsewhere() {
    return new CopiedFile(null, 0, false, null);
  }

  /**
   * Makes the result for a file that went to the host.
   *
   * @param size how long the file in the sandbox is, in bytes
   * @param truncated whether only its first bytes went to the host
   * @return the result
   */
  public static CopiedFile elsewhere(long size, boolean truncated) {
    return new CopiedFile(null, size, truncated, null);
  }

  /**
   * Makes the result for a file that could not be fetched.
   *
   * @param error why
   * @return the result
   */
  public static CopiedFile failed(SandboxException error) {
    return new CopiedFile(null, 0, false, error);
  }

  /**
   * Returns the file's bytes.
   *
   * @return a copy; empty where the file went to the host, or was optional and not there, or could not be fetched
   */
  public Optional<byte[]> bytes() {
    return data == null ? Optional.empty() : Optional.of(data.clone());
  }

  /**
   * Returns how long the file in the sandbox is, which is more than was taken where it was truncated.
   *
   * @return bytes; 0 where it was not there or could not be fetched
   */
  public long size() {
    return size;
  }

  /**
   * Tells whether only the first bytes were taken ({@link CopyOut#truncated}).
   *
   * @return false where all of it was taken, or nothing
   */
  public boolean isTruncated() {
    return truncated;
  }

  /**
   * Returns why the file could not be fetched, for code.
   *
   * @return the reason, or empty where it was fetched
   */
  public Optional<Reason> reason() {
    return error().map(failure -> switch (failure.errno()) {
      case Errno.ENOENT -> Reason.MISSING;
      case Errno.EINVAL, Errno.EISDIR -> Reason.NOT_REGULAR;
      case Errno.ELOOP, Errno.ENOTDIR -> Reason.LINK;
      case Errno.EFBIG -> Reason.TOO_LARGE;
      case Errno.EACCES, Errno.EPERM -> Reason.FORBIDDEN;
      default -> Reason.OTHER;
    });
  }

  /**
   * Returns why the file could not be fetched.
   *
   * @return the error (step {@link Step#COPY_OUT}), or empty
   */
  public Optional<SandboxException> error() {
    return Optional.ofNullable(error);
  }
}
