// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Cause;
import io.cordon.Command;
import io.cordon.CopyOut;
import io.cordon.Input;
import io.cordon.Output;
import io.cordon.Result;
import io.cordon.Sandbox;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.Status;
import io.cordon.internal.util.Escape;
import io.cordon.json.CordonJson;
import io.cordon.spi.Runners;
import io.cordon.supervisor.FilePolicyState;
import io.cordon.supervisor.Supervisor;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cordon run}: one program, one sandbox. */
@CommandLine.Command(
    name = "run",
    description = "Runs PROGRAM in a fresh sandbox.",
    customSynopsis = "cordon run [OPTION]... -- PROGRAM [ARG...]",
    separator = " ",
    sortOptions = false,
    mixinStandardHelpOptions = false,
    exitCodeListHeading = "%nExit code:%n",
    exitCodeList = {
      "N:the program's own",
      "128+N:signal N ended the program",
      "1:a limit or policy was violated and the program's own code was 0",
      "2:wrong usage",
      "124:a time limit",
      "125:Cordon itself failed",
      "126:PROGRAM cannot be executed",
      "127:PROGRAM was not found"
    },
    footer = {
      "",
      "TIME is a number with ms, s or m. SIZE is a number of bytes, or one with k, m or g (binary). Each limit can be"
          + " \"unlimited\". A PROGRAM that is a file of the host and not in the sandbox is brought in, read-only."
    })
final class RunCommand implements Callable<Integer> {
  @Spec
  private @Nullable CommandSpec spec;

  @Option(names = "--runner", paramLabel = "NAME", converter = Choices.Runner.class,
      description = "The kind of sandbox: unshare, container (one that could be used again), ptrace (every program under a"
          + " supervisor), or one of those that were added; cordon doctor lists them.")
  @Usual("unshare")
  @NeedsJvm(unless = {"unshare", "container", "ptrace"})
  private @Nullable String runner;

  @Option(names = "--label", paramLabel = "TEXT", description = "The caller's own name for the run, which the result"
      + " repeats.")
  private @Nullable String label;

  @Mixin
  private LimitOptions limits = new LimitOptions();

  @Option(names = "--cpuset", paramLabel = "LIST",
      description = "CPUs that all processes may run on, for example 0-1,3.")
  @Usual("all")
  private @Nullable String cpuset;

  @Option(names = "--stdin", paramLabel = "FILE", description = "Read standard input from FILE.")
  @Usual("inherited")
  private @Nullable Path stdin;

  @Option(names = "--stdout", paramLabel = "FILE", description = "Write standard output to FILE.")
  @Usual("passed on")
  private @Nullable Path stdout;

  @Option(names = "--stderr", paramLabel = "FILE", description = "Write standard error to FILE.")
  @Usual("passed on")
  private @Nullable Path stderr;

  @Option(names = {"-i", "--interactive"},
      description = "Copy standard input to the program as it comes, and its output"
          + " back, so that it holds none of the caller's descriptors.")
  private boolean interactive;

  @Option(names = {"-t", "--tty"},
      description = "Give the program a terminal. Where standard input is one, every key goes"
          + " to the program, ^C and ^Z as well, and its size is told; else nothing is typed.")
  private boolean tty;

  @Mixin
  private PlaceOptions place = new PlaceOptions();

  @Mixin
  private SandboxOptions sandbox = new SandboxOptions();

  @Mixin
  private SupervisorOptions supervision = new SupervisorOptions();

  @Option(names = "--no-namespaces", description = "Run without namespaces, among the caller's processes and in its own"
      + " root, for users who cannot make them. Needs a file policy; the work directory is the current one.")
  private boolean noNamespaces;

  @Option(names = "--copy-out", paramLabel = "NAME[:HOST]", converter = FileOptions.CopyOutConverter.class,
      description = "Fetch a file from the work directory afterwards, or with a pattern of glob(7) all that match: to the"
          + " directory HOST, where they replace others, or to the current one, where they do not.")
  private List<CopyOut> copyOut = new ArrayList<>();

  @Option(names = "--result", paramLabel = "FILE", description = "Write what happened as JSON to FILE; - is standard"
      + " output, after the program's own.")
  private @Nullable String result;

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
  private boolean help;

  @Parameters(arity = "1..*", paramLabel = "PROGRAM", hidden = true)
  private List<String> program = new ArrayList<>();

  @Override
  public Integer call() {
    try {
      return run(job());
    } catch (IOException e) {
      System.err.println("cordon: " + describe(e));
      return ExitCode.FAILED;
    }
  }

