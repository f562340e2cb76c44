// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Cause;
import io.cordon.Command;
import io.cordon.Container;
import io.cordon.CordonEvent;
import io.cordon.SandboxException;
import io.cordon.SecurityEvents;
import io.cordon.Status;
import io.cordon.pool.ContainerPool;
import io.cordon.supervisor.Supervisor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The stream of events, of real runs: to listeners, to the log, to the flight recorder. */
@Timeout(90)
class EventStreamTest {
  private static final String JFR = "/usr/bin/jfr";
  private static final int EPERM = 1;

  @TempDir
  Path temporary;

  private final ConcurrentLinkedQueue<CordonEvent> seen = new ConcurrentLinkedQueue<>();
  private final SecurityEvents.Registration listening = SecurityEvents.listen(seen::add);

  @AfterEach
  void close() {
    listening.close();
  }

  private static Supervisor killing(String syscall) {
    return Supervisor.builder().kill(syscall).deny("setsid", EPERM).build();
  }

  private static Command.Builder hostile() {
    return Live.command("/usr/bin/python3", "-S", "-c", """
        import os, socket
        try:
            os.setsid()
        except OSError:
            socket.socketpair()
        """).supervisor(killing("socketpair"));
  }

  private List<String> described() {
    return seen.stream().map(CordonEvent::describe).toList();
  }

  @Test
  void aRunTellsWhatAPolicyRefusedThenThatItIsOver() throws SandboxException {
    Live.need("python3");
    var result = Live.check(Status.DISALLOWED_SYSCALL, Cause.NONE, Live.run(hostile()));
    assertEquals(List.of("/usr/bin/python3: refused: syscall setsid: EPERM",
        "/usr/bin/python3: violation: DISALLOWED_SYSCALL: syscall socketpair: KILL"), described().subList(0, 2));
    assertEquals(3, seen.size());
    var last = assertInstanceOf(CordonEvent.RunFinished.class, seen.stream().toList().get(2));
    assertSame(result, last.result());
  }

  @Test
  void aFilterAloneTellsOfViolationsToo() throws Exception {
    if (!System.getProperty("os.arch").equals("amd64")) {
      Live.skip("x32-abi: not an x86_64 machine");
    }
    Live.run(Live.command("/programs/other_abi", "x32"));
    assertTrue(described().get(0).startsWith("/programs/other_abi: violation: DISALLOWED_SYSCALL"), described().get(0));
    assertEquals(2, seen.size());
  }

  @Test
  void listenersAreCalledByTheThreadThatCompletesTheRun() throws Exception {
    var thread = new AtomicReference<Thread>();
    var limits = Live.limits().cpuTime(Duration.ofMillis(100)).build();
    var noting = SecurityEvents.listen(event -> thread.set(Thread.currentThread()));
    try (noting) {
      Live.run(Live.subject("burn", "20000").limits(limits));
      assertSame(Thread.currentThread(), thread.get());
      var interrupting = SecurityEvents.listen(event -> {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("a listener's own");
      });
      try (interrupting) {
        for (int i = 0; i < 2; i++) {
          assertTrue(Live.RUNNER.runAsync(Live.subject("exit", "0").build()).get(20, TimeUnit.SECONDS).isOk());
        }
      }
      assertEquals("cordon-events", thread.get().getName());
    }
    assertEquals("/programs/subject: limit: TIME_LIMIT_EXCEEDED (CPU)", described().get(0));
    assertEquals(List.of("LimitHit", "RunFinished", "RunFinished", "RunFinished"),
        seen.stream().map(event -> event.getClass().getSimpleName()).toList());
  }

  @Test
  void aListenerMayUseTheContainerOfTheRunThatItHearsOf() throws SandboxException {
    try (var container = Container.open()) {
      var inner = new AtomicReference<Status>();
      var again = SecurityEvents.listen(event -> {
        if (event instanceof CordonEvent.RunFinished && inner.compareAndSet(null, Status.CANCELLED)) {
          try {
            inner.set(container.run(Command.of("true")).status());
          } catch (SandboxException e) {
            throw new IllegalStateException(e);
          }
        }
      });
      try (again) {
        assertTrue(container.run(Command.of("true")).isOk());
      }
      assertEquals(Status.OK, inner.get());
    }
    assertEquals(Optional.empty(), assertInstanceOf(CordonEvent.ContainerOpened.class, seen.poll()).pool());
    assertEquals(2, seen.size());
  }

