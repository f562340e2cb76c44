package io.cordon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class ValidationTest {
  private static void refused(String message, Executable made) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, made).getMessage());
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
      assertFalse((mount.flags & Mount.WRITABLE) != 0, mount.toString());
      assertTrue(mount.type() != Mount.Type.BIND || (mount.flags & Mount.OPTIONAL) != 0, mount.toString());
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
    refused("terminal: stdin: must be none, bytes or text",
        () -> Command.builder("p").terminal(true).stdin(Input.descriptor(0)).build());
    refused("terminal: stdout: must be captured",
        () -> Command.builder("p").terminal(true).stdout(Output.discard()).build());
    assertTrue(Command.builder("p").terminal(true).stdin(Input.text("x")).build().terminal());
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
