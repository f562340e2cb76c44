// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Checks;

/**
 * A file to open in a container. Immutable.
 *
 * @param name relative to {@link Command#DEFAULT_WORK_DIR}, or absolute inside
 * @param create a new file for writing, with missing parents; else an existing one for reading
 * @param mode permission bits of a new file
 * @since 0.1.0
 */
public record FileRequest(String name, boolean create, int mode) {
  private static final int DEFAULT_MODE = 0644;

  /**
   * Checks the name and the mode; the static methods are shorter.
   *
   * @param name the name inside
   * @param create whether the file is made
   * @param mode the permission bits of a file that is made
   * @throws IllegalArgumentException where the name is empty or has a part {@code ..}, or the mode is not in 01 to
   *     0777
   */
  public FileRequest {
    Checks.noDots("file name", Checks.filled("file name", name));
    Checks.mode("file mode", mode, 0777);
  }

  /**
   * A regular file that is there, for reading.
   *
   * @param name relative to {@link Command#DEFAULT_WORK_DIR}, or absolute inside
   * @return the request
   */
  public static FileRequest read(String name) {
    return new FileRequest(name, false, DEFAULT_MODE);
  }

  /**
   * A new file for writing, owned by the program, mode 0644; missing parents are made.
   *
   * @param name relative to {@link Command#DEFAULT_WORK_DIR}, or absolute inside
   * @return the request
   */
  public static FileRequest create(String name) {
    return new FileRequest(name, true, DEFAULT_MODE);
  }

  /**
   * A new file for writing with other permission bits.
   *
   * @param name relative to {@link Command#DEFAULT_WORK_DIR}, or absolute inside
   * @param mode from 01 to 0777
   * @return the request
   */
  public static FileRequest create(String name, int mode) {
    return new FileRequest(name, true, mode);
  }
}
