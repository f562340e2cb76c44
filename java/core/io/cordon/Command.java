// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Checks;
import io.cordon.internal.util.Escape;
import io.cordon.supervisor.Supervisor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One program to run: arguments, environment, descriptors, files to copy in and out, limits. Immutable. A command may
 * be run any number of times.
 *
 * <p>By default the program gets an empty standard input, its output is captured up to 1 MiB a stream, its work
 * directory is {@code /w}, and its environment is exactly {@code PATH=/usr/local/bin:/usr/bin:/bin},
 * {@code LANG=C.UTF-8} and {@code HOME=} the work directory: nothing is inherited from the JVM unless it is named.
 *
 * @since 0.1.0
 */
public final class Command {
  /** The work directory unless another is given. */
  public static final String DEFAULT_WORK_DIR = "/w";

  /** The PATH unless another is given. */
  public static final String DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

  /** What a label has at most, in characters. */
  public static final int MAX_LABEL = 256;

  private static final int LOWEST_TARGET = 3;
  private static final int HIGHEST_TARGET = 1023;

  private final List<String> args;
  private final Map<String, String> env;
  private final String workDir;
  private final Builder state;

  /** @param state a builder of its own, which is not changed any more */
  private Command(Builder state) {
    this.state = state;
    args = state.args;
    workDir = state.workDir != null ? state.workDir : state.usualWorkDir;
    env = state.environment(workDir);
  }

  /**
   * Makes a command with the defaults.
   *
   * @param program a path inside the sandbox, or a name that is looked up in the PATH of the environment, inside
   * @param args its arguments
   * @return the command
   */
  public static Command of(String program, String... args) {
    return builder(program, args).build();
  }

  /**
   * Starts a command.
   *
   * @param program a path inside the sandbox, or a name that is looked up in the PATH of the environment, inside
   * @param args its arguments
   * @return a builder
   */
  public static Builder builder(String program, String... args) {
    var all = new ArrayList<String>(args.length + 1);
    all.add(program);
    Collections.addAll(all, args);
    return new Builder(all);
  }

  /**
   * Starts a command.
   *
   * @param args the program and its arguments, not empty
   * @return a builder
   */
  public static Builder builder(List<String> args) {
    return new Builder(args);
  }

  /**
   * Returns the program and its arguments.
   *
   * @return an immutable list with at least one element
   */
  public List<String> args() {
    return args;
  }

  /**
   * Returns the environment.
   *
   * @return an immutable map: exactly what the program gets
   */
  public Map<String, String> env() {
    return env;
  }

  /**
   * Returns the work directory.
   *
   * @return an absolute path inside the sandbox
   */
  public String workDir() {
    return workDir;
  }

  /**
   * Returns the variables that were set, which {@link #env} has in place of or beside the defaults.
   *
   * @return an immutable map
   */
  public Map<String, String> ownEnv() {
    return Collections.unmodifiableMap(state.addedEnv);
  }

  /**
   * Tells whether {@link #env} has the defaults, as far as none of {@link #ownEnv} takes their place.
   *
   * @return false after {@link Builder#env(Map)}
   */
  public boolean hasDefaultEnv() {
    return !state.exactEnv;
  }

  /**
   * Returns the work directory that was set.
   *
   * @return an absolute path inside the sandbox; empty: the runner's usual one
   */
  public Optional<String> ownWorkDir() {
    return Optional.ofNullable(state.workDir);
  }

  /**
   * Returns the CPUs that the program may run on.
   *
   * @return a list as in {@code 0-1,3}; empty = all that the calling thread has
   */
  public Optional<String> cpuset() {
    return Optional.ofNullable(state.cpuset);
  }

  /**
   * Returns the limits.
   *
   * @return the limits
   */
  public Limits limits() {
    return state.limits;
  }

  /**
   * Returns where standard input comes from.
   *
   * @return the input
   */
  public Input stdin() {
    return state.stdin;
  }

  /**
   * Returns where standard output goes.
   *
   * @return the output, which is not {@link Output.ToStdout}
   */
  public Output stdout() {
    return state.stdout;
  }

  /**
   * Returns where standard error goes.
   *
   * @return the output
   */
  public Output stderr() {
    return state.stderr;
  }

