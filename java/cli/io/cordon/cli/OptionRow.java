// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Limit;
import java.lang.reflect.AnnotatedElement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * What is known of an option, or of a command. The facts of an option are those of its field, {@link
 * CommandLine.Option}, {@link Usual} and {@link NeedsJvm}, or of its {@link Limit}; the help, {@code options.tsv} and
 * the tables of {@code docs/reference/cli.md} are made of the rows.
 *
 * @param command the command's name, without {@code cordon}
 * @param names the option's names; empty: the row is of the command itself
 * @param label what stands for a value; empty: the option has none
 * @param isRepeatable whether it may be given more than once
 * @param usual the default in words; empty: there is none, or it is the option's absence
 * @param jvm {@code no}, {@code yes}, or {@code unless} and the values that do without one
 * @param help what it means
 */
record OptionRow(String command, List<String> names, String label, boolean isRepeatable, String usual, String jvm,
    String help) {
  /** The order of the columns of {@link #tsv}. */
  static final String COLUMNS = "command\tnames\tlabel\trepeatable\tdefault\tjvm\thelp\n";

  /** The rows of all commands, each command's own before those of its options. */
  static List<OptionRow> all() {
    return rows(Main.declared().getCommandSpec()).toList();
  }

  private static Stream<OptionRow> rows(CommandSpec spec) {
    var own = Stream.concat(Stream.of(of(spec)), options(spec).stream().map(option -> of(spec, option)));
    return Stream.concat(own, spec.subcommands().values().stream().flatMap(line -> rows(line.getCommandSpec())));
  }

  private static String name(CommandSpec spec) {
    return spec.qualifiedName().replaceFirst("^cordon ?", "");
  }

  private static OptionRow of(CommandSpec spec) {
    var help = String.join(" ", spec.usageMessage().description());
    return new OptionRow(name(spec), List.of(), "", false, "", jvm(spec.userObject().getClass()), help);
  }

  private static OptionRow of(CommandSpec spec, OptionSpec option) {
    boolean hasValue = option.arity().max() > 0;
    var limit = limit(option);
    var help = limit.map(Limit::help).orElseGet(() -> String.join(" ", option.description()));
    return new OptionRow(name(spec), List.of(option.names()), hasValue ? option.paramLabel() : "",
        option.isMultiValue(), usual(option), jvm((AnnotatedElement) option.userObject()), help);
  }

  private static String jvm(AnnotatedElement declared) {
    var needs = declared == null ? null : declared.getAnnotation(NeedsJvm.class);
    return needs == null ? "no" : needs.unless().length == 0 ? "yes" : "unless " + String.join(" ", needs.unless());
  }

  private static Optional<Limit> limit(OptionSpec option) {
    return Arrays.stream(Limit.values()).filter(limit -> limit.option().equals(Optional.of(option.longestName())))
        .findFirst();
  }

  private static String usual(OptionSpec option) {
    var declared = (AnnotatedElement) option.userObject();
    var usual = declared == null ? null : declared.getAnnotation(Usual.class);
    return usual == null ? limit(option).map(Limit::usualText).orElse("") : usual.value();
  }

  /** The options of a command in their order, those of limits in their place. */
  private static List<OptionSpec> options(CommandSpec spec) {
    var limits = spec.mixins().values().stream().map(CommandSpec::userObject).filter(LimitOptions.class::isInstance)
        .map(LimitOptions.class::cast).findFirst();
    var all = new ArrayList<OptionSpec>();
    for (var option : spec.options()) {
      if (option.longestName().equals(LimitOptions.PLACE)) {
        all.addAll(limits.map(LimitOptions::options).orElseThrow());
      } else {
        all.add(option);
      }
    }
    return all;
  }

  /** Gives a command and those below it the options of limits, and all descriptions their ends. */
  static void complete(CommandSpec spec) {
    var options = options(spec);
    new ArrayList<>(spec.options()).forEach(spec::remove);
    options.forEach(option -> spec.addOption(limit(option).isPresent() ? option : complete(option)));
    spec.subcommands().values().forEach(line -> complete(line.getCommandSpec()));
  }

  private static OptionSpec complete(OptionSpec option) {
    var help = help(String.join(" ", option.description()), option.isMultiValue(), usual(option));
    return OptionSpec.builder(option).description(help).build();
  }

  static String help(String meaning, boolean isRepeatable, String usual) {
    return meaning + (isRepeatable ? " May be given more than once." : "")
        + (usual.isEmpty() ? "" : " Default: " + usual + ".");
  }

  /** The row as a line with tabs. */
  String tsv() {
    return String.join("\t", command, String.join(" ", names), label, isRepeatable ? "yes" : "no", usual, jvm, help)
        + "\n";
  }

  /** The row as the tables of {@code docs/reference/cli.md} have it. */
  String markdown() {
    var name = String.join("`, `", names) + (label.isEmpty() ? "" : " " + label);
    return "| `" + name + "`" + (isRepeatable ? "..." : "") + " | " + help + " | " + usual + " |\n";
  }
}
