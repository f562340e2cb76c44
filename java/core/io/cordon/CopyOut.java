package io.cordon;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file that is fetched from the sandbox after the program has ended: a regular one, with no symbolic link on the way
 * to it. One that is missing (unless {@link #optional}) or too long makes the status {@link Status#FILE_ERROR}.
 * Immutable.
 */
public final class CopyOut {
  /** What a file that is kept in the result may have by default: 1 MiB. */
  public static final long DEFAULT_KEEP_BYTES = 1L << 20;

  /** What a file that goes to the host may have by default: 64 MiB. */
  public static final long DEFAULT_FILE_BYTES = 64L << 20;

  private static final int OPTIONAL = 1;

  final String name;
  final @Nullable Path path;
  final long limitBytes;
  final int flags;

  private CopyOut(String name, @Nullable Path path, long limitBytes, int flags) {
    this.name = Checks.noDots("copyOut name", Checks.filled("copyOut name", name));
    this.path = path;
    this.limitBytes = Checks.positive("copyOut limitBytes", limitBytes);
    this.flags = flags;
    if (path == null && limitBytes > Integer.MAX_VALUE / 4) {
      throw Checks.refuse("copyOut limitBytes", limitBytes, "must be at most 512 MiB where it is kept in memory");
    }
  }

  /**
   * A file that is kept in {@link Result#copiedOut}.
   *
   * @param name its name inside: relative to the work directory, or absolute
   * @return the item
   */
  public static CopyOut keep(String name) {
    return new CopyOut(name, null, DEFAULT_KEEP_BYTES, 0);
  }

  /**
   * A file that is written to the host, created (mode 0644) or emptied.
   *
   * @param name its name inside: relative to the work directory, or absolute
   * @param path the host's file; a relative one is relative to the JVM's directory
   * @return the item
   */
  public static CopyOut file(String name, Path path) {
    return new CopyOut(name, Checks.host("copyOut path", path), DEFAULT_FILE_BYTES, 0);
  }

  /**
   * Sets the longest file that is taken.
   *
   * @param bytes above zero; at most 512 MiB for a file that is kept in memory
   * @return a new item
   */
  public CopyOut limitBytes(long bytes) {
    return new CopyOut(name, path, bytes, flags);
  }

  /**
   * Says that the program need not leave the file.
   *
   * @return a new item
   */
  public CopyOut optional() {
    return new CopyOut(name, path, limitBytes, flags | OPTIONAL);
  }

  /**
   * Returns the name inside the sandbox.
   *
   * @return relative to the work directory, or absolute
   */
  public String name() {
    return name;
  }
}
