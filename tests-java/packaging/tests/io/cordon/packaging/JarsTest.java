// SPDX-License-Identifier: Apache-2.0
package io.cordon.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is in the JARs, and what they say of themselves. */
@Timeout(120)
@Tag("tree")
class JarsTest {
  private static final Path LICENSES = Jars.ROOT.resolve("docs/licenses");

  static Stream<Path> ours() {
    return Stream.of(Jars.CORE, Jars.JSON, Jars.TEST, Jars.CLI);
  }

  /** What the command line as one file is made of. */
  private static List<Path> parts() throws IOException {
    var parts = new ArrayList<>(libraries());
    parts.addAll(List.of(Jars.CORE, Jars.JSON, Jars.CLI));
    return parts;
  }

  static Stream<Jdk> jdks() {
    return Jdk.all();
  }

  private static Attributes manifest(Path jar) throws IOException {
    try (var file = new JarFile(jar.toFile())) {
      return file.getManifest().getMainAttributes();
    }
  }

  /** The names of the files, also those that are there twice. */
  private static List<String> files(Path jar) throws IOException {
    try (var file = new JarFile(jar.toFile())) {
      return file.stream().filter(entry -> !entry.isDirectory()).map(JarEntry::getName).toList();
    }
  }

  private static ModuleDescriptor descriptor(Path jar) {
    return ModuleFinder.of(jar).findAll().iterator().next().descriptor();
  }

  private static String license(String name) throws IOException {
    return Files.readString(LICENSES.resolve(name));
  }

  private static List<Path> libraries() throws IOException {
    return Tree.read().libraries("cordon-cli").stream().map(Jars::named).toList();
  }

  @ParameterizedTest
  @MethodSource("ours")
  void bringsNothingAlong(Path jar) throws IOException {
    assertNull(manifest(jar).getValue(Attributes.Name.CLASS_PATH));
    assertTrue(files(jar).stream().allMatch(name -> name.startsWith("META-INF/") || name.startsWith("io/cordon/")
        || name.startsWith("natives/") || name.equals("module-info.class")), files(jar).toString());
  }

  @ParameterizedTest
  @MethodSource("ours")
  void isAModule(Path jar) {
    assertFalse(descriptor(jar).isAutomatic(), jar.toString());
  }

  @ParameterizedTest
  @MethodSource("ours")
  void hasItsLicense(Path jar) throws IOException {
    for (String name : List.of("LICENSE", "NOTICE")) {
      assertEquals(Files.readString(Jars.ROOT.resolve(name)), Jars.text(jar, "META-INF/" + name));
    }
  }

  @Test
  void theLibraryForEachCpuComesWithTheLicenseOfWhatIsLinkedIn() throws IOException {
    assertEquals(license("libseccomp.txt"), Jars.text(Jars.CORE, "META-INF/licenses/libseccomp.txt"));
    for (String platform : System.getProperty("cordon.test.platforms").split(" ")) {
      assertTrue(files(Jars.CORE).contains("natives/" + platform + "/libcordon.so"), platform);
      String linked = Jars.text(Jars.CORE, "natives/" + platform + "/libcordon.properties");
      assertTrue(linked.startsWith("libseccomp.version="), linked);
    }
  }

  /** Who embeds the library gets these and nothing else. */
  @Test
  void theLibraryNeedsTwoOthers() throws IOException {
    assertEquals(Set.of("native-lib-loader", "slf4j-api"), Tree.read().libraries("cordon-core"));
  }

  @Test
  void theModuleForJsonNeedsAModuleOnly() {
    assertFalse(descriptor(Jars.JACKSON).isAutomatic());
    assertFalse(descriptor(Jars.SLF4J).isAutomatic());
  }

  @Test
  void whatTheCommandLineNeedsHasModuleNamesThatStay() throws IOException {
    for (Path jar : libraries()) {
      boolean named = manifest(jar).getValue("Automatic-Module-Name") != null;
      assertTrue(named || !descriptor(jar).isAutomatic(), jar.toString());
    }
  }

  // ---- the command line as one file ----

  @Test
  void theOneFileHasEachFileOnce() throws IOException {
    var seen = new TreeSet<String>();
    var twice = files(Jars.ONE_FILE).stream().filter(name -> !seen.add(name)).toList();
    assertEquals(List.of(), twice);
    assertEquals(List.of(), seen.stream().filter(name -> name.endsWith("module-info.class")).toList());
    assertEquals(List.of(), seen.stream().filter(name -> name.startsWith("META-INF/maven/")).toList());
  }

