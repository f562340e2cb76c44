package io.cordon.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code cordon seccomp}: what a policy for system calls means. */
@CommandLine.Command(
    name = "seccomp",
    description = "Tells what a seccomp policy means.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {SeccompExplainCommand.class, SeccompTestCommand.class})
final class SeccompCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
  private boolean help;

  @Override
  public void run() {
    if (spec == null) {
      throw new IllegalStateException("not made by picocli");
    }
    throw new ParameterException(spec.commandLine(), "a command is missing: explain or test");
  }
}
