// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Limit;
import io.cordon.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Two files are made of the rows of options. With -Dcordon.rewrite they are written anew. */
@Tag("tree")
class OptionRowTest {
  private static final Path TABLE = Path.of("java/cli/io/cordon/cli/options.tsv");
  private static final Path REFERENCE = Path.of("docs/reference/cli.md");

  private static void same(Path file, String expected) throws IOException {
    if (System.getProperty("cordon.rewrite") != null) {
      Files.writeString(file, expected);
    }
    assertEquals(expected, Files.readString(file));
  }

  @Test
  void theTableHasEveryRow() throws IOException {
    same(TABLE, OptionRow.COLUMNS + OptionRow.all().stream().map(OptionRow::tsv).collect(Collectors.joining()));
  }

  @Test
  void theReferenceHasTheOptions() throws IOException {
    var run = names("run");
    var text = Files.readString(REFERENCE);
    text = withTable(text, "run", row -> true);
    text = withTable(text, "profile record", row -> !run.containsAll(row.names()));
    same(REFERENCE, text);
  }

  private static Set<String> names(String command) {
    return OptionRow.all().stream().filter(row -> row.command().equals(command)).flatMap(row -> row.names().stream())
        .collect(Collectors.toSet());
  }

  /** Replaces the table behind {@code <!-- options of COMMAND -->}. */
  private static String withTable(String text, String command, Predicate<OptionRow> which) {
    var mark = "<!-- options of " + command + " -->\n";
    int start = text.indexOf(mark) + mark.length();
    assertTrue(start > mark.length(), mark);
    int end = text.indexOf("\n\n", start) + 1;
    var rows = OptionRow.all().stream()
        .filter(row -> row.command().equals(command) && !row.names().isEmpty() && !row.names().contains("--help"))
        .filter(which).map(OptionRow::markdown).collect(Collectors.joining());
    return text.substring(0, start) + "| option | meaning | default |\n|---|---|---|\n" + rows + text.substring(end);
  }

  @Test
  void rowsAreThoseOfTheParser() {
    var memory = row("run", "--memory");
    assertEquals(new OptionRow("run", List.of("--memory"), "SIZE", false, "256m", "no", "Memory of all processes."),
        memory);
    assertEquals("DST[:SIZE]", row("batch", "--tmpfs").label());
    assertTrue(row("run", "--bind").isRepeatable());
    assertEquals("unless default none", row("run", "--seccomp").jvm());
    assertEquals("", row("run", "--no-namespaces").label());
    assertEquals(List.of("-h", "--help"), row("doctor", "--help").names());
    for (var command : List.of("batch", "bench", "profile", "profile record", "profile diff", "seccomp explain")) {
      assertEquals("yes", commandRow(command).jvm(), command);
    }
    assertEquals("no", commandRow("run").jvm());
    assertEquals("no", commandRow("doctor").jvm());
  }

  private static OptionRow commandRow(String command) {
    return OptionRow.all().stream().filter(row -> row.command().equals(command) && row.names().isEmpty()).findFirst()
        .orElseThrow();
  }

  private static OptionRow row(String command, String name) {
    return OptionRow.all().stream().filter(row -> row.command().equals(command) && row.names().contains(name))
        .findFirst().orElseThrow();
  }

  /** What is declared and what is parsed are the same options, and nothing stands for others any more. */
  @Test
  void everyLimitThatHasAnOptionIsParsed() {
    for (var path : List.of(List.of("run"), List.of("profile", "record"))) {
      CommandLine line = Main.commandLine();
      for (var name : path) {
        line = line.getSubcommands().get(name);
      }
      var spec = line.getCommandSpec();
      assertEquals(names(String.join(" ", path)),
          spec.options().stream().flatMap(option -> List.of(option.names()).stream()).collect(Collectors.toSet()));
      for (var limit : Limit.values()) {
        var option = limit.option().map(spec::findOption);
        assertEquals(limit.option().isPresent(), option.isPresent(), limit.name());
        assertEquals(Optional.of(limit.unit().placeholder()).filter(label -> option.isPresent()),
            option.map(CommandLine.Model.OptionSpec::paramLabel));
      }
    }
  }

  @Test
  void oneLineStartsAnewWithEachExecution() {
    var line = Main.commandLine();
    var limits = (LimitOptions) line.getSubcommands().get("run").getCommandSpec().mixins().get("limits").userObject();
    line.parseArgs("run", "--memory", "1m", "--", "p");
    assertEquals(1 << 20, limits.limits(Limits.builder()).memoryBytes());
    line.parseArgs("run", "--", "p");
    assertEquals(256 << 20, limits.limits(Limits.builder()).memoryBytes());
  }
}