  @Test
  void aPoolTellsOfWaitsAndOfWhatBroke() throws Exception {
    try (var pool = ContainerPool.builder().name("judge").maxSize(1).checkAfterIdle(Duration.ZERO).build()) {
      int pid;
      try (var lease = pool.acquire()) {
        pid = lease.container().pid();
        assertTrue(ProcessHandle.of(pid).orElseThrow().destroyForcibly());
      }
      assertTrue(pool.run(Command.of("true")).isOk());
      var broken = seen.stream().filter(CordonEvent.ContainerBroken.class::isInstance).toList();
      assertEquals(1, broken.size(), () -> described().toString());
      assertEquals(Integer.toString(pid), assertInstanceOf(CordonEvent.ContainerBroken.class, broken.get(0)).id());
      assertEquals(2, seen.stream().filter(CordonEvent.PoolAcquired.class::isInstance).count());
      assertEquals(2, seen.stream().filter(CordonEvent.ContainerOpened.class::isInstance).count());
      assertEquals(2, pool.runAsync(Command.of("true")).thenApply(
          result -> seen.stream().filter(CordonEvent.RunFinished.class::isInstance).count()).get(20, TimeUnit.SECONDS));
      try (var lease = pool.acquire()) {
        lease.discard();
      }
      assertTrue(described().contains("judge: container " + lastOpened() + ": replaced: discarded by its user"),
          () -> described().toString());
      assertEquals(Set.of(Optional.of("judge")), seen.stream().filter(CordonEvent.OfContainer.class::isInstance)
          .map(event -> ((CordonEvent.OfContainer) event).pool()).collect(Collectors.toSet()));
      assertTrue(described().stream().anyMatch(text -> text.startsWith("judge: container acquired after ")));
    }
  }

  private String lastOpened() {
    return seen.stream().filter(CordonEvent.ContainerOpened.class::isInstance)
        .map(CordonEvent.ContainerOpened.class::cast).skip(1).findFirst().orElseThrow().id();
  }

  private static RecordedEvent only(List<RecordedEvent> all, String name) {
    var named = all.stream().filter(event -> event.getEventType().getName().equals(name)).toList();
    assertEquals(1, named.size(), name);
    return named.get(0);
  }

  @Test
  void theFlightRecorderHasTheRunWithItsFigures() throws Exception {
    Live.need("python3");
    var file = temporary.resolve("run.jfr");
    try (var recording = new Recording()) {
      recording.start();
      Live.run(hostile());
      assertEquals("seventh", Live.run(Live.subject("exit", "7").label("seventh")).label().orElseThrow());
      recording.stop();
      Live.run(Live.subject("exit", "8")); // No recording is on any more.
      recording.dump(file);
    }
    var events = RecordingFile.readAllEvents(file);
    var runs = events.stream().filter(event -> event.getEventType().getName().equals("io.cordon.Run")).toList();
    assertEquals(2, runs.size());
    assertEquals("DISALLOWED_SYSCALL", runs.get(0).getString("status"));
    var exited = runs.get(1);
    assertEquals("/programs/subject NONZERO_EXIT NONE 7 -1", exited.getString("program") + " "
        + exited.getString("status") + " " + exited.getString("cause") + " " + exited.getInt("exitCode") + " "
        + exited.getInt("signal"));
    assertEquals("seventh", exited.getString("label"));
    assertNull(runs.get(0).getString("label"));
    assertFalse(exited.getDuration("wallTime").isZero());
    assertFalse(exited.getDuration("setupTime").isZero());
    assertTrue(exited.getLong("memoryPeak") > 0);
    assertEquals(List.of("Cordon"), exited.getEventType().getCategoryNames());
    assertNull(exited.getStackTrace());
    var refusal = only(events, "io.cordon.Refusal");
    assertEquals("setsid 1", refusal.getString("syscall") + " " + refusal.getInt("errno"));
    var violation = only(events, "io.cordon.Violation");
    assertEquals("socketpair -1", violation.getString("syscall") + " " + violation.getInt("errno"));
    assertTrue(violation.getInt("pid") > 0);
    assertTrue(violation.getLong("ip") != 0);
    if (!Path.of(JFR).toFile().canExecute()) {
      Live.skip("jfr: not installed in /usr/bin");
    }
    var printed = Jvm.finish(new ProcessBuilder(JFR, "print", "--events", "io.cordon.Run", file.toString()).start());
    assertEquals(0, printed.exitCode(), printed.err());
    assertTrue(printed.out().contains("io.cordon.Run {") && printed.out().contains("exitCode = 7"), printed.out());
  }

