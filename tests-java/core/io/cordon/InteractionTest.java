// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class InteractionTest {
  private static final String GUESSER = "lo=1; hi=100; while :; do m=$(((lo+hi)/2)); echo $m; read a;"
      + " case $a in less) hi=$((m-1));; more) lo=$((m+1));; *) exit 0;; esac; done";
  private static final String JUDGE = "n=0; while read g; do n=$((n+1)); if [ $g -gt 37 ]; then echo less;"
      + " elif [ $g -lt 37 ]; then echo more; else echo right; echo $n >&2; exit 0; fi; done";

  private Container a;
  private Container b;

  @BeforeEach
  void open() throws SandboxException {
    a = Container.open();
    b = Container.open();
  }

  @AfterEach
  void close() {
    a.close();
    b.close();
  }

  private static Interaction interaction(int record) {
    return record == 0 ? Interaction.create() : Interaction.create().recording(record);
  }

  private static Command.Builder shell(String script) {
    return Command.builder("sh", "-c", script).limits(Limits.builder().wallTime(Duration.ofSeconds(10)).build());
  }

  private Interaction.Outcome run(int record, String first, String second) throws SandboxException {
    return interaction(record).run(a, shell(first).build(), b, shell(second).build());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1000})
  void theyTalk(int record) throws SandboxException {
    var outcome = run(record, GUESSER, JUDGE);
    assertTrue(outcome.first().isOk(), outcome::toString);
    assertTrue(outcome.second().isOk(), outcome::toString);
    assertEquals("3\n", outcome.second().stderr().text());
    if (record > 0) {
      assertEquals("50\n25\n37\n", outcome.first().stdout().text());
      assertEquals("less\nmore\nright\n", outcome.second().stdout().text());
      assertFalse(outcome.first().stdout().truncated());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1000})
  void theyTalkInOneSharedContainer(int record) throws SandboxException {
    try (var shared = Container.builder().shared(true).open()) {
      var outcome = interaction(record).run(shared, shell(GUESSER).build(), shared, shell(JUDGE).build());
      assertTrue(outcome.first().isOk(), outcome::toString);
      assertEquals("3\n", outcome.second().stderr().text());
      assertEquals(record > 0 ? "50\n25\n37\n" : "", outcome.first().stdout().text());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1000})
  void whoEndsFirstIsKnown(int record) throws SandboxException {
    // So long that the first one's init has seen its end, on a busy machine, too.
    assertTrue(run(record, "exit 0", "cat; sleep 0.5").firstEndedFirst());
    assertFalse(run(record, "cat; sleep 0.5", "exit 0").firstEndedFirst());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1000})
  void nobodyHangsWhereOneFloodsOrCloses(int record) throws SandboxException {
    var outcome = run(record, "yes", "head -c 10 > /dev/null");
    assertTrue(outcome.second().isOk(), outcome::toString);
    assertFalse(outcome.first().status() == Status.TIME_LIMIT_EXCEEDED, outcome::toString);
    outcome = run(record, "exec 0<&- 1>&-; sleep 0.1", "cat");
    assertTrue(outcome.first().isOk(), outcome::toString);
    assertTrue(outcome.second().isOk(), outcome::toString);
  }

  @Test
  void theRecordHasItsLimit() throws SandboxException {
    var outcome = run(10, "seq 1000", "cat > /dev/null");
    assertEquals("1\n2\n3\n4\n5\n", outcome.first().stdout().text());
    assertTrue(outcome.first().stdout().truncated());
    assertEquals(3893, outcome.first().stdout().totalBytes());
  }

  @Test
  void limitsAreEachOnesOwn() throws SandboxException {
    var outcome = Interaction.create().run(a, shell("while :; do :; done")
        .limits(Limits.builder().cpuTime(Duration.ofMillis(100)).build()).build(), b, shell("cat").build());
    assertEquals(Status.TIME_LIMIT_EXCEEDED, outcome.first().status());
    assertTrue(outcome.second().isOk());
  }

  @Test
  void oneThatCannotBeExecutedEndsBoth() throws SandboxException {
    var failed = assertThrows(SandboxException.class,
        () -> Interaction.create().run(a, shell("cat").build(), b, Command.of("nosuch")));
    assertEquals(Step.EXECVE, failed.step());
    assertEquals("x\n", a.run(Command.of("echo", "x")).stdout().text());
    assertEquals("x\n", b.run(Command.of("echo", "x")).stdout().text());
  }

  @Test
  void bothAreKilledByAnInterrupt() throws Exception {
    var future = Interaction.create().runAsync(a, shell("sleep 100").build(), b, shell("sleep 100").build());
    Thread.sleep(100);
    future.cancel(true);
    assertEquals("x\n", a.run(Command.of("echo", "x")).stdout().text());
    Thread.currentThread().interrupt();
    var outcome = run(0, "sleep 100", "sleep 100");
    assertTrue(Thread.interrupted());
    assertEquals(Status.CANCELLED, outcome.first().status());
    assertEquals(Status.CANCELLED, outcome.second().status());
  }

  /** The containers may be named in any order: no callers wait in a circle. */
  @Test
  void crossedPairsDoNotWaitForEachOther() throws Exception {
    for (int i = 0; i < 20; i++) {
      var one = Interaction.create().runAsync(a, shell("echo 1").build(), b, shell("cat > /dev/null").build());
      var two = Interaction.create().runAsync(b, shell("echo 2").build(), a, shell("cat > /dev/null").build());
      assertTrue(one.get(20, TimeUnit.SECONDS).second().isOk());
      assertTrue(two.get(20, TimeUnit.SECONDS).second().isOk());
    }
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    var plain = Command.of("cat");
    assertThrows(IllegalArgumentException.class, () -> Interaction.create().run(a, plain, a, plain));
    assertThrows(IllegalArgumentException.class,
        () -> Interaction.create().run(a, Command.builder("cat").terminal(true).build(), b, plain));
    assertThrows(IllegalArgumentException.class,
        () -> Interaction.create().run(a, plain, b, Command.builder("cat").sync(pid -> true).build()));
    assertThrows(IllegalArgumentException.class, () -> Interaction.create().recording(0));
  }
}