  /** What the API refuses is wrong usage: the message names the field, the value and the rule. */
  private Job job() throws IOException {
    if (spec == null) {
      throw new IllegalStateException("not made by picocli");
    }
    try {
      return noNamespaces ? buildWithoutNamespaces() : build();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  /** The name of what runs the program. Without namespaces the usual one is another. */
  private String tier() {
    if (runner != null && !runner.equals("unshare")) {
      return runner;
    }
    return noNamespaces ? "ptrace" : "unshare";
  }

  private static String describe(IOException e) {
    if (e instanceof NoSuchFileException) {
      return e.getMessage() + ": no such file";
    }
    return e instanceof FileNotFoundException ? String.valueOf(e.getMessage()) : e.toString();
  }

  /** What is run, and in what. */
  private record Job(SandboxSpec sandbox, Command command) {}

  private Job build() throws IOException {
    var placed = place.place(program, sandbox);
    var supervisor = supervision.supervisor(true, List.of(placed.directory(), "/tmp", "/dev/shm"), placed.broughtIn());
    return new Job(sandbox.configure(SandboxSpec.builder(), placed.plan()).build(),
        command(placed.command(), supervisor));
  }

  private Job buildWithoutNamespaces() throws IOException {
    if ("container".equals(runner)) {
      throw new IllegalArgumentException("--runner: container: needs namespaces");
    }
    boolean ptrace = tier().equals("ptrace");
    if (ptrace && !(place.copyIn().isEmpty() && copyOut.isEmpty())) {
      throw new IllegalArgumentException((place.copyIn().isEmpty() ? "--copy-out: " + copyOut.get(0).name()
          : "--copy-in: " + place.copyIn().get(0).name()) + ": needs namespaces");
    }
    var placed = place.placeOnHost(program);
    var supervisor = supervision.supervisor(!ptrace, List.of(placed.directory()), Optional.empty());
    return new Job(sandbox.configureWithoutNamespaces(SandboxSpec.builder()).build(),
        command(placed.command(), supervisor));
  }

  private Command command(Command.Builder builder, Optional<Supervisor> supervisor) {
    var most = limits.limits(supervision.limits());
    builder.limits(most);
    if (cpuset != null) {
      builder.cpuset(cpuset);
    }
    if (label != null) {
      builder.label(label);
    }
    supervisor.ifPresent(builder::supervisor);
    connect(builder);
    for (var item : copyOut) {
      builder.copyOut(item.limitBytes(most.outputBytes()));
    }
    return builder.build();
  }

  private boolean isAttached() {
    return interactive || tty;
  }

  private void connect(Command.Builder builder) {
    if (tty) {
      refuseFile("--stdin", stdin, "--tty");
      refuseFile("--stdout", stdout, "--tty");
      refuseFile("--stderr", stderr, "--tty");
      Sandbox.version(); // Loads the library.
      if (interactive && !CallersTerminal.is(CallersTerminal.STANDARD_INPUT)) {
        throw new IllegalArgumentException("--tty: with --interactive standard input must be a terminal");
      }
      builder.terminal(true).stdin(Input.stream()).stdout(Output.stream());
      return;
    }
    if (interactive) {
      refuseFile("--stdin", stdin, "--interactive");
      builder.stdin(Input.stream());
    } else {
      builder.stdin(stdin == null ? Input.descriptor(0) : Input.file(stdin));
    }
    builder.stdout(output(stdout, 1)).stderr(output(stderr, 2));
  }

  private static void refuseFile(String option, @Nullable Path file, String other) {
    if (file != null) {
      throw new IllegalArgumentException(option + ": " + file + ": must not be given with " + other);
    }
  }

  private Output output(@Nullable Path file, int descriptor) {
    return file != null ? Output.file(file) : interactive ? Output.stream() : Output.forward(descriptor);
  }

  private int run(Job job) throws IOException {
    // Opened first: a result that cannot be written must be known before the program runs, not after. FileOutputStream,
    // because a channel would refuse to write once ^C has interrupted this thread.
    try (var out = openResult()) {
      var stop = new StopOnSignal();
      try {
        return run(job, out);
      } finally {
        stop.over();
      }
    }
  }

  private @Nullable OutputStream openResult() throws IOException {
    return result == null || result.equals("-") ? null : new FileOutputStream(result);
  }

  private Result outcome(Job job) throws SandboxException, IOException {
    try (var opened = Runners.open(tier(), job.sandbox())) {
      return isAttached() ? Attached.run(opened, job.command()) : opened.run(job.command());
    }
  }

  private int run(Job job, @Nullable OutputStream out) throws IOException {
    try {
      var outcome = outcome(job);
      write(out, CordonJson.summary(outcome));
      report(outcome);
      return ExitCode.of(outcome);
    } catch (SandboxException e) {
      if (spec != null && e.property().isPresent()) {
        // The runner cannot hold what was asked for: wrong usage, as what no runner can.
        write(out, CordonJson.summary(e, Optional.ofNullable(label)));
        throw new ParameterException(spec.commandLine(), Escape.printable(e.detail()), e);
      }
      System.err.println("cordon: " + e.getMessage());
      write(out, CordonJson.summary(e, Optional.ofNullable(label)));
      return ExitCode.of(e);
    } catch (LinkageError | IllegalStateException e) {
      var message = Main.describe(e);
      System.err.println("cordon: " + message);
      write(out, CordonJson.summary(message, Optional.ofNullable(label)));
      return ExitCode.FAILED;
    }
  }

  private void write(@Nullable OutputStream out, String json) throws IOException {
    if (out != null) {
      out.write((json + "\n").getBytes(StandardCharsets.UTF_8));
    } else if ("-".equals(result)) {
      System.out.println(json);
    }
  }

  /** How the program ended: {@code TIME_LIMIT_EXCEEDED (CPU)}, {@code SIGNALED, SIGSEGV}. */
  static String describe(Result outcome) {
    return outcome.status() + (outcome.cause() == Cause.NONE ? "" : " (" + outcome.cause() + ")")
        + outcome.signalName().map(name -> ", " + name).orElse("");
  }

  /** Says on standard error what an exit code cannot, unless the caller reads it from the result. */
  private void report(Result outcome) {
    boolean ended = outcome.status() != Status.OK && outcome.status() != Status.NONZERO_EXIT;
    if (result != null || (!ended && outcome.eventsTotal() == 0)) {
      return;
    }
    var text = new StringBuilder("cordon: ").append(describe(outcome));
    outcome.error().ifPresent(error -> text.append(": ").append(error.getMessage()));
    outcome.violation().ifPresent(event -> text.append(": ").append(event.describe()));
    if (outcome.eventsTotal() > 0) {
      text.append("; ").append(outcome.eventsTotal()).append(outcome.eventsTotal() == 1 ? " event" : " events");
    }
    if (outcome.filePolicy() != FilePolicyState.NONE) {
      text.append("; file policy ").append(outcome.filePolicy().label());
    }
    System.err.println(text);
  }
}
