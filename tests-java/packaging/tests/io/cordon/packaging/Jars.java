package io.cordon.packaging;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The JARs of this build, and those that they need. */
final class Jars {
  private static final List<Path> CLASS_PATH = Arrays.stream(
          System.getProperty("java.class.path").split(File.pathSeparator))
      .map(Path::of)
      .toList();

  static final Path CORE = named("cordon-core");
  static final Path JSON = named("cordon-json");
  static final Path CLI = named("cordon-cli");
  static final Path LOADER = named("native-lib-loader");
  static final Path SLF4J = named("slf4j-api");
  static final Path JACKSON = named("jackson-core");

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

  static String path(Path... files) {
    return Arrays.stream(files).map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }
}
