// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.internal.engine.RequiredLayers;
import io.cordon.live.Documents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Links of the documents lead somewhere, lines are short, and tables of names have all names. */
@Tag("tree")
class DocumentsTest {
  private static final Pattern LINK = Pattern.compile("\\[[^]]*]\\(([^)\\s]+)\\)");

  private static final Path REFERENCE = Path.of("docs/reference");

  private static final int LONGEST_LINE = 120;
  private static final int README_BYTES = 7 << 10;
  private static final int OVERVIEW_BYTES = 8 << 10;

  static Stream<Path> documents() throws IOException {
    return Documents.all().stream();
  }

  /** The lines outside of code, where nothing else has a meaning. */
  private static List<String> prose(Path document) {
    var prose = new ArrayList<String>();
    boolean code = false;
    for (var line : Documents.lines(document)) {
      boolean fence = line.startsWith("```");
      code ^= fence;
      if (!code && !fence) {
        prose.add(line);
      }
    }
    return prose;
  }

  /** The anchors of headings, as GitHub makes them. */
  private static List<String> anchors(Path document) {
    return prose(document).stream().filter(line -> line.matches("#+ .*"))
        .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT).replaceAll("[^\\p{Alnum} _-]", "")
            .replace(' ', '-'))
        .toList();
  }

  private static boolean leadsSomewhere(Path document, String link) {
    if (link.matches("https?://.*")) {
      return true;
    }
    var parts = link.split("#", 2);
    var directory = document.toAbsolutePath().getParent();
    var target = parts[0].isEmpty() ? document : directory.resolve(parts[0]).normalize();
    return Files.exists(target) && (parts.length == 1 || anchors(target).contains(parts[1]));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("documents")
  void itsLinksLeadSomewhere(Path document) {
    var links = LINK.matcher(String.join("\n", prose(document).stream().map(line -> line.replaceAll("`[^`]*`", "c"))
        .toList())).results().map(match -> match.group(1)).toList();
    assertEquals(List.of(), links.stream().filter(link -> !leadsSomewhere(document, link)).toList());
  }

  @Test
  void wrongLinksAreFound() {
    var readme = Path.of("README.md");
    assertTrue(leadsSomewhere(readme, "docs/security-model.md#what-it-does-not-promise"));
    assertEquals(List.of("docs/nothing.md", "docs/security-model.md#nothing", "#nothing"),
        Stream.of("docs/nothing.md", "docs/security-model.md#nothing", "#nothing")
            .filter(link -> !leadsSomewhere(readme, link)).toList());
  }

  /** Every document below docs can be reached from the README. */
  @Test
  void noDocumentIsHidden() throws IOException {
    var reached = new ArrayList<>(List.of(Path.of("README.md").toAbsolutePath()));
    for (int i = 0; i < reached.size(); i++) {
      var directory = reached.get(i).getParent();
      LINK.matcher(String.join("\n", prose(reached.get(i)))).results().map(match -> match.group(1).split("#")[0])
          .filter(link -> link.endsWith(".md") && !link.contains(":"))
          .map(link -> directory.resolve(link).normalize()).filter(link -> !reached.contains(link)).distinct()
          .forEach(reached::add);
    }
    assertEquals(List.of(), documents().map(Path::toAbsolutePath).filter(document -> !reached.contains(document))
        .filter(document -> document.toString().contains("/docs/")).toList());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("documents")
  void itsLinesAreShort(Path document) {
    assertEquals(List.of(), Documents.lines(document).stream()
        .filter(line -> line.length() > LONGEST_LINE && !line.startsWith("|")).toList());
  }

  @Test
  void whatIsReadFirstIsShort() throws IOException {
    assertTrue(Files.size(Path.of("README.md")) <= README_BYTES);
    assertTrue(Files.size(Path.of("docs/internals/overview.md")) <= OVERVIEW_BYTES);
  }

  private static List<String> names(Enum<?>[] constants) {
    return Stream.of(constants).map(Enum::name).toList();
  }

  @Test
  void everyModuleIsListed() {
    var modules = Documents.lines(Path.of("csrc/modules.deps")).stream().filter(line -> line.matches("[a-z]+:.*"))
        .map(line -> line.substring(0, line.indexOf(':'))).sorted().toList();
    assertEquals(modules,
        Documents.firstColumn(Path.of("docs/internals/overview.md"), "module").stream().sorted().toList());
  }

  @Test
  void everyStepAndKindIsListed() {
    var errors = REFERENCE.resolve("errors.md");
    assertEquals(names(SandboxException.Kind.values()), Documents.firstColumn(errors, "kind"));
    assertEquals(names(Step.values()), Documents.firstColumn(errors, "step"));
    assertEquals(names(Origin.values()), Documents.firstColumn(errors, "origin"));
  }

  @Test
  void everyLayerIsListed() {
    var rows = Documents.table(REFERENCE.resolve("layers.md"), "layer");
    assertEquals(Stream.of(Layer.values()).map(Layer::label).toList(), rows.stream().map(row -> row.get(0)).toList());
    var required = RequiredLayers.usual();
    for (var layer : Layer.values()) {
      var row = rows.get(layer.ordinal());
      assertEquals(required.contains(layer), !row.get(row.size() - 1).equals("no"), layer.label());
    }
  }

  @Test
  void everyLimitIsListed() {
    assertEquals(Stream.of(Limit.values()).map(Limit::property).toList(),
        Documents.firstColumn(REFERENCE.resolve("limits.md"), "Java"));
  }

  @Test
  void everyEventIsListed() {
    assertEquals(Stream.of(CordonEvent.class.getDeclaredClasses()).filter(Class::isRecord).map(Class::getSimpleName)
        .sorted().toList(), Documents.firstColumn(Path.of("docs/guide/events.md"), "event").stream().sorted().toList());
  }

  @Test
  void everyStatusAndItsCodeIsListed() {
    var rows = Documents.table(REFERENCE.resolve("result.md"), "status");
    assertEquals(Stream.of(Status.values()).map(status -> status.name() + " " + status.code()).toList(),
        rows.stream().map(row -> row.get(0) + " " + row.get(1)).toList());
  }
}
