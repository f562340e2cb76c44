// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Sandbox;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The command {@code cordon}. */
@CommandLine.Command(
    name = "cordon",
    description = "Runs untrusted programs in sandboxes.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {RunCommand.class, BatchCommand.class, DoctorCommand.class, BenchCommand.class, SeccompCommand.class,
      ProfileCommand.class},
    versionProvider = Main.Version.class)
public final class Main extends CommandGroup {
  private static final int USAGE_WIDTH = 100;

  @Option(names = "--version", versionHelp = true, description = "Show the version.")
  private boolean version;

  private Main() {}

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"cordon " + Sandbox.version()};
    }
  }

  /**
   * Runs the command line and ends the JVM with its exit code.
   *
   * @param args the arguments
   */
  public static void main(String[] args) {
    System.exit(execute(args));
  }

  static int execute(String... args) {
    try {
      return commandLine().execute(args);
    } catch (LinkageError e) {
      // The native library cannot be loaded; picocli catches exceptions only.
      System.err.println("cordon: " + describe(e));
      return ExitCode.FAILED;
    }
  }

  /** The commands as they are declared. */
  static CommandLine declared() {
    return new CommandLine(new Main());
  }

  /** The parser with everything that a sandbox's command line needs to be predictable. */
  static CommandLine commandLine() {
    var commands = declared();
    OptionRow.complete(commands.getCommandSpec());
    // The program's own options must not be taken for ours.
    below(commands, "run").setStopAtPositional(true);
    below(commands, "profile", "record").setStopAtPositional(true);
    // Nor must a negative argument.
    below(commands, "seccomp", "test").setStopAtPositional(true);
    return commands
        // "@file" is an argument like any other.
        .setExpandAtFiles(false)
        .setUsageHelpWidth(USAGE_WIDTH)
        .setParameterExceptionHandler(Main::refuse)
        .setExecutionExceptionHandler((e, line, result) -> fail(line, e));
  }

  private static CommandLine below(CommandLine line, String... names) {
    for (var name : names) {
      line = Objects.requireNonNull(line.getSubcommands().get(name), name);
    }
    return line;
  }

  private static int refuse(ParameterException e, String[] args) {
    var line = e.getCommandLine();
    line.getErr().println("cordon: " + e.getMessage());
    line.getErr().println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
    return ExitCode.USAGE;
  }

  private static int fail(CommandLine line, Exception e) {
    line.getErr().println("cordon: " + describe(e));
    return ExitCode.FAILED;
  }

  /** The text of a failure that is no SandboxException; a class that could not be set up has its reason as cause. */
  static String describe(Throwable e) {
    if (e instanceof NoSuchFileException) {
      return e.getMessage() + ": no such file";
    }
    if (e instanceof AccessDeniedException) {
      return e.getMessage() + ": permission denied";
    }
    Throwable reason = e;
    while (reason instanceof ExceptionInInitializerError && reason.getCause() != null) {
      reason = reason.getCause();
    }
    return reason.getMessage() == null ? reason.toString() : reason.getMessage();
  }
}
