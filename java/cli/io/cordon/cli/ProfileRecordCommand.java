// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Command;
import io.cordon.Input;
import io.cordon.Limits;
import io.cordon.Output;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.Status;
import io.cordon.UnshareRunner;
import io.cordon.json.SeccompProfileException;
import io.cordon.supervisor.Engine;
import io.cordon.supervisor.Supervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cordon profile record}: runs a program and writes the least profile that it needs. */
@CommandLine.Command(
    name = "record",
    description = "Runs PROGRAM and writes a seccomp profile, in Docker's format, that allows the system calls it made"
        + " and no others. The program is stopped at every call, so it is slow.",
    customSynopsis = "cordon profile record -o FILE [OPTION]... -- PROGRAM [ARG...]",
    separator = " ",
    sortOptions = false,
    exitCodeListHeading = "%nExit code:%n",
    exitCodeList = {
      "0:the profile was written, whatever the program's own exit code",
      "2:wrong usage",
      "125:Cordon itself failed",
      "126:PROGRAM cannot be executed",
      "127:PROGRAM was not found",
      "128+N:stopped by signal N"
    },
    footer = {
      "",
      "A call that no run has made ends the program: record with inputs of every kind. Arguments are not learned: a call"
          + " that the default policy allows for some arguments only is allowed for all of them, which a note says."
    })
@NeedsJvm
final class ProfileRecordCommand implements Callable<Integer> {
  @Spec
  private @Nullable CommandSpec spec;

  @Option(names = "-o", required = true, paramLabel = "FILE", description = "Where the profile is written.")
  private Path file = Path.of("-");

  @Option(names = "--merge", description = "Add to the profile that FILE is; where it is none yet, make one.")
  private boolean merge;

  @Option(names = "--input", paramLabel = "FILE", description = "Run once with FILE as standard input.")
  @Usual("one run, standard input inherited")
  private List<Path> inputs = new ArrayList<>();

  @Option(names = "--times", paramLabel = "N", converter = Values.Count.class,
      description = "Runs for each input.")
  @Usual("1")
  private @Nullable Long times;

  @Mixin
  private LimitOptions limits = new LimitOptions();

  @Mixin
  private PlaceOptions place = new PlaceOptions();

  @Mixin
  private SandboxOptions sandbox = new SandboxOptions();

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
  private boolean help;

  @Parameters(arity = "1..*", paramLabel = "PROGRAM", hidden = true)
  private List<String> program = new ArrayList<>();

  /** What is run, and how often. */
  private record Job(UnshareRunner runner, List<Command> commands, LearnedProfile profile) {}

  @Override
  public Integer call() throws IOException {
    var stop = new StopOnSignal();
    try {
      return record(job());
    } catch (SandboxException e) {
      System.err.println("cordon: " + e.getMessage());
      return ExitCode.of(e);
    } finally {
      stop.over();
    }
  }

  private Job job() throws IOException, SandboxException {
    if (spec == null) {
      throw new IllegalStateException("not made by picocli");
    }
    try {
      var profile = new LearnedProfile();
      if (merge && Files.exists(file)) {
        profile.add(ProfileFile.read(file));
      }
      var directory = file.toAbsolutePath().getParent();
      if (Files.isDirectory(file) || directory == null || !Files.isWritable(directory)) {
        throw new IllegalArgumentException("-o: " + file + ": cannot be written"); // Before all the runs, not after.
      }
      var placed = place.place(program, sandbox);
      // Without audit the filter itself would refuse some calls, and they would not be counted.
      var recorder = Supervisor.builder().engine(Engine.PTRACE).record(true).audit(true).build();
      var builder = placed.command().limits(limits.limits(Limits.builder())).supervisor(recorder)
          .stdout(Output.forward(1)).stderr(Output.forward(2));
      var commands = new ArrayList<Command>();
      for (var input : inputs.isEmpty() ? List.of(Input.descriptor(0)) : inputs.stream().map(Input::file).toList()) {
        var command = builder.stdin(input).build();
        for (long i = 0; i < (times == null ? 1 : times); i++) {
          commands.add(command);
        }
      }
      return new Job(sandbox.configure(UnshareRunner.builder(), placed.plan()).build(), commands, profile);
    } catch (SeccompProfileException e) {
      throw new ParameterException(spec.commandLine(), "--merge: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private int record(Job job) throws IOException, SandboxException {
    int runs = 0;
    for (var command : job.commands) {
      var result = job.runner.run(command);
      runs++;
      if (result.status() == Status.CANCELLED) {
        System.err.println("cordon: stopped in run " + runs + "; no profile is written");
        return ExitCode.of(result);
      }
      if (result.syscallCounts().isEmpty()) {
        System.err.println("cordon: run " + runs + ": nothing was recorded; no profile is written");
        return ExitCode.FAILED;
      }
      job.profile.add(result, sandbox.policy());
      if (!result.isOk()) {
        System.err.println("cordon: run " + runs + ": " + describe(result) + ": profile may be incomplete");
      }
    }
    Files.writeString(file, job.profile.json());
    report(job.profile, runs);
    return ExitCode.OK;
  }

  private static String describe(Result result) {
    return result.status() == Status.NONZERO_EXIT ? "exit code " + result.exitCode().orElse(0)
        : RunCommand.describe(result);
  }

  private void report(LearnedProfile profile, int runs) {
    System.err.println("cordon: " + file + ": " + profile.programCalls() + " system calls of the program, "
        + profile.setupCalls() + " of set-up, " + runs + (runs == 1 ? " run" : " runs"));
    if (!profile.byArguments().isEmpty()) {
      System.err.println("cordon: allowed whatever the arguments, which the policy of the recording looks at: "
          + String.join(" ", profile.byArguments()));
    }
    if (!profile.nameless().isEmpty()) {
      System.err.println("cordon: left out, as they have no name: " + String.join(" ", profile.nameless()));
    }
  }
}
