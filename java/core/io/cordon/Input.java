package io.cordon;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where a program's standard input comes from. Immutable. */
public final class Input {
  private static final int KIND_NULL = 0;
  private static final int KIND_FD = 1;
  private static final int KIND_FILE = 2;
  private static final int KIND_BYTES = 3;

  private static final Input NONE = new Input(KIND_NULL, -1, null, null);

  final int kind;
  final int fd;
  final @Nullable Path path;
  final byte @Nullable [] data;

  private Input(int kind, int fd, @Nullable Path path, byte @Nullable [] data) {
    this.kind = kind;
    this.fd = fd;
    this.path = path;
    this.data = data;
  }

  boolean isInMemory() {
    return kind == KIND_NULL || kind == KIND_BYTES;
  }

  /**
   * Nothing: the first read finds the end. This is the default.
   *
   * @return the input
   */
  public static Input none() {
    return NONE;
  }

  /**
   * A file of the host, opened for reading with the JVM's rights when the run starts (step {@link Step#OPEN_FILE}).
   *
   * @param path the file; a relative one is relative to the JVM's directory
   * @return the input
   */
  public static Input file(Path path) {
    return new Input(KIND_FILE, -1, Checks.host("stdin", path), null);
  }

  /**
   * Bytes in memory.
   *
   * @param data the bytes, which are copied
   * @return the input
   */
  public static Input bytes(byte[] data) {
    return new Input(KIND_BYTES, -1, null, data.clone());
  }

  /**
   * Text as UTF-8.
   *
   * @param text the text
   * @return the input
   */
  public static Input text(String text) {
    return new Input(KIND_BYTES, -1, null, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * An open descriptor of the JVM's process, given to the program as it is.
   *
   * @param fd the descriptor; it stays the caller's and must be open until the run has started
   * @return the input
   */
  public static Input descriptor(int fd) {
    return new Input(KIND_FD, Checks.descriptor("stdin", fd), null, null);
  }
}
