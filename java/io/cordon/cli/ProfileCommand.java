package io.cordon.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code cordon profile}: seccomp profiles that are learned from programs. */
@CommandLine.Command(
    name = "profile",
    description = "Learns seccomp profiles from what programs do, and compares them.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ProfileRecordCommand.class, ProfileDiffCommand.class})
final class ProfileCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
  private boolean help;

  @Override
  public void run() {
    if (spec == null) {
      throw new IllegalStateException("not made by picocli");
    }
    throw new ParameterException(spec.commandLine(), "a command is missing: record or diff");
  }
}
