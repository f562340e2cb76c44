// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Limits;
import io.cordon.Preset;
import io.cordon.supervisor.Decision;
import io.cordon.supervisor.Engine;
import io.cordon.supervisor.FilePolicy;
import io.cordon.supervisor.FilePolicy.Access;
import io.cordon.supervisor.FilePolicy.Scope;
import io.cordon.supervisor.PortPolicy;
import io.cordon.supervisor.Supervisor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** What is decided about single system calls. */
final class SupervisorOptions {
  @Option(names = "--preset", paramLabel = "NAME", converter = Choices.PresetName.class,
      description = "File policy and limits for c-cpp, python, java, node, go or compiler. --allow-... and --deny add"
          + " to it, options for limits take the place of its own.")
  @NeedsJvm
  private @Nullable Preset preset;

  @Option(names = "--allow-read", paramLabel = "PATH", description = "Let files below PATH be read. With any of these"
      + " options what is not allowed is refused (EACCES). They add up along a path.")
  private List<String> read = new ArrayList<>();

  @Option(names = "--allow-write", paramLabel = "PATH", description = "Let files below PATH be written, made and"
      + " removed.")
  private List<String> write = new ArrayList<>();

  @Option(names = "--allow-exec", paramLabel = "PATH", description = "Let files below PATH be executed.")
  private List<String> execute = new ArrayList<>();

  @Option(names = "--allow-stat", paramLabel = "PATH", description = "Let attributes of files below PATH be asked for.")
  private List<String> stat = new ArrayList<>();

  @Option(names = "--deny", paramLabel = "PATH", description = "Refuse everything below PATH, also where it lies below"
      + " an allowed one. If nothing is allowed by an option, everything else is, but with --no-namespaces.")
  private List<String> deny = new ArrayList<>();

  @Option(names = "--allow-connect", paramLabel = "PORT", description = "Let the program connect to TCP port PORT. With"
      + " this option or --allow-bind every other port is refused, and every internet socket but TCP's (EACCES).")
  private List<Integer> connect = new ArrayList<>();

  @Option(names = "--allow-bind", paramLabel = "PORT", description = "Let the program bind TCP port PORT and listen on"
      + " it. 0: one that the kernel picks.")
  private List<Integer> bind = new ArrayList<>();

  @Option(names = "--allow-udp", description = "Let the program have UDP sockets, to and from every port, beside"
      + " --allow-connect or --allow-bind. Names are looked up by UDP.")
  private boolean udp;

  @Option(names = "--deny-syscall", paramLabel = "NAME[=ERRNO]", converter = DenialConverter.class,
      description = "Let a system call fail.")
  @Usual("EPERM")
  private List<Denial> denySyscalls = new ArrayList<>();

  @Option(names = "--kill-syscall", paramLabel = "NAME", description = "End the program at a system call.")
  private List<String> killSyscalls = new ArrayList<>();

  @Option(names = "--engine", paramLabel = "NAME", converter = Choices.EngineName.class,
      description = "Who decides: auto, notify, ptrace, or kernel, which is Landlock and mounts.")
  @Usual("kernel for paths that are only allowed, else auto")
  private @Nullable Engine engine;

  /** A system call that fails. */
  record Denial(String syscall, Decision decision) {}

  static final class DenialConverter implements ITypeConverter<Denial> {
    @Override
    public Denial convert(String value) {
      int equals = value.indexOf('=');
      var name = equals < 0 ? value : value.substring(0, equals);
      var error = equals < 0 ? "EPERM" : value.substring(equals + 1);
      if (name.isEmpty()) {
        throw Values.refuse(value, "must be NAME or NAME=ERRNO");
      }
      try {
        return new Denial(name,
            error.matches("[0-9]{1,4}") ? Decision.errno(Integer.parseInt(error)) : Decision.errno(error));
      } catch (IllegalArgumentException e) {
        throw Values.refuse(value, "must have an errno such as EPERM, or a number from 1 to 4095, behind the =");
      }
    }
  }

  /** The limits that options may change. */
  Limits.Builder limits() {
    return preset == null ? Limits.builder() : preset.limits().toBuilder();
  }

