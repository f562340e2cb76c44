// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Command;
import io.cordon.MemoryRunner;
import io.cordon.Result;
import io.cordon.live.Jvm;
import io.cordon.live.TestLogs;
import java.util.Collections;
import java.util.List;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pools that are not closed. */
@Timeout(120)
class DroppedPoolTest {
  /** Longer than the keeper takes to look for dropped pools. */
  private static final int ROUNDS = 100;
  private static final int ROUND_MILLIS = 20;

  private static final List<MemoryRunner> MADE = Collections.synchronizedList(new ArrayList<>());

  private static MemoryRunner open() {
    var runner = new MemoryRunner("m");
    MADE.add(runner);
    return runner;
  }

  /** In a frame of its own, so that nothing refers to the pool afterwards. */
  private static void drop(String name) throws Exception {
    var pool = ContainerPool.builder(DroppedPoolTest::open).name(name).minIdle(1).build();
    assertEquals("true", pool.run(Command.of("true")).stdout().text());
  }

  private static CompletableFuture<Result> dropWhileItRuns(String name) {
    return ContainerPool.builder(DroppedPoolTest::open).name(name).minIdle(1).maxSize(1).build()
        .runAsync(Command.of("later"));
  }

  private static boolean hasThreads(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().startsWith("cordon-" + name));
  }

  private static void awaitEnd(String name) throws InterruptedException {
    while (hasThreads(name) || !MADE.stream().allMatch(runner -> runner.closed)) {
      System.gc();
      Thread.sleep(ROUND_MILLIS); // The test's time-out ends it.
    }
  }

  @Test
  void itIsClosed() throws Exception {
    MADE.clear();
    drop("dropped");
    awaitEnd("dropped");
    assertFalse(MADE.isEmpty());
  }

  @Test
  void notBeforeItsRunsAreOver() throws Exception {
    MADE.clear();
    var run = dropWhileItRuns("busy");
    Numbers.await(() -> !MADE.isEmpty() && !MADE.get(0).pending.isEmpty());
    for (int i = 0; i < ROUNDS; i++) {
      System.gc();
      Thread.sleep(ROUND_MILLIS);
    }
    assertFalse(MADE.get(0).closed);
    assertTrue(hasThreads("busy"));
    MADE.get(0).pending.remove().complete(Result.cancelled(Command.of("later")));
    assertEquals(Result.cancelled(Command.of("later")).status(), run.get().status());
    awaitEnd("busy");
  }

  /** A JVM of its own, whose log goes to standard output. */
  static final class Dropping {
    private Dropping() {}

    public static void main(String[] args) throws Exception {
      drop("judge");
      awaitEnd("judge");
      try (var closed = ContainerPool.builder(DroppedPoolTest::open).name("closed").build()) {
        closed.run(Command.of("true"));
      }
      for (int i = 0; i < ROUNDS; i++) {
        System.gc();
        Thread.sleep(ROUND_MILLIS);
      }
    }
  }

  @Test
  void theLogHasAWarningForIt() throws Exception {
    var outcome = new Jvm(Dropping.class.getName()).options("-Dslf4j.provider=" + TestLogs.class.getName()).run();
    assertEquals(0, outcome.exitCode(), outcome.err());
    var warning = "WARN io.cordon.pool.ContainerPool judge: the pool was dropped without being closed; it is closed\n";
    assertEquals(warning, outcome.out());
  }
}
