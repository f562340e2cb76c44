// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Cause;
import io.cordon.CordonEvent.RunFinished;
import io.cordon.SecurityEvents;
import io.cordon.Status;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** What became of a program is told, to the caller and to who listens. */
interface StatusContract {
  @Test
  default void aProgramThatEndsWellIsOk(Bench bench) throws Exception {
    var result = bench.ok(bench.programs().exit(0));
    assertTrue(result.isOk());
    assertEquals(OptionalInt.of(0), result.exitCode());
    assertEquals(OptionalInt.empty(), result.signal());
    assertEquals(Optional.empty(), result.error());
    assertEquals(Optional.empty(), result.violation());
  }

  @Test
  default void everyExitCodeIsTold(Bench bench) throws Exception {
    for (int code : new int[] {1, 2, 77, 126, 127, 128, 137, 255}) {
      var result = Bench.check(Status.NONZERO_EXIT, Cause.NONE, bench.run(bench.programs().exit(code)));
      assertEquals(OptionalInt.of(code), result.exitCode());
      assertEquals(OptionalInt.empty(), result.signal());
    }
  }

  @Test
  @Uses("program.signal")
  default void aSignalIsTold(Bench bench) throws Exception {
    for (int signal : new int[] {6, 9, 11, 15}) {
      var result = Bench.check(Status.SIGNALED, Cause.NONE, bench.run(bench.programs().signal(signal)));
      assertEquals(OptionalInt.of(signal), result.signal());
      assertEquals(OptionalInt.empty(), result.exitCode());
    }
    assertEquals(Optional.of("SIGKILL"), bench.run(bench.programs().signal(9)).signalName());
  }

  @Test
  default void wallTimeIsThatOfTheProgram(Bench bench) throws Exception {
    long start = System.nanoTime();
    var result = bench.ok(bench.programs().exit(0));
    long most = System.nanoTime() - start;
    long wall = result.wallTime().toNanos();
    assertTrue(wall > 0 && wall <= most, wall + " ns of " + most);
    assertTrue(!result.cpuTime().isNegative() && !result.setupTime().isNegative(), result.toString());
  }

  @Test
  default void whatStandsBetweenIsWhatTheTierPromises(Bench bench) throws Exception {
    assertEquals(bench.tier().boundaries(), bench.ok(bench.programs().exit(0)).boundaries());
    assertEquals(bench.tier().boundaries(), bench.run(bench.programs().exit(1)).boundaries());
  }

  @Test
  default void oneCommandMayBeRunAgain(Bench bench) throws Exception {
    var command = bench.command(bench.programs().print("same", "")).build();
    for (int i = 0; i < 3; i++) {
      assertEquals("same", bench.runner().run(command).stdout().text());
    }
    assertEquals("same", bench.get(bench.runner().runAsync(command)).stdout().text());
  }

  @Test
  @Uses("label")
  default void theLabelGoesIntoTheResult(Bench bench) throws Exception {
    assertEquals(Optional.of("job 1"), bench.ok(bench.programs().exit(0).label("job 1")).label());
    assertEquals(Optional.empty(), bench.ok(bench.programs().exit(0)).label());
    var command = bench.command(bench.programs().exit(0).label("job 2")).build();
    assertEquals(Optional.of("job 2"), bench.get(bench.runner().runAsync(command)).label());
  }

  @Test
  @Uses("label")
  default void everyRunIsOneEventBeforeItsCallerHasTheResult(Bench bench) throws Exception {
    var mark = UUID.randomUUID().toString();
    var seen = new ConcurrentLinkedQueue<RunFinished>();
    var listening = SecurityEvents.listen(event -> {
      if (event instanceof RunFinished finished && finished.label().filter(mark::equals).isPresent()) {
        seen.add(finished);
      }
    });
    try {
      var command = bench.command(bench.programs().exit(5).label(mark)).build();
      bench.runner().run(command);
      assertEquals(1, seen.size());
      bench.get(bench.runner().runAsync(command));
      assertEquals(2, seen.size());
      for (var finished : seen) {
        assertEquals(command.args().get(0), finished.program());
        assertEquals(OptionalInt.of(5), finished.result().exitCode());
      }
    } finally {
      listening.close();
    }
  }
}
