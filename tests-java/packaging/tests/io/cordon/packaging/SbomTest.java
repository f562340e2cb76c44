// SPDX-License-Identifier: Apache-2.0
package io.cordon.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The lists of components that are published. */
@Tag("tree")
class SbomTest {
  private static final String SECCOMP = "libseccomp";

  @ParameterizedTest
  @ValueSource(strings = {"core", "json", "test", "cli"})
  void hasWhatIsLinkedIn(String module) throws Exception {
    var linked = Sbom.of(module).components().stream().filter(component -> component.name().equals(SECCOMP)).toList();
    assertEquals(1, linked.size());
    assertEquals(List.of("LGPL-2.1-only"), linked.get(0).licenses());
    var properties = new Properties();
    properties.load(new StringReader(Jars.text(Jars.CORE, "natives/linux_64/libcordon.properties")));
    assertEquals(properties.getProperty("libseccomp.version"), linked.get(0).version());
    assertTrue(linked.get(0).version().matches("[0-9]+\\.[0-9]+\\.[0-9]+"), linked.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"core", "json", "test", "cli"})
  void everyDependencyIsAComponent(String module) throws Exception {
    var sbom = Sbom.of(module);
    var known = sbom.components().stream().map(Sbom.Component::reference).collect(Collectors.toSet());
    var named = sbom.dependencies().stream().flatMap(dependency -> dependency.all("dependency"))
        .map(dependency -> dependency.attribute("ref")).collect(Collectors.toSet());
    assertTrue(known.containsAll(named), known + " without " + named);
    assertTrue(named.stream().anyMatch(name -> name.contains(SECCOMP)), named.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"core", "json", "cli"})
  void hasAllThatComesAlong(String module) throws Exception {
    var named = Sbom.of(module).libraries().stream().map(Sbom.Component::name).collect(Collectors.toSet());
    assertEquals(Tree.read().libraries("cordon-" + module), named);
  }
}
