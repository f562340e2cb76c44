// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Checks;
import io.cordon.internal.util.Transfer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file that is fetched from the sandbox after the program has ended, or all that match a pattern. It must be a
 * regular file, and no part of its path may be a symbolic link. If it is missing (unless {@link #optional}) or too long
 * (unless {@link #truncated}), the status is {@link Status#FILE_ERROR}, and {@link CopiedFile#reason} says which.
 * Immutable.
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
   * {@link CopyOut#matching}.
   *
   * @param name the pattern
   * @param directory absolute on the host; empty where the files are kept in the result
   * @param limitBytes the most bytes that all files together may have
   * @param most the most files
   * @param isOptional whether nothing need match
   * @param isTruncated whether the first files, and the first bytes of one that is too long, are taken
   * @param isReplacing whether files of the host are replaced
   */
  record Matching(String name, Optional<Path> directory, long limitBytes, int most, boolean isOptional,
      boolean isTruncated, boolean isReplacing) implements CopyOut {
    /** How many files are taken by default. */
    public static final int DEFAULT_MOST = 1000;

    /** The most that {@link #most} may be. */
    public static final int HIGHEST_MOST = 10_000;

    /**
     * Checks the values, and makes the directory's path absolute; {@link CopyOut#matching} is shorter.
     *
     * @param name the pattern
     * @param directory where the files are written; empty where they are kept
     * @param limitBytes the most bytes that all files together may have
     * @param most the most files
     * @param isOptional whether nothing need match
     * @param isTruncated whether what is over a bound is left out
     * @param isReplacing whether files of the host are replaced
     * @throws IllegalArgumentException where the pattern is empty or has a part {@code ..}, the limit is not above zero
     *     or over 512 MiB in memory, the number is not from 1 to 10000, or files are to be replaced without a directory
     */
    public Matching {
      check(name, limitBytes);
      directory = directory.map(path -> Checks.host("copyOut directory", path));
      if (directory.isEmpty() && limitBytes > Integer.MAX_VALUE / 4) {
        throw Checks.refuse("copyOut limitBytes", limitBytes, "must be at most 512 MiB where it is kept in memory");
      }
      Checks.range("copyOut most", most, 1, HIGHEST_MOST);
      if (isReplacing && directory.isEmpty()) {
        throw Checks.refuse("copyOut replacing", name, "needs a directory of the host");
      }
    }

    @Override
    public Matching limitBytes(long bytes) {
      return new Matching(name, directory, bytes, most, isOptional, isTruncated, isReplacing);
    }

    @Override
    public Matching optional() {
      return new Matching(name, directory, limitBytes, most, true, isTruncated, isReplacing);
    }

    @Override
    public Matching truncated() {
      return new Matching(name, directory, limitBytes, most, isOptional, true, isReplacing);
    }

    /**
     * Sets how many files are taken. Where more match, none is, unless {@link #truncated}.
     *
     * @param files 1 to 10000; default 1000
     * @return a new item
     */
    public Matching most(int files) {
      return new Matching(name, directory, limitBytes, files, isOptional, isTruncated, isReplacing);
    }

    /**
     * Has what is there on the host under a file's name be removed first, unless it is a directory. Without it such a
     * file is an error: the program chooses the names.
     *
     * @return a new item
     */
    public Matching replacing() {
      return new Matching(name, directory, limitBytes, most, isOptional, isTruncated, true);
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
   * All regular files that match a pattern, kept in {@link CopiedFile#files}. A pattern is that of glob(7): {@code *}
   * is any text in a name, {@code ?} a character, {@code [a-z]} and {@code [!a-z]} one of a set, a backslash takes the
   * meaning away; and a part {@code **} is any number of directories. Without a dot at the same place none of them
   * matches a name that begins with one. Symbolic links are neither followed nor taken.
   *
   * <p>Bounds are those of {@link #limitBytes}, here for all files together, and {@link Matching#most}; at most 32,768
   * entries of directories are looked at.
   *
   * @param pattern relative to the work directory, or absolute
   * @return the item
   */
  static Matching matching(String pattern) {
    return new Matching(pattern, Optional.empty(), DEFAULT_KEEP_BYTES, Matching.DEFAULT_MOST, false, false, false);
  }

  /**
   * All regular files that match a pattern, written below a directory of the host, which is made where it is missing.
   * They have the names there that they have in the sandbox below the pattern's own directories: with {@code out/*.o}
   * the file {@code a.o}. The program has chosen these names. No file of the host is replaced, unless {@link
   * Matching#replacing}, and no symbolic link of the host is followed below the directory.
   *
   * @param pattern relative to the work directory, or absolute; see {@link #matching(String)}
   * @param directory the host's directory; a relative one is relative to the JVM's directory
   * @return the item
   */
  static Matching matching(String pattern, Path directory) {
    return new Matching(pattern, Optional.of(directory), DEFAULT_FILE_BYTES, Matching.DEFAULT_MOST, false, false,
        false);
  }

  /**
   * Reads {@code NAME[:HOST]}, as the command line and JSON have it. A NAME with {@code *}, {@code ?} or {@code [} is a
   * pattern and HOST a directory, in which files of the same names are replaced. Without HOST the file, or those that
   * match, go to the current directory; of the latter none is replaced there.
   *
   * @param text the name inside, and the host's file or directory
   * @return the item
   * @throws IllegalArgumentException where it is not written so
   */
  static CopyOut parse(String text) {
    var transfer = Transfer.out(text);
    if (!transfer.isPattern()) {
      return file(transfer.name(), transfer.host());
    }
    var matching = matching(transfer.name(), transfer.host());
    return text.indexOf(':') < 0 ? matching : matching.replacing();
  }

  /**
   * Sets the longest file that is taken; with a pattern, how long all may be together.
   *
   * @param bytes above zero; at most 512 MiB for what is kept in memory
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
   * Has the first {@link #limitBytes} of a longer file be taken, where it would be an error otherwise; and of more
   * files than a pattern's bound the first that were found. {@link CopiedFile#isTruncated} tells it.
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
   * Returns the name inside the sandbox, or the pattern.
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
