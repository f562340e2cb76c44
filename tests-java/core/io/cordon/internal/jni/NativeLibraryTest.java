// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.jni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged libraries, and loading them in JVMs of their own. */
class NativeLibraryTest {
  /** e_machine of elf(5). */
  private static final Map<String, Integer> MACHINES = Map.of("linux_64", 62, "linux_arm64", 183);

  private static final Path CLASSES = Path.of(System.getProperty("cordon.test.classes"));

  @TempDir
  Path temporary;

  /** What a child JVM does: prints the library's version, or why there is none. */
  public static final class Probe {
    private Probe() {}

    public static void main(String[] args) {
      var cause = NativeLibrary.unavailabilityCause();
      if (cause != null) {
        System.out.println(cause.getMessage());
        System.exit(3);
      }
      var buffer = ByteBuffer.allocateDirect(64);
      var bytes = new byte[Natives.version(buffer)];
      buffer.get(bytes);
      System.out.println(new String(bytes, StandardCharsets.US_ASCII));
      if (args.length > 0) {
        Runtime.getRuntime().halt(0);
      }
    }
  }

  private record Outcome(int exitCode, String output) {}

  private static Outcome java(List<String> arguments) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    // Options of the surrounding build would print a line of their own.
    builder.environment().keySet().removeAll(Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    Process process = builder.start();
    String output;
    try (InputStream in = process.getInputStream()) {
      output = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return new Outcome(process.exitValue(), output);
  }

  private Outcome probe(List<String> options, String... arguments) throws IOException, InterruptedException {
    var command =
        new ArrayList<>(List.of("-Djava.io.tmpdir=" + temporary, "-cp", System.getProperty("java.class.path")));
    command.addAll(nativeAccess("ALL-UNNAMED"));
    command.addAll(options);
    command.add(Probe.class.getName());
    command.addAll(List.of(arguments));
    return java(command);
  }

  /** JVMs since 24 warn without it. */
  private static List<String> nativeAccess(String module) {
    return Runtime.version().feature() < 22 ? List.of() : List.of("--enable-native-access=" + module);
  }

  private List<Path> leftovers() throws IOException {
    try (Stream<Path> files = Files.list(temporary)) {
      // The JVM's own file for jps and jstat.
      return files.filter(file -> !file.getFileName().toString().startsWith("hsperfdata_")).toList();
    }
  }

  @Test
  void theLibraryOfEveryCpuIsPackaged() throws IOException {
    var platforms = new TreeSet<>(List.of(System.getProperty("cordon.test.platforms").split(" ")));
    try (Stream<Path> folders = Files.list(CLASSES.resolve("natives"))) {
      var packaged = folders.map(folder -> folder.getFileName().toString()).collect(Collectors.toSet());
      assertTrue(packaged.containsAll(platforms), packaged + " packaged, " + platforms + " wanted");
    }
    for (String platform : platforms) {
      byte[] file = Files.readAllBytes(CLASSES.resolve("natives").resolve(platform).resolve("libcordon.so"));
      var elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
      assertEquals(0x464c457f, elf.getInt(0), platform);
      assertEquals(MACHINES.get(platform), Integer.valueOf(elf.getShort(18)), platform);
    }
  }

  @Test
  void loadsFromTheJarsResources() {
    assertNull(NativeLibrary.unavailabilityCause());
    assertTrue(NativeLibrary.isAvailable());
    NativeLibrary.ensureLoaded();
  }

  @Test
  void nothingIsLeftAfterLoading() throws Exception {
    assertEquals(new Outcome(0, System.getProperty("cordon.test.version")), probe(List.of()));
    assertEquals(List.of(), leftovers());
  }

  @Test
  void nothingIsLeftWhereTheJvmIsKilledAfterLoading() throws Exception {
    assertEquals(0, probe(List.of(), "halt").exitCode());
    assertEquals(List.of(), leftovers());
  }

  @Test
  void loadsOnTheModulePath() throws Exception {
    var libraries = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> Stream.of("native-lib-loader", "slf4j", "jspecify")
            .anyMatch(Path.of(entry).getFileName().toString()::startsWith));
    String modulePath = Stream.concat(Stream.of(CLASSES.toString()), libraries)
        .collect(Collectors.joining(File.pathSeparator));
    String testClasses = Path.of(
        NativeLibraryTest.class.getProtectionDomain().getCodeSource().getLocation().toURI())
        .toString();
    var command = new ArrayList<>(List.of(
        "-Djava.io.tmpdir=" + temporary, "-p", modulePath, "--patch-module", "io.cordon=" + testClasses));
    command.addAll(nativeAccess("io.cordon"));
    command.addAll(List.of("-m", "io.cordon/" + Probe.class.getName()));
    assertEquals(new Outcome(0, System.getProperty("cordon.test.version")), java(command));
    assertEquals(List.of(), leftovers());
  }

  @Test
  void thePropertyNamesTheOnlyFileThatIsTried() throws Exception {
    Path text = Files.writeString(temporary.resolve("text.so"), "no library");
    Outcome outcome = probe(List.of("-D" + NativeLibrary.PATH_PROPERTY + "=" + text));
    assertEquals(3, outcome.exitCode());
    // HotSpot itself warns on stdout before: it takes what is no ELF file for one with an executable stack.
    assertTrue(outcome.output().contains("cannot load " + text + " (on /"), outcome.output());
    assertTrue(outcome.output().contains("os.arch " + System.getProperty("os.arch")), outcome.output());
    // musl's words are others: only that the linker said something about the file.
    assertTrue(outcome.output().matches("(?s).*\\): .*" + text + ": .+"), outcome.output());
    assertEquals(List.of(text), leftovers());
  }

