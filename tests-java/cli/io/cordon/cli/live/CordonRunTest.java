// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cordon.Sandbox;
import io.cordon.cli.Main;
import io.cordon.live.Jvm;
import io.cordon.live.Live;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code cordon run} as a process of its own, as a shell sees it. */
@Timeout(90)
class CordonRunTest {
  private static final List<String> FIELDS = List.of("status", "cause", "exitCode", "signal", "cpuTimeNs", "userTimeNs",
      "systemTimeNs", "wallTimeNs", "setupTimeNs", "memoryPeakBytes", "memorySource", "cpuSource",
      "voluntarySwitches", "involuntarySwitches", "minorFaults", "majorFaults", "readBytes", "writtenBytes", "ioSource",
      "processPeak", "processSource", "throttledTimeNs", "throttledSource", "processRefusals", "refusalSource",
      "outputTruncated", "syscall", "syscallName", "layers", "filePolicy", "engine", "eventsTotal", "violation",
      "boundaries", "error");

  private static final String SUBJECT = Live.PROGRAMS.resolve("subject").toAbsolutePath().toString();

  @TempDir
  Path temporary;
  private Path json;

  @BeforeEach
  void nameTheResult() {
    json = temporary.resolve("result.json");
  }

  private static Jvm cordon(String... args) {
    return new Jvm(Main.class.getName(), args);
  }

  private static Jvm run(List<String> options, String... program) {
    var args = new ArrayList<>(List.of("run"));
    args.addAll(options);
    args.add("--");
    args.addAll(List.of(program));
    return cordon(args.toArray(String[]::new));
  }

  private Jvm runWithResult(List<String> options, String... program) {
    var all = new ArrayList<>(options);
    all.addAll(List.of("--result", json.toString()));
    return run(all, program);
  }

  private Map<String, Object> result() throws IOException {
    var result = JSON.std.mapFrom(json.toFile());
    assertEquals(FIELDS, List.copyOf(result.keySet()));
    return result;
  }

  private static Map<?, ?> error(Map<String, Object> result) {
    Map<?, ?> error = assertInstanceOf(Map.class, result.get("error"));
    assertEquals(List.of("step", "errno", "errnoName", "index", "detail", "message", "origin"),
        List.copyOf(error.keySet()));
    return error;
  }

