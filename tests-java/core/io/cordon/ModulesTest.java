// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** The Java modules depend on each other as {@code java/modules.deps} says, in their poms and in their descriptors. */
@Tag("tree")
class ModulesTest {
  private static final Path JAVA = Path.of("java");
  private static final Pattern REQUIRES = Pattern.compile("requires\\s+(?:transitive\\s+|static\\s+)*([\\w.]+)\\s*;");
  private static final String GROUP = "io.cordon";

  private static Dependencies rules() throws IOException {
    return Dependencies.of(Files.readAllLines(JAVA.resolve("modules.deps")), "modules");
  }

  /** The folders below java that have a pom. */
  private static List<Path> folders() throws IOException {
    try (var files = Files.walk(JAVA, 3)) {
      return files.filter(file -> file.endsWith("pom.xml")).map(Path::getParent).sorted().toList();
    }
  }

  private static Element root(String pom) throws Exception {
    var factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    var bytes = new ByteArrayInputStream(pom.getBytes(StandardCharsets.UTF_8));
    return factory.newDocumentBuilder().parse(bytes).getDocumentElement();
  }

  private static List<Element> children(Node parent, String name) {
    var found = new ArrayList<Element>();
    for (var node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element && element.getTagName().equals(name)) {
        found.add(element);
      }
    }
    return found;
  }

  private static String text(Element parent, String name) {
    return children(parent, name).stream().map(Element::getTextContent).findFirst().orElse("").strip();
  }

  /** The modules that a pom names, but for tests: cordon-json is json. */
  private static Set<String> ofPom(String pom) throws Exception {
    var used = new TreeSet<String>();
    for (var list : children(root(pom), "dependencies")) {
      for (var dependency : children(list, "dependency")) {
        if (text(dependency, "groupId").equals(GROUP) && !text(dependency, "scope").equals("test")) {
          used.add(text(dependency, "artifactId").replace("cordon-", ""));
        }
      }
    }
    return used;
  }

  /** The modules that a descriptor requires: io.cordon is core, io.cordon.json is json. */
  private static Set<String> ofDescriptor(String descriptor) {
    var used = new TreeSet<String>();
    var required = REQUIRES.matcher(descriptor);
    while (required.find()) {
      if (required.group(1).equals(GROUP)) {
        used.add("core");
      } else if (required.group(1).startsWith(GROUP + ".")) {
        used.add(required.group(1).substring(GROUP.length() + 1));
      }
    }
    return used;
  }

  @Test
  void aModuleNamesOnlyWhatItMay() throws Exception {
    var rules = rules();
    var violations = new TreeMap<Path, Set<String>>();
    for (var folder : folders()) {
      var module = text(root(Files.readString(folder.resolve("pom.xml"))), "artifactId").replace("cordon-", "");
      var used = ofPom(Files.readString(folder.resolve("pom.xml")));
      var descriptor = folder.resolve("module-info.java");
      if (Files.exists(descriptor)) {
        used.addAll(ofDescriptor(Files.readString(descriptor)));
      }
      var found = rules.violations(module, used);
      if (!found.isEmpty()) {
        violations.put(folder, found);
      }
    }
    assertEquals(new TreeMap<>(), violations);
  }

  @Test
  void everyModuleIsBuiltAndHasALine() throws Exception {
    var built = new TreeSet<String>();
    for (var list : children(root(Files.readString(Path.of("pom.xml"))), "modules")) {
      children(list, "module").forEach(module -> built.add(module.getTextContent().strip()));
    }
    // The tests of the JARs are built as a module, and are none that anybody could depend on.
    built.removeIf(module -> module.startsWith("tests-java/"));
    var folders = new TreeSet<>(folders().stream().map(Path::toString).toList());
    built.removeIf(module -> !module.startsWith(JAVA + "/")); // The others hold tests alone.
    assertEquals(folders, built);
    var named = new TreeSet<String>();
    for (var folder : folders) {
      named.add(text(root(Files.readString(Path.of(folder, "pom.xml"))), "artifactId").replace("cordon-", ""));
    }
    assertEquals(named, new TreeSet<>(rules().names()));
  }

  @Test
  void noTwoModulesNeedEachOther() throws IOException {
    assertEquals(Set.of(), rules().circles());
  }

  @Test
  void everyModuleIsInTheBillOfMaterials() throws Exception {
    var listed = new TreeSet<String>();
    for (var management : children(root(Files.readString(JAVA.resolve("bom/pom.xml"))), "dependencyManagement")) {
      for (var list : children(management, "dependencies")) {
        children(list, "dependency").forEach(item -> listed.add(text(item, "artifactId").replace("cordon-", "")));
      }
    }
    listed.add("bom");
    assertEquals(new TreeSet<>(rules().names()), listed);
  }

  /** The check itself finds what it is for. */
  @Test
  void aForbiddenDependencyIsFound() throws Exception {
    var lines = List.of("[other]", "json: cli", "[modules]", "# json: cli", "core:", "json: core");
    var rules = Dependencies.of(lines, "modules");
    var pom = """
        <project><dependencies>
          <dependency><groupId>io.cordon</groupId><artifactId>cordon-core</artifactId></dependency>
          <dependency><groupId>io.cordon</groupId><artifactId>cordon-cli</artifactId></dependency>
          <dependency><groupId>io.cordon</groupId><artifactId>cordon-test</artifactId><scope>test</scope></dependency>
          <dependency><groupId>org.example</groupId><artifactId>cordon-x</artifactId></dependency>
        </dependencies></project>""";
    assertEquals(Set.of("json uses cli"), rules.violations("json", ofPom(pom)));
    var descriptor = "module io.cordon.json { requires transitive io.cordon; requires static transitive io.cordon.cli;"
        + " requires io.cordonnet; }";
    assertEquals(Set.of("json uses cli"), rules.violations("json", ofDescriptor(descriptor)));
    assertEquals(Set.of("cli has no line"), rules.violations("cli", Set.of()));
    assertEquals(Set.of("a b", "a c", "b c"),
        Dependencies.of(List.of("[p]", "a: b", "b: c", "c: a", "d: a"), "p").circles());
    assertFalse(folders().isEmpty());
  }
}
