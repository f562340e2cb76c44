package io.cordon;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file that is put into the sandbox before the program starts. Parents are made; a file that is there already is
 * refused (step {@link Step#COPY_IN}). Immutable.
 */
public final class CopyIn {
  final String name;
  final @Nullable Path path;
  final byte @Nullable [] data;
  final int mode;

  private CopyIn(String name, @Nullable Path path, byte @Nullable [] data, int mode) {
    this.name = Checks.noDots("copyIn name", Checks.filled("copyIn name", name));
    this.path = path;
    this.data = data;
    this.mode = mode;
  }

  /**
   * A regular file of the host, with its permission bits.
   *
   * @param path the file; a relative one is relative to the JVM's directory
   * @param name its name inside: relative to the work directory, or absolute
   * @return the item
   */
  public static CopyIn file(Path path, String name) {
    return new CopyIn(name, Checks.host("copyIn path", path), null, 0);
  }

  /**
   * Bytes in memory, mode 0644.
   *
   * @param name the file's name inside: relative to the work directory, or absolute
   * @param data the bytes, which are copied
   * @return the item
   */
  public static CopyIn bytes(String name, byte[] data) {
    return new CopyIn(name, null, data.clone(), 0);
  }

  /**
   * Text as UTF-8, mode 0644.
   *
   * @param name the file's name inside: relative to the work directory, or absolute
   * @param text the text
   * @return the item
   */
  public static CopyIn text(String name, String text) {
    return new CopyIn(name, null, text.getBytes(StandardCharsets.UTF_8), 0);
  }

  /**
   * Gives the file other permission bits.
   *
   * @param bits from 01 to 0777
   * @return a new item
   */
  public CopyIn mode(int bits) {
    return new CopyIn(name, path, data, Checks.mode("copyIn mode", bits, 0777));
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
