// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Command;
import io.cordon.CopyIn;
import io.cordon.CopyOut;
import io.cordon.Input;
import io.cordon.Mount;
import io.cordon.Result;
import io.cordon.Sandbox;
import io.cordon.SandboxException;
import io.cordon.Step;
import io.cordon.UnshareRunner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many runs, one after the other and at once, leave nothing behind: no descriptor, process, mount, group or memory. */
@ExtendWith(NothingLeft.class)
@Timeout(120)
class LeakTest {
  private static final int RUNS = Live.rounds(1000);
  private static final int THREADS = 8;
  private static final int ASYNCHRONOUS = Live.rounds(200);

  /** What allocators and the JVM may take for themselves; a leak of a page in each run would be 4 MB. */
  private static final long GROWTH_MAX_BYTES = 3 * Live.MIB;

  private static final UnshareRunner BAD_MOUNT =
      Live.runner().addMount(Mount.bind(Path.of("/no/such/source"), "/x")).build();

  /** A mix of everything that holds something while a run lasts, the failures included. */
  private static void oneRun(int i) throws SandboxException {
    var word = "run " + i;
    switch (i % 5) {
      case 0, 1 -> {
        var result = Live.runOk(Live.subject("cat").stdin(Input.text(word)));
        assertEquals(word, result.stdout().text());
      }
      case 2 -> {
        var result = Live.runOk(Live.shell("cp a b").copyIn(CopyIn.text("a", word)).copyOut(CopyOut.keep("b"))
            .sync(pid -> true));
        assertEquals(word, new String(result.copiedOut().get("b").bytes().orElseThrow(), UTF_8));
      }
      case 3 -> Live.refused(Live.RUNNER, Live.command("/no/such/program"), Step.EXECVE, 2);
      default -> Live.refused(BAD_MOUNT, Live.subject("exit", "0"), Step.MOUNT_SOURCE, 2);
    }
  }

  private static long residentBytes() {
    return Live.read(Path.of("/proc/self/status")).lines().filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024).sum();
  }

  /** What a child JVM does: RUNS runs, whose memory it measures. */
  static final class Host {
    private Host() {}

    public static void main(String[] args) throws Exception {
      var before = Held.now();
      long resident = 0;
      for (int i = 0; i < RUNS + RUNS / 4; i++) {
        if (i == RUNS / 4) {
          before = Held.now(); // The allocators, the JVM and the library are warm.
          resident = residentBytes();
        }
        oneRun(i);
      }
      System.out.println("grown=" + (residentBytes() - resident));
      Held.assertNothingNew(before);
      System.out.println("clean");
    }
  }

  /** In a JVM whose own memory does not grow: the heap is there from the start, and nothing is compiled. */
  @Test
  void aThousandRunsInARow() throws Exception {
    var outcome = new Jvm(Host.class.getName())
        .options("-Xint", "-Xms48m", "-Xmx48m", "-XX:+AlwaysPreTouch").run();
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertTrue(outcome.out().endsWith("clean\n"), outcome.out() + outcome.err());
    long grown = Long.parseLong(outcome.out().lines().findFirst().orElseThrow().substring("grown=".length()));
    assertTrue(grown < GROWTH_MAX_BYTES, grown + " bytes more");
  }

  @Test
  void eightThreadsAtOnce() throws Exception {
    var pool = Executors.newFixedThreadPool(THREADS);
    var futures = new ArrayList<Future<?>>();
    for (int thread = 0; thread < THREADS; thread++) {
      int first = thread * 1000;
      futures.add(pool.submit(() -> {
        for (int i = 0; i < 25; i++) {
          oneRun(first + i);
        }
        return null;
      }));
    }
    for (var future : futures) {
      future.get();
    }
    pool.shutdown();
    assertTrue(pool.awaitTermination(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS));
  }

  @Test
  void manyAsynchronousRunsAtOnce() throws Exception {
    var futures = new ArrayList<CompletableFuture<Result>>();
    var patient = Live.limits().wallTime(Live.PATIENCE.multipliedBy(4)).build();
    int threads = Thread.activeCount();
    for (int i = 0; i < ASYNCHRONOUS; i++) {
      futures.add(Live.RUNNER.runAsync(Live.subject("cat").stdin(Input.text("run " + i)).limits(patient).build()));
    }
    assertTrue(Thread.activeCount() <= threads + 1, "a thread per run");
    for (int i = 0; i < ASYNCHRONOUS; i++) {
      assertEquals("run " + i, futures.get(i).get(100, TimeUnit.SECONDS).stdout().text());
    }
  }

  /** What a child JVM does under -Xcheck:jni: a few runs of every kind. */
  static final class Checked {
    private Checked() {}

    public static void main(String[] args) throws Exception {
      for (int i = 0; i < 10; i++) {
        oneRun(i);
      }
      Sandbox.probe();
      Sandbox.version();
      var future = Live.RUNNER.runAsync(Live.subject("echo", "x").sync(pid -> true).build());
      future.get(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      Live.RUNNER.runAsync(Live.subject("sleep", "60").build()).cancel(true);
      Live.RUNNER.runAsync(Command.of("/bin/true")).get(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      System.out.println("checked");
    }
  }

  @Test
  void theJvmsChecksFindNothing() throws Exception {
    var outcome = new Jvm(Checked.class.getName()).options("-Xcheck:jni").run();
    assertEquals(new Jvm.Outcome(0, "checked\n", ""), outcome);
  }

  /** The library's file is not on the disk while it is used. */
  @Test
  void theLibraryIsLoadedOnceAndItsFileIsGone() throws Exception {
    var mapped = Live.read(Path.of("/proc/self/maps")).lines().filter(line -> line.contains("libcordon"))
        .map(line -> line.substring(line.indexOf('/'))).distinct().toList();
    assertEquals(1, mapped.size(), List.copyOf(mapped).toString());
    if (System.getProperty("cordon.library.path") == null) {
      assertTrue(mapped.get(0).endsWith(" (deleted)"), mapped.toString());
      assertFalse(Files.exists(Path.of(mapped.get(0).replace(" (deleted)", ""))));
    }
  }
}
