// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Cause;
import io.cordon.Command;
import io.cordon.Container;
import io.cordon.CopyIn;
import io.cordon.CopyOut;
import io.cordon.KernelFeature;
import io.cordon.Layer;
import io.cordon.Limits;
import io.cordon.Mount;
import io.cordon.Network;
import io.cordon.Preset;
import io.cordon.PtraceRunner;
import io.cordon.Result;
import io.cordon.Sandbox;
import io.cordon.SandboxException;
import io.cordon.Status;
import io.cordon.Step;
import io.cordon.supervisor.Decision;
import io.cordon.supervisor.Engine;
import io.cordon.supervisor.FilePolicy;
import io.cordon.supervisor.FilePolicyState;
import io.cordon.supervisor.PortPolicy;
import io.cordon.supervisor.SecurityEvent;
import io.cordon.supervisor.Supervisor;
import io.cordon.supervisor.SyscallHandler;
import io.cordon.supervisor.SyscallQuestion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What is decided about single system calls of real programs, by each engine. */
@ExtendWith(NothingLeft.class)
@Timeout(300)
class SupervisorTest {
  private static final String[] SYSTEM = {"/usr", "/bin", "/lib", "/lib32", "/lib64"};

  /** Landlock's interface that brought rules for ports. */
  private static final int PORTS_ABI = 4;

  /** A compiler under a supervisor on a busy machine. */
  private static final Duration ROOMY = Duration.ofSeconds(100);

  private static void need(Engine engine) throws SandboxException {
    var features = Sandbox.probe();
    if (engine == Engine.KERNEL && features.landlockAbi() <= 0) {
      Live.skip("landlock: this kernel has none");
    }
    if (engine == Engine.NOTIFY && !features.kernel().contains(KernelFeature.SECCOMP_USER_NOTIF)) {
      Live.skip("notify: this kernel has no seccomp user notification");
    }
    if (engine == Engine.PTRACE && !features.kernel().contains(KernelFeature.PTRACE)) {
      Live.skip("ptrace: not possible here");
    }
  }

  /** What a shell and the usual tools need. */
  private static FilePolicy.Builder system() {
    return FilePolicy.builder().read(SYSTEM).execute(SYSTEM).read("/etc/ld.so.cache", "/etc/ld.so.preload")
        .read("/dev/null").write("/dev/null");
  }

  private static Command.Builder shell(String script, Supervisor supervisor) {
    return Live.shell(script).supervisor(supervisor);
  }

  private static Result run(String script, Engine engine, FilePolicy.Builder files) throws SandboxException {
    need(engine);
    return Live.RUNNER.run(shell(script, Supervisor.files(engine, files.build())).copyIn(CopyIn.text("open", "open\n"))
        .copyIn(CopyIn.text("closed", "closed\n")).build());
  }

  private static Result prints(String expected, Result result) {
    Live.check(Status.OK, Cause.NONE, result);
    assertEquals(expected, result.stdout().text(), result.stderr().text());
    return result;
  }

  // ---- ports ----

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void onlyThePortsThatAreAllowedAreUsed(Engine engine) throws SandboxException {
    var policy = PortPolicy.builder().bind(7001, 7002).connect(7001, 7003).build();
    var runner = Live.runner().network(Network.LOOPBACK).build();
    var command = Command.builder("/programs/sockets", "serve:7001", "serve:7002", "bind:7003", "connect:7001",
        "connect:7002", "connect:7003", "udp").supervisor(Supervisor.builder().engine(engine).ports(policy).build())
        .build();
    need(engine);
    if (Sandbox.probe().landlockAbi() < PORTS_ABI) {
      assertEquals(Step.LANDLOCK, assertThrows(SandboxException.class, () -> runner.run(command)).step());
      return;
    }
    var result = prints("""
        serve:7001=0
        serve:7002=0
        bind:7003=13
        connect:7001=0
        connect:7002=13
        connect:7003=111
        udp=13
        """, runner.run(command));
    assertTrue(result.layers().contains(Layer.LANDLOCK));
    assertEquals(FilePolicyState.NONE, result.filePolicy());
  }

