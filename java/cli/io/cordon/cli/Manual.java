// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Writes the man page of each command and the completion for bash, of the rows that {@code --help} is made of. The
 * build calls it; the files lie in the JAR below {@code META-INF/share}.
 */
final class Manual {
  private static final String NAME = "cordon";

  /** So many columns that picocli breaks no line: troff does. */
  private static final int UNBROKEN = 10_000;

  private final StringBuilder page = new StringBuilder();

  private Manual() {}

  /**
   * Writes the files in the layout of {@code /usr/share}.
   *
   * @param args the folder, which is made where it is missing, and the version: the library is not loaded for it
   * @throws IOException where a file cannot be written
   */
  public static void main(String[] args) throws IOException {
    var share = Path.of(args[0]);
    var man = Files.createDirectories(share.resolve("man/man1"));
    for (var line : commands().toList()) {
      Files.writeString(man.resolve(title(line) + ".1"), page(line, args[1]));
    }
    var completions = Files.createDirectories(share.resolve("bash-completion/completions"));
    Files.writeString(completions.resolve(NAME), completion());
  }

  /** All commands. */
  static Stream<CommandLine> commands() {
    return lines(Main.commandLine().setUsageHelpWidth(UNBROKEN));
  }

  private static Stream<CommandLine> lines(CommandLine line) {
    return Stream.concat(Stream.of(line), line.getSubcommands().values().stream().flatMap(Manual::lines));
  }

  /** The name of a command's page. */
  static String title(CommandLine line) {
    return line.getCommandSpec().qualifiedName("-");
  }

  static String completion() {
    return AutoComplete.bash(NAME, Main.commandLine());
  }

  /** A page in the macros of man(7). */
  static String page(CommandLine line, String version) {
    var manual = new Manual();
    manual.add(line, line.getCommandSpec(), version);
    return manual.page.toString();
  }

  private void add(CommandLine line, CommandSpec spec, String version) {
    var usage = spec.usageMessage();
    // Without a date: the page is the same in each build of a version.
    request(".TH " + title(line).toUpperCase(Locale.ROOT) + " 1 \"\" \"Cordon " + version + "\"");
    // No spaces between words to reach the right margin, and no hyphens in words that are typed as they are.
    request(".ad l");
    request(".nh");
    section("NAME", title(line) + " \\- " + text(description(spec).replaceFirst("\\.$", "")));
    section("SYNOPSIS", text(new Help(spec, Help.defaultColorScheme(Ansi.OFF)).synopsis(0)));
    section("DESCRIPTION", text(description(spec)));
    spec.positionalParameters().stream().filter(each -> !each.hidden()).forEach(this::add);
    if (!spec.subcommands().isEmpty()) {
      section("COMMANDS", "");
      spec.subcommands().forEach((name, below) -> entry(bold(name), description(below.getCommandSpec())));
    }
    section("OPTIONS", "");
    spec.options().stream().filter(option -> !option.hidden()).forEach(this::add);
    if (!usage.exitCodeList().isEmpty()) {
      section("EXIT STATUS", "");
      usage.exitCodeList().forEach((code, meaning) -> entry(bold(code.strip()), meaning));
    }
    var notes = String.join(" ", usage.footer()).strip();
    if (!notes.isEmpty()) {
      section("NOTES", text(notes));
    }
    var others = related(line);
    if (!others.isEmpty()) {
      section("SEE ALSO", others.stream().map(other -> bold(title(other)) + "(1)").collect(Collectors.joining(", ")));
    }
  }

  private static List<CommandLine> related(CommandLine line) {
    var related = new ArrayList<CommandLine>();
    if (line.getParent() != null) {
      related.add(line.getParent());
    }
    related.addAll(line.getSubcommands().values());
    return related;
  }

  private static String description(CommandSpec spec) {
    return String.join(" ", spec.usageMessage().description());
  }

  private void add(OptionSpec option) {
    var names = Stream.of(option.names()).map(Manual::bold).collect(Collectors.joining(", "));
    var label = option.arity().max() > 0 ? " " + italic(option.paramLabel()) : "";
    entry(names + label, String.join(" ", option.description()));
  }

  private void add(PositionalParamSpec positional) {
    entry(italic(positional.paramLabel()), String.join(" ", positional.description()));
  }

  private void request(String line) {
    page.append(line).append('\n');
  }

  private void section(String heading, String body) {
    request(".SH " + heading);
    if (!body.isEmpty()) {
      request(body);
    }
  }

  private void entry(String term, String meaning) {
    request(".TP");
    request(term);
    request(text(meaning));
  }

  private static String bold(String word) {
    return "\\fB" + text(word) + "\\fR";
  }

  private static String italic(String word) {
    return "\\fI" + text(word) + "\\fR";
  }

  /** Text of which troff takes nothing for a request, an escape or a hyphen. */
  private static String text(String text) {
    var escaped = text.strip().replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("\n", " ");
    return escaped.startsWith(".") ? "\\&" + escaped : escaped;
  }
}
