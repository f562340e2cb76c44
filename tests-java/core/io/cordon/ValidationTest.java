// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.internal.engine.RequiredLayers;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.supervisor.Decision;
import io.cordon.supervisor.Engine;
import io.cordon.supervisor.FilePolicy;
import io.cordon.supervisor.PortPolicy;
import io.cordon.supervisor.Supervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class ValidationTest {
  private static void refused(String message, Executable made) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, made).getMessage());
  }

  /** What only another kind of runner can hold. */
  private static void unsupported(String property, String detail, Executable made) {
    var e = assertThrows(SandboxException.class, made);
    assertEquals(detail, e.detail());
    assertEquals(Optional.of(property), e.property());
    assertEquals(SandboxException.Kind.UNSUPPORTED, e.kind());
  }

  private static Executable start(Runner runner, Command command) {
    return () -> {
      try {
        runner.runAsync(command).get();
      } catch (ExecutionException e) {
        throw e.getCause();
      }
    };
  }

  @Test
  void theDefaultLimitsAreSafeOnes() {
    var limits = Limits.defaults();
    assertEquals(Duration.ofSeconds(10), limits.cpuTime());
    assertEquals(Duration.ofSeconds(30), limits.wallTime());
    assertEquals(Limits.FOREVER, limits.idleTime());
    assertEquals(256 << 20, limits.memoryBytes());
    assertEquals(256 << 20, limits.stackBytes());
    assertEquals(64, limits.processes());
    assertEquals(64 << 20, limits.outputBytes());
    assertEquals(256, limits.openFiles());
    assertEquals(0, limits.coreBytes());
  }

  @Test
  void wallTimeAndStackFollowWhatTheyAreMeasuredAgainst() {
    assertEquals(Duration.ofMillis(2100), Limits.builder().cpuTime(Duration.ofMillis(100)).build().wallTime());
    assertEquals(Duration.ofSeconds(60), Limits.builder().cpuTime(Duration.ofSeconds(20)).build().wallTime());
    assertEquals(Duration.ofSeconds(30), Limits.builder().cpuTime(Limits.FOREVER).build().wallTime());
    assertEquals(5, Limits.builder().memoryBytes(5).build().stackBytes());
    assertEquals(256 << 20, Limits.builder().memoryBytes(Limits.UNLIMITED).build().stackBytes());
    var derived = Limits.builder().cpuTime(Duration.ofSeconds(1)).build();
    assertEquals(derived, derived.toBuilder().build());
  }

  @Test
  void limitsThatCannotBeAreRefusedByName() {
    refused("cpuTime: PT0S: must be above zero", () -> Limits.builder().cpuTime(Duration.ZERO));
    refused("wallTime: PT-1S: must be above zero", () -> Limits.builder().wallTime(Duration.ofSeconds(-1)));
    refused("idleTime: PT87660000H: must be below 292 years, or Limits.FOREVER",
        () -> Limits.builder().idleTime(Duration.ofDays(3652500)));
    refused("memoryBytes: 0: must be above zero", () -> Limits.builder().memoryBytes(0));
    refused("memoryBytes: -1: must be above zero", () -> Limits.builder().memoryBytes(-1));
    refused("processes: 0: must be above zero", () -> Limits.builder().processes(0));
    refused("coreBytes: -1: must not be negative", () -> Limits.builder().coreBytes(-1));
    refused("outputTotalBytes: 0: must be above zero", () -> Limits.builder().outputTotalBytes(0));
    for (double rate : new double[] {0, -1, 0.009, 8193, Double.NaN}) {
      refused("cpuRate: " + rate + ": must be from 0.01 to 8192 CPUs, or Limits.FULL_RATE",
          () -> Limits.builder().cpuRate(rate));
    }
    for (int weight : new int[] {0, -1, 10_001}) {
      refused("cpuWeight: " + weight + ": must be from 1 to 10000", () -> Limits.builder().cpuWeight(weight));
    }
    for (var list : new String[] {"", ",", "0,", "0-", "-1", "a", "0 ", "10000", "0-1-2"}) {
      refused("cpuset: " + list + ": must be CPUs as in 0-1,3", () -> Command.builder("p").cpuset(list));
    }
    refused("rlimit CPU: 2: the soft limit must not be above the hard limit 1", () -> new Rlimit(Resource.CPU, 2, 1));
  }

  @Test
  void theDefaultEnvironmentIsExactlyThreeVariables() {
    assertEquals(Map.of("PATH", "/usr/local/bin:/usr/bin:/bin", "LANG", "C.UTF-8", "HOME", "/x"),
        Command.builder("p").workDir("/x").build().env());
    assertEquals(Map.of("A", "b"), Command.builder("p").env("C", "d").env(Map.of("A", "b")).build().env());
    assertEquals("b", Command.builder("p").env("PATH", "b").build().env().get("PATH"));
  }

  @Test
  void onlyNamedVariablesAreInherited() {
    var name = System.getenv().keySet().stream().filter(n -> !n.equals("PATH")).findFirst().orElseThrow();
    assertEquals(System.getenv(name), Command.builder("p").inheritEnv(name).build().env().get(name));
    assertFalse(Command.builder("p").inheritEnv("NO_SUCH_VARIABLE_1").build().env().containsKey("NO_SUCH_VARIABLE_1"));
  }

  @Test
  void commandsThatCannotBeAreRefusedByName() {
    refused("args: : must hold at least the program", () -> Command.builder(List.of()));
    refused("args[0]: : must not be empty", () -> Command.of(""));
    refused("args[1]: a\\x00: must not hold a NUL character", () -> Command.of("p", "a\0"));
    refused("args[1]: ?: must not hold half a surrogate pair", () -> Command.of("p", "\ud800"));
    refused("env name: A=: must not hold \"=\"", () -> Command.builder("p").env("A=", ""));
    refused("env A: \\x00: must not hold a NUL character", () -> Command.builder("p").env("A", "\0"));
    refused("workDir: w: must be absolute", () -> Command.builder("p").workDir("w"));
    refused("workDir: /w/..: must not hold \".\" or \"..\"", () -> Command.builder("p").workDir("/w/.."));
    refused("descriptor target: 2: must be from 3 to 1023", () -> Command.builder("p").descriptor(1, 2));
    refused("descriptor target: 3: is given twice", () -> Command.builder("p").descriptor(1, 3).descriptor(2, 3));
    refused("stdout: toStdout: is for stderr only", () -> Command.builder("p").stdout(Output.toStdout()));
    refused("copyOut name: a/../*: must not hold \".\" or \"..\"", () -> CopyOut.matching("a/../*"));
    refused("copyOut name: : must not be empty", () -> CopyOut.matching(""));
    refused("copyOut most: 0: must be from 1 to 10000", () -> CopyOut.matching("*").most(0));
    refused("copyOut most: 10001: must be from 1 to 10000", () -> CopyOut.matching("*").most(10_001));
    refused("copyOut limitBytes: 1073741824: must be at most 512 MiB where it is kept in memory",
        () -> CopyOut.matching("*").limitBytes(1L << 30));
    refused("copyOut replacing: *: needs a directory of the host", () -> CopyOut.matching("*").replacing());
    refused("copyOut name: a: is given twice",
        () -> Command.builder("p").copyOut(CopyOut.keep("a")).copyOut(CopyOut.keep("a")).build());
    refused("copyIn name: ../a: must not hold \".\" or \"..\"", () -> CopyIn.text("../a", ""));
    refused("capture limitBytes: 0: must be above zero", () -> Output.capture(0));
    refused("stdin: -1: must not be negative", () -> Input.descriptor(-1));
  }

  @Test
  void aRefusedMegabyteDoesNotBecomeAMegabyteOfMessage() {
    var thrown = assertThrows(IllegalArgumentException.class, () -> Command.of("p", "x".repeat(1 << 20) + "\0"));
    assertTrue(thrown.getMessage().length() < 400);
  }

  @Test
  void mountsThatCannotBeAreRefusedByName() {
    refused("mount target: t: must be absolute", () -> Mount.tmpfs("t"));
    refused("mount target: /a/../b: must not hold \".\" or \"..\"", () -> Mount.tmpfs("/a/../b"));
    refused("mount writable: TMPFS /t: does not apply to TMPFS", () -> Mount.tmpfs("/t").writable());
    refused("mount mode: BIND /s /t: does not apply to BIND", () -> Mount.bind(Path.of("/s"), "/t").mode(0700));
    refused("mount sizeBytes: -1: must be above zero", () -> Mount.tmpfs("/t").sizeBytes(-1));
    refused("mount mode: 02000: must be from 01 to 01777", () -> Mount.tmpfs("/t").mode(02000));
  }

  @Test
  void runnersThatContradictThemselvesAreRefused() {
    refused("require: seccomp: the seccomp policy is NONE",
        () -> UnshareRunner.builder().mounts(List.of()).seccomp(SeccompPolicy.NONE).require(Layer.SECCOMP).build());
    refused("require: net-ns: the network is HOST",
        () -> UnshareRunner.builder().mounts(List.of()).network(Network.HOST).require(Layer.NET_NS).build());
    refused("hostUser uid: 0: must be above zero", () -> UnshareRunner.builder().hostUser(0, 1));
    refused("seccomp program: 9 bytes: must be a multiple of 8 and not empty", () -> SeccompPolicy.bpf(new byte[9]));
    refused("hostname: : must not be empty", () -> UnshareRunner.builder().hostname(""));
  }

  @Test
  void theDefaultRootShowsOnlyWhatIsNeeded() {
    var targets = Mount.defaults().stream().map(Mount::target).toList();
    assertTrue(targets.containsAll(List.of("/usr", "/bin", "/dev", "/proc", "/tmp", "/w", "/proc/kcore")));
    for (var secret : List.of("/", "/etc", "/etc/passwd", "/etc/shadow", "/etc/hostname", "/root", "/home", "/var")) {
      assertFalse(targets.contains(secret), secret);
    }
    for (var mount : Mount.defaults()) {
      assertFalse(mount.isWritable(), mount.toString());
      assertTrue(mount.type() != Mount.Type.BIND || mount.isOptional(), mount.toString());
    }
  }

  @Test
  void aDirectoryIsCopiedInFileByFileWithoutLinks(@TempDir Path directory) throws IOException {
    Files.createDirectories(directory.resolve("a/b"));
    Files.writeString(directory.resolve("a/b/f"), "");
    Files.writeString(directory.resolve("g"), "");
    Files.createSymbolicLink(directory.resolve("link"), Path.of("g"));
    var command = Command.builder("p").copyInDirectory(directory, "d").build();
    assertEquals(List.of("d/a/b/f", "d/g"), command.copyIn().stream().map(CopyIn::name).toList());
    assertThrows(IOException.class, () -> Command.builder("p").copyInDirectory(directory.resolve("no"), "d"));
  }

  @Test
  void aTerminalTakesTheStreamsForItself() {
    refused("terminal: stdin: must be none, bytes, text or a stream",
        () -> Command.builder("p").terminal(true).stdin(Input.descriptor(0)).build());
    refused("terminal: stdout: must be captured or a stream",
        () -> Command.builder("p").terminal(true).stdout(Output.discard()).build());
    assertTrue(Command.builder("p").terminal(true).stdin(Input.text("x")).build().terminal());
  }

  @Test
  void decisionsThatCannotBeAreRefusedByName() {
    refused("decision errno: 0: must be from 1 to 4095", () -> Decision.errno(0));
    refused("decision errno: 4096: must be from 1 to 4095", () -> Decision.errno(4096));
    refused("decision errno: 1: must be from 0 to 0", () -> new Decision(Decision.Kind.KILL, 1));
    refused("decision errno: EWHAT: is no name of an errno, which look like EACCES", () -> Decision.errno("EWHAT"));
    assertEquals(Decision.errno(13), Decision.errno("EACCES"));
    assertEquals("EACCES KILL", Decision.errno(13) + " " + Decision.kill());
  }

  @Test
  void filePoliciesThatCannotBeAreRefusedByName() {
    refused("files path: w: must be absolute", () -> FilePolicy.builder().read("w"));
    refused("files path: : must not be empty", () -> FilePolicy.builder().write(""));
    refused("files path: /a/..: must not hold \".\" or \"..\"", () -> FilePolicy.builder().deny("/a/.."));
    refused("files path: /a\\x00: must not hold a NUL character", () -> FilePolicy.builder().stat("/a\0"));
    refused("files path: /a//: is both denied and allowed", () -> FilePolicy.builder().read("/a").deny("/a//"));
    refused("files path: /a: is both denied and allowed", () -> FilePolicy.builder().deny("/a").execute("/a"));
    refused("files outside: ALLOW: must be an errno, kill or ask",
        () -> FilePolicy.builder().outside(Decision.allow()));
    var many = FilePolicy.builder();
    for (int i = 0; i < 1025; i++) {
      many.read("/" + i);
    }
    refused("files: 1025 rules: must be at most 1024", many::build);
  }

  @Test
  void portPoliciesThatCannotBeAreRefusedByName() {
    refused("bind port: -1: must be 0 to 65535", () -> PortPolicy.builder().bind(80, -1));
    refused("bind port: 65536: must be 0 to 65535", () -> PortPolicy.builder().bind(65_536));
    refused("connect port: 0: must be 1 to 65535", () -> PortPolicy.builder().connect(0));
    refused("connect port: 65536: must be 1 to 65535", () -> PortPolicy.builder().connect(443, 65_536));
    refused("connect: 513 ports: must be at most 512",
        () -> PortPolicy.builder().connect(IntStream.rangeClosed(1, 513).toArray()).build());
    var most = PortPolicy.builder().bind(IntStream.range(0, 512).toArray()).connect(IntStream.range(1, 513).toArray())
        .build();
    assertEquals(1024, most.bind().size() + most.connect().size());
    var policy = PortPolicy.builder().connect(443, 80, 443).bind(65_535, 0).udp(true).build();
    assertEquals(List.of(80, 443), policy.connect());
    assertEquals(List.of(0, 65_535), policy.bind());
    assertTrue(policy.udp());
    Supervisor.builder().engine(Engine.KERNEL).ports(policy).build();
  }

  @Test
  void supervisorsThatCannotBeAreRefusedByName() {
    var files = FilePolicy.builder().read("/usr").build();
    refused("syscall: : must not be empty", () -> Supervisor.builder().kill(""));
    refused("syscall: socket: has a rule already", () -> Supervisor.builder().kill("socket").ask("socket"));
    refused("limit clone: -1: must not be negative", () -> Supervisor.builder().limit("clone", -1));
    refused("limit clone: ALLOW: must be an errno, kill or ask",
        () -> Supervisor.builder().limit("clone", 1, Decision.allow()));
    refused("handler: none: is needed by the rule for socket", () -> Supervisor.builder().ask("socket").build());
    refused("handler: none: is needed by the file policy",
        () -> Supervisor.files(Engine.AUTO, FilePolicy.builder().outside(Decision.ask()).build()));
    refused("record: true: needs the engine PTRACE",
        () -> Supervisor.builder().engine(Engine.NOTIFY).record(true).build());
    refused("askTimeout: PT0S: must be above zero", () -> Supervisor.builder().askTimeout(Duration.ZERO));
    refused("askTimeout: FOREVER: must have an end", () -> Supervisor.builder().askTimeout(Limits.FOREVER));
    refused("engine: KERNEL: needs a file policy or a port policy",
        () -> Supervisor.builder().engine(Engine.KERNEL).build());
    refused("engine: KERNEL: has no rules for system calls, and there is one for socket",
        () -> Supervisor.builder().engine(Engine.KERNEL).files(files).kill("socket").build());
    refused("audit: true: needs another engine than KERNEL",
        () -> Supervisor.builder().engine(Engine.KERNEL).files(files).audit(true).build());
    refused("files outside: KILL: is EACCES with the engine KERNEL",
        () -> Supervisor.files(Engine.KERNEL, files.toBuilder().outside(Decision.kill()).build()));
  }

  @Test
  void whatLandlockAloneCannotKeepIsRefused() {
    refused("files TREE: /usr/a: the engine KERNEL cannot give less than a rule above it",
        () -> Supervisor.files(Engine.KERNEL, FilePolicy.builder().read("/usr").deny("/usr/a").build()));
    refused("files TREE: /a/b: the engine KERNEL cannot give less than a rule above it",
        () -> Supervisor.files(Engine.KERNEL, FilePolicy.builder().read("/", "/a", "/a/b").write("/a").build()));
    refused("files ENTRIES: /a: the engine KERNEL knows no such rule, but for STAT",
        () -> Supervisor.files(Engine.KERNEL, FilePolicy.builder()
            .rule("/a", FilePolicy.Scope.ENTRIES, FilePolicy.Access.READ).build()));
    Supervisor.files(Engine.KERNEL, FilePolicy.builder().read("/usr", "/usr/a").write("/usr/a").stat("/").deny("/usrx")
        .rule("/x", FilePolicy.Scope.ENTRIES, FilePolicy.Access.STAT)
        .rule("/usr/b", FilePolicy.Scope.ONLY, FilePolicy.Access.READ, FilePolicy.Access.EXECUTE).build());
  }

  @Test
  void rulesOfOnePathMerge() {
    var policy = FilePolicy.builder().read("/a/").write("//a")
        .rule("/a", FilePolicy.Scope.ONLY, FilePolicy.Access.EXECUTE).rule("/a", FilePolicy.Scope.ENTRIES)
        .read("/").build();
    assertEquals(List.of(
        new FilePolicy.Rule("/a", FilePolicy.Scope.TREE, Set.of(FilePolicy.Access.READ, FilePolicy.Access.WRITE)),
        new FilePolicy.Rule("/a", FilePolicy.Scope.ONLY,
            Set.of(FilePolicy.Access.READ, FilePolicy.Access.WRITE, FilePolicy.Access.EXECUTE)),
        new FilePolicy.Rule("/a", FilePolicy.Scope.ENTRIES, Set.of()),
        new FilePolicy.Rule("/", FilePolicy.Scope.TREE, Set.of(FilePolicy.Access.READ))), policy.rules());
    assertEquals(policy.rules(), policy.toBuilder().build().rules());
    assertEquals(Decision.errno("EACCES"), policy.outside());
  }

  @Test
  void presetsNameNothingSecretAndCanBeKeptByTheKernel() {
    for (var preset : Preset.values()) {
      var files = preset.files();
      Supervisor.files(Engine.KERNEL, files);
      for (var rule : files.rules()) {
        boolean writable = List.of("/w", "/tmp", "/dev/shm").contains(rule.path());
        assertEquals(writable || rule.path().matches("/dev/(null|zero|full|tty)|/proc/self/(fd|coredump_filter)"),
            rule.access().contains(FilePolicy.Access.WRITE), rule.toString());
        assertTrue(!rule.path().equals("/") || rule.access().equals(Set.of(FilePolicy.Access.STAT)));
        assertFalse(Set.of("/etc", "/proc", "/sys", "/root", "/home", "/var", "/dev").contains(rule.path()));
      }
      assertEquals(preset.label(), preset.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
      assertTrue(preset.limits().memoryBytes() >= Limits.defaults().memoryBytes());
      assertFalse(preset.files("/x").rules().stream().anyMatch(rule -> rule.path().equals("/tmp")));
    }
  }

  @Test
  void withoutNamespacesWhatNeedsThemIsRefused() {
    refused("namespaces: false: must be true for mounts",
        () -> PtraceRunner.builder().addMount(Mount.tmpfs("/t")).build());
    refused("namespaces: false: must be true for network loopback",
        () -> PtraceRunner.builder().network(Network.LOOPBACK).build());
    refused("namespaces: false: must be true for hostname", () -> PtraceRunner.builder().hostname("h").build());
    refused("namespaces: false: must be true for user", () -> PtraceRunner.builder().user(1, 1).build());
    refused("namespaces: false: must be true for require pid-ns",
        () -> PtraceRunner.builder().require(Layer.PID_NS).build());
    refused("apparmorProfile: : must not be empty", () -> UnshareRunner.builder().apparmorProfile(""));
    PtraceRunner.builder().network(Network.HOST).require(Layer.SECCOMP).build();
    assertEquals(Network.NONE, PtraceRunner.builder().build().spec().network());
    var asked = SandboxSpec.builder().namespaces(false).network(Network.HOST).build();
    assertEquals(Network.HOST, asked.toBuilder().build().network());
    PtraceRunner.builder().namespaces(true).addMount(Mount.tmpfs("/t")).hostname("h").user(1, 1).build();
  }

  @Test
  void withoutNamespacesEveryCommandHasAFilePolicy() throws SandboxException {
    var files = FilePolicy.builder().read("/usr").build();
    var plain = PtraceRunner.builder().workDir("/somewhere").build();
    unsupported("supervisor", "supervisor: none: must have a file policy where there are no namespaces",
        () -> plain.run(Command.of("p")));
    unsupported("supervisor", "supervisor: without files: must have a file policy where there are no namespaces",
        start(plain, Command.builder("p").supervisor(Supervisor.builder().kill("socket").build()).build()));
    unsupported("supervisor.engine", "supervisor.engine: KERNEL: must be AUTO or PTRACE where there are no namespaces",
        () -> plain.run(Command.builder("p").supervisor(Supervisor.files(Engine.KERNEL, files)).build()));
    unsupported("copyIn", "copyIn: given: needs namespaces: the program's files are the host's",
        () -> plain
            .run(Command.builder("p").copyIn(CopyIn.text("a", "")).supervisor(Supervisor.files(Engine.AUTO, files))
                .build()));
    var own = Supervisor.files(Engine.AUTO, files);
    var common = Supervisor.files(Engine.PTRACE, files);
    var runner = PtraceRunner.builder().supervisor(common).workDir("/somewhere").build();
    assertSame(common, runner.supervised(Command.of("p")).supervisor().orElseThrow());
    var given = runner.supervised(Command.builder("p").supervisor(own).workDir("/x").build());
    assertSame(own, given.supervisor().orElseThrow());
    assertEquals("/x", given.workDir());
    assertEquals("/x", given.env().get("HOME"));
    var placed = runner.supervised(Command.builder("p").build());
    assertEquals("/somewhere", placed.workDir());
    assertEquals("/somewhere", placed.env().get("HOME"));
    assertEquals("h", runner.supervised(Command.builder("p").env("HOME", "h").build()).env().get("HOME"));
    assertEquals("/w", PtraceRunner.builder().namespaces(true).build().supervised(Command.of("p")).workDir());
  }

  @Test
  void aDescriptionForAnotherRunnerIsRefusedByName() throws SandboxException {
    var among = SandboxSpec.builder().namespaces(false);
    var prepared = SandboxSpec.builder().mounts(List.of()).initCommand("true").build();
    unsupported("namespaces", "namespaces: false: must be true; the runner without is ptrace",
        () -> UnshareRunner.of(among.build()));
    unsupported("namespaces", "namespaces: false: must be true; the runner without is ptrace",
        () -> Container.of(among.build()));
    unsupported("initCommand", "initCommand: [true]: must not be given; the runner with one is container",
        () -> UnshareRunner.of(prepared));
    unsupported("initCommand", "initCommand: [true]: must not be given; the runner with one is container",
        () -> PtraceRunner.of(prepared));
    var open = among.seccomp(SeccompPolicy.NONE).build();
    unsupported("seccomp.none",
        "seccomp.none: NONE: namespaces must be true for a seccomp policy other than the default",
        () -> PtraceRunner.of(open));
    refused("namespaces: false: must be true for a seccomp policy other than the default",
        () -> PtraceRunner.builder().seccomp(SeccompPolicy.NONE).build());
    refused("namespaces: false: must be true for a seccomp policy of one's own",
        () -> SandboxSpec.builder().namespaces(false).seccomp(SeccompPolicy.bpf(new byte[8])).build());
    assertSame(prepared, Container.of(prepared).spec());
  }

  @Test
  void aDescriptionRequiresWhatItWasAskedForAndARunnerMore() {
    assertEquals(Set.of(), SandboxSpec.defaults().required());
    assertEquals(Set.of(Layer.PROC), SandboxSpec.builder().require(Layer.PROC).build().required());
    assertEquals(EnumSet.of(Layer.USER_NS, Layer.MOUNT_NS, Layer.PID_NS, Layer.NET_NS, Layer.IPC_NS, Layer.UTS_NS,
        Layer.CGROUP_NS, Layer.PIVOT_ROOT, Layer.NO_NEW_PRIVS, Layer.CAPABILITIES, Layer.SECCOMP),
        RequiredLayers.of(SandboxSpec.defaults()));
    assertEquals(EnumSet.of(Layer.USER_NS, Layer.MOUNT_NS, Layer.PID_NS, Layer.IPC_NS, Layer.UTS_NS, Layer.CGROUP_NS,
        Layer.PIVOT_ROOT, Layer.NO_NEW_PRIVS, Layer.CAPABILITIES, Layer.PROC),
        RequiredLayers.of(SandboxSpec.builder()
            .network(Network.HOST).seccomp(SeccompPolicy.NONE).require(Layer.PROC).build()));
    assertEquals(EnumSet.of(Layer.NO_NEW_PRIVS, Layer.SECCOMP),
        RequiredLayers.of(SandboxSpec.builder().namespaces(false).build()));
  }

  @Test
  void containersThatCannotBeAreRefusedByName() {
    refused("require: cgroup-pids: control groups are not used",
        () -> Container.builder().controlGroups(false).require(Layer.CGROUP_PIDS).build());
    refused("initCommand[1]: \\x00: must not hold a NUL character", () -> Container.builder().initCommand("a", "\0"));
    refused("file name: a/../b: must not hold \".\" or \"..\"", () -> FileRequest.read("a/../b"));
    refused("file mode: 01000: must be from 01 to 0777", () -> FileRequest.create("a", 01000));
  }
}
