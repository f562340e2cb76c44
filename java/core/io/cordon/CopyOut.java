// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Checks;
import java.nio.file.Path;

/**
 * A file that is fetched from the sandbox after the program has ended. It must be a regular file, and no part of its
 * path may be a symbolic link. If it is missing (unless {@link #optional}) or too long (unless {@link #truncated}), the
 * status is {@link Status#FILE_ERROR}, and {@link CopiedFile#reason} says which. Immutable.
 *
 * @since 0.1.0
 */
public sealed interface CopyOut {
  /** What a file that is kept in the result may have by default: 1 MiB. */
  long DEFAULT_KEEP_BYTES = 1L << 20;

  /** What a file that goes to the host may have by default: 64 MiB. */
  long DEFAULT_FILE_BYTES = 64L << 20;

  /**
   * {@link CopyOut#keep}.
   *
   * @param name its name inside
   * @param limitBytes the longest file that is taken
   * @param isOptional whether the program need not leave it
   * @param isTruncated whether the first bytes of a longer file are taken
   */
  record Keep(String name, long limitBytes, boolean isOptional, boolean isTruncated) implements CopyOut {
    /**
     * Checks the values; {@link CopyOut#keep} is shorter.
     *
     * @param name the name inside
     * @param limitBytes the longest that is taken, in bytes
     * @param isOptional whether the file may be missing
     * @param isTruncated whether the first bytes of a longer file are taken
     * @throws IllegalArgumentException where the name is empty or has a part {@code ..}, or the limit is not above
     *     zero or over 512 MiB
     */
    public Keep {
      check(name, limitBytes);
      if (limitBytes > Integer.MAX_VALUE / 4) {
        throw Checks.refuse("copyOut limitBytes", limitBytes, "must be at most 512 MiB where it is kept in memory");
      }
    }

    @Override
    public CopyOut limitBytes(long bytes) {
      return new Keep(name, bytes, isOptional, isTruncated);
    }

    @Override
    public CopyOut optional() {
      return new Keep(name, limitBytes, true, isTruncated);
    }

    @Override
    public CopyOut truncated() {
      return new Keep(name, limitBytes, isOptional, true);
    }
  }

  /**
   * {@link CopyOut#file}.
   *
   * @param name its name inside
   * @param path absolute on the host
   * @param limitBytes the longest file that is taken
   * @param isOptional whether the program need not leave it
   * @param isTruncated whether the first bytes of a longer file are taken
   */
  record ToHost(String name, Path path, long limitBytes, boolean isOptional, boolean isTruncated) implements CopyOut {
    /**
     * Checks the values, and makes the path absolute; {@link CopyOut#file} is shorter.
     *
     * @param name the name inside
     * @param path where the file is written
     * @param limitBytes the longest that is taken, in bytes
     * @param isOptional whether the file may be missing
     * @param isTruncated whether the first bytes of a longer file are taken
     * @throws IllegalArgumentException where the name is empty or has a part {@code ..}, or the limit is not above zero
     */
    public ToHost {
      check(name, limitBytes);
      path = Checks.host("copyOut path", path);
    }

    @Override
    public CopyOut limitBytes(long bytes) {
      return new ToHost(name, path, bytes, isOptional, isTruncated);
    }

    @Override
    public CopyOut optional() {
      return new ToHost(name, path, limitBytes, true, isTruncated);
    }

    @Override
    public CopyOut truncated() {
      return new ToHost(name, path, limitBytes, isOptional, true);
    }
  }

  /**
   * A file that is kept in {@link Result#copiedOut}.
   *
   * @param name its name inside: relative to the work directory, or absolute
   * @return the item
   */
  static CopyOut keep(String name) {
    return new Keep(name, DEFAULT_KEEP_BYTES, false, false);
  }

  /**
   * A file that is written to the host, created (mode 0644) or emptied.
   *
   * @param name its name inside: relative to the work directory, or absolute
   * @param path the host's file; a relative one is relative to the JVM's directory
   * @return the item
   */
  static CopyOut file(String name, Path path) {
    return new ToHost(name, path, DEFAULT_FILE_BYTES, false, false);
  }

  /**
   * Sets the longest file that is taken.
   *
   * @param bytes above zero; at most 512 MiB for a file that is kept in memory
   * @return a new item
   */
  CopyOut limitBytes(long bytes);

  /**
   * Says that the program need not leave the file.
   *
   * @return a new item
   */
  CopyOut optional();

  /**
   * Has the first {@link #limitBytes} of a longer file be taken, where it would be an error otherwise.
   * {@link CopiedFile#isTruncated} tells it.
   *
   * @return a new item
   */
  CopyOut truncated();

  /**
   * Tells whether the first bytes of a longer file are taken.
   *
   * @return true after {@link #truncated}
   */
  boolean isTruncated();

  /**
   * Returns the name inside the sandbox.
   *
   * @return relative to the work directory, or absolute
   */
  String name();

  /**
   * Returns the longest file that is taken.
   *
   * @return bytes
   */
  long limitBytes();

  /**
   * Tells whether the program need not leave the file.
   *
   * @return true after {@link #optional}
   */
  boolean isOptional();

  private static void check(String name, long limitBytes) {
    Checks.noDots("copyOut name", Checks.filled("copyOut name", name));
    Checks.positive("copyOut limitBytes", limitBytes);
  }
}
