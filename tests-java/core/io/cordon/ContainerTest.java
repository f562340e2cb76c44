// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ContainerTest {
  private static final String ALL = "ls -A /w /tmp /dev/shm";
  private static final String NOTHING = "/dev/shm:\n\n/tmp:\n\n/w:\n";

  private Container container;

  @BeforeEach
  void open() throws SandboxException {
    container = Container.open();
  }

  @AfterEach
  void close() {
    container.close();
  }

  private static Command shell(String script) {
    return Command.of("sh", "-c", script);
  }

  private Result ok(String script) throws SandboxException {
    var result = container.run(shell(script));
    assertEquals(Status.OK, result.status(), () -> result + result.stderr().text());
    return result;
  }

  private static void runs(Container container) throws SandboxException {
    assertEquals("hi\n", container.run(Command.of("echo", "hi")).stdout().text());
  }

  private static void awaitFile(Container container, String name) throws Exception {
    // /proc/PID/root is what the container's init sees.
    var file = Path.of("/proc/" + container.pid() + "/root" + name);
    while (!Files.exists(file)) {
      Thread.sleep(5); // The test's time-out ends it.
    }
  }

  @Test
  void filesStayUntilTheReset() throws SandboxException {
    ok("echo x > a; echo y > /tmp/b; echo z > /dev/shm/c");
    assertEquals("x\ny\nz\n", ok("cat a /tmp/b /dev/shm/c").stdout().text());
    container.reset();
    assertEquals(NOTHING, ok(ALL).stdout().text());
    container.runAndReset(shell("mkdir -p d/e/f; touch d/e/f/g; chmod 0 d"));
    assertEquals(NOTHING, ok(ALL).stdout().text());
  }

  @Test
  void noProcessOfARunIsThereInTheNext() throws SandboxException {
    ok("setsid sh -c 'sleep 100' >/dev/null 2>&1 & exit 0");
    assertEquals("",
        ok("for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline 2>/dev/null; done | grep '[s]leep 100' || :")
            .stdout().text());
  }

  @Test
  void eachRunHasItsOwnLimits() throws SandboxException {
    var limits = Limits.builder().cpuTime(Duration.ofMillis(100)).build();
    var slow = container.run(Command.builder("sh", "-c", "while :; do :; done").limits(limits).build());
    assertEquals(Status.TIME_LIMIT_EXCEEDED, slow.status());
    var waits = Limits.builder().wallTime(Duration.ofMillis(100)).build();
    assertEquals(Cause.WALL, container.run(Command.builder("sleep", "10").limits(waits).build()).cause());
    var writes = Limits.builder().outputBytes(1000).build();
    assertEquals(Status.OUTPUT_LIMIT_EXCEEDED, container.run(Command.builder("yes").limits(writes).build()).status());
    runs(container);
  }

  @Test
  void whatCannotBeExecutedLeavesTheContainerAsItIs() throws SandboxException {
    assertEquals(Step.EXECVE, assertThrows(SandboxException.class, () -> container.run(Command.of("nosuch"))).step());
    runs(container);
    container.ping();
  }

  @Test
  void aSecondCallerWaitsForItsTurn() throws Exception {
    var first = container.runAsync(shell("sleep 0.3; echo 1 >> order"));
    var others = new ArrayList<CompletableFuture<Result>>();
    for (int i = 2; i < 6; i++) {
      others.add(container.runAsync(shell("echo " + i + " >> order")));
    }
    assertEquals("1\n2\n3\n4\n5\n", ok("cat order").stdout().text());
    assertTrue(first.isDone());
    for (var other : others) {
      assertTrue(other.get(1, TimeUnit.SECONDS).isOk());
    }
  }

  /** A thread that waits keeps init on its own CPU for a while; one that does not wait must not leave it there. */
  @Test
  void initHasAllCpusWhileNobodyWaits() throws Exception {
    for (int i = 0; i < 3; i++) {
      runs(container);
      var running = container.runAsync(shell("touch started; sleep 100"));
      awaitFile(container, "/w/started");
      assertEquals(cpus("self"), cpus(String.valueOf(container.pid())));
      running.cancel(true);
      ok("rm started");
    }
  }

  private static String cpus(String pid) throws IOException {
    try (var lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      return lines.filter(line -> line.startsWith("Cpus_allowed:")).findFirst().orElseThrow();
    }
  }

  @Test
  void aSecondCallerIsRefusedByChoice() throws Exception {
    try (var refusing = Container.builder().refuseWhenBusy(true).open()) {
      var first = refusing.runAsync(Command.of("sleep", "100"));
      var refused = assertThrows(SandboxException.class, () -> runs(refusing));
      assertEquals(Step.WAIT, refused.step());
      assertEquals("EBUSY", refused.errnoName());
      assertThrows(ExecutionException.class, () -> refusing.runAsync(Command.of("true")).get());
      assertThrows(SandboxException.class, refusing::ping);
      first.cancel(true);
    }
  }

  @Test
  void aWaitingCallerThatIsCancelledRunsNothing() throws Exception {
    var first = container.runAsync(shell("sleep 0.2"));
    var second = container.runAsync(shell("touch second"));
    second.cancel(true);
    assertTrue(first.get().isOk());
    assertEquals("", ok("ls").stdout().text());
  }

  @Test
  void anInterruptKillsTheProgram() throws Exception {
    var thread = Thread.currentThread();
    var interrupter = CompletableFuture.runAsync(() -> {
      try {
        awaitFile(container, "/w/started");
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      thread.interrupt();
    });
    var result = container.run(shell("touch started; sleep 100"));
    assertTrue(Thread.interrupted());
    interrupter.join();
    assertEquals(Status.CANCELLED, result.status());
    runs(container);
  }

  @Test
  void anInterruptEndsTheWaitForATurn() throws Exception {
    var first = container.runAsync(shell("sleep 100"));
    var waiting = new CompletableFuture<Result>();
    var thread = new Thread(() -> {
      try {
        waiting.complete(container.run(shell("touch second")));
      } catch (SandboxException e) {
        waiting.completeExceptionally(e);
      }
    });
    thread.start();
    thread.interrupt();
    assertEquals(Status.CANCELLED, waiting.get(10, TimeUnit.SECONDS).status());
    first.cancel(true);
    assertEquals("", ok("ls").stdout().text());
  }

  @Test
  void cancellingAnAsynchronousRunKillsIt() throws Exception {
    var run = container.runAsync(shell("touch started; sleep 100"));
    awaitFile(container, "/w/started");
    run.cancel(true);
    runs(container);
  }

  @Test
  void closingEndsWhatRuns() throws Exception {
    var run = container.runAsync(shell("touch started; sleep 100"));
    var waiting = container.runAsync(Command.of("true"));
    awaitFile(container, "/w/started");
    container.close();
    assertEquals(Status.CANCELLED, run.get(5, TimeUnit.SECONDS).status());
    var refused = assertThrows(ExecutionException.class, () -> waiting.get(5, TimeUnit.SECONDS));
    assertEquals(Step.WAIT, ((SandboxException) refused.getCause()).step());
    assertThrows(SandboxException.class, () -> runs(container));
    assertThrows(SandboxException.class, container::pause);
    assertTrue(container.isClosed());
    assertFalse(Files.exists(Path.of("/proc/" + container.pid() + "/exe")));
    container.close();
  }

  @Test
  void killingInitGivesTheCallerAnAnswer() throws Exception {
    var run = container.runAsync(shell("touch started; sleep 100"));
    awaitFile(container, "/w/started");
    ProcessHandle.of(container.pid()).orElseThrow().destroyForcibly();
    var failed = assertThrows(ExecutionException.class, () -> run.get(10, TimeUnit.SECONDS));
    assertEquals(Step.INIT_GONE, ((SandboxException) failed.getCause()).step());
    assertThrows(SandboxException.class, container::ping);
    assertThrows(SandboxException.class, () -> runs(container));
  }

  @Test
  void pausedTimeDoesNotCount() throws Exception {
    var limits = Limits.builder().wallTime(Duration.ofMillis(1500)).build(); // The pause comes long before.
    var run =
        container.runAsync(Command.builder("sh", "-c", "touch started; sleep 0.2; echo done").limits(limits).build());
    awaitFile(container, "/w/started");
    container.pause();
    Thread.sleep(1600);
    assertFalse(run.isDone());
    container.resume();
    var result = run.get(10, TimeUnit.SECONDS);
    assertEquals("done\n", result.stdout().text(), result::toString);
  }

  @Test
  void filesAreOpenedWrittenAndDeleted() throws Exception {
    var files =
        container.open(List.of(FileRequest.create("a/b"), FileRequest.read("none"), FileRequest.create("x", 0755)));
    try (var made = files.get(0); var missing = files.get(1); var script = files.get(2)) {
      made.outputStream().write("one".getBytes(StandardCharsets.UTF_8));
      script.outputStream().write("#!/bin/sh\ncat a/b\n".getBytes(StandardCharsets.UTF_8));
      assertEquals("ENOENT", missing.error().orElseThrow().errnoName());
      assertThrows(SandboxException.class, missing::descriptor);
      assertThrows(IOException.class, () -> missing.inputStream().read());
    }
    assertThrows(IllegalStateException.class, () -> files.get(0).descriptor());
    assertEquals("one", ok("./x").stdout().text());
    assertEquals(Map.of(), container.symlink(Map.of("l", "a/b", "/tmp/m", "/etc/passwd")));
    assertEquals("a/b\n/etc/passwd\n", ok("readlink l /tmp/m").stdout().text());
    var failed = container.delete(List.of("a", "x", "l", "gone"));
    assertEquals(java.util.Set.of("a", "gone"), failed.keySet());
    assertEquals("ENOTEMPTY", failed.get("a").errnoName());
    assertEquals(Map.of(), container.deleteTrees(List.of("a")));
    assertEquals("", ok("ls -A /w").stdout().text());
  }

  /** More than one message takes. */
  @Test
  void manyFilesAtOnce() throws Exception {
    var names = new ArrayList<String>();
    for (int i = 0; i < 450; i++) {
      names.add("d/" + i);
    }
    for (var file : container.open(names.stream().map(FileRequest::create).toList())) {
      file.descriptor();
      file.close();
    }
    assertEquals("450\n", ok("ls d | wc -l").stdout().text());
    assertEquals(Map.of(), container.delete(names));
  }

  @Test
  void bytesFilesAndStreamsAreCopied(@TempDir Path host) throws Exception {
    var big = new byte[300_000];
    new java.util.Random(1).nextBytes(big);
    var file = host.resolve("f");
    Files.write(file, big);
    container.copyIn(CopyIn.file(file, "in").mode(0600));
    container.copyIn("stream", new ByteArrayInputStream(big), big.length);
    container.copyIn(CopyIn.text("sub/text", "hello"));
    assertEquals("600 in\n644 stream\n", ok("cmp in stream; stat -c '%a %n' in stream").stdout().text());
    assertArrayEquals(big, container.copyOut("in", big.length));
    var out = new ByteArrayOutputStream();
    container.copyOut("sub/text", out, 5);
    assertEquals("hello", out.toString(StandardCharsets.UTF_8));
    container.copyOut(CopyOut.file("stream", host.resolve("g")));
    assertArrayEquals(big, Files.readAllBytes(host.resolve("g")));
    assertTrue(container.copyOut(CopyOut.keep("none").optional()).bytes().isEmpty());
  }

  @Test
  void whatIsTooLongIsRefused() throws Exception {
    var tooLong = assertThrows(SandboxException.class,
        () -> container.copyIn("a", new ByteArrayInputStream(new byte[11]), 10));
    assertEquals("COPY_IN EFBIG", tooLong.step() + " " + tooLong.errnoName());
    assertEquals("", ok("ls").stdout().text());
    container.copyIn("a", new ByteArrayInputStream(new byte[10]), 10);
    tooLong = assertThrows(SandboxException.class, () -> container.copyOut("a", 9));
    assertEquals("COPY_OUT EFBIG", tooLong.step() + " " + tooLong.errnoName());
    assertThrows(SandboxException.class, () -> container.copyIn(CopyIn.text("a", "again")));
    assertEquals(10, container.copyOut("a", 10).length);
  }

  @Test
  void onlyRegularFilesAreFetched() throws Exception {
    ok("ln -s /etc/passwd link; ln -s . here; mkfifo fifo; mkdir dir; echo x > real");
    for (var name : List.of("link", "fifo", "dir", "here/real", "/dev/zero", "none")) {
      assertThrows(SandboxException.class, () -> container.copyOut(name, 100), name);
    }
    assertEquals("x\n", new String(container.copyOut("real", 100), StandardCharsets.UTF_8));
  }

  @Test
  void theTerminalIsOne() throws SandboxException {
    var result =
        container.run(Command.builder("sh", "-c", "test -t 0 && test -t 1 && test -t 2 && read x && echo got $x")
            .stdin(Input.text("line\n")).terminal(true).build());
    assertTrue(result.stdout().text().endsWith("got line\r\n"), result::toString);
    // Not by a shell: dash forgets a signal that comes while it starts a program.
    var interrupted = container.run(Command.builder("sleep", "100").stdin(Input.text("\u0003")).terminal(true).build());
    assertEquals("SIGINT", interrupted.signalName().orElse("none"), interrupted::toString);
    var limits = Limits.builder().outputBytes(10_000).build();
    var flood = container.run(Command.builder("yes").terminal(true).limits(limits).build());
    assertEquals(Status.OUTPUT_LIMIT_EXCEEDED, flood.status());
    runs(container);
  }

  @Test
  void theInitCommandRunsOnceAndItsFailureHasItsOutput() throws SandboxException {
    try (var made = Container.builder().initCommand("/bin/sh", "-c", "echo ready > /tmp/init").open()) {
      assertEquals("ready\n", made.run(Command.of("cat", "/tmp/init")).stdout().text());
    }
    var failed = assertThrows(SandboxException.class,
        () -> Container.builder().initCommand("/bin/sh", "-c", "echo no luck >&2; exit 3").open());
    assertEquals(Step.INIT_COMMAND, failed.step());
    assertTrue(failed.detail().contains("no luck"), failed.getMessage());
  }

  @Test
  void withoutControlGroupsThereAreNone() throws SandboxException {
    try (var plain = Container.builder().controlGroups(false).open()) {
      var result = plain.run(Command.of("true"));
      assertFalse(result.layers().contains(Layer.CGROUP_MEMORY));
      assertEquals(Source.RUSAGE, result.cpuSource());
    }
    assertThrows(IllegalArgumentException.class,
        () -> Container.builder().controlGroups(false).require(Layer.CGROUP_MEMORY).build());
  }

  @Test
  void aForgottenOneIsClosed() throws Exception {
    int pid = forget();
    while (Files.exists(Path.of("/proc/" + pid + "/exe"))) {
      System.gc();
      Thread.sleep(20); // The test's time-out ends it.
    }
  }

  private static int forget() throws SandboxException {
    return Container.open().pid();
  }

  @Test
  void directoriesAreListed() throws Exception {
    ok("mkdir -p d/sub; printf abc > d/file; ln -s nowhere d/link; mkfifo d/pipe; chmod 640 d/file; ln -s d other");
    var entries = container.list("d", 10);
    assertEquals(List.of("file", "link", "pipe", "sub"), entries.stream().map(DirectoryEntry::name).toList());
    assertEquals(List.of(DirectoryEntry.Kind.FILE, DirectoryEntry.Kind.LINK, DirectoryEntry.Kind.OTHER,
        DirectoryEntry.Kind.DIRECTORY), entries.stream().map(DirectoryEntry::kind).toList());
    assertEquals(3, entries.get(0).size());
    assertEquals(0640, entries.get(0).mode());
    assertTrue(entries.get(0).modified().getEpochSecond() > 1_600_000_000);
    assertEquals(List.of(), container.list("d/sub", 0));
    assertEquals(List.of("d", "other"), container.list("/w", 2).stream().map(DirectoryEntry::name).toList());
    for (var wrong : Map.of("d/file", "ENOTDIR", "other", "ELOOP", "none", "ENOENT", "other/sub", "ELOOP").entrySet()) {
      var failure = assertThrows(SandboxException.class, () -> container.list(wrong.getKey(), 10));
      assertEquals(wrong.getValue(), failure.errnoName());
    }
    assertEquals("EFBIG", assertThrows(SandboxException.class, () -> container.list("d", 3)).errnoName());
    assertThrows(IllegalArgumentException.class, () -> container.list("../w", 3));
  }

  @Test
  void filesAreFoundByAPattern() throws Exception {
    ok("mkdir -p a/b/c a/d; touch a/1.txt a/b/2.txt a/b/c/3.txt a/b/c/4.log a/d/5; ln -s b a/e; chmod 0 a/d");
    assertEquals(List.of("1.txt", "b/2.txt", "b/c/3.txt"), container.glob("a", "**.txt", 100));
    assertEquals(List.of("1.txt"), container.glob("a", "*.txt", 100));
    assertEquals(List.of("b/c/4.log"), container.glob("/w/a", "b/**.{log,out}", 100));
    assertEquals("EFBIG", assertThrows(SandboxException.class, () -> container.glob("a", "**", 4)).errnoName());
    assertEquals("ENOENT", assertThrows(SandboxException.class, () -> container.glob("x", "**", 4)).errnoName());
  }

  @Test
  void filesAreReplacedAndCut() throws Exception {
    container.copyIn(CopyIn.text("f", "old"));
    assertThrows(SandboxException.class, () -> container.copyIn(CopyIn.text("f", "new")));
    container.copyIn(CopyIn.text("f", "a new text").replacing());
    var cut = container.copyOut(CopyOut.keep("f").limitBytes(5).truncated());
    assertEquals("a new", new String(cut.bytes().orElseThrow(), StandardCharsets.UTF_8));
    assertTrue(cut.isTruncated());
    assertEquals(10, cut.size());
    assertThrows(SandboxException.class, () -> container.copyOut(CopyOut.keep("f").limitBytes(5)));
    assertEquals("a new text", container.run(
        Command.builder("cat", "f").copyIn(CopyIn.text("other", "x").replacing()).build()).stdout().text());
  }
}
