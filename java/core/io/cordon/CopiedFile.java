// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Errno;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
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

    /** It is longer than {@link CopyOut#limitBytes}, or than what other files of a pattern have left of them. */
    TOO_LARGE,

    /** The program has forbidden it: no right to open it or to reach it. */
    FORBIDDEN,

    /** No regular file matches the pattern. */
    NO_MATCH,

    /** More files match the pattern than {@link CopyOut.Matching#most}, or it has to look at too many. */
    TOO_MANY,

    /** A file of the name is there on the host, and is not to be {@linkplain CopyOut.Matching#replacing replaced}. */
    EXISTS,

    /** Something else: {@link #error} says what. */
    OTHER
  }

  private final byte @Nullable [] data;
  private final long size;
  private final boolean truncated;
  private final @Nullable SandboxException error;
  private final Map<String, CopiedFile> files;

  private CopiedFile(byte @Nullable [] data, long size, boolean truncated, @Nullable SandboxException error) {
    this(data, size, truncated, error, Map.of());
  }

  private CopiedFile(byte @Nullable [] data, long size, boolean truncated, @Nullable SandboxException error,
      Map<String, CopiedFile> files) {
    this.data = data;
    this.size = size;
    this.truncated = truncated;
    this.error = error;
    this.files = files;
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
   * Makes the result for a pattern.
   *
   * @param files the files that matched, by their names, each with a result of its own
   * @param truncated whether one of them was cut, or there are more
   * @param failure why nothing, or not all of it, was fetched; null where the first error of a file is to be it, if any
   * @return the result
   */
  public static CopiedFile matched(Map<String, CopiedFile> files, boolean truncated,
      @Nullable SandboxException failure) {
    var error = failure != null ? failure
        : files.values().stream().flatMap(file -> file.error().stream()).findFirst().orElse(null);
    return new CopiedFile(null, files.values().stream().mapToLong(CopiedFile::size).sum(), truncated, error,
        Collections.unmodifiableMap(new LinkedHashMap<>(files)));
  }

  /**
   * Returns the files that matched, where the {@link CopyOut} was a pattern. The program has chosen the names, which
   * may be any text: escape them before a terminal or a page shows them.
   *
   * @return by name, relative or absolute as the pattern is, in the order of the names; bytes that are not UTF-8 are
   *     replaced in them, and of names that are equal then only one is here; empty where nothing matched, or it was no
   *     pattern
   */
  public Map<String, CopiedFile> files() {
    return files;
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
   * Returns how long the file in the sandbox is, which is more than was taken where it was truncated; of a pattern the
   * sum of the files.
   *
   * @return bytes; 0 where it was not there or could not be fetched
   */
  public long size() {
    return size;
  }

  /**
   * Tells whether only the first bytes, or not all files of a pattern, were taken ({@link CopyOut#truncated}).
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
      case Errno.ENODATA -> Reason.NO_MATCH;
      case Errno.E2BIG -> Reason.TOO_MANY;
      case Errno.EEXIST -> Reason.EXISTS;
      default -> Reason.OTHER;
    });
  }

  /**
   * Returns why the file could not be fetched; of a pattern, why nothing was, or else the first error of a file.
   *
   * @return the error (step {@link Step#COPY_OUT}), or empty
   */
  public Optional<SandboxException> error() {
    return Optional.ofNullable(error);
  }
}