  /**
   * Returns the further descriptors that the program gets.
   *
   * @return an immutable map from the number in the program to that in the JVM, ascending
   */
  public SortedMap<Integer, Integer> descriptors() {
    return Collections.unmodifiableSortedMap(state.descriptors);
  }

  /**
   * Returns the open file that is executed.
   *
   * @return a descriptor of the JVM's process; empty: the program is looked up by its name
   */
  public OptionalInt execFd() {
    return state.execFd;
  }

  /**
   * Returns the resource limits that are set after {@link #limits}.
   *
   * @return an immutable list
   */
  public List<Rlimit> rlimits() {
    return Collections.unmodifiableList(state.rlimits);
  }

  /**
   * Returns the files to bring in.
   *
   * @return an immutable list
   */
  public List<CopyIn> copyIn() {
    return Collections.unmodifiableList(state.copyIn);
  }

  /**
   * Returns the files to fetch.
   *
   * @return an immutable list
   */
  public List<CopyOut> copyOut() {
    return Collections.unmodifiableList(state.copyOut);
  }

  /**
   * Returns what is done between set-up and exec.
   *
   * @return the action, or empty
   */
  public Optional<SyncAction> sync() {
    return Optional.ofNullable(state.sync);
  }

  /**
   * Tells whether the program runs on a terminal.
   *
   * @return true if so
   */
  public boolean terminal() {
    return state.terminal;
  }

  /**
   * Returns what is decided about the program while it runs.
   *
   * @return the supervisor, or empty
   */
  public Optional<Supervisor> supervisor() {
    return Optional.ofNullable(state.supervisor);
  }

  /**
   * Returns the caller's own name for the command.
   *
   * @return the label, or empty
   */
  public Optional<String> label() {
    return Optional.ofNullable(state.label);
  }

  /**
   * Starts from this command: everything stays as it is unless it is set again.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    return new Builder(state);
  }

  /** Returns the label and the program with its arguments, for messages. */
  @Override
  public String toString() {
    var text = label().map(label -> Escape.printable(label) + ": ").orElse("");
    return text + args.stream().map(Escape::printable).collect(Collectors.joining(" "));
  }

  /** Collects a command. One thread at a time. */
  public static final class Builder {
    private final List<String> args;
    private boolean exactEnv;
    private final Map<String, String> addedEnv = new LinkedHashMap<>();
    private @Nullable String workDir;
    private String usualWorkDir = DEFAULT_WORK_DIR;
    private @Nullable String cpuset;
    private @Nullable String label;
    private Input stdin = Input.none();
    private Output stdout = Output.capture();
    private Output stderr = Output.capture();
    private final SortedMap<Integer, Integer> descriptors = new TreeMap<>();
    private OptionalInt execFd = OptionalInt.empty();
    private Limits limits = Limits.defaults();
    private final List<Rlimit> rlimits = new ArrayList<>();
    private final List<CopyIn> copyIn = new ArrayList<>();
    private final List<CopyOut> copyOut = new ArrayList<>();
    private @Nullable SyncAction sync;
    private boolean terminal;
    private @Nullable Supervisor supervisor;

    private Builder(List<String> args) {
      if (args.isEmpty()) {
        throw Checks.refuse("args", "", "must hold at least the program");
      }
      this.args = List.copyOf(args);
      for (int i = 0; i < this.args.size(); i++) {
        Checks.text("args[" + i + "]", this.args.get(i));
      }
      Checks.filled("args[0]", this.args.get(0));
    }

    private Builder(Builder other) {
      args = other.args;
      exactEnv = other.exactEnv;
      addedEnv.putAll(other.addedEnv);
      workDir = other.workDir;
      usualWorkDir = other.usualWorkDir;
      cpuset = other.cpuset;
      label = other.label;
      stdin = other.stdin;
      stdout = other.stdout;
      stderr = other.stderr;
      descriptors.putAll(other.descriptors);
      execFd = other.execFd;
      limits = other.limits;
      rlimits.addAll(other.rlimits);
      copyIn.addAll(other.copyIn);
      copyOut.addAll(other.copyOut);
      sync = other.sync;
      terminal = other.terminal;
      supervisor = other.supervisor;
    }

    /**
     * Replaces the whole environment, the defaults included, and forgets what was added before.
     *
     * @param variables exactly what the program gets
     * @return this
     */
    public Builder env(Map<String, String> variables) {
      addedEnv.clear();
      exactEnv = true;
      variables.forEach(this::env);
      return this;
    }

