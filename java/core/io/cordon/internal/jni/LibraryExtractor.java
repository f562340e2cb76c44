// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.jni;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import org.scijava.nativelib.BaseJniExtractor;

/**
 * native-lib-loader's extraction, into a folder that only this user can enter. No other class needs native-lib-loader.
 *
 * <p>Two things of it are not used. Its default folder is made with a name that another user of the machine can take
 * first. Its {@code NativeLoader} would be the caller of {@link System#load}, so that users had to grant native access
 * to it, and it hides the linker's message.
 */
final class LibraryExtractor extends BaseJniExtractor {
  private final File directory;

  private LibraryExtractor(Path directory) throws IOException {
    super(LibraryExtractor.class);
    this.directory = directory.toFile();
  }

  /** Whether there is such a library. */
  static boolean extract(Path directory, String folder, String name) throws IOException {
    return new LibraryExtractor(directory).extractJni(folder, name) != null;
  }

  @Override
  public File getNativeDir() {
    return directory;
  }

  @Override
  public File getJniDir() {
    return directory;
  }
}
