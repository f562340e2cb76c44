// SPDX-License-Identifier: Apache-2.0
package io.cordon.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The modules' POMs: what a repository of published artifacts asks for. */
@Tag("tree")
class ModulesTest {
  private static final Path ROOT_POM = Jars.ROOT.resolve("pom.xml");
  private static final Path BOM = Jars.ROOT.resolve("java/bom/pom.xml");

  /** Those with a JAR, which are published. */
  static Stream<String> modules() throws IOException {
    return Xml.read(ROOT_POM).path("modules", "module").stream().map(module -> module.element().getTextContent())
        .filter(folder -> folder.startsWith("java/") && !folder.equals("java/bom"))
        .map(folder -> folder.substring("java/".length()));
  }

  private static Path folder(String module) {
    return Jars.ROOT.resolve("java").resolve(module);
  }

  private static Xml pom(String module) throws IOException {
    return Xml.read(folder(module).resolve("pom.xml"));
  }

  @ParameterizedTest
  @MethodSource("modules")
  void isPublishedWithAllThatIsAskedFor(String module) throws IOException {
    Xml pom = pom(module);
    assertEquals("cordon-" + module, pom.text("artifactId").orElseThrow());
    assertTrue(pom.text("name").isPresent() && pom.text("description").isPresent(), module);
    Xml parent = pom.path("parent").get(0);
    assertEquals("cordon-parent", parent.text("artifactId").orElseThrow());
    assertEquals(System.getProperty("cordon.test.version"), parent.text("version").orElseThrow());
    List<String> managed = Xml.read(BOM).path("dependencyManagement", "dependencies", "dependency").stream()
        .map(dependency -> dependency.text("artifactId").orElseThrow())
        .toList();
    assertTrue(managed.contains("cordon-" + module), module + " is not in the BOM");
    // The list of components is made where a module names the plugin.
    List<String> plugins = pom.path("build", "plugins", "plugin").stream()
        .map(plugin -> plugin.text("artifactId").orElseThrow())
        .toList();
    assertTrue(plugins.containsAll(List.of("cyclonedx-maven-plugin", "maven-antrun-plugin")), plugins.toString());
  }

  /** The BOM has no parent, so it says the same once more. */
  @Test
  void theParentAndTheBomSayWhoseTheyAre() throws IOException {
    Xml parent = Xml.read(ROOT_POM);
    Xml bom = Xml.read(BOM);
    for (Xml pom : List.of(parent, bom)) {
      assertTrue(pom.text("name").isPresent() && pom.text("description").isPresent());
      assertTrue(pom.text("url").orElseThrow().startsWith("https://"));
      assertEquals("Apache-2.0", pom.path("licenses", "license").get(0).text("name").orElseThrow());
    }
    for (String name : List.of("groupId", "version", "url", "inceptionYear", "licenses", "developers")) {
      assertEquals(parent.text(name), bom.text(name), name);
    }
    for (String name : List.of("connection", "developerConnection", "url")) {
      assertEquals(parent.path("scm").get(0).text(name), bom.path("scm").get(0).text(name), name);
      assertTrue(bom.path("scm").get(0).text(name).isPresent(), name);
    }
  }

  @Test
  void theReadmeHasTheCoordinates() throws IOException {
    String readme = Files.readString(Jars.ROOT.resolve("README.md"));
    for (String module : Stream.concat(modules(), Stream.of("bom")).toList()) {
      assertTrue(readme.contains("cordon-" + module), module);
    }
  }
}
