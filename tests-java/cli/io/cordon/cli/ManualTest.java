// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.live.Jvm;
import io.cordon.live.Live;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The man pages say what {@code --help} says, and bash completes what the parser takes. */
class ManualTest {
  private static final String VERSION = "1.2";

  @TempDir
  Path directory;

  static Stream<CommandLine> commands() {
    return Manual.commands();
  }

  private static String run(String... command) throws IOException, InterruptedException {
    var outcome = Jvm.finish(new ProcessBuilder(command).redirectInput(Path.of("/dev/null").toFile()).start());
    assertEquals("", outcome.err(), () -> Arrays.toString(command));
    return outcome.out();
  }

  /** The words of a page as a reader sees them, each followed by one space. */
  private static String read(String page) {
    return page.lines().filter(line -> !line.matches("\\.(TH|TP|ad|nh).*"))
        .map(line -> line.replaceFirst("^\\.SH ", ""))
        .map(line -> line.replaceAll("\\\\f[BIR]|\\\\&", "").replace("\\-", "-").replace("\\(aq", "'")
            .replace("\\e", "\\"))
        .collect(Collectors.joining(" ")).replaceAll("\\s+", " ");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("commands")
  void aPageSaysAllThatTheHelpSays(CommandLine line) {
    var page = read(Manual.page(line, VERSION));
    var spec = line.getCommandSpec();
    var help = line.getUsageMessage(Ansi.OFF);
    var said = new TreeSet<>(List.of(String.join(" ", spec.usageMessage().footer())));
    said.addAll(List.of(spec.usageMessage().description()));
    spec.options().stream().filter(option -> !option.hidden()).forEach(option -> {
      said.addAll(List.of(option.names()));
      said.addAll(List.of(option.description()));
    });
    spec.positionalParameters().stream().filter(each -> !each.hidden())
        .forEach(each -> said.addAll(List.of(each.description())));
    spec.usageMessage().exitCodeList().forEach((code, meaning) -> said.add(code + " " + meaning));
    spec.subcommands().forEach((name, below) -> said.add(name + " " + description(below)));
    assertFalse(said.isEmpty());
    for (var one : said) {
      var words = one.strip().replaceAll("\\s+", " ");
      assertTrue(help.replaceAll("\\s+", " ").contains(words), words + ": not in " + help);
      assertTrue(page.contains(words), words + ": not in " + page);
    }
    var synopsis = help.substring("Usage: ".length(), help.indexOf(description(line).substring(0, 10)));
    assertTrue(page.contains(synopsis.strip().replaceAll("\\s+", " ")), page);
  }

  private static String description(CommandLine line) {
    return String.join(" ", line.getCommandSpec().usageMessage().description());
  }

  /** The other way round: the help has every option that stands in a page. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("commands")
  void aPageHasNoOtherOptions(CommandLine line) {
    var listed = Manual.page(line, VERSION).lines().filter(text -> text.startsWith("\\fB\\-"))
        .flatMap(text -> Stream.of(text.replaceAll("\\\\f[BR]|\\\\fI.*", "").replace("\\-", "-").strip().split(", ")))
        .collect(Collectors.toCollection(TreeSet::new));
    var parsed = line.getCommandSpec().options().stream().filter(option -> !option.hidden())
        .flatMap(option -> Stream.of(option.names())).collect(Collectors.toCollection(TreeSet::new));
    assertEquals(parsed, listed);
  }

  @Test
  void everyCommandHasAPageThatTroffTakes() throws Exception {
    Manual.main(new String[] {directory.toString(), VERSION});
    var pages = directory.resolve("man/man1");
    for (var line : commands().toList()) {
      var page = pages.resolve(Manual.title(line) + ".1");
      assertTrue(Files.size(page) > 0, page.toString());
    }
    try (var all = Files.list(pages)) {
      assertEquals(commands().count(), all.count());
    }
    Live.need("groff");
    for (var line : commands().toList()) {
      var page = pages.resolve(Manual.title(line) + ".1").toString();
      assertEquals("", run("groff", "-man", "-Tutf8", "-ww", "-z", page));
    }
    var shown = run("groff", "-man", "-Tascii", "-P-cbou", "-ww", pages.resolve("cordon-run.1").toString());
    assertTrue(shown.contains("Cordon 1.2"), shown);
    assertTrue(shown.contains("--memory SIZE\n"), shown);
    assertTrue(shown.contains("\n       124    a time limit\n"), shown);
  }

  /** What the Tab key gives: COMP_WORDS are the words so far, the last one incomplete. */
  private List<String> completions(String... words) throws Exception {
    Manual.main(new String[] {directory.toString(), VERSION});
    Live.need("bash");
    var script = directory.resolve("bash-completion/completions/cordon");
    var quoted = Stream.of(words).map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    // compopt works only where readline calls the function.
    var text =
        "set -e; compopt() { :; }; . '" + script + "'; complete -p cordon >/dev/null; COMP_WORDS=(" + quoted + ");"
            + " COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE=\"${COMP_WORDS[*]}\"; COMP_POINT=${#COMP_LINE};"
            + " COMPREPLY=(); set +e; _complete_cordon; printf '%s\\n' \"${COMPREPLY[@]}\"";
    return run("bash", "-c", text).lines().map(String::strip).filter(line -> !line.isEmpty()).sorted().toList();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
    "cordon r                    | run",
    "cordon run --mem            | --memory",
    "cordon run --allow-b        | --allow-bind",
    "cordon batch --ord          | --ordered",
    "cordon seccomp ex           | explain",
    "cordon profile record --inh | --inherit-env",
    "cordon doctor --j           | --json",
    "cordon run --allow          | --allow-bind --allow-connect --allow-exec --allow-read --allow-stat --allow-udp --allow-write"})
  void bashCompletes(String typed, String expected) throws Exception {
    assertEquals(List.of(expected.split(" ")), completions(typed.split(" ")));
  }

  @Test
  void bashCompletesEveryCommand() throws Exception {
    var names = Main.commandLine().getSubcommands().keySet().stream().sorted().toList();
    var options = Set.of("-h", "--help", "--version");
    assertEquals(names, completions("cordon", "").stream().filter(word -> !options.contains(word)).toList());
  }
}
