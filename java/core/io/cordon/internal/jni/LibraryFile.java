// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.jni;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import org.jspecify.annotations.Nullable;

/** The {@code libcordon.so} of our own JAR for this machine. */
final class LibraryFile {
  private static final String NAME = "cordon";

  /** The file's name without folders. */
  static final String FILE_NAME = "lib" + NAME + ".so";

  private LibraryFile() {}

  /**
   * Copies the file into {@code directory}.
   *
   * @return where it was
   */
  static String extract(Path directory) throws IOException {
    String folder = "natives/" + platform() + "/";
    URL url = find(folder + FILE_NAME);
    if (url == null) {
      throw new NativeLibrary.LoadError(
          "this JAR has no library for " + machine() + " (" + folder + FILE_NAME + ")", null);
    }
    ClassLoader loader = LibraryFile.class.getClassLoader();
    boolean first = loader != null && url.equals(loader.getResource(folder + FILE_NAME));
    if (!first || !byLoader(directory, folder)) {
      try (InputStream in = url.openStream()) {
        Files.copy(in, directory.resolve(FILE_NAME));
      }
    }
    return url.toString();
  }

  /** native-lib-loader is not there in a runtime image of jlink, which takes no automatic module. */
  private static boolean byLoader(Path directory, String folder) throws IOException {
    try {
      return LibraryExtractor.extract(directory, folder, NAME);
    } catch (NoClassDefFoundError e) {
      return false;
    }
  }

  private static String machine() {
    return System.getProperty("os.name") + " on " + System.getProperty("os.arch");
  }

  /** native-lib-loader's name of this machine's folder. */
  private static String platform() {
    String machine = machine();
    return switch (machine) {
      case "Linux on amd64", "Linux on x86_64" -> "linux_64";
      case "Linux on aarch64" -> "linux_arm64";
      default -> throw new NativeLibrary.LoadError("there is no library for " + machine, null);
    };
  }

  /**
   * The resource of our own JAR, or null. There may be another one at the same path: where Cordon was relocated into
   * some other JAR, its classes have another name there and its libraries have not.
   */
  private static @Nullable URL find(String resource) throws IOException {
    Class<?> self = LibraryFile.class;
    ClassLoader loader = self.getClassLoader();
    // A named module sees its own resources only.
    if (loader != null && !self.getModule().isNamed()) {
      String file = self.getName().replace('.', '/') + ".class";
      String home = String.valueOf(loader.getResource(file));
      String wanted = home.substring(0, Math.max(0, home.length() - file.length())) + resource;
      for (URL url : Collections.list(loader.getResources(resource))) {
        if (url.toString().equals(wanted)) {
          return url;
        }
      }
    }
    return self.getResource("/" + resource);
  }
}