    /**
     * Adds one variable, or gives it another value.
     *
     * @param name its name: not empty, without {@code =}
     * @param value its value
     * @return this
     */
    public Builder env(String name, String value) {
      if (Checks.filled("env name", name).indexOf('=') >= 0) {
        throw Checks.refuse("env name", name, "must not hold \"=\"");
      }
      addedEnv.put(name, Checks.text("env " + name, value));
      return this;
    }

    /**
     * Takes variables from the JVM's environment, with the values that they have now; one that is not set is left out.
     *
     * @param names their names
     * @return this
     */
    public Builder inheritEnv(String... names) {
      for (var name : names) {
        var value = System.getenv(name);
        if (value != null) {
          env(name, value);
        }
      }
      return this;
    }

    /**
     * Sets the work directory, which must exist in the sandbox (step {@link Step#WORK_DIR}).
     *
     * @param path absolute inside the sandbox; default {@link #DEFAULT_WORK_DIR}
     * @return this
     */
    public Builder workDir(String path) {
      workDir = Checks.inside("workDir", path);
      return this;
    }

    /**
     * Sets the work directory for where none is given, and with it HOME. For runners whose sandbox has another one than
     * {@link #DEFAULT_WORK_DIR}; users call {@link #workDir}.
     *
     * @param path absolute inside the sandbox
     * @return this
     */
    public Builder usualWorkDir(String path) {
      usualWorkDir = Checks.inside("usualWorkDir", path);
      return this;
    }

    /**
     * Gives the command a name of the caller's own, for example the number of a submission. It is in the result, the
     * events, the flight recorder and the logs, and means nothing to Cordon.
     *
     * @param text not empty, at most {@value #MAX_LABEL} characters
     * @return this
     */
    public Builder label(String text) {
      Checks.filled("label", text);
      if (text.length() > MAX_LABEL) {
        throw Checks.refuse("label", text, "must have at most " + MAX_LABEL + " characters");
      }
      label = text;
      return this;
    }

    /**
     * Sets the CPUs that the program and all that it starts may run on. The cpuset controller keeps it to them
     * ({@link Layer#CGROUP_CPUSET}); where there is none that can be used, they are where the program starts, and one
     * that calls sched_setaffinity(2) may leave them.
     *
     * @param list numbers and ranges as in {@code 0-1,3}, each a CPU that the calling thread may use
     * @return this
     */
    public Builder cpuset(String list) {
      cpuset = Checks.cpuset("cpuset", list);
      return this;
    }

    /**
     * Sets where standard input comes from.
     *
     * @param input default {@link Input#none}
     * @return this
     */
    public Builder stdin(Input input) {
      stdin = Objects.requireNonNull(input, "input");
      return this;
    }

    /**
     * Sets where standard output goes.
     *
     * @param output default {@link Output#capture()}; not {@link Output#toStdout}
     * @return this
     */
    public Builder stdout(Output output) {
      if (output instanceof Output.ToStdout) {
        throw Checks.refuse("stdout", "toStdout", "is for stderr only");
      }
      stdout = output;
      return this;
    }

    /**
     * Sets where standard error goes.
     *
     * @param output default {@link Output#capture()}
     * @return this
     */
    public Builder stderr(Output output) {
      stderr = Objects.requireNonNull(output, "output");
      return this;
    }

    /**
     * Gives the program one more open descriptor: an open file of its own for what {@code fd} leads to, as
     * {@link Input#descriptor} and {@link Output#descriptor} say. A regular file must be open for reading or for
     * writing, not both.
     *
     * @param fd a descriptor of the JVM's process; it stays the caller's and must be open until the run has started
     * @param target its number in the program, from 3 to 1023
     * @return this
     */
    public Builder descriptor(int fd, int target) {
      Checks.descriptor("descriptor fd", fd);
      Checks.range("descriptor target", target, LOWEST_TARGET, HIGHEST_TARGET);
      if (descriptors.putIfAbsent(target, fd) != null) {
        throw Checks.refuse("descriptor target", target, "is given twice");
      }
      return this;
    }

    /**
     * Executes an open file instead of looking the program up by its name.
     *
     * @param fd a descriptor of the JVM's process; it stays the caller's and must be open until the run has started
     * @return this
     */
    public Builder execFd(int fd) {
      execFd = OptionalInt.of(Checks.descriptor("execFd", fd));
      return this;
    }

