// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Checks;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * A file that is put into the sandbox before the program starts. Missing parent directories are made. If the file
 * exists already, the run is refused (step {@link Step#COPY_IN}), unless the item is {@link #replacing}. Immutable.
 *
 * @since 0.1.0
 */
public sealed interface CopyIn {
  /** {@link CopyIn#file}. */
  final class HostFile implements CopyIn {
    private final String name;
    private final Path path;
    private final OptionalInt mode;
    private final boolean replacing;

    private HostFile(String name, Path path, OptionalInt mode, boolean replacing) {
      this.name = name;
      this.path = path;
      this.mode = mode;
      this.replacing = replacing;
    }

    /**
     * Returns the file on the host.
     *
     * @return an absolute path
     */
    public Path path() {
      return path;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public OptionalInt mode() {
      return mode;
    }

    @Override
    public CopyIn mode(int bits) {
      return new HostFile(name, path, checked(bits), replacing);
    }

    @Override
    public CopyIn replacing() {
      return new HostFile(name, path, mode, true);
    }

    @Override
    public boolean isReplacing() {
      return replacing;
    }
  }

  /** {@link CopyIn#bytes} and {@link CopyIn#text}. */
  final class Bytes implements CopyIn {
    private final String name;
    private final byte[] data;
    private final OptionalInt mode;
    private final boolean replacing;

    private Bytes(String name, byte[] data, OptionalInt mode, boolean replacing) {
      this.name = name;
      this.data = data;
      this.mode = mode;
      this.replacing = replacing;
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

    @Override
    public String name() {
      return name;
    }

    @Override
    public OptionalInt mode() {
      return mode;
    }

    @Override
    public CopyIn mode(int bits) {
      return new Bytes(name, data, checked(bits), replacing);
    }

    @Override
    public CopyIn replacing() {
      return new Bytes(name, data, mode, true);
    }

    @Override
    public boolean isReplacing() {
      return replacing;
    }
  }

  /**
   * A regular file of the host, with its permission bits.
   *
   * @param path the file; a relative one is relative to the JVM's directory
   * @param name its name inside: relative to the work directory, or absolute
   * @return the item
   */
  static CopyIn file(Path path, String name) {
    return new HostFile(checked(name), Checks.host("copyIn path", path), OptionalInt.empty(), false);
  }

  /**
   * Bytes in memory, mode 0644.
   *
   * @param name the file's name inside: relative to the work directory, or absolute
   * @param data the bytes, which are copied
   * @return the item
   */
  static CopyIn bytes(String name, byte[] data) {
    return new Bytes(checked(name), data.clone(), OptionalInt.empty(), false);
  }

  /**
   * Text as UTF-8, mode 0644.
   *
   * @param name the file's name inside: relative to the work directory, or absolute
   * @param text the text
   * @return the item
   */
  static CopyIn text(String name, String text) {
    return new Bytes(checked(name), text.getBytes(StandardCharsets.UTF_8), OptionalInt.empty(), false);
  }

  /**
   * Gives the file other permission bits.
   *
   * @param bits from 01 to 0777
   * @return a new item
   */
  CopyIn mode(int bits);

  /**
   * Has the file take the place of what is there: a file or a link, which is removed first, and not followed. A
   * directory is not replaced (EISDIR).
   *
   * @return a new item
   */
  CopyIn replacing();

  /**
   * Tells whether the file takes the place of what is there.
   *
   * @return true after {@link #replacing}
   */
  boolean isReplacing();

  /**
   * Returns the name inside the sandbox.
   *
   * @return relative to the work directory, or absolute
   */
  String name();

  /**
   * Returns the permission bits that {@link #mode(int)} has set.
   *
   * @return from 01 to 0777; empty: those of the host's file, or 0644
   */
  OptionalInt mode();

  private static String checked(String name) {
    return Checks.noDots("copyIn name", Checks.filled("copyIn name", name));
  }

  private static OptionalInt checked(int mode) {
    return OptionalInt.of(Checks.mode("copyIn mode", mode, 0777));
  }
}