  private static long number(Map<String, Object> result, String field) {
    return assertInstanceOf(Number.class, result.get(field), field).longValue();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      exit 7                                   | 7   | ``
      kill -SEGV $$                            | 139 | cordon: SIGNALED, SIGSEGV
      exec sleep 60                            | 124 | cordon: TIME_LIMIT_EXCEEDED (WALL), SIGKILL
      cat; echo aside >&2; exit 0              | 0   | aside
      """)
  void theExitCodeIsTheProgramsOwn(String script, int code, String err) throws Exception {
    var input = Files.writeString(temporary.resolve("in"), "input");
    var outcome = run(List.of("--wall-time", "1500ms"), "/bin/sh", "-c", script).stdin(input).run();
    var out = script.startsWith("cat") ? "input" : "";
    assertEquals(new Jvm.Outcome(code, out, err.isEmpty() ? "" : err + "\n"), outcome);
  }

  /** Every option at once, as the program and its caller see them. */
  @Test
  void everyOptionReachesTheSandbox() throws Exception {
    var in = Files.writeString(temporary.resolve("in"), "from the file");
    var shared = Files.createDirectory(temporary.resolve("shared"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
    var readOnly = Files.createDirectory(temporary.resolve("ro"));
    Files.writeString(readOnly.resolve("file"), "bound");
    Files.setPosixFilePermissions(readOnly, PosixFilePermissions.fromString("rwxr-xr-x"));
    var tree = Files.createDirectories(temporary.resolve("tree/deep"));
    Files.writeString(tree.resolve("leaf"), "leaf");
    var out = temporary.resolve("out");
    var err = temporary.resolve("err");
    var fetched = temporary.resolve("fetched");
    var script = """
        cat; echo
        echo "$A/$B/$C/$HOME/$PWD"
        id -u; id -g; uname -n; cat /proc/sys/kernel/domainname
        cat named tree/deep/leaf /ro/file; echo
        echo shared > /rw/new
        (echo x > /ro/new) 2>/dev/null || echo read-only
        echo t > /t/file && df -k /t | tail -n 1 | tr -s ' ' | cut -d ' ' -f 2
        tail -n +3 /proc/net/dev | tr -d ' ' | cut -d : -f 1
        ulimit -n; ulimit -s; ulimit -f
        grep Seccomp: /proc/self/status | tr -d '\\t'
        echo made > made
        echo aside >&2
        """;
    var outcome = runWithResult(List.of("--runner", "unshare", "--cpu-time", "5s", "--wall-time", "0.5m",
        "--idle-time", "20s", "--memory", "128m", "--stack", "8m", "--processes", "20", "--output-limit", "1m",
        "--open-files", "50", "--stdin", in.toString(), "--stdout", out.toString(), "--stderr", err.toString(),
        "--env", "A=a b", "--env", "C=c=d", "--inherit-env", "B", "--work-dir", "/job", "--bind", shared + ":/rw:rw",
        "--bind", readOnly + ":/ro", "--tmpfs", "/t:1m", "--copy-in", in + ":named", "--copy-in", temporary + "/tree",
        "--copy-out", "made:" + fetched, "--network", "loopback", "--user", "7:8", "--hostname", "judge",
        "--domainname", "example", "--seccomp", "none", "--require", "user-ns", "--require", "pid-ns"),
        "/bin/sh", "-c", script).environment(Map.of("B", "inherited", "SECRET", "x")).run();
    assertEquals(new Jvm.Outcome(0, "", ""), outcome, () -> Files.exists(err) ? readQuietly(err) : "");
    assertEquals("""
        from the file
        a b/inherited/c=d//job//job
        7
        8
        judge
        example
        from the fileleafbound
        read-only
        1024
        lo
        50
        8192
        2048
        Seccomp:0
        """, Files.readString(out));
    assertEquals("aside\n", Files.readString(err));
    assertEquals("made\n", Files.readString(fetched));
    assertEquals("shared\n", Files.readString(shared.resolve("new")));
    assertFalse(Files.exists(readOnly.resolve("new")));
    var result = result();
    assertEquals("OK", result.get("status"));
    assertFalse(assertInstanceOf(List.class, result.get("layers")).contains("seccomp"));
  }

  private static String readQuietly(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void theResultHasAllFields() throws Exception {
    var outcome = runWithResult(List.of("--cpu-time", "300ms"), SUBJECT, "burn", "20000").run();
    assertEquals(new Jvm.Outcome(124, "", ""), outcome);
    var result = result();
    assertEquals("TIME_LIMIT_EXCEEDED", result.get("status"));
    assertEquals("CPU", result.get("cause"));
    assertNull(result.get("exitCode"));
    assertEquals(9, result.get("signal"));
    assertTrue(number(result, "cpuTimeNs") >= 300_000_000L);
    assertTrue(number(result, "userTimeNs") > 100_000_000L);
    assertTrue(number(result, "systemTimeNs") >= 0);
    assertTrue(number(result, "wallTimeNs") >= 290_000_000L);
    assertTrue(number(result, "setupTimeNs") > 0);
    assertTrue(number(result, "memoryPeakBytes") > 0);
    assertTrue(List.of("cgroup-v1", "cgroup-v2", "rusage").contains(result.get("memorySource")));
    assertEquals(false, result.get("outputTruncated"));
    assertNull(result.get("syscall"));
    List<?> layers = assertInstanceOf(List.class, result.get("layers"));
    assertTrue(layers.containsAll(List.of("user-ns", "mount-ns", "pid-ns", "net-ns", "ipc-ns", "uts-ns", "cgroup-ns",
        "pivot-root", "no-new-privs", "capabilities", "seccomp")), layers.toString());
    assertEquals(List.of("namespaces", "process"), result.get("boundaries"));
    assertNull(result.get("error"));
  }

  @Test
  void aLabelIsRepeated() throws Exception {
    for (var program : List.of("true", "/no/such/program")) {
      runWithResult(List.of("--label", "submission 17"), program).run();
      var result = JSON.std.mapFrom(json.toFile());
      assertEquals("submission 17", result.get("label"));
      var fields = new ArrayList<>(FIELDS);
      fields.add(FIELDS.indexOf("boundaries"), "label");
      assertEquals(fields, List.copyOf(result.keySet()));
    }
  }

  /** The first row is 137 where the limit ends the program itself, the second 1 where it hits a grandchild. */
  @ParameterizedTest
  @CsvSource({"alloc,137", "alloc-grandchild,1"})
  void aMemoryLimit(String verb, int code) throws Exception {
    var outcome = runWithResult(List.of("--memory", "48m", "--require", "cgroup-memory"), SUBJECT, verb, "200").run();
    var result = result();
    if (outcome.exitCode() == 125 && "cgroup-memory".equals(error(result).get("detail"))) {
      Live.skip("cgroup-memory: no memory controller that this process can use");
    }
    assertEquals("MEMORY_LIMIT_EXCEEDED OOM", result.get("status") + " " + result.get("cause"));
    // Which of the processes the kernel picks is its own choice.
    assertTrue(outcome.exitCode() == code || (verb.equals("alloc-grandchild") && outcome.exitCode() == 137),
        outcome.toString());
  }

  @Test
  void tooMuchOutputIsCutAndSaid() throws Exception {
    var outcome = runWithResult(List.of("--output-limit", "64k"), SUBJECT, "flood", "1", "100000000").run();
    assertEquals(137, outcome.exitCode());
    assertEquals("x".repeat(64 << 10), outcome.out());
    var result = result();
    assertEquals("OUTPUT_LIMIT_EXCEEDED STDOUT", result.get("status") + " " + result.get("cause"));
    assertEquals(true, result.get("outputTruncated"));
  }

  @Test
  void aFailureOfTheSandboxIs125() throws Exception {
    var missing = temporary.resolve("missing").toString();
    var outcome = runWithResult(List.of("--bind", missing + ":/x"), "/bin/true").run();
    assertEquals(125, outcome.exitCode());
    assertEquals("", outcome.out());
    assertTrue(outcome.err().matches("cordon: MOUNT_SOURCE\\[[0-9]+] failed( in cordon-init)?: ENOENT \\(No such file"
        + " or directory\\): " + missing + "\n"), outcome.err());
    var result = result();
    assertEquals("SANDBOX_ERROR", result.get("status"));
    FIELDS.stream().filter(field -> !field.equals("status") && !field.equals("error"))
        .forEach(field -> assertNull(result.get(field), field));
    var error = error(result);
    assertEquals("MOUNT_SOURCE", error.get("step"));
    assertEquals(2, error.get("errno"));
    assertEquals("ENOENT", error.get("errnoName"));
    assertTrue((int) error.get("index") > 0);
    assertEquals(missing, error.get("detail"));
    assertEquals("cordon: " + error.get("message") + "\n", outcome.err());
    // Root opens sources outside, and everybody else inside.
    assertTrue(List.of("HOST", "INIT").contains(error.get("origin")), error.toString());
  }

  @ParameterizedTest
  @CsvSource({"/no/such/program,127,ENOENT", "no-such-program,127,ENOENT", "/etc/ld.so.cache,126,EACCES"})
  void aProgramThatCannotBeExecuted(String program, int code, String errno) throws Exception {
    var outcome = runWithResult(List.of(), program).run();
    assertEquals(code, outcome.exitCode(), outcome.err());
    var error = error(result());
    assertEquals("EXECVE " + errno, error.get("step") + " " + error.get("errnoName"));
  }

  @Test
  void aFileThatCannotBeFetchedIs125() throws Exception {
    var outcome = runWithResult(List.of("--copy-out", "missing:" + temporary.resolve("x")), "/bin/true").run();
    assertEquals(125, outcome.exitCode());
    var result = result();
    assertEquals("FILE_ERROR", result.get("status"));
    assertEquals(0, result.get("exitCode"));
    assertEquals("COPY_OUT ENOENT", error(result).get("step") + " " + error(result).get("errnoName"));
  }

  @Test
  void filesThatMatchAreFetched() throws Exception {
    var host = temporary.resolve("objects");
    var script = "mkdir -p d/e; for f in d/a.o d/b.o d/e/c.o d/x.c; do echo $1$f > $f; done";
    for (var run : List.of("first ", "second ")) {
      var outcome = runWithResult(List.of("--copy-out", "d/**/*.o:" + host), "/bin/sh", "-c", script, "sh", run).run();
      assertEquals(new Jvm.Outcome(0, "", ""), outcome);
      assertEquals(run + "d/a.o\n", Files.readString(host.resolve("a.o")));
      assertEquals(run + "d/e/c.o\n", Files.readString(host.resolve("e/c.o")));
    }
    try (var names = Files.list(host)) {
      assertEquals(3, names.count());
    }
    var none = runWithResult(List.of("--copy-out", "d/*.obj:" + host), "/bin/sh", "-c", script).run();
    assertEquals(125, none.exitCode());
    assertEquals("COPY_OUT ENODATA", error(result()).get("step") + " " + error(result()).get("errnoName"));
    var wrong = runWithResult(List.of("--copy-out", "d/[:" + host), "/bin/true").run();
    assertTrue(wrong.err().contains("'[' without a ']'"), wrong.err());
  }

  @Test
  void wrongUsageIs2AndNothingRuns() throws Exception {
    var outcome = run(List.of("--nope"), "/bin/true").run();
    assertEquals(new Jvm.Outcome(2, "", "cordon: Unknown option: '--nope'\nTry 'cordon run --help'.\n"), outcome);
  }

  @Test
  void aProgramOfTheHostIsBroughtIn() throws Exception {
    var bin = Files.createDirectory(temporary.resolve("bin"));
    var program = bin.resolve("raw");
    Files.copy(Live.PROGRAMS.resolve("raw_nolibc"), program);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    var expected = new Jvm.Outcome(7, "raw\n", "");
    assertEquals(expected, run(List.of(), program.toString()).run());
    assertEquals(expected, run(List.of(), "./bin/raw").directory(temporary).run());
    assertEquals(expected, run(List.of(), "raw").directory(bin).run());
  }

  private List<String> systemOptions(String... more) {
    var options = new ArrayList<String>();
    for (var path : List.of("/usr", "/bin", "/lib", "/lib64")) {
      options.addAll(List.of("--allow-read", path, "--allow-exec", path));
    }
    options.addAll(List.of("--allow-read", "/etc/ld.so.cache"));
    options.addAll(List.of(more));
    return options;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "notify", "ptrace", "kernel"})
  void onlyWhatIsAllowedIsOpened(String engine) throws Exception {
    var options = systemOptions(engine.isEmpty() ? new String[0] : new String[] {"--engine", engine});
    var closed = Files.writeString(temporary.resolve("closed"), "closed");
    options.addAll(List.of("--copy-in", closed.toString()));
    var outcome = runWithResult(options, "/bin/sh", "-c", "cat closed || echo refused").run();
    assertEquals("refused\n", outcome.out(), outcome.err());
    var result = result();
    assertEquals(engine.isEmpty() ? "kernel" : engine, result.get("engine"));
    assertTrue(List.of("enforced", "advisory").contains(result.get("filePolicy")), result.toString());
    assertNull(result.get("violation"));
  }

  /** Nothing else is asked for, so mounts are enough. */
  @Test
  void everythingButWhatIsDeniedIsAllowed() throws Exception {
    var closed = Files.writeString(temporary.resolve("closed"), "closed");
    var options = List.of("--copy-in", closed.toString(), "--deny", "/w/closed", "--require", "path-policy");
    var outcome = runWithResult(options, "/bin/sh", "-c", "cat closed || echo refused; echo x > y; cat y").run();
    assertEquals("refused\nx\n", outcome.out(), outcome.err());
    assertEquals("kernel", result().get("engine"));
    assertEquals("enforced", result().get("filePolicy"));
  }

  @Test
  void onlyThePortsThatAreAllowedAreConnectedTo() throws Exception {
    var sockets = "/programs/sockets";
    var bind = Live.PROGRAMS + ":/programs";
    var options = List.of("--bind", bind, "--network", "loopback", "--allow-bind", "7001", "--allow-connect", "7001");
    var words = List.of("serve:7001", "connect:7001", "connect:7002", "bind:7002", "udp:7001");
    if (Sandbox.probe().landlockAbi() < 4) {
      var refused = run(options, sockets).run();
      assertEquals(125, refused.exitCode());
      assertTrue(refused.err().contains("TCP ports"), refused.err());
      return;
    }
    var command = new ArrayList<>(List.of(sockets));
    command.addAll(words);
    var outcome = runWithResult(options, command.toArray(String[]::new)).run();
    assertEquals("serve:7001=0\nconnect:7001=0\nconnect:7002=13\nbind:7002=13\nudp:7001=13\n", outcome.out(),
        outcome.err());
    var result = result();
    assertEquals("kernel", result.get("engine"));
    assertEquals("none", result.get("filePolicy"));
    var more = new ArrayList<>(options);
    more.addAll(List.of("--allow-udp", "--engine", "notify", "--allow-connect", "7002"));
    outcome = run(more, sockets, "connect:7002", "udp:7001").run();
    assertEquals("connect:7002=111\nudp:7001=0\n", outcome.out(), outcome.err());
  }

  @Test
  void aSystemCallThatEndsTheProgramIsNamed() throws Exception {
    var options = List.of("--kill-syscall", "mkdir", "--kill-syscall", "mkdirat");
    var outcome = runWithResult(options, "/bin/mkdir", "d").run();
    assertTrue(outcome.exitCode() > 128, outcome.toString());
    var result = result();
    assertEquals("DISALLOWED_SYSCALL", result.get("status"));
    Map<?, ?> violation = assertInstanceOf(Map.class, result.get("violation"));
    assertEquals(List.of("kind", "syscall", "syscallName", "path", "pid"), List.copyOf(violation.keySet()));
    assertEquals("syscall", violation.get("kind"));
    assertTrue(List.of("mkdir", "mkdirat").contains(violation.get("syscallName")), violation.toString());
    assertEquals(violation.get("syscallName"), result.get("syscallName"));
    assertEquals(1L, number(result, "eventsTotal"));
    var text = run(options, "/bin/mkdir", "d").run();
    assertTrue(text.err().startsWith("cordon: DISALLOWED_SYSCALL"), text.err());
    assertTrue(text.err().contains("mkdir") && text.err().contains("; 1 event"), text.err());
  }

  @Test
  void aSystemCallFailsAsTheOptionSays() throws Exception {
    var options = List.of("--deny-syscall", "mkdir=ENOSPC", "--deny-syscall", "mkdirat=28");
    var outcome = run(options, "/bin/mkdir", "d").run();
    assertEquals(1, outcome.exitCode());
    assertTrue(outcome.err().contains("No space left on device"), outcome.err());
  }

  @Test
  void withoutNamespacesTheCurrentDirectoryIsTheProgramsOwn() throws Exception {
    var work = Live.openDirectory(temporary, "work");
    Files.writeString(temporary.resolve("secret"), "secret");
    var options = systemOptions("--no-namespaces", "--allow-read", work.toString(), "--allow-write", work.toString());
    var outcome = runWithResult(options, "/bin/sh", "-c", "pwd; echo x > made; cat made; cat ../secret || echo refused")
        .directory(work).run();
    assertEquals(work.toRealPath() + "\nx\nrefused\n", outcome.out(), outcome.err());
    assertEquals("x\n", Files.readString(work.resolve("made")));
    assertEquals("ptrace", result().get("engine"));
  }

  @Test
  void theResultOnStdoutFollowsTheProgramsOutput() throws Exception {
    var outcome = cordon("run", "--result", "-", "/bin/sh", "-c", "echo own; exit 3").run();
    assertEquals(3, outcome.exitCode());
    var lines = outcome.out().lines().toList();
    assertEquals("own", lines.get(0));
    assertEquals(2, lines.size());
    assertEquals("NONZERO_EXIT", JSON.std.mapFrom(lines.get(1)).get("status"));
  }

  @Test
  void aSignalToCordonEndsTheProgramFirst() throws Exception {
    var shared = Files.createDirectory(temporary.resolve("shared"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
    var process = runWithResult(List.of("--bind", shared + ":/rw:rw"), "/bin/sh", "-c",
        "trap '' TERM; echo before; : > /rw/ready; sleep 60").start();
    try {
      Live.await("the program is ready", () -> Files.exists(shared.resolve("ready")) || !process.isAlive());
      var family = process.descendants().toList();
      assertTrue(family.size() >= 2, family.toString());
      process.toHandle().destroy(); // Process.destroy would close the streams too.
      assertTrue(process.waitFor(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS));
      assertEquals(143, process.exitValue());
      assertEquals("CANCELLED", result().get("status"));
      assertEquals("before\n", Jvm.finish(process).out());
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** The reference made a read-only bind mount writable where something was mounted below its source. */
  @Test
  void whatIsMountedBelowAReadOnlySourceIsReadOnlyToo() throws Exception {
    Live.needRoot();
    Live.need("unshare");
    var source = Files.createDirectories(temporary.resolve("source/below")).getParent();
    // In a mount namespace of its own, so that the mount goes away with it.
    var outcome = run(List.of("--bind", source + ":/b"), "/bin/sh", "-c", "cat /b/below/there; echo x > /b/below/new")
        .startedBy("/usr/bin/unshare", "-m", "--propagation", "private", "/bin/sh", "-c",
            "mount -t tmpfs -o mode=777 none '" + source + "/below' && echo mounted > '" + source + "/below/there'"
                + " && \"$@\"; code=$?; ls '" + source + "/below'; exit $code",
            "sh")
        .run();
    assertEquals("mounted\nthere\n", outcome.out());
    assertTrue(outcome.err().contains("Read-only file system"), outcome.err());
    assertEquals(2, outcome.exitCode());
  }
}