  @Test
  void aMissingFileIsNamed() throws Exception {
    Outcome outcome = probe(List.of("-D" + NativeLibrary.PATH_PROPERTY + "=/no/such/file.so"));
    assertEquals(3, outcome.exitCode());
    assertTrue(outcome.output().startsWith("cannot load /no/such/file.so ("), outcome.output());
  }

  @Test
  void anotherCpuIsNamed() throws Exception {
    assertEquals(new Outcome(3, "there is no library for Linux on riscv64"), probe(List.of("-Dos.arch=riscv64")));
    assertEquals(List.of(), leftovers());
  }

  @Test
  void thePropertyLoadsAGoodFile() throws Exception {
    String platform = System.getProperty("os.arch").equals("aarch64") ? "linux_arm64" : "linux_64";
    Path file = CLASSES.resolve("natives").resolve(platform).resolve("libcordon.so");
    assertEquals(new Outcome(0, System.getProperty("cordon.test.version")),
        probe(List.of("-D" + NativeLibrary.PATH_PROPERTY + "=" + file)));
    assertEquals(List.of(), leftovers());
  }

  /** It looks for its caller on the stack. */
  @Test
  void loadsInAJvmThatKeepsNoStackTraces() throws Exception {
    assertEquals(
        new Outcome(0, System.getProperty("cordon.test.version")), probe(List.of("-XX:-StackTraceInThrowable")));
  }

  /** As shading does it, which knows nothing of the library: every name in and of every class file is another one. */
  @Test
  void aCopyInAnotherPackageLoadsToo() throws Exception {
    Path moved = temporary.resolve("moved");
    move(CLASSES, "io/cordon/internal/jni", moved);
    move(testClasses(), "io/cordon/internal/jni", moved);
    move(CLASSES, "io/cordon/version.properties", moved);
    move(CLASSES, "natives", moved);
    // Without the classes of the usual names, which could be found instead.
    var others = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> entry.endsWith(".jar") && !entry.endsWith("cordon.jar"))
        .collect(Collectors.joining(File.pathSeparator));
    var command = new ArrayList<>(List.of(
        "-Djava.io.tmpdir=" + temporary, "-Xcheck:jni", "-cp", moved + File.pathSeparator + others));
    command.addAll(nativeAccess("ALL-UNNAMED"));
    command.add(Probe.class.getName().replace("io.cordon.", "my.shaded.cordon."));
    assertEquals(new Outcome(0, System.getProperty("cordon.test.version")), java(command));
  }

  private static Path testClasses() throws Exception {
    return Path.of(NativeLibraryTest.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static void move(Path root, String what, Path moved) throws IOException {
    try (Stream<Path> files = Files.walk(root.resolve(what))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = root.relativize(file).toString().replace("io/cordon/", "my/shaded/cordon/");
        Path to = moved.resolve(name);
        Files.createDirectories(to.getParent());
        Files.write(to, name.endsWith(".class") ? renamed(Files.readAllBytes(file)) : Files.readAllBytes(file));
      }
    }
  }

  /** The constants of a class file (JVMS 4.4) with another package in each text. */
  private static byte[] renamed(byte[] file) throws IOException {
    var in = new DataInputStream(new ByteArrayInputStream(file));
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeLong(in.readLong());
    int count = in.readUnsignedShort();
    out.writeShort(count);
    for (int i = 1; i < count; i++) {
      int tag = in.readUnsignedByte();
      out.writeByte(tag);
      if (tag == 1) {
        out.writeUTF(
            in.readUTF().replace("io/cordon/", "my/shaded/cordon/").replace("io.cordon.", "my.shaded.cordon."));
        continue;
      }
      boolean wide = tag == 5 || tag == 6;
      int length = wide ? 8 : tag == 15 ? 3 : Set.of(7, 8, 16, 19, 20).contains(tag) ? 2 : 4;
      out.write(in.readNBytes(length));
      i += wide ? 1 : 0;
    }
    in.transferTo(out);
    return bytes.toByteArray();
  }

  @Test
  void anotherVersionIsRefusedWithBothNumbers() throws Exception {
    // The resource of the JAR, changed: the first entry of the class path wins.
    Path changed = Files.createDirectories(temporary.resolve("changed/io/cordon")).resolve("version.properties");
    Files.writeString(changed, "version=9.9.9\n");
    var command = new ArrayList<>(List.of("-Djava.io.tmpdir=" + temporary, "-cp",
        temporary.resolve("changed") + File.pathSeparator + System.getProperty("java.class.path")));
    command.addAll(nativeAccess("ALL-UNNAMED"));
    command.add(Probe.class.getName());
    Outcome outcome = java(command);
    assertEquals(3, outcome.exitCode());
    assertTrue(outcome.output().contains("9.9.9"), outcome.output());
    assertTrue(outcome.output().contains(System.getProperty("cordon.test.version")), outcome.output());
    assertFalse(Files.exists(temporary.resolve("libcordon.so")));
  }
}
