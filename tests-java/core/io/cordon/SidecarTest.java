// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.internal.util.Errno;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SidecarTest {
  /** Says that it is there, and works until somebody makes the file go. */
  private static final String UNTIL_GO = "echo up > up; while [ ! -e go ]; do sleep 0.01; done; ";

  private Container container;

  @BeforeEach
  void open() throws SandboxException {
    container = Container.builder().shared(true).open();
  }

  @AfterEach
  void close() {
    container.close();
  }

  private static Command shell(String script) {
    return Command.of("sh", "-c", script);
  }

  private void awaitUp() throws Exception {
    while (true) {
      try {
        if (container.copyOut("up", 10).length == 3) {
          return;
        }
      } catch (SandboxException e) {
        assertEquals(Errno.ENOENT, e.errno(), e::toString);
      }
      Thread.sleep(5); // The test's time-out ends it.
    }
  }

  private static void assertEbusy(SandboxException e) {
    assertEquals(Step.WAIT, e.step());
    assertEquals(Errno.EBUSY, e.errno());
  }

  @Test
  void commandsRunAtTheSameTimeWithFilesBetweenThem() throws Exception {
    try (var sidecar = container.sidecar()) {
      var waits = container.runAsync(shell(UNTIL_GO + "cat in; exit 3"));
      awaitUp();
      assertEquals("up\n", sidecar.run(shell("cat up")).stdout().text());
      assertFalse(waits.isDone());
      container.copyIn(CopyIn.text("in", "from the host"));
      assertEquals("from the host", sidecar.run(shell("cat in")).stdout().text());
      assertTrue(container.delete(List.of("up")).isEmpty());
      sidecar.copyIn(CopyIn.text("go", ""));
      var result = waits.get();
      assertEquals(3, result.exitCode().getAsInt());
      assertEquals("from the host", result.stdout().text());
    }
  }

  @Test
  void limitsAreOfOneRun() throws Exception {
    try (var sidecar = container.sidecar()) {
      var waits = container.runAsync(shell(UNTIL_GO));
      var burns = sidecar.run(Command.builder("sh", "-c", "while :; do :; done")
          .limits(Limits.builder().cpuTime(Duration.ofMillis(100)).build()).build());
      assertEquals(Status.TIME_LIMIT_EXCEEDED, burns.status());
      assertEquals(Cause.CPU, burns.cause());
      container.copyIn(CopyIn.text("go", ""));
      assertEquals(Status.OK, waits.get().status());
    }
  }

  @Test
  void aSidecarSeesNoMoreThanItsOwnRunByNumber() throws Exception {
    try (var sidecar = container.sidecar()) {
      var waits = container.runAsync(shell(UNTIL_GO));
      awaitUp();
      var result = sidecar.run(shell("kill -9 -1; for p in $(seq 4 60); do kill -9 $p && echo $p; done; exit 0"));
      assertEquals("", result.stdout().text());
      sidecar.copyIn(CopyIn.text("go", ""));
      assertEquals(Status.OK, waits.get().status());
    }
  }

  @Test
  void liveRunsBesideEachOther() throws Exception {
    var echo = Command.builder("cat").stdin(Input.stream()).stdout(Output.stream()).build();
    try (var sidecar = container.sidecar(); var one = container.start(echo); var two = sidecar.start(echo)) {
      for (var run : List.of(one, two)) {
        run.stdin().write("hello".getBytes(StandardCharsets.UTF_8));
        run.stdin().close();
      }
      for (var run : List.of(two, one)) {
        assertEquals("hello", new String(run.stdout().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(Status.OK, run.result().get().status());
      }
    }
  }

  @Test
  void closingASidecarEndsNothingElse() throws Exception {
    var sidecar = container.sidecar();
    var waits = container.runAsync(shell(UNTIL_GO));
    awaitUp();
    var ended = sidecar.runAsync(shell("sleep 60 & sleep 60"));
    sidecar.close();
    sidecar.close();
    assertEquals(Status.CANCELLED, ended.get().status());
    assertThrows(SandboxException.class, () -> sidecar.run(shell("true")));
    assertThrows(SandboxException.class, () -> sidecar.copyIn(CopyIn.text("x", "")));
    container.copyIn(CopyIn.text("go", ""));
    assertEquals(Status.OK, waits.get().status());
  }

  @Test
  void closingTheContainerClosesItsSidecars() throws Exception {
    var idle = container.sidecar();
    var busy = container.sidecar();
    var run = busy.runAsync(shell(UNTIL_GO));
    awaitUp();
    busy.pause();
    int pid = busy.pid();
    container.close();
    assertEquals(Status.CANCELLED, run.get().status());
    assertTrue(idle.isClosed());
    assertTrue(busy.isClosed());
    assertFalse(Files.exists(Path.of("/proc/" + pid)));
    assertThrows(SandboxException.class, idle::ping);
    assertThrows(SandboxException.class, container::sidecar);
    busy.close();
  }

  @Test
  void aKilledInitEndsItsOwnRunAlone() throws Exception {
    try (var sidecar = container.sidecar()) {
      var waits = container.runAsync(shell(UNTIL_GO));
      awaitUp();
      var ended = sidecar.runAsync(shell("sleep 60"));
      ProcessHandle.of(sidecar.pid()).orElseThrow().destroyForcibly();
      var failure = (SandboxException) assertThrows(ExecutionException.class, ended::get).getCause();
      assertEquals(Step.INIT_GONE, failure.step());
      assertThrows(SandboxException.class, sidecar::ping);
      container.copyIn(CopyIn.text("go", ""));
      assertEquals(Status.OK, waits.get().status());
      container.ping();
    }
  }

  @Test
  void aResetIsOfAllAndOfNoneThatRuns() throws Exception {
    try (var sidecar = container.sidecar()) {
      var waits = container.runAsync(shell(UNTIL_GO));
      awaitUp();
      assertEbusy(assertThrows(SandboxException.class, sidecar::reset));
      assertThrows(SandboxException.class, () -> sidecar.runAndReset(shell("true")));
      container.copyIn(CopyIn.text("go", ""));
      assertEquals(Status.OK, waits.get().status());
      int pid = sidecar.pid();
      var id = sidecar.id();
      container.reset();
      assertNotEquals(pid, sidecar.pid());
      assertEquals(id, sidecar.id());
      for (var one : List.of(container, sidecar)) {
        assertEquals("", one.run(shell("ls -A")).stdout().text());
        one.ping();
      }
    }
  }

  @Test
  void sidecarsAreClosedWhereAPoolWouldTakeItBack() throws Exception {
    var busy = container.sidecar();
    var idle = container.sidecar();
    var ended = busy.runAsync(shell(UNTIL_GO));
    awaitUp();
    container.endAndReset();
    assertEquals(Status.CANCELLED, ended.get().status());
    assertTrue(busy.isClosed() && idle.isClosed());
    assertEquals("", container.run(shell("ls -A")).stdout().text());
    assertFalse(container.canRunAndReset());
    try (var another = container.sidecar(); var alone = Container.open()) {
      assertTrue(another.run(shell("true")).isOk());
      assertTrue(alone.canRunAndReset());
      assertTrue(alone.run(shell("echo x > f")).isOk());
      alone.endAndReset();
      assertEquals("", alone.run(shell("ls -A")).stdout().text());
    }
  }

  @Test
  void manyAtOnce() throws Exception {
    var sidecars = new ArrayList<Container>();
    var runs = new ArrayList<CompletableFuture<Result>>();
    for (int i = 0; i < 8; i++) {
      sidecars.add(container.sidecar());
    }
    for (int i = 0; i < 80; i++) {
      runs.add(sidecars.get(i % 8).runAsync(shell("echo " + i + " > file" + i + "; cat file" + i)));
    }
    for (int i = 0; i < 80; i++) {
      assertEquals(i + "\n", runs.get(i).get().stdout().text());
    }
    assertEquals("80\n", container.run(shell("ls | wc -l")).stdout().text());
    sidecars.forEach(Container::close);
  }

  @Test
  void whatIsNoPlaceForOneIsRefused() throws Exception {
    try (var sidecar = container.sidecar(); var alone = Container.open()) {
      assertEquals(Step.VALIDATE, assertThrows(SandboxException.class, sidecar::sidecar).step());
      assertEquals(Step.VALIDATE, assertThrows(SandboxException.class, alone::sidecar).step());
      var shared = Container.builder().shared(true).build();
      assertTrue(shared.shared());
      assertFalse(Container.builder().build().shared());
    }
  }
}
