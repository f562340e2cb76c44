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

  /**
   * Nothing: the first read finds the end. This is the default.
   *
   * @return the input
   */
  static Input none() {
    return None.INSTANCE;
  }

  /**
   * A file of the host, opened for reading with the JVM's rights when the run starts (step {@link Step#OPEN_FILE}).
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
   * An open descriptor of the JVM's process, given to the program as it is.
   *
   * @param fd the descriptor; it stays the caller's and must be open until the run has started
   * @return the input
   */
  static Input descriptor(int fd) {
    return new Descriptor(fd);
  }
}
