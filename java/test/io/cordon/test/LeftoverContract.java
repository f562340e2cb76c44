// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** When a run is over, everything that it has started is gone. What the host holds is compared after each test. */
interface LeftoverContract {
  private static void orphan(Bench bench, boolean keepsStreams) throws Exception {
    var mark = "contract-" + UUID.randomUUID();
    var result = bench.ok(bench.programs().orphan(mark, keepsStreams));
    assertEquals("", result.stdout().text());
    assertEquals(List.of(), Leftovers.marked(mark), "processes with " + mark);
    bench.stillWorks();
  }

  @Test
  @Uses("program.orphan")
  default void aProcessThatIsLeftBehindEnds(Bench bench) throws Exception {
    orphan(bench, false);
  }

  /** The run must not wait for the end of its streams. */
  @Test
  @Uses("program.orphan")
  default void aProcessThatKeepsTheStreamsOpenEnds(Bench bench) throws Exception {
    orphan(bench, true);
  }

  @Test
  default void manyRunsLeaveNothing(Bench bench) throws Exception {
    for (int i = 0; i < Bench.MANY; i++) {
      bench.run(bench.programs().print("out", "err"));
      bench.get(bench.runner().runAsync(bench.command(bench.programs().exit(i)).build()));
    }
  }

  @Test
  default void manyFailuresLeaveNothing(Bench bench) throws Exception {
    for (int i = 0; i < Bench.MANY; i++) {
      bench.failure(bench.programs().missing());
    }
    bench.stillWorks();
  }

  @Test
  default void manyRunnersLeaveNothing(Bench bench) throws Exception {
    for (int i = 0; i < Bench.MANY; i++) {
      var runner = bench.open(bench.tier().description().build());
      bench.ok(runner, bench.programs().exit(0));
      Bench.close(runner);
    }
  }
}
