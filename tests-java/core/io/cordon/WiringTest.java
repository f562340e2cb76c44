// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.pool.ContainerPool;
import io.cordon.supervisor.Decision;
import io.cordon.supervisor.Supervisor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WiringTest {
  private static final UnshareRunner ALONE = UnshareRunner.create();
  private static final PipeOptions RECORDED = PipeOptions.plain().recording(1000);

  private static Command.Builder shell(String script) {
    return Command.builder("sh", "-c", script).limits(Limits.builder().wallTime(Duration.ofSeconds(20)).build());
  }

  private static Command command(String script) {
    return shell(script).build();
  }

  /** A ring in which every node but the first adds one. */
  private static Wiring ring(int size, PipeOptions options, List<Wiring.Node> nodes, List<Wiring.Pipe> pipes) {
    var builder = Wiring.builder();
    nodes.add(builder.add(ALONE, command("echo 0; read x; echo $x >&2")));
    for (int i = 1; i < size; i++) {
      nodes.add(builder.add(ALONE, command("read x; echo $((x + 1))")));
    }
    for (int i = 0; i < size; i++) {
      pipes.add(builder.connect(nodes.get(i), 1, nodes.get((i + 1) % size), 0, options));
    }
    return builder.build();
  }

  @Test
  void aRingRunsAsOftenAsWanted() throws SandboxException {
    for (var options : List.of(PipeOptions.plain(), RECORDED, PipeOptions.plain().proxy())) {
      var nodes = new ArrayList<Wiring.Node>();
      var pipes = new ArrayList<Wiring.Pipe>();
      var ring = ring(5, options, nodes, pipes);
      for (int i = 0; i < 2; i++) {
        var outcome = ring.run();
        assertEquals("4\n", outcome.result(nodes.get(0)).stderr().text(), outcome::toString);
        for (int n = 0; n < nodes.size(); n++) {
          assertTrue(outcome.result(nodes.get(n)).isOk(), outcome::toString);
          assertEquals(options == RECORDED ? n + "\n" : "", outcome.recording(pipes.get(n)).text());
        }
        assertEquals(new HashSet<>(nodes), new HashSet<>(outcome.order()));
        assertEquals(5, outcome.order().size());
      }
    }
  }

  @Test
  void aManagerTalksToEachContestantByDescriptorsOfItsOwn() throws SandboxException {
    try (var a = Container.open(); var b = Container.open()) {
      var builder = Wiring.builder();
      var manager = builder.add(a, command("echo 3 >&3; echo 5 >&5; read x <&4; read y <&6; echo $x $y"));
      var first = builder.add(b, command("read x; echo $((x * x))"));
      var second = builder.add(ALONE, command("read x; echo $((x + x))"));
      builder.connect(manager, 3, first, 0);
      builder.connect(first, 1, manager, 4);
      var question = builder.connect(manager, 5, second, 0, RECORDED);
      var answer = builder.connect(second, 1, manager, 6, RECORDED);
      var outcome = builder.build().run();
      assertEquals("9 10\n", outcome.result(manager).stdout().text(), outcome::toString);
      assertEquals("5\n", outcome.recording(question).text());
      assertEquals("10\n", outcome.recording(answer).text());
      assertFalse(outcome.recording(answer).truncated());
      assertEquals(0, outcome.droppedBytes(answer));
      // Both are free again.
      assertTrue(a.run(Command.of("true")).isOk());
      assertTrue(b.run(Command.of("true")).isOk());
    }
  }

  @Test
  void leasesAndSupervisedProgramsCanBeNodes() throws Exception {
    try (var pool = ContainerPool.builder().container(Container.builder().build()).maxSize(1).build();
        var lease = pool.acquire()) {
      var builder = Wiring.builder();
      var talker = builder.add(lease.container(), command("echo hello"));
      var listener = builder.add(PtraceRunner.builder().namespaces(true).build(), command("cat"));
      builder.connect(talker, 1, listener, 0);
      var outcome = builder.build().run();
      assertEquals("hello\n", outcome.result(listener).stdout().text(), outcome::toString);
    }
  }

  @Test
  void standardErrorCanBeConnected() throws SandboxException {
    var builder = Wiring.builder();
    var writer = builder.add(ALONE, command("echo out; echo err >&2"));
    var reader = builder.add(ALONE, command("cat"));
    builder.connect(writer, 2, reader, 0);
    var outcome = builder.build().run();
    assertEquals("out\n", outcome.result(writer).stdout().text());
    assertEquals("err\n", outcome.result(reader).stdout().text());
  }

  @Test
  void theOrderOfEnds() throws SandboxException {
    var builder = Wiring.builder();
    var last = builder.add(ALONE, command("cat; sleep 0.3"));
    var first = builder.add(ALONE, command("exit 1"));
    var second = builder.add(ALONE, command("cat; sleep 0.3"));
    builder.connect(first, 1, second, 0);
    builder.connect(second, 1, last, 0);
    assertEquals(List.of(first, second, last), builder.build().run().order());
  }

  @Test
  void aProxySparesTheWriter() throws SandboxException {
    for (boolean proxy : new boolean[] {false, true}) {
      var builder = Wiring.builder();
      var writer =
          builder.add(ALONE, command("cat; sleep 0.3; for i in 1 2 3 4 5; do echo $i; sleep 0.05; done; exit 3"));
      var reader = builder.add(ALONE, command("exit 0"));
      var pipe = builder.connect(writer, 1, reader, 0, proxy ? RECORDED.proxy() : RECORDED);
      builder.connect(reader, 1, writer, 0);
      var outcome = builder.build().run();
      assertEquals(proxy ? Status.NONZERO_EXIT : Status.SIGNALED, outcome.result(writer).status());
      if (proxy) {
        assertEquals("1\n2\n3\n4\n5\n", outcome.recording(pipe).text());
        assertEquals(10, outcome.droppedBytes(pipe));
      }
    }
  }

  @Test
  void aLimitEndsTheWriter() throws SandboxException {
    var builder = Wiring.builder();
    var writer = builder.add(ALONE, command("yes"));
    var reader = builder.add(ALONE, command("wc -c"));
    var pipe = builder.connect(writer, 1, reader, 0, PipeOptions.plain().limit(100_000).recording(4));
    var outcome = builder.build().run();
    assertEquals(Status.OUTPUT_LIMIT_EXCEEDED, outcome.result(writer).status());
    assertEquals(Cause.PIPE, outcome.result(writer).cause());
    assertEquals("100000\n", outcome.result(reader).stdout().text());
    assertEquals("y\ny\n", outcome.recording(pipe).text());
    assertTrue(outcome.recording(pipe).truncated());
    assertTrue(outcome.recording(pipe).totalBytes() > 100_000);
    assertEquals(outcome.recording(pipe).totalBytes() - 100_000, outcome.droppedBytes(pipe));
  }

  @Test
  void oneThatCannotBeExecutedIsAFailureOfItsOwn() throws SandboxException {
    var builder = Wiring.builder();
    var missing = builder.add(ALONE, Command.of("nosuch"));
    var reader = builder.add(ALONE, command("cat; echo end"));
    builder.connect(missing, 1, reader, 0);
    var outcome = builder.build().run();
    assertEquals("end\n", outcome.result(reader).stdout().text());
    assertTrue(outcome.failure(reader).isEmpty());
    assertEquals(Step.EXECVE, outcome.failure(missing).orElseThrow().step());
    assertSame(outcome.failure(missing).orElseThrow(), assertThrows(SandboxException.class,
        () -> outcome.result(missing)));
    assertTrue(outcome.toString().contains("1=OK"), outcome::toString);
  }

  @Test
  void oneThatCannotBeStartedEndsAll() throws SandboxException {
    try (var a = Container.open(); var b = Container.open()) {
      var builder = Wiring.builder();
      builder.add(a, command("sleep 100"));
      builder.add(ALONE, shell("cat").stdin(Input.file(java.nio.file.Path.of("/nosuch"))).build());
      builder.add(b, command("sleep 100"));
      var failed = assertThrows(SandboxException.class, () -> builder.build().run());
      assertEquals(Step.OPEN_FILE, failed.step());
      assertTrue(a.run(Command.of("true")).isOk());
      assertTrue(b.run(Command.of("true")).isOk());
    }
  }

  @Test
  void allAreKilledByAnInterruptAndByTheFuture() throws Exception {
    try (var a = Container.open()) {
      var builder = Wiring.builder();
      var first = builder.add(a, command("sleep 100"));
      var second = builder.add(ALONE, command("cat; sleep 100"));
      builder.connect(first, 1, second, 0, RECORDED);
      var wiring = builder.build();
      var future = wiring.runAsync();
      Thread.sleep(100);
      future.cancel(true);
      assertTrue(a.run(Command.of("true")).isOk());
      Thread.currentThread().interrupt();
      var outcome = wiring.run();
      assertTrue(Thread.interrupted());
      assertEquals(Status.CANCELLED, outcome.result(first).status());
      assertEquals(Status.CANCELLED, outcome.result(second).status());
    }
  }

  @Test
  void aContainerThatIsClosedEndsItsNode() throws Exception {
    var container = Container.open();
    var builder = Wiring.builder();
    var closed = builder.add(container, command("echo started; sleep 100"));
    var reader = builder.add(ALONE, command("cat; echo end"));
    builder.connect(closed, 1, reader, 0);
    var future = builder.build().runAsync();
    Thread.sleep(300);
    container.close();
    var outcome = future.get(20, TimeUnit.SECONDS);
    assertEquals(Status.CANCELLED, outcome.result(closed).status());
    assertEquals("started\nend\n", outcome.result(reader).stdout().text());
  }

  /** Each in a sidecar, with the files in common. Nothing of the sidecars is left afterwards. */
  @Test
  void severalRunInOneSharedContainer() throws Exception {
    try (var shared = Container.builder().shared(true).open(); var sidecar = shared.sidecar()) {
      long before = inits(shared);
      for (var options : List.of(PipeOptions.plain(), RECORDED, PipeOptions.plain().proxy())) {
        var builder = Wiring.builder();
        var writer = builder.add(shared, command("echo text > file; echo file; read x; test $x = text"));
        var reader = builder.add(shared, command("read name; cat $name; cat $name >&3"));
        var counter = builder.add(sidecar, command("wc -c"));
        var other = builder.add(sidecar, command("cat; ls"));
        builder.connect(writer, 1, reader, 0, options);
        builder.connect(reader, 1, writer, 0, options);
        builder.connect(reader, 3, counter, 0, options);
        builder.connect(counter, 1, other, 0, options);
        var outcome = builder.build().run();
        for (var node : List.of(writer, reader, counter, other)) {
          assertTrue(outcome.result(node).isOk(), outcome::toString);
        }
        assertEquals("5\nfile\n", outcome.result(other).stdout().text());
        awaitInits(before, shared);
        shared.reset();
        assertTrue(shared.run(command("test ! -e file")).isOk());
      }
    }
  }

  /** How many cordon-inits there are in a container. */
  private static long inits(Container container) {
    return ProcessHandle.of(container.pid()).orElseThrow().children().count();
  }

  /** One that has ended is there until its parent has seen it. The test's time-out ends the wait. */
  private static void awaitInits(long number, Container container) throws InterruptedException {
    while (inits(container) != number) {
      Thread.sleep(5);
    }
  }

  @Test
  void eachInASharedContainerHasItsOwnLimitsAndEnd() throws SandboxException {
    try (var shared = Container.builder().shared(true).open()) {
      var builder = Wiring.builder();
      var burns = builder.add(shared, Command.builder("sh", "-c", "echo x; while :; do :; done")
          .limits(Limits.builder().cpuTime(Duration.ofMillis(100)).build()).build());
      var reads = builder.add(shared, command("cat; exit 3"));
      var missing = builder.add(shared, Command.of("nosuch"));
      builder.connect(burns, 1, reads, 0);
      var outcome = builder.build().run();
      assertEquals(Status.TIME_LIMIT_EXCEEDED, outcome.result(burns).status(), outcome::toString);
      assertEquals("x\n", outcome.result(reads).stdout().text());
      assertEquals(3, outcome.result(reads).exitCode().getAsInt());
      assertEquals(Step.EXECVE, outcome.failure(missing).orElseThrow().step());
    }
  }

  @Test
  void aRingInOneSharedContainer() throws SandboxException {
    try (var shared = Container.builder().shared(true).open()) {
      var builder = Wiring.builder();
      var nodes = new ArrayList<Wiring.Node>();
      nodes.add(builder.add(shared, command("echo 0; read x; echo $x >&2")));
      for (int i = 1; i < 20; i++) {
        nodes.add(builder.add(shared, command("read x; echo $((x + 1))")));
      }
      for (int i = 0; i < 20; i++) {
        builder.connect(nodes.get(i), 1, nodes.get((i + 1) % 20), 0);
      }
      assertEquals("19\n", builder.build().run().result(nodes.get(0)).stderr().text());
    }
  }

  @Test
  void oneThatCannotBeStartedEndsTheOthersInTheSharedContainer() throws Exception {
    try (var shared = Container.builder().shared(true).open()) {
      long before = inits(shared);
      var builder = Wiring.builder();
      builder.add(shared, command("sleep 100"));
      builder.add(shared, command("sleep 100"));
      builder.add(shared, shell("cat").stdin(Input.file(java.nio.file.Path.of("/nosuch"))).build());
      var wiring = builder.build();
      assertEquals(Step.OPEN_FILE, assertThrows(SandboxException.class, wiring::run).step());
      awaitInits(before, shared);
      assertTrue(shared.run(Command.of("true")).isOk());
    }
  }

  @Test
  void anInterruptAndACloseEndAllInTheSharedContainer() throws Exception {
    var shared = Container.builder().shared(true).open();
    var builder = Wiring.builder();
    var first = builder.add(shared, command("echo up; sleep 100"));
    var second = builder.add(shared, command("read x; touch $x; sleep 100"));
    builder.connect(first, 1, second, 0);
    var wiring = builder.build();
    Thread.currentThread().interrupt();
    var outcome = wiring.run();
    assertTrue(Thread.interrupted());
    assertEquals(Status.CANCELLED, outcome.result(second).status());
    shared.delete(List.of("up")); // which the interrupted run may have made
    var future = wiring.runAsync();
    while (shared.glob(Command.DEFAULT_WORK_DIR, "up", 10).isEmpty()) {
      Thread.sleep(5);
    }
    shared.close();
    outcome = future.get(20, TimeUnit.SECONDS);
    for (var node : outcome.order()) {
      assertEquals(Status.CANCELLED, outcome.result(node).status(), outcome::toString);
    }
    assertThrows(SandboxException.class, wiring::run);
  }

  /** The containers may be named in any order: no callers wait in a circle. */
  @Test
  void wiringsThatShareContainersTakeTurns() throws Exception {
    try (var a = Container.open(); var b = Container.open(); var c = Container.open()) {
      var orders = List.of(List.of(a, b, c), List.of(c, a, b), List.of(b, c, a));
      var running = new ArrayList<CompletableFuture<Wiring.Outcome>>();
      for (int i = 0; i < 12; i++) {
        var builder = Wiring.builder();
        var order = orders.get(i % 3);
        var first = builder.add(order.get(0), command("echo 1"));
        var second = builder.add(order.get(1), command("cat"));
        var third = builder.add(order.get(2), command("read x; test $x = 1"));
        builder.connect(first, 1, second, 0);
        builder.connect(second, 1, third, 0);
        running.add(builder.build().runAsync());
      }
      for (var outcome : running) {
        var done = outcome.get(40, TimeUnit.SECONDS);
        for (var node : done.order()) {
          assertTrue(done.result(node).isOk(), done::toString);
        }
      }
    }
  }

  private static void refused(String message, Runnable what) {
    var thrown = assertThrows(IllegalArgumentException.class, what::run);
    assertEquals(message, thrown.getMessage());
  }

  @Test
  void pipesThatMakeNoSenseAreRefused() {
    var builder = Wiring.builder();
    var a = builder.add(ALONE, shell("x").descriptor(0, 9).build());
    var b = builder.add(ALONE,
        shell("x").stdin(Input.text("x")).stdout(Output.discard()).stderr(Output.toStdout()).build());
    var other = Wiring.builder().add(ALONE, command("x"));
    builder.connect(a, 1, b, 4);
    refused("pipe from descriptor: -1: must be from 0 to 1023", () -> builder.connect(a, -1, b, 5));
    refused("pipe to descriptor: 1024: must be from 0 to 1023", () -> builder.connect(a, 3, b, 1024));
    refused("pipe from descriptor: 1: is the end of another pipe", () -> builder.connect(a, 1, b, 5));
    refused("pipe to descriptor: 4: is the end of another pipe", () -> builder.connect(a, 3, b, 4));
    refused("pipe from descriptor: 9: is set by the command", () -> builder.connect(a, 9, b, 5));
    refused("pipe to: 3: is the other end of the same pipe", () -> builder.connect(a, 3, a, 3));
    refused("pipe to descriptor: 0: is set by the command", () -> builder.connect(a, 3, b, 0));
    refused("pipe from descriptor: 1: is set by the command", () -> builder.connect(b, 1, a, 3));
    refused("pipe from descriptor: 2: is set by the command", () -> builder.connect(b, 2, a, 3));
    refused("pipe to: 0 (sh -c x): is a node of another wiring", () -> builder.connect(a, 3, other, 0));
    refused("pipe limit: -1: must not be negative", () -> PipeOptions.plain().limit(-1));
    refused("pipe recording: 0: must be from 1 to 536870911", () -> PipeOptions.plain().recording(0));
    // None of them was kept.
    builder.connect(a, 3, b, 5);
  }

  @Test
  void commandsThatMakeNoSenseAreRefused() throws SandboxException {
    var builder = Wiring.builder();
    refused("wiring: no commands: must have at least one", builder::build);
    refused("wiring: terminal: is for a program alone",
        () -> builder.add(ALONE, Command.builder("x").terminal(true).build()));
    refused("wiring: sync: is for a program alone",
        () -> builder.add(ALONE, Command.builder("x").sync(pid -> true).build()));
    refused("wiring: stream: is for a program alone",
        () -> builder.add(ALONE, Command.builder("x").stdin(Input.stream()).build()));
    var asking = Supervisor.builder().ask("getppid").handler(question -> Decision.allow()).build();
    refused("wiring: supervisor: must have no handler",
        () -> builder.add(ALONE, Command.builder("x").supervisor(asking).build()));
    try (var container = Container.open()) {
      builder.add(container, command("x"));
      refused("wiring container: " + container.id() + ": is another command's; only a shared one runs several",
          () -> builder.add(container, command("x")));
    }
  }

  @Test
  void anOutcomeKnowsItsOwnNodesOnly() throws SandboxException {
    var nodes = new ArrayList<Wiring.Node>();
    var pipes = new ArrayList<Wiring.Pipe>();
    var outcome = ring(2, RECORDED, nodes, pipes).run();
    var others = new ArrayList<Wiring.Node>();
    var otherPipes = new ArrayList<Wiring.Pipe>();
    ring(2, RECORDED, others, otherPipes);
    assertThrows(IllegalArgumentException.class, () -> outcome.failure(others.get(0)));
    assertThrows(IllegalArgumentException.class, () -> outcome.recording(otherPipes.get(0)));
    assertEquals("0:1 -> 1:0", otherPipes.get(0).toString());
  }
}