    /**
     * Sets the limits.
     *
     * @param value default {@link Limits#defaults}
     * @return this
     */
    public Builder limits(Limits value) {
      limits = Objects.requireNonNull(value, "limits");
      return this;
    }

    /**
     * Adds a resource limit that is set after those of {@link #limits}.
     *
     * @param limit the limit
     * @return this
     */
    public Builder rlimit(Rlimit limit) {
      rlimits.add(limit);
      return this;
    }

    /**
     * Adds a file to bring in.
     *
     * @param item the file
     * @return this
     */
    public Builder copyIn(CopyIn item) {
      copyIn.add(item);
      return this;
    }

    /**
     * Adds every regular file below a directory of the host, with its permission bits. Symbolic links are not followed
     * and not copied, and an empty directory is not made.
     *
     * @param directory on the host
     * @param name the directory's name inside: relative to the work directory, or absolute
     * @return this
     * @throws IOException where the directory cannot be read
     */
    public Builder copyInDirectory(Path directory, String name) throws IOException {
      try (var files = Files.walk(directory)) {
        var regular = files.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).sorted().toList();
        for (var file : regular) {
          copyIn(CopyIn.file(file, name + "/" + directory.relativize(file)));
        }
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      return this;
    }

    /**
     * Adds a file to fetch.
     *
     * @param item the file
     * @return this
     */
    public Builder copyOut(CopyOut item) {
      copyOut.add(item);
      return this;
    }

    /**
     * Sets what is done between set-up and exec.
     *
     * @param action the action, which gets the program's pid
     * @return this
     */
    public Builder sync(SyncAction action) {
      sync = Objects.requireNonNull(action, "action");
      return this;
    }

    /**
     * Says whether the program's streams are a terminal, which is also the controlling one of its session: isatty(3) is
     * true, and a ^C in the input is a SIGINT.
     *
     * <p>The input is typed as on a keyboard and ended by ^D, so it appears in the output (unless the program turns
     * that off) and is read line by line. What appears, standard error included, is {@link Result#stdout} with lines
     * that end in CR LF. The input must be {@link Input#none}, bytes or text, and standard output be captured, which
     * costs two threads while the program runs. For {@link Runner#start} both may be streams, which costs none.
     *
     * @param use default false
     * @return this
     */
    public Builder terminal(boolean use) {
      terminal = use;
      return this;
    }

    /**
     * Sets what is decided about single system calls.
     *
     * @param value default: none, unless the runner has one for its commands ({@link PtraceRunner})
     * @return this
     */
    public Builder supervisor(Supervisor value) {
      supervisor = Objects.requireNonNull(value, "supervisor");
      return this;
    }

    /**
     * Makes the command.
     *
     * @return the command
     */
    public Command build() {
      if (terminal && !(stdin instanceof Input.None || stdin instanceof Input.Bytes || stdin instanceof Input.Stream)) {
        throw Checks.refuse("terminal", "stdin", "must be none, bytes, text or a stream");
      }
      if (terminal && stdin instanceof Input.Stream != stdout instanceof Output.Stream) {
        throw Checks.refuse("terminal", "stdin and stdout", "must both be streams, or neither");
      }
      if (terminal && !(stdout instanceof Output.Capture || stdout instanceof Output.Stream)) {
        throw Checks.refuse("terminal", "stdout", "must be captured or a stream");
      }
      distinct("copyIn name", copyIn.stream().map(CopyIn::name).toList());
      distinct("copyOut name", copyOut.stream().map(CopyOut::name).toList());
      return new Command(new Builder(this));
    }

    private Map<String, String> environment(String workDir) {
      var all = new LinkedHashMap<String, String>();
      if (!exactEnv) {
        all.put("PATH", DEFAULT_PATH);
        all.put("LANG", "C.UTF-8");
        all.put("HOME", workDir);
      }
      all.putAll(addedEnv);
      return Collections.unmodifiableMap(all);
    }

    private static void distinct(String field, List<String> names) {
      Set<String> seen = new HashSet<>();
      for (var name : names) {
        if (!seen.add(name)) {
          throw Checks.refuse(field, name, "is given twice");
        }
      }
    }
  }
}
