// SPDX-License-Identifier: Apache-2.0
package io.cordon.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cordon.live.Jvm;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An application runs a program in a sandbox, packaged in each of the usual ways, with every JDK of this machine. */
@Timeout(180)
@Tag("tree")
class ApplicationTest {
  private static final String MODULE = "com.example.packaged";
  private static final String MAIN = MODULE + ".App";
  private static final Path APPLICATION = Jars.OUTPUT.resolve(System.getProperty("cordon.test.application") + ".jar");
  private static final Path NESTED = Jars.OUTPUT.resolve(System.getProperty("cordon.test.application") + "-nested.jar");
  private static final Path RELOCATED = Jars.OUTPUT.resolve("relocated.jar");

  @TempDir
  Path temporary;

  static Stream<Jdk> jdks() {
    return Jdk.all();
  }

  /** What the application prints where Cordon's classes are in that package. */
  private static Jvm.Outcome success(String root) {
    return new Jvm.Outcome(0, "hello\nSIGNALED 15 " + root + "\nunshare container ptrace\n", "");
  }

  /** With all that the application needs at run time, and no logger. */
  private static Jvm.Outcome quiet(Jvm.Outcome outcome) {
    // slf4j says once that there is no logger, as in any application without one.
    return new Jvm.Outcome(outcome.exitCode(), outcome.out(), outcome.err().replaceAll("(?m)^SLF4J\\(W\\): .*\n", ""));
  }

  private Jvm.Outcome java(Jdk jdk, String access, String... arguments) throws IOException, InterruptedException {
    var options = new ArrayList<>(List.of("-Djava.io.tmpdir=" + Files.createDirectory(temporary.resolve("tmp"))));
    options.addAll(jdk.nativeAccess(access));
    options.addAll(List.of(arguments));
    Jvm.Outcome outcome = quiet(jdk.run("java", options));
    try (Stream<Path> left = Files.list(temporary.resolve("tmp"))) {
      // The JVM's own file for jps and jstat.
      assertEquals(List.of(), left.filter(file -> !file.getFileName().toString().startsWith("hsperfdata_")).toList());
    }
    return outcome;
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void onTheClassPath(Jdk jdk) throws Exception {
    String path = Jars.path(APPLICATION, Jars.CORE, Jars.JSON, Jars.JACKSON, Jars.SLF4J, Jars.LOADER);
    assertEquals(success("io.cordon"), java(jdk, "ALL-UNNAMED", "-cp", path, MAIN));
  }

  /** Who excludes native-lib-loader. */
  @ParameterizedTest
  @MethodSource("jdks")
  void onTheClassPathWithoutTheLoader(Jdk jdk) throws Exception {
    String path = Jars.path(APPLICATION, Jars.CORE, Jars.JSON, Jars.JACKSON, Jars.SLF4J);
    assertEquals(success("io.cordon"), java(jdk, "ALL-UNNAMED", "-cp", path, MAIN));
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void onTheModulePath(Jdk jdk) throws Exception {
    String path = Jars.path(APPLICATION, Jars.CORE, Jars.JSON, Jars.JACKSON, Jars.SLF4J);
    assertEquals(success("io.cordon"), java(jdk, "io.cordon", "-p", path, "-m", MODULE + "/" + MAIN));
  }

  /** native-lib-loader is an automatic module; it is used where it is resolved. */
  @ParameterizedTest
  @MethodSource("jdks")
  void onTheModulePathWithTheLoader(Jdk jdk) throws Exception {
    String path = Jars.path(APPLICATION, Jars.CORE, Jars.JSON, Jars.JACKSON, Jars.SLF4J, Jars.LOADER);
    assertEquals(success("io.cordon"),
        java(jdk, "io.cordon", "-p", path, "--add-modules", "org.scijava.nativelib", "-m", MODULE + "/" + MAIN));
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void inARuntimeImage(Jdk jdk) throws Exception {
    Path image = temporary.resolve("image");
    String path = Jars.path(APPLICATION, Jars.CORE, Jars.JSON, Jars.JACKSON, Jars.SLF4J);
    String testKit = Jars.path(Jars.TEST, Jars.named("junit-jupiter-api"), Jars.named("junit-platform-commons"),
        Jars.named("opentest4j"));
    var made = jdk.run("jlink", List.of("-p", path + File.pathSeparator + testKit,
        "--add-modules", MODULE + ",io.cordon.test", "--output", image.toString()));
    assertEquals(0, made.exitCode(), made.toString());
    var imageOnly = new Jdk(image, jdk.feature());
    assertEquals(success("io.cordon"), java(imageOnly, "io.cordon", "-m", MODULE + "/" + MAIN));
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void inOneJarUnderAnotherName(Jdk jdk) throws Exception {
    assertEquals(success(MODULE + ".cordon"), java(jdk, "ALL-UNNAMED", "-jar", RELOCATED.toString()));
  }

  /** A cluster's own Cordon comes first on the class path: its library and its version are not the application's. */
  @ParameterizedTest
  @MethodSource("jdks")
  void besideAnotherVersion(Jdk jdk) throws Exception {
    Path other = temporary.resolve("other");
    for (String platform : List.of("linux_64", "linux_arm64")) {
      Path folder = Files.createDirectories(other.resolve("natives").resolve(platform));
      Files.writeString(folder.resolve("libcordon.so"), "another version");
    }
    Path version = Files.createDirectories(other.resolve("io/cordon")).resolve("version.properties");
    Files.writeString(version, "version=9.9.9\n");
    assertEquals(success(MODULE + ".cordon"), java(jdk, "ALL-UNNAMED", "-cp", Jars.path(other, RELOCATED), MAIN));
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void inAJarOfJars(Jdk jdk) throws Exception {
    assertEquals(success("io.cordon"), java(jdk, "ALL-UNNAMED", "-jar", NESTED.toString()));
  }
}
