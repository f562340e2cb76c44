// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.live.Live;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The packages of core use each other as {@code java/modules.deps} says: read from the classes, with jdeps. */
@Tag("tree")
class PackagesTest {
  private static final Path CLASSES = Path.of(System.getProperty("cordon.test.classes"));
  private static final Pattern EXPORTS = Pattern.compile("exports\\s+([\\w.]+)\\s*;");

  /** A line of jdeps -verbose:package: a package, an arrow, another package. */
  private static final Pattern ARROW = Pattern.compile("^ +(io\\.cordon[\\w.]*) +-> (io\\.cordon[\\w.]*) .*$",
      Pattern.MULTILINE);

  private static Dependencies rules() throws IOException {
    return Dependencies.of(Files.readAllLines(Path.of("java/modules.deps")), "packages");
  }

  private static String shortName(String name) {
    return name.equals("io.cordon") ? "api" : name.substring("io.cordon.".length());
  }

  /** For each package those that its classes use. */
  private static Map<String, Set<String>> used() throws IOException {
    var jdeps = ToolProvider.findFirst("jdeps").orElse(null);
    if (jdeps == null) {
      Live.skip("jdeps: this JVM has no jdeps");
      return Map.of();
    }
    // Class by class: as a module it would have to be resolved.
    var arguments = new ArrayList<>(List.of("-verbose:package"));
    try (var files = Files.walk(CLASSES)) {
      files.filter(file -> file.toString().endsWith(".class") && !file.endsWith("module-info.class"))
          .forEach(file -> arguments.add(file.toString()));
    }
    var out = new StringWriter();
    assertEquals(0, jdeps.run(new PrintWriter(out), new PrintWriter(out), arguments.toArray(String[]::new)),
        out::toString);
    var used = new TreeMap<String, Set<String>>();
    var arrow = ARROW.matcher(out.toString());
    while (arrow.find()) {
      used.computeIfAbsent(shortName(arrow.group(1)), name -> new TreeSet<>()).add(shortName(arrow.group(2)));
    }
    return used;
  }

  @Test
  void aPackageUsesOnlyWhatItMay() throws IOException {
    var rules = rules();
    var used = used();
    assertTrue(used.getOrDefault("api", Set.of()).contains("internal.engine"), used.toString());
    var violations = new TreeSet<String>();
    used.forEach((name, others) -> violations.addAll(rules.violations(name, others)));
    assertEquals(Set.of(), violations);
  }

  @Test
  void everyPackageOfTheRulesIsThere() throws IOException {
    for (var name : rules().names()) {
      var folder = CLASSES.resolve(name.equals("api") ? "io/cordon" : "io/cordon/" + name.replace('.', '/'));
      assertTrue(Files.isDirectory(folder), name);
    }
  }

  @Test
  void publicPackagesHaveNoCircle() throws IOException {
    var knot = Set.of("api internal.engine", "api internal.flight", "internal.engine internal.flight");
    assertEquals(knot, rules().circles());
    var exported = new TreeSet<String>();
    var exports = EXPORTS.matcher(Files.readString(Path.of("java/core/module-info.java")));
    while (exports.find()) {
      exported.add(shortName(exports.group(1)));
    }
    assertEquals(Set.of("api", "pool", "seccomp", "spi", "supervisor"), exported);
  }

  @Test
  void theLowestPackagesUseNoPublicOne() throws IOException {
    var used = used();
    for (var name : List.of("internal.util", "internal.wire", "internal.jni")) {
      for (var other : used.getOrDefault(name, Set.of())) {
        assertTrue(other.startsWith("internal."), name + " uses " + other);
      }
    }
  }
}