  @Test
  void theFlightRecorderHasContainersAndWaits() throws Exception {
    var file = temporary.resolve("pool.jfr");
    try (var recording = new Recording()) {
      recording.start();
      try (var pool = ContainerPool.builder().name("recorded").maxSize(1).build()) {
        assertTrue(pool.run(Command.of("true")).isOk());
      }
      recording.stop();
      recording.dump(file);
    }
    var events = RecordingFile.readAllEvents(file);
    var acquired = only(events, "io.cordon.PoolAcquire");
    assertFalse(acquired.getDuration().isZero());
    assertEquals("recorded", acquired.getString("pool"));
    var opened = only(events, "io.cordon.Container");
    assertEquals("opened", opened.getString("action"));
    assertEquals("recorded", opened.getString("pool"));
    assertTrue(Integer.parseInt(opened.getString("container")) > 0);
  }

  /** A JVM of its own, whose log goes to standard output. */
  public static final class Logging {
    private Logging() {}

    public static void main(String[] args) throws Exception {
      if (args[0].equals("policy")) {
        Live.run(hostile());
      }
      Live.run(Live.subject("burn", "20000").limits(Live.limits().cpuTime(Duration.ofMillis(50)).build()));
      var failing = SecurityEvents.listen(event -> {
        throw new IllegalStateException("of the listener");
      });
      try (failing) {
        System.out.println(Live.run(Live.subject("exit", "0")).status());
        System.out.println(Live.run(Live.subject("exit", "0")).status());
      }
    }
  }

  private static List<String> log(String level, String what) throws Exception {
    var outcome = new Jvm(Logging.class.getName(), what)
        .options("-Dslf4j.provider=" + TestLogs.class.getName(), "-Dtest.log.level=" + level).run();
    assertEquals(0, outcome.exitCode(), outcome.err());
    return outcome.out().lines().toList();
  }

  @Test
  void theLogHasViolationsAsWarningsAndWhatPoliciesRefusedAsInformation() throws Exception {
    Live.need("python3");
    assertEquals(List.of("INFO io.cordon.security /usr/bin/python3: refused: syscall setsid: EPERM",
        "WARN io.cordon.security /usr/bin/python3: violation: DISALLOWED_SYSCALL: syscall socketpair: KILL"),
        log("INFO", "policy").subList(0, 2));
  }

  @Test
  void theLogHasLimitsAndOneFailureOfAListener() throws Exception {
    assertEquals(List.of("INFO io.cordon.security /programs/subject: limit: TIME_LIMIT_EXCEEDED (CPU)",
        "ERROR io.cordon.security a listener failed; it is still called, and further failures are not reported"
            + " java.lang.IllegalStateException: of the listener",
        "OK", "OK"), log("INFO", "limit"));
    var debug = log("DEBUG", "limit").stream().filter(line -> line.startsWith("DEBUG io.cordon.security")).toList();
    assertEquals(3, debug.size());
    assertTrue(debug.get(1).contains("/programs/subject: OK, exit code 0, CPU "), debug.get(1));
  }

  /** As in a runtime image that was linked without the recorder. */
  @Test
  void aRuntimeWithoutTheFlightRecorderWorks() throws Exception {
    var outcome = new Jvm(Logging.class.getName(), "limit").options("--limit-modules", "java.base,java.logging").run();
    assertEquals(new Jvm.Outcome(0, "OK\nOK\n", ""), outcome);
  }
}