  /**
   * Returns the supervisor, where one was asked for.
   *
   * @param writable the directories that a preset lets be written to
   * @param program the program's file, where it was brought in
   */
  Optional<Supervisor> supervisor(boolean namespaces, List<String> writable, Optional<String> program) {
    boolean files = hasFiles();
    if (!namespaces && !files) {
      throw new IllegalArgumentException(
          "--no-namespaces: true: needs a file policy, by --preset, --allow-... or --deny");
    }
    if (!namespaces && engine != null && engine != Engine.AUTO && engine != Engine.PTRACE) {
      throw new IllegalArgumentException(
          "--engine: " + engine.label() + ": must be auto or ptrace with --no-namespaces");
    }
    boolean ports = hasPorts();
    boolean rules = !denySyscalls.isEmpty() || !killSyscalls.isEmpty();
    if (!files && !ports && !rules && engine == null) {
      return Optional.empty();
    }
    boolean onlyAllowed = !rules && deny.isEmpty() && namespaces;
    var supervisor = Supervisor.builder().engine(engine != null ? engine : onlyAllowed ? Engine.KERNEL : Engine.AUTO);
    if (files) {
      supervisor.files(policy(writable, program, namespaces && onlyDenies()));
    }
    if (ports) {
      supervisor.ports(portPolicy());
    }
    denySyscalls.forEach(denial -> supervisor.deny(denial.syscall(), denial.decision().error()));
    killSyscalls.forEach(supervisor::kill);
    return Optional.of(supervisor.build());
  }

  private boolean hasFiles() {
    return preset != null
        || !(read.isEmpty() && write.isEmpty() && execute.isEmpty() && stat.isEmpty() && deny.isEmpty());
  }

  private boolean hasPorts() {
    boolean ports = !(connect.isEmpty() && bind.isEmpty());
    if (udp && !ports) {
      throw new IllegalArgumentException("--allow-udp: true: needs --allow-connect or --allow-bind");
    }
    return ports;
  }

  private PortPolicy portPolicy() {
    var policy = PortPolicy.builder().udp(udp);
    connect.forEach(policy::connect);
    bind.forEach(policy::bind);
    return policy.build();
  }

  private boolean onlyDenies() {
    return preset == null && read.isEmpty() && write.isEmpty() && execute.isEmpty() && stat.isEmpty()
        && deny.stream().noneMatch(path -> path.matches("/+"));
  }

  FilePolicy policy(List<String> writable, Optional<String> program) {
    return policy(writable, program, false);
  }

  private FilePolicy policy(List<String> writable, Optional<String> program, boolean all) {
    var before = preset == null ? FilePolicy.builder().build() : preset.files(writable.toArray(String[]::new));
    var policy = before.toBuilder();
    read.forEach(policy::read);
    write.forEach(policy::write);
    execute.forEach(policy::execute);
    stat.forEach(policy::stat);
    deny.forEach(policy::deny);
    if (all) {
      policy.read("/").write("/").execute("/");
    }
    program.ifPresent(path -> policy.rule(path, Scope.ONLY, Access.READ, Access.EXECUTE));
    return addedUp(policy.build());
  }

  /**
   * What is allowed here adds up along a path, to what --deny says: a user who lets / be read and /w be written
   * expects to read /w, while in a policy the longer rule decides alone.
   */
  private static FilePolicy addedUp(FilePolicy policy) {
    var sum = policy.toBuilder();
    for (var rule : policy.rules()) {
      var above = new ArrayList<FilePolicy.Rule>(policy.rules());
      above.removeIf(other -> other.scope() != Scope.TREE || !isAbove(other.path(), rule.path()));
      above.sort(Comparator.comparingInt((FilePolicy.Rule other) -> other.path().length()).reversed());
      for (var other : above) {
        if (rule.access().isEmpty() || other.access().isEmpty()) {
          break;
        }
        sum.rule(rule.path(), rule.scope(), other.access().toArray(Access[]::new));
      }
    }
    return sum.build();
  }

  private static boolean isAbove(String path, String below) {
    return !path.equals(below) && Path.of(below).startsWith(path);
  }
}
