// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Cause;
import io.cordon.Command;
import io.cordon.Container;
import io.cordon.CopyIn;
import io.cordon.Input;
import io.cordon.Limits;
import io.cordon.Network;
import io.cordon.Output;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.Status;
import io.cordon.Step;
import io.cordon.Wiring;
import io.cordon.pool.ContainerPool;
import io.cordon.pool.Lease;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pools of shared containers: leases with commands beside each other, and what becomes of these at the lease's end. */
@Timeout(60)
@ExtendWith(NothingLeft.class)
class SharedPoolTest {
  /** Says that it is there, and works until somebody makes the file go. */
  private static final String UNTIL_GO = "echo up > up; while [ ! -e go ]; do sleep 0.01; done; ";

  private static ContainerPool<Container> pool() {
    return ContainerPool.builder().container(Container.builder().shared(true).network(Network.LOOPBACK).build())
        .maxSize(1).build();
  }

  private static Command shell(String script) {
    return Live.shell(script).build();
  }

  private static CompletableFuture<Result> startAndAwait(Container container, String script) throws Exception {
    var run = container.runAsync(shell(script));
    awaitUp(container);
    return run;
  }

  private static void awaitUp(Container container) {
    Live.await("up", () -> {
      try {
        return !container.glob(Command.DEFAULT_WORK_DIR, "up", 100).isEmpty();
      } catch (SandboxException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  @Test
  void aLeaseHasSidecarsAndFilesWhileProgramsRun() throws Exception {
    try (var pool = pool(); var lease = pool.acquire()) {
      var container = lease.container();
      var sidecar = container.sidecar();
      var waits = startAndAwait(container, UNTIL_GO + "cat in/file; exit 3");
      assertEquals("up\n", new String(sidecar.copyOut("up", 10), StandardCharsets.UTF_8));
      container.copyIn(CopyIn.text("in/file", "from the host"));
      assertEquals(List.of("in", "up"), container.list(Command.DEFAULT_WORK_DIR, 10).stream()
          .map(entry -> entry.name()).toList());
      assertEquals(List.of("in/file"), container.glob(Command.DEFAULT_WORK_DIR, "**/f*", 10));
      var burns = sidecar.run(Live.shell("while :; do :; done")
          .limits(Limits.builder().cpuTime(Duration.ofMillis(100)).build()).build());
      Live.check(Status.TIME_LIMIT_EXCEEDED, Cause.CPU, burns);
      assertFalse(waits.isDone());
      assertTrue(sidecar.run(shell("touch go")).isOk());
      var result = waits.get();
      assertEquals(3, result.exitCode().getAsInt());
      assertEquals("from the host", result.stdout().text());
    }
  }

  @Test
  void theEndOfALeaseEndsWhatRunsInItsSidecars() throws Exception {
    try (var pool = pool()) {
      String id;
      var sidecars = new ArrayList<Container>();
      var runs = new ArrayList<CompletableFuture<Result>>();
      try (var lease = pool.acquire()) {
        id = lease.container().id();
        assertTrue(lease.run(shell("echo mine > mine")).isOk());
        for (int i = 0; i < 3; i++) {
          var sidecar = lease.container().sidecar();
          sidecars.add(sidecar);
          runs.add(sidecar.runAsync(shell("touch up" + i + "; sleep 60 & setsid sleep 60 & sleep 60")));
        }
        sidecars.get(1).pause();
      }
      for (var run : runs) {
        assertEquals(Status.CANCELLED, run.get(20, TimeUnit.SECONDS).status());
      }
      try (var lease = pool.acquire()) {
        assertEquals(id, lease.container().id());
        assertEquals("", lease.run(shell("ls -A . /tmp | grep -v :")).stdout().text().strip());
        for (var sidecar : sidecars) {
          assertTrue(sidecar.isClosed());
          assertEquals(Step.WAIT, assertThrows(SandboxException.class, () -> sidecar.run(shell("true"))).step());
          assertThrows(SandboxException.class, () -> sidecar.list("/", 100));
          Live.await("the sidecar's end", () -> !Files.exists(Path.of("/proc/" + sidecar.pid())));
        }
      }
      assertEquals(1, pool.statistics().created());
    }
  }

  @Test
  void aLiveRunInASidecarEndsWithTheLease() throws Exception {
    try (var pool = pool()) {
      var lease = pool.acquire();
      var run = lease.container().sidecar()
          .start(Live.command("cat").stdin(Input.stream()).stdout(Output.stream()).build());
      try (run) {
        run.stdin().write("hello".getBytes(StandardCharsets.UTF_8));
        assertEquals("hello", new String(run.stdout().readNBytes(5), StandardCharsets.UTF_8));
        lease.close();
        assertEquals(Status.CANCELLED, run.result().get(20, TimeUnit.SECONDS).status());
        assertEquals(-1, run.stdout().read());
      }
      assertTrue(pool.run(shell("true")).isOk());
    }
  }

  @Test
  void theNextLeaseHasNothingOfASidecar() throws Exception {
    try (var pool = pool()) {
      for (int i = 0; i < 5; i++) {
        try (var lease = pool.acquire()) {
          var sidecar = lease.container().sidecar();
          assertEquals("",
              sidecar.run(shell("ls -A . /dev/shm | grep -v :; ipcs -q | grep 0x")).stdout().text().strip());
          assertTrue(sidecar.run(shell("echo x > f; echo x > /dev/shm/f; ipcmk -Q > /dev/null 2>&1 || true")).isOk());
          startAndAwait(sidecar, UNTIL_GO);
        }
      }
      assertEquals(1, pool.statistics().created());
      assertEquals(0, pool.statistics().destroyed());
    }
  }

  @Test
  void aSidecarThatBrokeIsOfNoConsequenceToTheNextLease() throws Exception {
    try (var pool = pool()) {
      String id;
      try (var lease = pool.acquire()) {
        id = lease.container().id();
        var sidecar = lease.container().sidecar();
        var run = startAndAwait(sidecar, UNTIL_GO);
        assertNotEquals(lease.container().pid(), sidecar.pid());
        ProcessHandle.of(sidecar.pid()).orElseThrow().destroyForcibly();
        var failure = assertThrows(ExecutionException.class, run::get).getCause();
        assertEquals(Step.INIT_GONE, ((SandboxException) failure).step());
      }
      try (var lease = pool.acquire()) {
        assertEquals(id, lease.container().id());
        assertTrue(lease.container().sidecar().run(shell("test ! -e up")).isOk());
      }
    }
  }

  /** Whatever it leaves behind, the next command finds nothing. */
  @Test
  void eachRunOfThePoolFindsAFreshContainer() throws Exception {
    try (var pool = pool()) {
      var script = shell("ls -A . /tmp /dev/shm | grep -v :; echo x > f; echo x > /tmp/f; sleep 60 & exit 0");
      for (int i = 0; i < 20; i++) {
        assertEquals("", pool.run(script).stdout().text().strip());
        assertEquals("", pool.runAsync(script).get().stdout().text().strip());
        try (var run = pool.start(script)) {
          assertEquals("", run.result().get().stdout().text().strip());
        }
      }
      assertEquals(1, pool.statistics().created());
    }
  }

  @Test
  void aPoolThatIsClosedEndsTheSidecarsOfItsLeases() throws Exception {
    var pool = pool();
    var lease = pool.acquire();
    var container = lease.container();
    var sidecar = container.sidecar();
    var beside = sidecar.runAsync(shell("sleep 60"));
    var own = startAndAwait(container, UNTIL_GO);
    pool.close(Duration.ZERO);
    assertEquals(Status.CANCELLED, own.get(20, TimeUnit.SECONDS).status());
    assertEquals(Status.CANCELLED, beside.get(20, TimeUnit.SECONDS).status());
    assertTrue(sidecar.isClosed());
    assertThrows(SandboxException.class, container::sidecar);
    lease.close();
  }

  @Test
  void aPoolWaitsForALeaseAndNotForItsSidecars() throws Exception {
    var pool = pool();
    var lease = pool.acquire();
    var beside = lease.container().sidecar().runAsync(shell("sleep 60"));
    var closing = CompletableFuture.runAsync(() -> pool.close(Live.PATIENCE));
    Live.await("closed", () -> {
      try {
        pool.acquireAsync().get().close();
        return false;
      } catch (ExecutionException | InterruptedException e) {
        return true;
      }
    });
    assertFalse(beside.isDone());
    lease.close();
    closing.get(20, TimeUnit.SECONDS);
    assertEquals(Status.CANCELLED, beside.get(20, TimeUnit.SECONDS).status());
  }

  @Test
  void aDiscardedLeaseEndsItsSidecarsAndItsContainer() throws Exception {
    try (var pool = pool()) {
      CompletableFuture<Result> beside;
      int pid;
      try (var lease = pool.acquire()) {
        pid = lease.container().pid();
        beside = startAndAwait(lease.container().sidecar(), UNTIL_GO);
        lease.discard();
      }
      assertEquals(Status.CANCELLED, beside.get(20, TimeUnit.SECONDS).status());
      try (var lease = pool.acquire()) {
        assertNotEquals(pid, lease.container().pid());
      }
    }
  }

  /** In a frame of its own, so that nothing refers to the lease afterwards. */
  private static Container sidecarOfADroppedLease(ContainerPool<Container> pool) throws Exception {
    Lease<Container> dropped = pool.acquire();
    return dropped.container().sidecar();
  }

  @Test
  void aDroppedLeaseEndsItsSidecars() throws Exception {
    try (var pool = pool()) {
      var sidecar = sidecarOfADroppedLease(pool);
      var beside = startAndAwait(sidecar, UNTIL_GO);
      Live.await("the end of the dropped lease", () -> {
        System.gc();
        return beside.isDone();
      });
      assertEquals(Status.CANCELLED, beside.get().status());
      assertTrue(sidecar.isClosed());
      assertTrue(pool.run(shell("test ! -e up")).isOk());
    }
  }

  @Test
  void aWiringRunsInALease() throws Exception {
    try (var pool = pool(); var lease = pool.acquire()) {
      var builder = Wiring.builder();
      var asks = builder.add(lease.container(), shell("echo 6 >&3; read x; echo $x"));
      var answers = builder.add(lease.container(), shell("read x <&3; echo $((x * 7))"));
      builder.connect(asks, 3, answers, 3);
      builder.connect(answers, 1, asks, 0);
      var outcome = builder.build().run();
      assertTrue(outcome.result(asks).isOk(), outcome::toString);
      assertEquals("42\n", outcome.result(asks).stdout().text());
    }
  }

  /** Of an opener of one's own. */
  @Test
  void anOpenerMayGiveSharedOnes() throws Exception {
    try (var pool = ContainerPool.builder(() -> Container.builder().shared(true).open()).maxSize(1).build()) {
      assertTrue(pool.run(shell("echo x > f")).isOk());
      try (var lease = pool.acquire()) {
        assertTrue(lease.container().sidecar().run(shell("test ! -e f")).isOk());
        assertFalse(lease.container().canRunAndReset());
      }
    }
  }
}
