// SPDX-License-Identifier: Apache-2.0
package io.cordon.packaging;

import io.cordon.live.Jvm;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A JDK of this machine. */
record Jdk(Path home, int feature) {
  private static final Path INSTALLED = Path.of("/usr/lib/jvm");

  /** The first that Cordon supports. */
  private static final int OLDEST = 17;

  /** The first that has the option, and needs it to be silent from 24 on. */
  private static final int NATIVE_ACCESS = 22;

  /** The one that runs the tests, and one of each other version that is installed. */
  static Stream<Jdk> all() {
    SortedMap<Integer, Jdk> found = new TreeMap<>();
    var running = new Jdk(Path.of(System.getProperty("java.home")), Runtime.version().feature());
    found.put(running.feature, running);
    if (Files.isDirectory(INSTALLED)) {
      try (Stream<Path> homes = Files.list(INSTALLED)) {
        homes.filter(home -> Files.isExecutable(home.resolve("bin/javac")) && Files.exists(home.resolve("release")))
            .map(home -> new Jdk(home, featureOf(home.resolve("release"))))
            .filter(jdk -> jdk.feature >= OLDEST)
            .forEach(jdk -> found.putIfAbsent(jdk.feature, jdk));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return found.values().stream();
  }

  /** The file has the line JAVA_VERSION="17.0.15". */
  private static int featureOf(Path release) {
    try (Stream<String> lines = Files.lines(release)) {
      String version = lines.filter(line -> line.startsWith("JAVA_VERSION=")).findFirst().orElse("JAVA_VERSION=\"0\"");
      return Integer.parseInt(version.replaceAll("^JAVA_VERSION=\"(1\\.)?([0-9]+).*", "$2"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a program of this JDK. */
  Jvm.Outcome run(String program, List<String> arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(home.resolve("bin").resolve(program).toString()));
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).redirectInput(new File("/dev/null"));
    // Options of the surrounding build would print a line of their own.
    builder.environment().keySet().removeAll(Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    return Jvm.finish(builder.start());
  }

  /** The option that lets a module, or all of the class path, load native code. */
  List<String> nativeAccess(String module) {
    return feature < NATIVE_ACCESS ? List.of() : List.of("--enable-native-access=" + module);
  }

  @Override
  public String toString() {
    return "JDK " + feature;
  }
}
