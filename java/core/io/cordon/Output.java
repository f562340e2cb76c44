package io.cordon;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where a program's standard output or standard error goes. Immutable. */
public final class Output {
  /** What a stream that is not configured keeps: 1 MiB. */
  public static final long DEFAULT_CAPTURE_BYTES = 1L << 20;

  private static final int KIND_NULL = 0;
  private static final int KIND_FD = 1;
  private static final int KIND_FILE = 2;
  private static final int KIND_CAPTURE = 4;
  private static final int KIND_FORWARD = 5;
  private static final int KIND_STDOUT = 6;

  private static final Output DISCARD = new Output(KIND_NULL, -1, null, 0);
  private static final Output STDOUT = new Output(KIND_STDOUT, -1, null, 0);

  final int kind;
  final int fd;
  final @Nullable Path path;
  final long limitBytes;

  private Output(int kind, int fd, @Nullable Path path, long limitBytes) {
    this.kind = kind;
    this.fd = fd;
    this.path = path;
    this.limitBytes = limitBytes;
  }

  boolean isToStdout() {
    return kind == KIND_STDOUT;
  }

  boolean isCaptured() {
    return kind == KIND_CAPTURE;
  }

  /**
   * The program writes to /dev/null.
   *
   * @return the output
   */
  public static Output discard() {
    return DISCARD;
  }

  /**
   * A file of the host, created (mode 0644) or emptied with the JVM's rights when the run starts. The output limit
   * holds as the limit of a single file.
   *
   * @param path the file; a relative one is relative to the JVM's directory
   * @return the output
   */
  public static Output file(Path path) {
    return new Output(KIND_FILE, -1, Checks.host("output", path), 0);
  }

  /**
   * Kept in the result: the first {@code limitBytes} of it. More is read and dropped, and the result says so; the
   * program ends only at {@link Limits#outputBytes}.
   *
   * @param limitBytes what is kept at most, above zero
   * @return the output
   */
  public static Output capture(long limitBytes) {
    Checks.positive("capture limitBytes", limitBytes);
    if (limitBytes > Integer.MAX_VALUE / 4) {
      // Both streams and the rest of the answer must fit into one buffer and into Java arrays.
      throw Checks.refuse("capture limitBytes", limitBytes, "must be at most 512 MiB; use a file for more");
    }
    return new Output(KIND_CAPTURE, -1, null, limitBytes);
  }

  /**
   * Kept in the result, at most {@link #DEFAULT_CAPTURE_BYTES}. This is the default.
   *
   * @return the output
   */
  public static Output capture() {
    return capture(DEFAULT_CAPTURE_BYTES);
  }

  /**
   * An open descriptor of the JVM's process, given to the program as it is. Cordon does not see what is written to it,
   * so the output limit holds only where it is a regular file.
   *
   * @param fd the descriptor; it stays the caller's and must be open until the run has started
   * @return the output
   */
  public static Output descriptor(int fd) {
    return new Output(KIND_FD, Checks.descriptor("output", fd), null, 0);
  }

  /**
   * Read by Cordon and written to a descriptor of the JVM's process, so that the output limit holds.
   *
   * @param fd the descriptor; it stays the caller's and must be open until the run is done
   * @return the output
   */
  public static Output forward(int fd) {
    return new Output(KIND_FORWARD, Checks.descriptor("output", fd), null, 0);
  }

  /**
   * For standard error only: the same open file as standard output, in one order.
   *
   * @return the output
   */
  public static Output toStdout() {
    return STDOUT;
  }
}
