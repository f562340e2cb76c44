package io.cordon.cli;

import io.cordon.Command;
import io.cordon.Container;
import io.cordon.CopyIn;
import io.cordon.CopyOut;
import io.cordon.FilePolicyState;
import io.cordon.Input;
import io.cordon.Limits;
import io.cordon.Mount;
import io.cordon.Output;
import io.cordon.PtraceRunner;
import io.cordon.Result;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.Status;
import io.cordon.Supervisor;
import io.cordon.UnshareRunner;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--runner", paramLabel = "NAME", description = "The kind of sandbox: unshare, or container, one that"
      + " could be used again. Default: unshare.", converter = Choices.Runner.class)
  private @Nullable String runner;

  @Option(names = "--cpu-time", paramLabel = "TIME", converter = Values.Time.class,
      description = "CPU time of all processes. Default: 10s.")
  private @Nullable Duration cpuTime;

  @Option(names = "--wall-time", paramLabel = "TIME", converter = Values.Time.class,
      description = "Time from start to end. Default: 3 times the CPU time, at least 2s more than it.")
  private @Nullable Duration wallTime;

  @Option(names = "--idle-time", paramLabel = "TIME", converter = Values.Time.class,
      description = "Time without use of CPU. Default: unlimited.")
  private @Nullable Duration idleTime;

  @Option(names = "--memory", paramLabel = "SIZE", converter = Values.Size.class,
      description = "Memory of all processes. Default: 256m.")
  private @Nullable Long memory;

  @Option(names = "--stack", paramLabel = "SIZE", converter = Values.Size.class,
      description = "Stack of a process. Default: as --memory.")
  private @Nullable Long stack;

  @Option(names = "--processes", paramLabel = "N", converter = Values.Count.class,
      description = "Processes and threads at once. Default: 64.")
  private @Nullable Long processes;

  @Option(names = "--output-limit", paramLabel = "SIZE", converter = Values.Size.class,
      description = "Each of stdout, stderr and any file written. Default: 64m.")
  private @Nullable Long outputLimit;

  @Option(names = "--open-files", paramLabel = "N", converter = Values.Count.class,
      description = "Open descriptors of a process. Default: 256.")
  private @Nullable Long openFiles;

  @Option(names = "--stdin", paramLabel = "FILE", description = "Read standard input from FILE. Default: inherited.")
  private @Nullable Path stdin;

  @Option(names = "--stdout", paramLabel = "FILE", description = "Write standard output to FILE. Default: passed on.")
  private @Nullable Path stdout;

  @Option(names = "--stderr", paramLabel = "FILE", description = "Write standard error to FILE. Default: passed on.")
  private @Nullable Path stderr;

  @Option(names = "--env", paramLabel = "K=V", description = "Set a variable. May be given more than once. Default:"
      + " PATH=" + Command.DEFAULT_PATH + ", LANG=C.UTF-8 and HOME=the work directory; nothing is inherited.")
  private List<String> env = new ArrayList<>();

  @Option(names = "--inherit-env", paramLabel = "K", description = "Pass a variable on. May be given more than once.")
  private List<String> inheritEnv = new ArrayList<>();

  @Option(names = "--work-dir", paramLabel = "DIR", description = "Directory inside to start in. Default: "
      + Command.DEFAULT_WORK_DIR + ", which is empty and writable.")
  private @Nullable String workDir;

  @Mixin private SandboxOptions sandbox = new SandboxOptions();

  @Mixin private SupervisorOptions supervision = new SupervisorOptions();

  @Option(names = "--no-namespaces", description = "Run without namespaces, among the caller's processes and in its own"
      + " root, for users who cannot make them. Needs a file policy; the work directory is the current one.")
  private boolean noNamespaces;

  @Option(names = "--copy-in", paramLabel = "HOST[:NAME]", converter = FileOptions.CopyInConverter.class,
      description = "Copy a file, or a directory with all its files, into the work directory. May be given more than"
          + " once.")
  private List<FileOptions.Transfer> copyIn = new ArrayList<>();

  @Option(names = "--copy-out", paramLabel = "NAME[:HOST]", converter = FileOptions.CopyOutConverter.class,
      description = "Fetch a file from the work directory afterwards. May be given more than once.")
  private List<FileOptions.Transfer> copyOut = new ArrayList<>();

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
      var job = noNamespaces ? buildWithoutNamespaces() : build();
      runner(job); // What it refuses is wrong usage, too.
      return job;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static String describe(IOException e) {
    if (e instanceof NoSuchFileException) {
      return e.getMessage() + ": no such file";
    }
    return e instanceof FileNotFoundException ? String.valueOf(e.getMessage()) : e.toString();
  }

  /** What is run, and what it sees. */
  private record Job(List<Mount> plan, Command command) {}

  private Job build() throws IOException {
    var directory = workDir == null ? Command.DEFAULT_WORK_DIR : workDir;
    var plan = new ArrayList<>(Mount.defaults());
    sandbox.addMounts(plan);
    if (directory.startsWith("/") && new InsideView(plan).covering(directory).isEmpty()) {
      plan.add(Mount.tmpfs(directory));
    }
    var variables = variables();
    var name = Program.find(program.get(0), new InsideView(plan), variables.path(), copiedInNames());
    name.mount().ifPresent(plan::add);
    var args = new ArrayList<>(program);
    args.set(0, name.name());
    var supervisor = supervision.supervisor(true, List.of(directory, "/tmp", "/dev/shm"),
        name.mount().map(Mount::target));
    return new Job(plan, command(Command.builder(args).workDir(directory), supervisor, variables));
  }

  /** The program is one of the host, found as any program is. */
  private Job buildWithoutNamespaces() throws IOException {
    if ("container".equals(runner)) {
      throw new IllegalArgumentException("--runner: container: needs namespaces");
    }
    if (!copyIn.isEmpty() || !copyOut.isEmpty()) {
      throw new IllegalArgumentException((copyIn.isEmpty() ? "--copy-out: " + copyOut.get(0).name()
          : "--copy-in: " + copyIn.get(0).name()) + ": needs namespaces");
    }
    var directory = workDir == null ? System.getProperty("user.dir") : workDir;
    var supervisor = supervision.supervisor(false, List.of(directory), Optional.empty());
    return new Job(List.of(), command(Command.builder(program).workDir(directory), supervisor, variables()));
  }

  private Command command(Command.Builder builder, Optional<Supervisor> supervisor, Variables variables)
      throws IOException {
    builder.limits(limits());
    supervisor.ifPresent(builder::supervisor);
    builder.inheritEnv(inheritEnv.toArray(String[]::new));
    variables.set().forEach(entry -> builder.env(entry.name(), entry.value()));
    builder.stdin(stdin == null ? Input.descriptor(0) : Input.file(stdin));
    builder.stdout(stdout == null ? Output.forward(1) : Output.file(stdout));
    builder.stderr(stderr == null ? Output.forward(2) : Output.file(stderr));
    for (var item : copyIn) {
      if (Files.isDirectory(item.host())) {
        builder.copyInDirectory(item.host(), item.name());
      } else {
        builder.copyIn(CopyIn.file(item.host(), item.name()));
      }
    }
    for (var item : copyOut) {
      builder.copyOut(CopyOut.file(item.name(), item.host()).limitBytes(limits().outputBytes()));
    }
    return builder.build();
  }

  private Limits limits() {
    var limits = supervision.limits();
    if (cpuTime != null) {
      limits.cpuTime(cpuTime);
    }
    if (wallTime != null) {
      limits.wallTime(wallTime);
    }
    if (idleTime != null) {
      limits.idleTime(idleTime);
    }
    if (memory != null) {
      limits.memoryBytes(memory);
    }
    if (stack != null) {
      limits.stackBytes(stack);
    }
    if (processes != null) {
      limits.processes(processes);
    }
    if (outputLimit != null) {
      limits.outputBytes(outputLimit);
    }
    if (openFiles != null) {
      limits.openFiles(openFiles);
    }
    return limits.build();
  }

  private record Variable(String name, String value) {}

  private record Variables(List<Variable> set, String path) {}

  private Variables variables() {
    var set = new ArrayList<Variable>();
    var path = inheritEnv.contains("PATH") && System.getenv("PATH") != null
        ? System.getenv("PATH") : Command.DEFAULT_PATH;
    for (var text : env) {
      int equals = text.indexOf('=');
      if (equals <= 0) {
        throw new IllegalArgumentException("--env: \"" + text + "\": must be K=V");
      }
      var variable = new Variable(text.substring(0, equals), text.substring(equals + 1));
      path = variable.name().equals("PATH") ? variable.value() : path;
      set.add(variable);
    }
    return new Variables(set, path);
  }

  private Set<String> copiedInNames() throws IOException {
    var names = new LinkedHashSet<String>();
    for (var item : copyIn) {
      names.add(item.name());
      if (Files.isDirectory(item.host())) {
        try (var files = Files.walk(item.host())) {
          files.forEach(file -> names.add(item.name() + "/" + item.host().relativize(file)));
        }
      }
    }
    return names;
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

  private Result outcome(Job job) throws SandboxException {
    if ("container".equals(runner)) {
      try (var container = sandbox.configure(Container.builder(), job.plan()).open()) {
        return container.run(job.command());
      }
    }
    return runner(job).run(job.command());
  }

  private Runner runner(Job job) {
    return noNamespaces ? sandbox.configureWithoutNamespaces(PtraceRunner.builder()).build()
        : sandbox.configure(UnshareRunner.builder(), job.plan()).build();
  }

  private int run(Job job, @Nullable OutputStream out) throws IOException {
    try {
      var outcome = outcome(job);
      write(out, ResultJson.of(outcome));
      report(outcome);
      return ExitCode.of(outcome);
    } catch (SandboxException e) {
      System.err.println("cordon: " + e.getMessage());
      write(out, ResultJson.of(e));
      return ExitCode.of(e);
    } catch (LinkageError | IllegalStateException e) {
      var message = Main.describe(e);
      System.err.println("cordon: " + message);
      write(out, ResultJson.ofMessage(message));
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

  /** Says on standard error what an exit code cannot, unless the caller reads it from the result. */
  private void report(Result outcome) {
    boolean ended = outcome.status() != Status.OK && outcome.status() != Status.NONZERO_EXIT;
    if (result != null || !ended && outcome.eventsTotal() == 0) {
      return;
    }
    var text = new StringBuilder("cordon: ").append(outcome.status());
    if (outcome.cause() != io.cordon.Cause.NONE) {
      text.append(" (").append(outcome.cause()).append(')');
    }
    outcome.signalName().ifPresent(name -> text.append(", ").append(name));
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
