// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Checks;
import java.nio.file.Path;

/**
 * Where a program's standard output or standard error goes. Immutable.
 *
 * @since 0.1.0
 */
public sealed interface Output {
  /** What a stream that is not configured keeps: 1 MiB. */
  long DEFAULT_CAPTURE_BYTES = 1L << 20;

  /** {@link Output#discard}. */
  record Discard() implements Output {
    private static final Discard INSTANCE = new Discard();
  }

  /**
   * {@link Output#file}.
   *
   * @param path absolute on the host
   */
  record HostFile(Path path) implements Output {
    /**
     * Makes the path absolute; {@link Output#file} is shorter.
     *
     * @param path the file
     * @throws IllegalArgumentException where the path holds a NUL
     */
    public HostFile {
      path = Checks.host("output", path);
    }
  }

  /**
   * {@link Output#capture(long)}.
   *
   * @param limitBytes what is kept at most
   */
  record Capture(long limitBytes) implements Output {
    private static final Capture DEFAULT = new Capture(DEFAULT_CAPTURE_BYTES);

    /**
     * Checks the limit; {@link Output#capture(long)} is shorter.
     *
     * @param limitBytes the most that is kept, in bytes
     * @throws IllegalArgumentException where the limit is not above zero, or over 512 MiB
     */
    public Capture {
      Checks.positive("capture limitBytes", limitBytes);
      if (limitBytes > Integer.MAX_VALUE / 4) {
        // Both streams and the rest of the answer must fit into one buffer and into Java arrays.
        throw Checks.refuse("capture limitBytes", limitBytes, "must be at most 512 MiB; use a file for more");
      }
    }
  }

  /**
   * {@link Output#descriptor}.
   *
   * @param fd a descriptor of the JVM's process
   */
  record Descriptor(int fd) implements Output {
    /**
     * Checks the number; {@link Output#descriptor} is shorter.
     *
     * @param fd a descriptor of this process, which the caller keeps and closes
     * @throws IllegalArgumentException where the number is negative
     */
    public Descriptor {
      Checks.descriptor("output", fd);
    }
  }

  /**
   * {@link Output#forward}.
   *
   * @param fd a descriptor of the JVM's process
   */
  record Forward(int fd) implements Output {
    /**
     * Checks the number; {@link Output#forward} is shorter.
     *
     * @param fd a descriptor of this process, which the caller keeps and closes
     * @throws IllegalArgumentException where the number is negative
     */
    public Forward {
      Checks.descriptor("output", fd);
    }
  }

  /** {@link Output#toStdout}. */
  record ToStdout() implements Output {
    private static final ToStdout INSTANCE = new ToStdout();
  }

  /** {@link Output#stream}. */
  record Stream() implements Output {
    private static final Stream INSTANCE = new Stream();
  }

  /**
   * What the caller reads while the program runs, from {@link LiveRun#stdout} or {@link LiveRun#stderr}. For
   * {@link Runner#start} only. What is read counts for the output limits.
   *
   * @return the output
   */
  static Output stream() {
    return Stream.INSTANCE;
  }

  /**
   * The program writes to /dev/null.
   *
   * @return the output
   */
  static Output discard() {
    return Discard.INSTANCE;
  }

  /**
   * A file of the host, created (mode 0644) or emptied with the JVM's rights when the run starts. Cordon writes into it
   * what the program writes, up to the output limit; if that fails, the run does (step {@link Step#OPEN_FILE}).
   * Standard output and error in the same file keep their order.
   *
   * @param path the file; a relative one is relative to the JVM's directory
   * @return the output
   */
  static Output file(Path path) {
    return new HostFile(path);
  }

  /**
   * Kept in the result: the first {@code limitBytes} of it. More is read and dropped, and the result says so; the
   * program ends only at {@link Limits#outputBytes}.
   *
   * @param limitBytes what is kept at most, above zero, at most 512 MiB
   * @return the output
   */
  static Output capture(long limitBytes) {
    return new Capture(limitBytes);
  }

  /**
   * Kept in the result, at most {@link #DEFAULT_CAPTURE_BYTES}. This is the default.
   *
   * @return the output
   */
  static Output capture() {
    return Capture.DEFAULT;
  }

  /**
   * What an open descriptor of the JVM's process leads to. A pipe or a terminal is the same one to the program, so that
   * Cordon does not see what is written, and the output limit does not hold. Into a file, a socket or another device
   * Cordon writes what the program writes, up to the output limit.
   *
   * @param fd the descriptor; it stays the caller's and must be open until the run has started
   * @return the output
   */
  static Output descriptor(int fd) {
    return new Descriptor(fd);
  }

  /**
   * Read by Cordon and written to a descriptor of the JVM's process, so that the output limit holds.
   *
   * @param fd the descriptor; it stays the caller's and must be open until the run is done
   * @return the output
   */
  static Output forward(int fd) {
    return new Forward(fd);
  }

  /**
   * For standard error only: the same open file as standard output, in one order.
   *
   * @return the output
   */
  static Output toStdout() {
    return ToStdout.INSTANCE;
  }
}