  // ---- paths ----

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void onlyWhatIsAllowedIsOpened(Engine engine) throws SandboxException {
    var result = prints("open\nrefused\nnot made\n", run(
        "cat open; cat closed || echo refused; (echo x > new) || echo not made", engine, system().read("/w/open")));
    assertEquals(engine, result.engine().orElseThrow());
    boolean landlock = Sandbox.probe().landlockAbi() > 0;
    assertEquals(landlock ? FilePolicyState.ENFORCED : FilePolicyState.ADVISORY, result.filePolicy());
    assertEquals(landlock, result.layers().contains(Layer.LANDLOCK));
    assertEquals(engine != Engine.KERNEL, result.layers().contains(Layer.SUPERVISOR));
    assertTrue(result.violation().isEmpty());
    if (engine != Engine.KERNEL) {
      assertTrue(result.eventsTotal() >= 2, result.toString());
      assertTrue(result.events().stream().anyMatch(event -> event.kind() == SecurityEvent.Kind.PATH
          && event.path().orElse("").equals("/w/closed") && event.outcome().equals(Decision.errno("EACCES"))),
          result.events().toString());
    }
  }

  /** Below what is allowed; the kernel holds it, so nothing but a name has to be judged. */
  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "KERNEL")
  void whatIsDeniedIsTakenAway(Engine engine) throws SandboxException {
    var files = FilePolicy.builder().read("/").write("/").execute("/").deny("/w/closed", "/usr/bin/env");
    var result = prints("open\nrefused\nrefused\nrefused\n", run("cat open; cat closed || echo refused;"
        + "mv closed other || echo refused; printf '#!/usr/bin/env sh\necho ran\n' > s; chmod 755 s; ./s || echo refused",
        engine, files));
    assertEquals(engine == Engine.AUTO ? Engine.KERNEL : engine, result.engine().orElseThrow());
    assertEquals(FilePolicyState.ENFORCED, result.filePolicy());
    assertTrue(result.layers().contains(Layer.PATH_POLICY));
    assertEquals(engine != Engine.AUTO, result.layers().contains(Layer.SUPERVISOR));
    assertEquals(engine != Engine.AUTO, result.eventsTotal() > 0);
  }

  @Test
  void anAdvisoryPolicyCanBeRefused() throws SandboxException {
    need(Engine.PTRACE);
    var runner = Live.runner().require(Layer.PATH_POLICY).build();
    var held = FilePolicy.builder().read("/").execute("/").deny("/w").build();
    assertEquals(FilePolicyState.ENFORCED,
        runner.run(shell("true", Supervisor.files(Engine.PTRACE, held)).build()).filePolicy());
    // Reading is taken away, but not looking: no mount can say that, and ptrace only judges opens.
    var looked = FilePolicy.builder().read("/").execute("/").stat("/w").build();
    var refused = assertThrows(SandboxException.class,
        () -> runner.run(shell("true", Supervisor.files(Engine.PTRACE, looked)).build()));
    assertEquals(Step.LAYER, refused.step());
    assertTrue(refused.detail().contains("path-policy"), refused.toString());
    assertEquals(FilePolicyState.ADVISORY,
        Live.RUNNER.run(shell("true", Supervisor.files(Engine.PTRACE, looked)).build()).filePolicy());
    assertEquals(Step.LAYER,
        assertThrows(SandboxException.class, () -> runner.run(Live.shell("true").build())).step());
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void theProgramsDirectoriesCanBeWrittenTo(Engine engine) throws SandboxException {
    prints("x\ny\nrefused\n", run("mkdir /tmp/d; echo x > /tmp/d/f; mv /tmp/d/f /tmp/d/g; cat /tmp/d/g; rm /tmp/d/g;"
        + "echo y > /tmp/y; cat /tmp/y; echo z > /w/z || echo refused", engine,
        system().read("/tmp", "/w").write("/tmp")));
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void whatMayNotBeExecutedIsNot(Engine engine) throws SandboxException {
    prints("refused 126\n", run("cp /bin/true /tmp/program; /tmp/program; echo refused $?", engine,
        system().read("/tmp").write("/tmp")));
  }

  /** A link is what it leads to, whatever it is called. */
  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void aLinkLeadsNowhereNew(Engine engine) throws SandboxException {
    prints("refused\nrefused\n", run("ln -s /w/closed /tmp/link; cat /tmp/link || echo refused; mkdir /tmp/a;"
        + "ln -s /w /tmp/a/w; cat /tmp/a/../a/w/closed || echo refused", engine,
        system().read("/tmp").write("/tmp")));
  }

  @ParameterizedTest
  @EnumSource(names = {"NOTIFY", "PTRACE"})
  void whatIsDeniedBelowIsDenied(Engine engine) throws SandboxException {
    prints("open\nrefused\n", run("cat open; cat closed || echo refused", engine,
        system().read("/w").deny("/w/closed")));
  }

  @ParameterizedTest
  @EnumSource(names = {"NOTIFY", "PTRACE"})
  void whoIsToBeEndedForAPathIs(Engine engine) throws SandboxException {
    var result = Live.check(Status.ACCESS_DENIED, Cause.NONE, run("echo before; cat closed; echo after", engine,
        system().read("/w/open", "/etc").rule("/w", FilePolicy.Scope.ONLY, FilePolicy.Access.READ)
            .outside(Decision.kill())));
    assertEquals("RV", result.status().code());
    assertEquals("before\n", result.stdout().text());
    var violation = result.violation().orElseThrow();
    assertEquals(SecurityEvent.Kind.PATH, violation.kind());
    assertEquals(Decision.kill(), violation.outcome());
    assertEquals("/w/closed", violation.path().orElseThrow());
    assertEquals("openat", violation.syscallName().orElseThrow());
    assertTrue(violation.describe().endsWith("openat /w/closed: KILL"), violation.describe());
  }

  // ---- system calls ----

  private static Supervisor.Builder both(Engine engine, Decision decision, long calls) {
    var supervisor = Supervisor.builder().engine(engine);
    // Which of the two a libc uses depends on the machine.
    for (var syscall : List.of("mkdirat", "mkdir")) {
      supervisor.limit(syscall, calls, decision);
    }
    return supervisor;
  }

  @ParameterizedTest
  @EnumSource(names = {"NOTIFY", "PTRACE"})
  void aSystemCallFailsAsTheRuleSays(Engine engine) throws SandboxException {
    need(engine);
    var result = prints("no a\n", Live.RUNNER.run(shell("mkdir a || echo no a",
        both(engine, Decision.errno("ENOSPC"), 0).build()).build()));
    assertTrue(result.stderr().text().contains("No space left"), result.stderr().text());
    assertEquals(FilePolicyState.NONE, result.filePolicy());
    var event = result.events().get(0);
    assertEquals(SecurityEvent.Kind.SYSCALL, event.kind());
    assertTrue(Set.of("mkdir", "mkdirat").contains(event.syscallName().orElseThrow()), event.toString());
    assertEquals(1, result.eventsTotal());
  }

  @ParameterizedTest
  @EnumSource(names = {"NOTIFY", "PTRACE"})
  void aSystemCallEndsTheProgram(Engine engine) throws SandboxException {
    need(engine);
    var result = Live.check(Status.DISALLOWED_SYSCALL, Cause.NONE, Live.RUNNER.run(
        shell("echo before; mkdir a; echo after", both(engine, Decision.kill(), 0).build()).build()));
    assertEquals("before\n", result.stdout().text());
    assertTrue(Set.of("mkdir", "mkdirat").contains(result.syscallName().orElseThrow()), result.toString());
    assertEquals(result.syscall(), result.violation().orElseThrow().syscall());
  }

  @ParameterizedTest
  @EnumSource(names = {"NOTIFY", "PTRACE"})
  void aLimitHoldsForTheWholeRun(Engine engine) throws SandboxException {
    need(engine);
    var script = "for d in a b c d; do mkdir $d && echo $d; done; echo end";
    prints("a\nb\nend\n",
        Live.RUNNER.run(shell(script, both(engine, Decision.errno("EPERM"), 2).build()).build()));
    var ended = Live.check(Status.DISALLOWED_SYSCALL, Cause.NONE,
        Live.RUNNER.run(shell(script, both(engine, Decision.kill(), 3).build()).build()));
    assertEquals("a\nb\nc\n", ended.stdout().text());
  }

  @Test
  void everySystemCallIsCounted() throws SandboxException {
    need(Engine.PTRACE);
    var result = Live.RUNNER.run(
        shell("mkdir a b; exit 0", Supervisor.builder().record(true).build()).build());
    Live.check(Status.OK, Cause.NONE, result);
    assertEquals(Engine.PTRACE, result.engine().orElseThrow());
    long made = result.syscallCounts().getOrDefault("mkdir", 0L) + result.syscallCounts().getOrDefault("mkdirat", 0L);
    assertEquals(2, made, result.syscallCounts().toString());
    assertTrue(result.syscallCounts().get("exit_group") >= 1, result.syscallCounts().toString());
    assertFalse(result.syscallCounts().containsKey("setgroups"), result.syscallCounts().toString());
  }

  // ---- questions ----

  private static Command asking(Engine engine, SyscallHandler handler, Duration timeout) throws SandboxException {
    need(engine);
    return shell("for d in a b; do mkdir $d && echo $d || echo no $d; done",
        both(engine, Decision.ask(), 0).handler(handler).askTimeout(timeout).build()).build();
  }

  private static Result ask(Engine engine, SyscallHandler handler, Duration timeout) throws SandboxException {
    return Live.RUNNER.run(asking(engine, handler, timeout));
  }

  @ParameterizedTest
  @EnumSource(names = {"NOTIFY", "PTRACE"})
  void theHandlerDecides(Engine engine) throws SandboxException {
    var asked = new ConcurrentLinkedQueue<SyscallQuestion>();
    var result = ask(engine, question -> {
      asked.add(question);
      return asked.size() == 1 ? Decision.allow() : Decision.errno("ENOSPC");
    }, Live.PATIENCE);
    prints("a\nno b\n", result);
    assertTrue(result.stderr().text().contains("No space left"), result.stderr().text());
    assertEquals(2, asked.size());
    var first = asked.remove();
    assertTrue(Set.of("mkdir", "mkdirat").contains(first.name()), first.toString());
    assertTrue(first.pid() > 0);
    assertEquals(6, first.args().size());
    assertEquals(List.of("/w/a"), first.paths());
    assertTrue(first.access().contains(FilePolicy.Access.WRITE), first.toString());
  }

  @ParameterizedTest
  @EnumSource(names = {"NOTIFY", "PTRACE"})
  void theHandlerMayEndTheProgram(Engine engine) throws SandboxException {
    var result = Live.check(Status.DISALLOWED_SYSCALL, Cause.NONE,
        ask(engine, question -> Decision.kill(), Live.PATIENCE));
    assertEquals("", result.stdout().text());
    assertTrue(result.violation().isPresent());
  }

  @ParameterizedTest
  @EnumSource(names = {"NOTIFY", "PTRACE"})
  void aHandlerThatFailsHasRefused(Engine engine) throws SandboxException {
    var result = prints("no a\nno b\n", ask(engine, question -> {
      throw new IllegalStateException("on purpose");
    }, Live.PATIENCE));
    assertTrue(result.stderr().text().contains("Operation not permitted"), result.stderr().text());
    assertEquals(0, result.events().stream().filter(e -> e.kind() == SecurityEvent.Kind.UNANSWERED).count());
  }

  @ParameterizedTest
  @EnumSource(names = {"NOTIFY", "PTRACE"})
  void aHandlerThatIsLateHasRefused(Engine engine) throws SandboxException {
    var result = prints("no a\nno b\n", ask(engine, question -> {
      new CountDownLatch(1).await();
      return Decision.allow();
    }, Duration.ofMillis(300)));
    assertTrue(result.wallTime().compareTo(Duration.ofSeconds(10)) < 0, result.wallTime().toString());
  }

  @ParameterizedTest
  @EnumSource(names = {"NOTIFY", "PTRACE"})
  void theHandlerMayDecideAboutPaths(Engine engine) throws SandboxException {
    need(engine);
    var files = system().read("/w/open").outside(Decision.ask()).build();
    var supervisor = Supervisor.builder().engine(engine).files(files)
        .handler(question -> question.paths().contains("/w/asked") ? Decision.allow() : Decision.errno("ENOENT"))
        .askTimeout(Live.PATIENCE);
    prints("asked\nrefused\n", Live.RUNNER.run(shell("cat asked; cat closed || echo refused", supervisor.build())
        .copyIn(CopyIn.text("asked", "asked\n")).copyIn(CopyIn.text("closed", "closed\n")).build()));
  }

  /** A handler may take its time, and other asynchronous runs go on meanwhile. */
  @Test
  void anAsynchronousRunAsksOnAThreadOfItsOwn() throws Exception {
    var other = new CountDownLatch(1);
    var asked = new CountDownLatch(1);
    var future = Live.RUNNER.runAsync(asking(Engine.AUTO, question -> {
      asked.countDown();
      other.await();
      return Decision.allow();
    }, Live.PATIENCE));
    assertTrue(asked.await(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS));
    Live.check(Status.OK, Cause.NONE,
        Live.RUNNER.runAsync(Command.of("/bin/true")).get(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS));
    other.countDown();
    prints("a\nb\n", future.get(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS));
  }

  @Test
  void cancellingEndsARunThatWaitsForItsHandler() throws Exception {
    var asked = new CountDownLatch(1);
    var interrupted = new CountDownLatch(1);
    var future = Live.RUNNER.runAsync(asking(Engine.AUTO, question -> {
      asked.countDown();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        interrupted.countDown();
      }
      return Decision.allow();
    }, Duration.ofHours(1)));
    assertTrue(asked.await(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS));
    future.cancel(true);
    assertTrue(interrupted.await(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS));
  }

  @Test
  void anInterruptEndsARunThatWaitsForItsHandler() throws Exception {
    var waiting = Thread.currentThread();
    var result = ask(Engine.AUTO, question -> {
      waiting.interrupt();
      new CountDownLatch(1).await();
      return Decision.allow();
    }, Duration.ofHours(1));
    assertTrue(Thread.interrupted());
    assertEquals(Status.CANCELLED, result.status());
  }

  // ---- runners ----

  @Test
  void aContainersCommandsHaveTheirOwnSupervisors() throws SandboxException {
    need(Engine.AUTO);
    try (var container = Container.open()) {
      prints("x\n", container.run(Live.shell("echo x > closed; cat closed").build()));
      for (int i = 0; i < 3; i++) {
        var result = container.run(shell("cat /w/closed || echo refused",
            Supervisor.files(Engine.AUTO, system().build())).build());
        assertEquals("refused\n", result.stdout().text());
        prints("x\n", container.run(Live.shell("cat closed").build()));
      }
      var ended = container.run(shell("cat closed",
          Supervisor.files(Engine.AUTO, system().outside(Decision.kill()).build())).build());
      assertEquals(Status.ACCESS_DENIED, ended.status());
      prints("x\n", container.runAndReset(Live.shell("cat closed").build()));
      assertEquals(1, container.run(Live.shell("cat closed").build()).exitCode().orElseThrow());
    }
  }

  @Test
  void aRunnerHasASupervisorForAll() throws SandboxException {
    need(Engine.AUTO);
    var runner = PtraceRunner.builder().namespaces(true)
        .supervisor(Supervisor.files(Engine.AUTO, system().build())).build();
    var result = prints("refused\n", runner.run(
        Live.shell("cat closed || echo refused").copyIn(CopyIn.text("closed", "x")).build()));
    assertTrue(result.layers().containsAll(Set.of(Layer.USER_NS, Layer.PIVOT_ROOT, Layer.SUPERVISOR)));
  }

  /** A tracer sees that neither a limit nor the policy has ended the program. */
  @ParameterizedTest
  @CsvSource({"kill, 25, SIGXFSZ", "raise, 25, SIGXFSZ", "kill, 31, SIGSYS", "raise, 31, SIGSYS",
    "sigqueue, 31, SIGSYS"})
  void aTracedProgramThatSendsItselfASignalIsSignaled(String how, String number, String name) throws SandboxException {
    need(Engine.PTRACE);
    var files = system().read("/programs").execute("/programs").build();
    var runner = PtraceRunner.builder().namespaces(true).supervisor(Supervisor.files(Engine.PTRACE, files)).build();
    var result = Live.check(Status.SIGNALED, Cause.NONE, runner.run(Live.subject("send", how, number).build()));
    assertEquals(Optional.of(name), result.signalName());
  }

  /** What an ordinary user without user namespaces has. */
  @Test
  void withoutNamespacesTheHostsFilesAreKept(@TempDir Path temporary) throws IOException, SandboxException {
    need(Engine.PTRACE);
    var work = Live.openDirectory(temporary, "work");
    var secret = Files.writeString(temporary.resolve("secret"), "secret\n");
    Files.writeString(work.resolve("own"), "own\n");
    var files = system().read(work.toString()).write(work.toString()).build();
    var runner = PtraceRunner.builder().supervisor(Supervisor.files(Engine.PTRACE, files)).workDir(work.toString())
        .build();
    var result = prints(work + "\nown\nrefused\nrefused\n", runner.run(Live.shell("pwd; cat own; cat '" + secret
        + "' || echo refused; ln -s '" + secret + "' link; cat link || echo refused; echo made > made").build()));
    assertEquals("made\n", Files.readString(work.resolve("made")));
    assertEquals(Engine.PTRACE, result.engine().orElseThrow());
    for (var layer : List.of(Layer.USER_NS, Layer.MOUNT_NS, Layer.PID_NS, Layer.PIVOT_ROOT)) {
      assertFalse(result.layers().contains(layer), layer.toString());
    }
    assertTrue(result.layers().containsAll(Set.of(Layer.SUPERVISOR, Layer.SECCOMP, Layer.NO_NEW_PRIVS)));
  }

  /** The kernel refuses the connection itself only where the host's network was asked for: nothing listens there. */
  @ParameterizedTest
  @CsvSource({"NONE, Permission denied", "HOST, Connection refused"})
  void withoutNamespacesTheNetworkIsTheHostsOnlyIfAskedFor(Network network, String failure) throws SandboxException {
    need(Engine.PTRACE);
    var runner = PtraceRunner.builder().network(network).workDir("/usr")
        .supervisor(Supervisor.files(Engine.PTRACE, system().build())).build();
    var result = runner.run(Command.builder("/bin/bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/1").build());
    assertEquals(Status.NONZERO_EXIT, result.status(), result.toString());
    assertTrue(result.stderr().text().contains(failure), result.stderr().text());
  }

  @Test
  void withoutNamespacesNothingIsLeftOfARun() throws SandboxException {
    need(Engine.PTRACE);
    var runner = PtraceRunner.builder().supervisor(Supervisor.files(Engine.PTRACE, system().build())).build();
    var result = runner.run(Live.shell("(setsid sleep 60 &) ; sleep 60 & exit 0").build());
    Live.check(Status.OK, Cause.NONE, result);
    var limited = runner.run(Live.shell("sleep 60").limits(Live.limits().wallTime(Duration.ofSeconds(1)).build())
        .build());
    Live.check(Status.TIME_LIMIT_EXCEEDED, Cause.WALL, limited);
  }

  @Test
  void whatWasNotFoundIsSaidWithoutNamespacesToo() throws SandboxException {
    need(Engine.PTRACE);
    var runner = PtraceRunner.builder().supervisor(Supervisor.files(Engine.PTRACE, system().build())).build();
    var e = assertThrows(SandboxException.class, () -> runner.run(Live.command("/no/such/program").build()));
    assertEquals(Step.EXECVE, e.step());
  }

  @Test
  void aSystemCallThatNobodyKnowsIsRefused() {
    var supervisor = Supervisor.builder().kill("nosuchcall").build();
    var e = Live.refused(Live.RUNNER, shell("exit 0", supervisor), Step.VALIDATE, 0);
    assertTrue(e.detail().contains("nosuchcall"), e.detail());
  }

  /** Whether the kernel lacks AppArmor or the profile. */
  @Test
  void aLabelThatCannotBeHadIsRefused() {
    var runner = Live.runner().apparmorProfile("cordon-no-such-profile").build();
    var e = assertThrows(SandboxException.class, () -> runner.run(Live.subject("exit", "0").build()));
    assertEquals(Step.LABEL, e.step(), e.getMessage());
    assertTrue(e.detail().contains("cordon-no-such-profile"), e.detail());
  }

  // ---- presets ----

  private static Command.Builder preset(Preset preset, Engine engine, String... args) {
    var limits = preset.limits().toBuilder().cpuTime(Duration.ofSeconds(60)).wallTime(ROOMY).build();
    return Command.builder(List.of(args)).limits(limits).supervisor(Supervisor.files(engine, preset.files()));
  }

  private static Result quiet(String expected, Result result) {
    prints(expected, result);
    assertEquals("", result.stderr().text());
    return result;
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void cIsCompiledAndRunsUnderItsPresets(Engine engine) throws SandboxException {
    need(engine);
    Live.need("g++");
    try (var container = Container.open()) {
      quiet("", container.run(preset(Preset.COMPILER, engine, "g++", "-O1", "-o", "hello", "hello.cpp")
          .copyIn(CopyIn.text("hello.cpp", """
              #include <fstream>
              #include <iostream>
              #include <ctime>
              int main() {
                std::time_t now = 0;
                std::ofstream("made") << std::localtime(&now)->tm_year;
                std::string text;
                std::ifstream("made") >> text;
                std::cout << text << std::ifstream("/etc/shadow").good() << std::ifstream("/proc/1/environ").good();
                std::cout << std::ifstream("/proc/self/status").good() << std::endl;
              }
              """)).build()));
      quiet("70001\n", container.run(preset(Preset.C_CPP, engine, "./hello").build()));
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void pythonRunsUnderItsPreset(Engine engine) throws SandboxException {
    need(engine);
    Live.need("python3");
    quiet("thread\nchild\n", Live.RUNNER.run(preset(Preset.PYTHON, engine, "python3", "main.py")
        .copyIn(CopyIn.text("main.py", """
            import random, subprocess, tempfile, threading
            random.random()
            t = threading.Thread(target=lambda: print('thread', flush=True)); t.start(); t.join()
            with tempfile.TemporaryFile() as f: f.write(b'x')
            print(subprocess.run(['echo', 'child'], capture_output=True, text=True).stdout, end='')
            """)).build()));
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void javaIsCompiledAndRunsUnderItsPresets(Engine engine) throws SandboxException {
    need(engine);
    Live.need("javac");
    try (var container = Container.open()) {
      quiet("", container.run(
          preset(Preset.COMPILER, engine, "javac", "-J-Xmx256m", "-J-XX:TieredStopAtLevel=1", "Hello.java")
              .copyIn(CopyIn.text("Hello.java", """
                  import java.nio.file.*;
                  public class Hello {
                    public static void main(String[] args) throws Exception {
                      Files.writeString(Path.of("made"), "made");
                      Thread t = new Thread(() -> System.out.println(Files.exists(Path.of("made"))));
                      t.start();
                      t.join();
                    }
                  }
                  """)).build()));
      quiet("true\n", container.run(preset(Preset.JAVA, engine, "java", "-Xmx128m", "Hello").build()));
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void nodeRunsUnderItsPreset(Engine engine) throws SandboxException {
    need(engine);
    Live.need("node");
    quiet("async\n", Live.RUNNER.run(preset(Preset.NODE, engine, "node", "-e", "const fs = require('fs');"
        + "fs.writeFileSync('a', 'async');"
        + "setTimeout(() => fs.readFile('a', 'utf8', (e, d) => console.log(e || d)), 5)").build()));
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void goIsCompiledAndRunsUnderItsPresets(Engine engine) throws SandboxException {
    need(engine);
    Live.need("go");
    var runner = Live.runner().addMount(Mount.tmpfs("/w").sizeBytes(512 * Live.MIB)).build();
    var limits = Preset.COMPILER.limits().toBuilder().cpuTime(Duration.ofSeconds(100)).wallTime(ROOMY)
        .memoryBytes(Limits.UNLIMITED).build();
    var compiled = runner.run(preset(Preset.COMPILER, engine, "go", "build", "-o", "hello", "hello.go").limits(limits)
        .env("GOFLAGS", "-p=1").copyIn(CopyIn.text("hello.go", "package main\nfunc main() { println(\"go\") }\n"))
        .copyOut(CopyOut.keep("hello").limitBytes(16 * Live.MIB)).build());
    Live.check(Status.OK, Cause.NONE, compiled);
    var result = runner.run(preset(Preset.GO, engine, "./hello")
        .copyIn(CopyIn.bytes("hello", compiled.copiedOut().get("hello").bytes().orElseThrow()).mode(0755)).build());
    assertEquals("go\n", Live.check(Status.OK, Cause.NONE, result).stderr().text());
  }

  /** A run that is refused because of its supervisor is refused asynchronously, too. */
  @Test
  void aRefusalReachesTheFuture() {
    var future = Live.RUNNER.runAsync(shell("exit 0", Supervisor.builder().kill("nosuchcall").build()).build());
    var e = assertThrows(ExecutionException.class, () -> future.get(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS));
    assertEquals(Step.VALIDATE, ((SandboxException) e.getCause()).step());
  }
}
