// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Command;
import io.cordon.Container;
import io.cordon.CopyIn;
import io.cordon.Limits;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.Status;
import io.cordon.Step;
import io.cordon.live.Live;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ContainerPoolTest {
  private static final String NOTHING = "/dev/shm:\n\n/tmp:\n\n/w:\n";
  private static final Command LIST = Command.of("ls", "-A", "/w", "/tmp", "/dev/shm");
  private static final Path JDK_25 = Path.of("/usr/lib/jvm/temurin-25-jdk-amd64/bin/java");

  private ContainerPool<Container> pool = ContainerPool.builder().maxSize(2).build();

  @AfterEach
  void close() {
    pool.close(Duration.ZERO);
  }

  private void use(ContainerPool.Builder<Container> builder) {
    pool.close();
    pool = builder.build();
  }

  private void awaitIdle() {
    while (pool.statistics().idle() == 0) {
      Thread.onSpinWait(); // The test's time-out ends it.
    }
  }

  private static Command shell(String script) {
    return Command.of("sh", "-c", script);
  }

  @Test
  void eachRunFindsAFreshContainer() throws SandboxException {
    for (int i = 0; i < 50; i++) {
      assertEquals(NOTHING, pool.run(LIST).stdout().text());
      assertTrue(pool.run(shell("echo x > f; mkdir -p /tmp/d/e; echo y > /dev/shm/s")).isOk());
    }
    assertTrue(pool.statistics().created() <= 2, () -> pool.statistics().toString());
  }

  @Test
  void whatALeaseLeavesIsGoneForTheNext() throws Exception {
    use(ContainerPool.builder().maxSize(1));
    try (var lease = pool.acquire()) {
      lease.container().copyIn(CopyIn.text("f", "hello"));
      assertEquals("hello", lease.run(Command.of("cat", "f")).stdout().text());
      assertTrue(lease.run(shell("echo more >> f")).isOk());
    }
    assertEquals(NOTHING, pool.run(LIST).stdout().text());
    assertEquals(1, pool.statistics().resets().count());
    var lease = pool.acquireAsync().get();
    lease.close();
    lease.close();
    assertThrows(IllegalStateException.class, lease::container);
  }

  @Test
  void asManyRunAtOnceAsThereAreContainers() throws Exception {
    var running = new ArrayList<CompletableFuture<Result>>();
    for (int i = 0; i < 20; i++) {
      running.add(pool.runAsync(shell("sleep 0.05")));
    }
    for (var run : running) {
      assertTrue(run.get(30, TimeUnit.SECONDS).isOk());
    }
    assertEquals(2, pool.statistics().created());
  }

  @Test
  void aTimeOutIsKept() throws Exception {
    // The only one is made ahead, and is back before the last run: neither is to be in time.
    use(ContainerPool.builder().minIdle(1).maxSize(1).acquireTimeout(Duration.ofMillis(100)));
    awaitIdle();
    try (var lease = pool.acquire()) {
      var late = assertThrows(SandboxException.class, () -> pool.run(LIST));
      assertEquals("WAIT ETIMEDOUT", late.step() + " " + late.errnoName());
      var failed = assertThrows(ExecutionException.class, () -> pool.runAsync(LIST).get());
      assertEquals("ETIMEDOUT", ((SandboxException) failed.getCause()).errnoName());
      assertThrows(ExecutionException.class, () -> pool.acquireAsync().get());
      assertFalse(lease.container().isClosed());
    }
    awaitIdle();
    assertTrue(pool.run(LIST).isOk());
  }

  @Test
  void aBrokenContainerIsReplaced() throws Exception {
    use(ContainerPool.builder().maxSize(1));
    for (int i = 0; i < 5; i++) {
      int pid;
      try (var lease = pool.acquire()) {
        pid = lease.container().pid();
        var run = lease.runAsync(shell("sleep 100"));
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        var failed = assertThrows(ExecutionException.class, () -> run.get(20, TimeUnit.SECONDS));
        assertEquals(Step.INIT_GONE, ((SandboxException) failed.getCause()).step());
      }
      assertEquals(NOTHING, pool.run(LIST).stdout().text());
      try (var lease = pool.acquire()) {
        assertNotEquals(pid, lease.container().pid());
      }
    }
  }

  @Test
  void oneThatBrokeWhileIdleIsFoundByTheCheck() throws Exception {
    use(ContainerPool.builder().maxSize(1).checkAfterIdle(Duration.ZERO));
    int pid;
    try (var lease = pool.acquire()) {
      pid = lease.container().pid();
    }
    // What comes back is reset first, and goes to a waiter straight from there: it must have become idle before it
    // breaks.
    awaitIdle();
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    assertTrue(pool.run(LIST).isOk());
  }

  @Test
  void initKilledAtAnyMomentIsSurvived() throws Exception {
    int killed = 0;
    for (int i = 0; i < 40; i++) {
      var run = pool.runAsync(shell("sleep 0.01; echo x > f"));
      Thread.sleep(i % 8);
      var inits = ProcessHandle.current().children()
          .filter(child -> child.info().command().orElse("").contains("cordon-init")).toList();
      inits.forEach(ProcessHandle::destroyForcibly);
      killed += inits.size();
      try {
        run.get(20, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        assertTrue(e.getCause() instanceof SandboxException, e::toString);
      }
    }
    assertTrue(killed > 0);
    for (int tries = 0; tries < 10; tries++) {
      try {
        assertEquals(NOTHING, pool.run(LIST).stdout().text());
      } catch (SandboxException e) {
        assertTrue(tries < 5, e::toString); // As many as there can be broken ones that were not used yet.
      }
    }
  }

  @Test
  void anInterruptKillsTheProgramAndKeepsTheContainer() throws Exception {
    use(ContainerPool.builder().maxSize(1));
    Thread.currentThread().interrupt();
    assertEquals(Status.CANCELLED, pool.run(shell("sleep 100")).status());
    assertTrue(Thread.interrupted());
    assertEquals(NOTHING, pool.run(LIST).stdout().text());
    var started = new CountDownLatch(1);
    var async = pool.runAsync(started("sleep 100", started));
    started.await();
    async.cancel(true);
    assertEquals(NOTHING, pool.run(LIST).stdout().text());
    assertEquals(1, pool.statistics().created());
  }

  @Test
  void usesAreCounted() throws Exception {
    use(ContainerPool.builder().maxSize(1).maxUses(3));
    for (int i = 0; i < 9; i++) {
      assertTrue(pool.run(Command.of("true")).isOk());
    }
    assertTrue(pool.statistics().created() >= 3, () -> pool.statistics().toString());
  }

  private static Command started(String script, CountDownLatch latch) {
    return Command.builder("sh", "-c", script).sync(pid -> {
      latch.countDown();
      return true;
    }).build();
  }

  @Test
  void closingIsOrderly() throws Exception {
    var started = new CountDownLatch(1);
    var run = pool.runAsync(started("sleep 0.3; echo done", started));
    started.await();
    pool.close();
    assertEquals("done\n", run.get(1, TimeUnit.SECONDS).stdout().text());
    assertEquals(Step.WAIT, assertThrows(SandboxException.class, () -> pool.run(LIST)).step());
    use(ContainerPool.builder());
    var again = new CountDownLatch(1);
    run = pool.runAsync(started("sleep 100", again));
    again.await();
    pool.close(Duration.ofMillis(100));
    assertEquals(Status.CANCELLED, run.get(1, TimeUnit.SECONDS).status());
    assertEquals(0, pool.statistics().active());
  }

  @Test
  void settingsThatCannotBeAreRefusedByName() {
    var builder = ContainerPool.builder();
    assertEquals("maxSize: 0: must be at least 1",
        assertThrows(IllegalArgumentException.class, () -> builder.maxSize(0)).getMessage());
    assertEquals("acquireTimeout: PT0S: must be above zero",
        assertThrows(IllegalArgumentException.class, () -> builder.acquireTimeout(Duration.ZERO)).getMessage());
    builder.maxAge(Limits.FOREVER).minIdle(0).maxUses(Limits.UNLIMITED);
  }

  /** The other JDK's virtual threads: this test's own may have none. */
  @Test
  void aThousandVirtualThreadsDoNotGrowTheCarriers() throws Exception {
    var java = Runtime.version().feature() >= 21 ? Path.of(System.getProperty("java.home"), "bin", "java") : JDK_25;
    if (!Files.isExecutable(java)) {
      Live.skip("virtual-threads: this JDK has none, and " + java + " is not there");
    }
    var command = new ArrayList<>(List.of(java.toString(), "--enable-native-access=ALL-UNNAMED", "-cp",
        System.getProperty("java.class.path")));
    var library = System.getProperty("cordon.library.path");
    if (library != null) {
      command.add("-Dcordon.library.path=" + library);
    }
    command.add(VirtualThreads.class.getName());
    var output = Files.createTempFile("cordon-virtual", "");
    try {
      int code =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start().waitFor();
      assertEquals(0, code, () -> read(output));
    } finally {
      Files.delete(output);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (java.io.IOException e) {
      return e.toString();
    }
  }

  /** Runs in the child JVM. */
  static final class VirtualThreads {
    private static final int THREADS = 1000;

    private VirtualThreads() {}

    /** The carriers' pool has other threads, too: for delays. */
    private static long carriers() {
      return Thread.getAllStackTraces().keySet().stream()
          .filter(thread -> thread.getName().matches("ForkJoinPool-[0-9]+-worker-.*")).count();
    }

    public static void main(String[] args) throws Exception {
      var start = Thread.class.getMethod("startVirtualThread", Runnable.class);
      var wrong = new AtomicInteger();
      var done = new CountDownLatch(THREADS);
      try (var pool = ContainerPool.builder().minIdle(4).maxSize(4).build()) {
        for (int i = 0; i < THREADS; i++) {
          String text = "n" + i;
          start.invoke(null, (Runnable) () -> {
            try {
              wrong.addAndGet(pool.run(Command.of("echo", text)).stdout().text().equals(text + "\n") ? 0 : 1);
            } catch (SandboxException e) {
              wrong.incrementAndGet();
            }
            done.countDown();
          });
        }
        long most = 0;
        while (!done.await(1, TimeUnit.MILLISECONDS)) {
          most = Math.max(most, carriers());
        }
        System.out.println("wrong " + wrong + ", carriers " + most + ", " + pool.statistics());
        System.exit(wrong.get() == 0 && most > 0 && most <= Runtime.getRuntime().availableProcessors() ? 0 : 1);
      }
    }
  }
}
