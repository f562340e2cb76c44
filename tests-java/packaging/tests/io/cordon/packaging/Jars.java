// SPDX-License-Identifier: Apache-2.0
package io.cordon.packaging;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;

/** The JARs of this build, and those that they need. */
final class Jars {
  private static final List<Path> CLASS_PATH = Arrays.stream(
      System.getProperty("java.class.path").split(File.pathSeparator))
      .map(Path::of)
      .toList();

  static final Path CORE = named("cordon-core");
  static final Path JSON = named("cordon-json");
  static final Path TEST = named("cordon-test");
  static final Path CLI = named("cordon-cli");
  static final Path LOADER = named("native-lib-loader");
  static final Path SLF4J = named("slf4j-api");
  static final Path JACKSON = named("jackson-core");

  /** The folder of the whole project, where surefire starts the tests. */
  static final Path ROOT = Path.of("").toAbsolutePath();

  /** The command line in one file. */
  static final Path ONE_FILE = Path.of(System.getProperty("cordon.test.one-file"));

  /** Where the build of this module puts its files. */
  static final Path OUTPUT = Path.of(System.getProperty("cordon.test.output"));

  private Jars() {}

  /** The one whose file name begins so, before its version. */
  static Path named(String name) {
    List<Path> found = CLASS_PATH.stream()
        .filter(file -> file.getFileName().toString().matches(name + "-[0-9].*\\.jar"))
        .toList();
    if (found.size() != 1) {
      throw new IllegalStateException(found + " for " + name + "; this needs the phase package, as in mvn verify");
    }
    return found.get(0);
  }

  /** A file inside a JAR. */
  static String text(Path jar, String name) throws IOException {
    try (var file = new JarFile(jar.toFile())) {
      ZipEntry entry = file.getEntry(name);
      if (entry == null) {
        throw new NoSuchFileException(jar.toString(), name, "not in the JAR");
      }
      try (InputStream in = file.getInputStream(entry)) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
    }
  }

  static String path(Path... files) {
    return Arrays.stream(files).map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }
}
