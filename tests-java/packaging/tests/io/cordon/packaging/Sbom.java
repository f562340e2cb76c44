// SPDX-License-Identifier: Apache-2.0
package io.cordon.packaging;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The list of components of a module, of the form CycloneDX. */
record Sbom(List<Component> components, List<Xml> dependencies) {
  /** One of them. */
  record Component(
      String reference, String group, String name, String version, boolean optional, List<String> licenses) {
    static Component of(Xml xml) {
      List<String> licenses = xml.path("licenses", "license").stream()
          .map(license -> license.text("id").or(() -> license.text("name")).orElseThrow())
          .toList();
      return new Component(xml.attribute("bom-ref"), xml.text("group").orElse(""), xml.text("name").orElseThrow(),
          xml.text("version").orElseThrow(), xml.text("scope").filter("optional"::equals).isPresent(), licenses);
    }
  }

  static Sbom of(String module) throws IOException {
    Path file = Jars.ROOT.resolve("target").resolve(module).resolve("sbom.xml");
    assumeTrue(Files.exists(file), "no " + file + ": the plugin that makes it does nothing where Maven is offline");
    Xml xml = Xml.read(file);
    return new Sbom(xml.path("components", "component").stream().map(Component::of).toList(),
        xml.path("dependencies", "dependency"));
  }

  /** What others made and is needed at run time, but for what is linked into libcordon.so. */
  List<Component> libraries() {
    return components.stream()
        .filter(component -> !component.optional && !component.group.equals("io.cordon") && !component.group.isEmpty())
        .toList();
  }
}