  /** The plugin that makes it takes one of two files of the same name. */
  @Test
  void noTwoPartsOfTheOneFileHaveAClassInCommon() throws IOException {
    Map<String, Path> owners = new HashMap<>();
    for (Path jar : parts()) {
      for (String name : files(jar)) {
        boolean dropped = name.matches("META-INF/(MANIFEST.MF|LICENSE.*|NOTICE.*|maven/.*)|(.*/)?module-info.class");
        boolean merged = name.startsWith("META-INF/services/");
        Path other = dropped || merged ? null : owners.put(name, jar);
        assertNull(other, name + " is in " + jar + " and in " + other);
      }
    }
  }

  @Test
  void theOneFileHasTheServicesOfAllItsParts() throws IOException {
    int services = 0;
    for (Path jar : parts()) {
      for (String name : files(jar)) {
        if (name.startsWith("META-INF/services/")) {
          services++;
          Set<String> merged = Set.copyOf(Jars.text(Jars.ONE_FILE, name).lines().map(String::strip).toList());
          Jars.text(jar, name).lines().map(text -> text.replaceAll("#.*", "").strip()).filter(text -> !text.isEmpty())
              .forEach(text -> assertTrue(merged.contains(text), text + " of " + name + " in " + jar));
        }
      }
    }
    assertTrue(services > 2);
  }

  @Test
  void theOneFileStartsAndHasClassesForNewerJvms() throws IOException {
    Attributes manifest = manifest(Jars.ONE_FILE);
    assertEquals("io.cordon.cli.Main", manifest.getValue(Attributes.Name.MAIN_CLASS));
    assertEquals("ALL-UNNAMED", manifest.getValue("Enable-Native-Access"));
    assertEquals("true", manifest.getValue(Attributes.Name.MULTI_RELEASE));
    assertNull(manifest.getValue(Attributes.Name.CLASS_PATH));
    assertEquals(System.getProperty("cordon.test.version"), manifest.getValue(Attributes.Name.IMPLEMENTATION_VERSION));
    assertTrue(files(Jars.ONE_FILE).stream().anyMatch(name -> name.startsWith("META-INF/versions/")));
  }

  @Test
  void theOneFileNamesAllItsPartsAndHasTheirLicenses() throws IOException {
    String notice = Files.readString(Jars.ROOT.resolve("NOTICE"));
    assertEquals(notice, Jars.text(Jars.ONE_FILE, "META-INF/NOTICE"));
    assertEquals(Files.readString(Jars.ROOT.resolve("LICENSE")), Jars.text(Jars.ONE_FILE, "META-INF/LICENSE"));
    for (String library : Tree.read().libraries("cordon-cli")) {
      assertTrue(Pattern.compile("\\b" + Pattern.quote(library) + "\\b").matcher(notice).find(), library);
    }
    try (Stream<Path> texts = Files.list(LICENSES)) {
      for (Path text : texts.toList()) {
        String name = "licenses/" + text.getFileName();
        assertTrue(notice.contains(name), name);
        assertEquals(Files.readString(text), Jars.text(Jars.ONE_FILE, "META-INF/" + name));
      }
    }
    var named = Pattern.compile("licenses/[a-z0-9-]+\\.txt").matcher(notice);
    while (named.find()) {
      assertNotNull(Jars.text(Jars.ONE_FILE, "META-INF/" + named.group()));
    }
  }

  /** Where a part brings its license along, ours is a copy of that: a newer version may have another one. */
  @Test
  void theLicensesAreThoseOfTheParts() throws IOException {
    assertEquals(Jars.text(Jars.SLF4J, "META-INF/LICENSE.txt"), license("slf4j.txt"));
    assertEquals(Jars.text(Jars.named("slf4j-nop"), "META-INF/LICENSE.txt"), license("slf4j.txt"));
    assertEquals(Jars.text(Jars.JACKSON, "META-INF/NOTICE"), license("jackson.txt"));
    var named = Pattern.compile("[A-Za-z-]+-LICENSE\\b").matcher(license("jackson.txt"));
    int names = 0;
    for (; named.find(); names++) {
      String name = "META-INF/" + named.group();
      assertEquals(Jars.text(Jars.JACKSON, name), Jars.text(Jars.ONE_FILE, name));
    }
    assertTrue(names > 0);
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void theOneFileRunsAProgramFromAnywhere(Jdk jdk, @TempDir Path elsewhere) throws Exception {
    Path copy = Files.copy(Jars.ONE_FILE, elsewhere.resolve("c.jar"));
    var outcome = jdk.run("java", List.of("-jar", copy.toString(), "run", "--", "/bin/sh", "-c", "echo hello; exit 7"));
    assertEquals(7, outcome.exitCode(), outcome.toString());
    assertEquals("hello\n", outcome.out());
    assertEquals("", outcome.err());
  }
}
