// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Checks;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Where a program's standard input comes from. Immutable.
 *
 * @since 0.1.0
 */
public sealed interface Input {
  /** {@link Input#none}. */
  record None() implements Input {
    private static final None INSTANCE = new None();
  }

  /**
   * {@link Input#file}.
   *
   * @param path absolute on the host
   */
  record HostFile(Path path) implements Input {
    /**
     * Makes the path absolute; {@link Input#file} is shorter.
     *
     * @param path the file
     * @throws IllegalArgumentException where the path holds a NUL
     */
    public HostFile {
      path = Checks.host("stdin", path);
    }
  }

  /** {@link Input#bytes} and {@link Input#text}. */
  final class Bytes implements Input {
    private final byte[] data;

    private Bytes(byte[] data) {
      this.data = data;
    }

    /**
     * Returns the bytes.
     *
     * @return a copy
     */
    public byte[] bytes() {
      return data.clone();
    }

    /**
     * Returns the bytes without copying them.
     *
     * @return a buffer of its own that cannot be written to
     */
    public ByteBuffer buffer() {
      return ByteBuffer.wrap(data).asReadOnlyBuffer();
    }

    /** Returns the size, not the content. */
    @Override
    public String toString() {
      return "Bytes[" + data.length + "]";
    }
  }

  /**
   * {@link Input#descriptor}.
   *
   * @param fd a descriptor of the JVM's process
   */
  record Descriptor(int fd) implements Input {
    /**
     * Checks the number; {@link Input#descriptor} is shorter.
     *
     * @param fd a descriptor of this process, which the caller keeps and closes
     * @throws IllegalArgumentException where the number is negative
     */
    public Descriptor {
      Checks.descriptor("stdin", fd);
    }
  }

  /** {@link Input#stream}. */
  record Stream() implements Input {
    private static final Stream INSTANCE = new Stream();
  }

  /**
   * What the caller writes while the program runs, to {@link LiveRun#stdin}. For {@link Runner#start} only.
   *
   * @return the input
   */
  static Input stream() {
    return Stream.INSTANCE;
  }

  /**
   * Nothing: the first read finds the end. This is the default.
   *
   * @return the input
   */
  static Input none() {
    return None.INSTANCE;
  }

  /**
   * A file of the host, opened for reading with the JVM's rights when the run starts (step {@link Step#OPEN_FILE}). The
   * program can seek in a regular file and map it, but reaches nothing of it except its bytes: of a small one it gets a
   * copy. A directory is refused.
   *
   * @param path the file; a relative one is relative to the JVM's directory
   * @return the input
   */
  static Input file(Path path) {
    return new HostFile(path);
  }

  /**
   * Bytes in memory.
   *
   * @param data the bytes, which are copied
   * @return the input
   */
  static Input bytes(byte[] data) {
    return new Bytes(data.clone());
  }

  /**
   * Text as UTF-8.
   *
   * @param text the text
   * @return the input
   */
  static Input text(String text) {
    return new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * What an open descriptor of the JVM's process leads to. The program gets an open file of its own for it: a regular
   * file is read from the position of the descriptor on, which at the end of the run is where the program's is; a pipe
   * or a terminal is the same one; bytes of a socket or of another device pass through Cordon.
   *
   * @param fd the descriptor; it stays the caller's and must be open until the run has started
   * @return the input
   */
  static Input descriptor(int fd) {
    return new Descriptor(fd);
  }
}
