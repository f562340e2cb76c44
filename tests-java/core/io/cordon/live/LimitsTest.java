// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Cause;
import io.cordon.Command;
import io.cordon.Container;
import io.cordon.Layer;
import io.cordon.Limits;
import io.cordon.Measure;
import io.cordon.Mount;
import io.cordon.Output;
import io.cordon.Resource;
import io.cordon.Result;
import io.cordon.Rlimit;
import io.cordon.SandboxException;
import io.cordon.Source;
import io.cordon.Status;
import io.cordon.Step;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits hold for the whole process tree, each with its own status and cause. */
@ExtendWith(NothingLeft.class)
class LimitsTest {
  private static Result limited(Limits.Builder limits, String... subject) throws SandboxException {
    return Live.run(Live.subject(subject).limits(limits.build()));
  }

  private static void between(long least, long most, Duration time) {
    assertTrue(time.toMillis() >= least && time.toMillis() < most, time.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"burn 20000", "burn-deaf 20000", "burn-threads 20000", "burn-child 20000 nowait",
    "system-time 20000"})
  @Tag("timing")
  void cpuTimeOfTheWholeTree(String subject) throws SandboxException {
    var result = limited(Live.limits().cpuTime(Duration.ofMillis(300)), subject.split(" "));
    Live.check(Status.TIME_LIMIT_EXCEEDED, Cause.CPU, result);
    assertEquals("TLE", result.status().code());
    between(300, 1500, result.cpuTime());
  }

  @Test
  @Tag("timing")
  void wallTime() throws SandboxException {
    var result = limited(Live.limits().wallTime(Duration.ofMillis(300)), "sleep", "60");
    Live.check(Status.TIME_LIMIT_EXCEEDED, Cause.WALL, result);
    between(300, 5000, result.wallTime());
    assertEquals("ready\n", result.stdout().text());
  }

  @Test
  @Tag("timing")
  void idleTime() throws SandboxException {
    var result = limited(Live.limits().idleTime(Duration.ofMillis(400)), "sleep", "60");
    Live.check(Status.TIME_LIMIT_EXCEEDED, Cause.IDLE, result);
    between(400, 6000, result.wallTime());
  }

  /** The reference counted the leader's user time only: 1 s of a child, or in the kernel, was some ms. */
  @ParameterizedTest
  @ValueSource(strings = {"burn 600", "burn-child 600", "burn-child 600 nowait", "system-time 600"})
  @Tag("timing")
  void allCpuTimeIsCounted(String subject) throws SandboxException {
    var result = Live.runOk(Live.subject(subject.split(" ")));
    between(590, 2500, result.cpuTime());
    // User and system time are in ticks of 10 ms on cgroup v1.
    between(result.cpuTime().toMillis() - 60, result.cpuTime().toMillis() + 60,
        result.userTime().plus(result.systemTime()));
    if (subject.startsWith("system")) {
      assertTrue(result.systemTime().toMillis() >= 450, result.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void refusedProcessesAreToldAndNoVerdict(boolean controlGroups) throws SandboxException {
    var runner = Live.runner().controlGroups(controlGroups).build();
    for (boolean hit : new boolean[] {true, false, true}) {
      var result = runner.run(Live.subject("forks", hit ? "100" : "5").limits(Live.limits().processes(16).build())
          .build());
      Live.check(Status.OK, Cause.NONE, result);
      var refusals = result.usage().processRefusals();
      if (result.layers().contains(Layer.CGROUP_PIDS)) {
        assertEquals(hit ? 1 : 0, refusals.orElseThrow(), result.toString());
        assertEquals(result.usage().refusalSource(), result.source(Measure.PROCESS_REFUSALS));
      } else {
        assertTrue(refusals.isEmpty(), result.toString());
        assertEquals(Source.NONE, result.usage().refusalSource());
      }
    }
  }

  /** Where the limit is not too little, the program runs, or is killed for it. */
  @ParameterizedTest
  @ValueSource(longs = {1, 4096, 16384, 65536, 131072})
  void tooLittleMemoryNamesTheLimit(long bytes) throws SandboxException {
    try {
      var result = limited(Live.limits().memoryBytes(bytes).stackBytes(Live.MIB), "exit", "0");
      assertTrue(result.status() == Status.OK || result.status() == Status.MEMORY_LIMIT_EXCEEDED, result.toString());
    } catch (SandboxException e) {
      assertEquals(Step.VALIDATE, e.step(), e.getMessage());
      assertEquals(SandboxException.Kind.REFUSED, e.kind());
      assertTrue(e.detail().startsWith("memory_bytes: " + bytes + ": "), e.getMessage());
    }
  }

  @Test
  void aStackThatIsAskedForIsHadWithoutControlGroups() throws SandboxException {
    var result = Live.runner().controlGroups(false).build()
        .run(Live.subject("limits").limits(Live.limits().stackBytes(64 * Live.MIB).build()).build());
    Live.check(Status.OK, Cause.NONE, result);
    assertEquals(64 * Live.MIB, Live.number(result.stdout(), "stack"));
  }

  /** Nice value, policy, timer slack, I/O priority, umask, oom_score_adj and CPUs. */
  @Test
  void whatIsInheritedIsTheSameInEachRun() throws SandboxException {
    var command = Live.subject("inherited").build();
    var once = Live.runOk(Live.subject("inherited")).stdout().text();
    assertTrue(once.contains("umask=22\n"), once);
    try (var container = Container.builder().addMount(Mount.bind(Live.PROGRAMS, "/programs")).open()) {
      for (int i = 0; i < 30; i++) {
        assertEquals(once, container.run(command).stdout().text());
      }
    }
  }

  /** The reference called an OOM kill a time limit, and one of a grandchild normal. */
  @ParameterizedTest
  @ValueSource(strings = {"alloc 200", "alloc-grandchild 200", "alloc-tree 160", "file 209715200 /tmp/big"})
  void memoryOfTheWholeTree(String subject) throws SandboxException {
    // The parent of a killed child may go on; what is reported is the memory limit all the same.
    var limits = Live.limits().memoryBytes(48 * Live.MIB).wallTime(Duration.ofSeconds(3));
    var result = limited(limits, subject.split(" "));
    if (!result.layers().contains(Layer.CGROUP_MEMORY)) {
      Live.skip("cgroup-memory: no memory controller that this process can use");
    }
    Live.check(Status.MEMORY_LIMIT_EXCEEDED, Cause.OOM, result);
    assertEquals("MLE", result.status().code());
    assertTrue(result.oomKills() >= 1);
    assertTrue(result.memorySource() == Source.CGROUP_V1 || result.memorySource() == Source.CGROUP_V2);
    long peak = result.memoryPeakBytes().getAsLong();
    assertTrue(peak >= 45 * Live.MIB && peak <= 49 * Live.MIB, peak + " bytes");
  }

  /** The reference was wrong by up to 8 MiB. */
  @Test
  void memoryIsMeasuredWithoutTheSandboxsOwn() throws SandboxException {
    var small = Live.runOk(Live.subject("exit", "0"));
    if (!small.layers().contains(Layer.CGROUP_MEMORY)) {
      Live.skip("cgroup-memory: no memory controller that this process can use");
    }
    assertTrue(small.memoryPeakBytes().getAsLong() < 3 * Live.MIB, small.toString());
    long large = Live.runOk(Live.subject("alloc", "40")).memoryPeakBytes().getAsLong();
    assertTrue(large >= 40 * Live.MIB && large < 44 * Live.MIB, large + " bytes");
  }

  @ParameterizedTest
  @CsvSource({"1,STDOUT", "2,STDERR"})
  void outputEndsTheProgramAndItsBeginningIsKept(String stream, Cause cause) throws SandboxException {
    var result = Live.run(Live.subject("flood", stream, "1000000000").stdout(Output.capture(5000))
        .stderr(Output.capture(5000)).limits(Live.limits().outputBytes(100_000).build()));
    Live.check(Status.OUTPUT_LIMIT_EXCEEDED, cause, result);
    assertEquals("OLE", result.status().code());
    var full = stream.equals("1") ? result.stdout() : result.stderr();
    var other = stream.equals("1") ? result.stderr() : result.stdout();
    assertEquals("x".repeat(5000), full.text());
    assertTrue(full.truncated());
    assertTrue(full.totalBytes() >= 100_000);
    assertEquals("", other.text());
    assertFalse(other.truncated());
  }

  @Test
  void moreThanIsKeptIsNoViolation() throws SandboxException {
    var result = Live.runOk(Live.subject("flood", "1", "100000").stdout(Output.capture(10)));
    assertEquals("x".repeat(10), result.stdout().text());
    assertTrue(result.stdout().truncated());
    assertEquals(100_000, result.stdout().totalBytes());
  }

  @Test
  void aFileThatGrowsTooLarge() throws SandboxException {
    Live.check(Status.OUTPUT_LIMIT_EXCEEDED, Cause.FILE,
        limited(Live.limits().outputBytes(Live.MIB), "file", "50000000", "/tmp/big"));
  }

  @Test
  void partialOutputIsKeptAtATimeLimit() throws SandboxException {
    var result = Live.run(Live.shell("echo before; echo aside >&2; sleep 60")
        .limits(Live.limits().wallTime(Duration.ofMillis(500)).build()));
    Live.check(Status.TIME_LIMIT_EXCEEDED, Cause.WALL, result);
    assertEquals("before\n", result.stdout().text());
    assertEquals("aside\n", result.stderr().text());
  }

  @Test
  void processes() throws SandboxException {
    var result = Live.check(Status.OK, Cause.NONE, limited(Live.limits().processes(16), "forks", "200"));
    assertTrue(Live.number(result.stdout(), "made") >= 10 && Live.number(result.stdout(), "made") <= 16);
    assertEquals(11, Live.number(result.stdout(), "errno")); // EAGAIN
  }

  @Test
  void resourceLimitsAreWhatWasAskedFor() throws SandboxException {
    var result = Live.runOk(Live.subject("limits").rlimit(new Rlimit(Resource.MEMLOCK, 4096, 8192))
        .limits(Live.limits().stackBytes(8 * Live.MIB).openFiles(77).outputBytes(3 * Live.MIB).build()));
    assertEquals(8 * Live.MIB, Live.number(result.stdout(), "stack"));
    assertEquals(77, Live.number(result.stdout(), "nofile"));
    assertEquals(1, Live.number(result.stdout(), "core")); // No core file, and nothing for a pipe (core(5)).
    assertEquals(3 * Live.MIB, Live.number(result.stdout(), "fsize"));
    assertEquals(-1, Live.number(result.stdout(), "as")); // It would break the JVM, Node and Go.
    assertEquals(4096, Live.number(result.stdout(), "memlock"));
    assertEquals(8192, Live.number(result.stdout(), "memlock_hard"));
  }

  @Test
  void outputInAll() throws SandboxException {
    var both = Live.shell("head -c 60000 /dev/zero; head -c 60000 /dev/zero >&2")
        .limits(Live.limits().outputTotalBytes(119_999).build());
    Live.check(Status.OUTPUT_LIMIT_EXCEEDED, Cause.OUTPUT_TOTAL, Live.run(both));
    Live.runOk(both.limits(Live.limits().outputTotalBytes(120_000).build()));
  }

  @Test
  @Tag("timing")
  void partOfACpu() throws SandboxException {
    var slow = Live.subject("burn", "40").limits(Live.limits().cpuRate(0.05).build());
    Result result;
    try {
      result = Live.runOk(slow);
    } catch (SandboxException e) {
      assertTrue(e.detail().startsWith("cpu_rate: 50: "), e.getMessage());
      assertEquals(SandboxException.Kind.UNSUPPORTED, e.kind());
      Live.skip("cpu-rate: no cpu controller that this process can use");
      return;
    }
    assertTrue(result.usage().throttledTime().orElseThrow().toMillis() >= 100, result.toString());
    between(400, 20_000, result.wallTime());
  }

  @Test
  void withoutAControllerARateIsRefused() {
    var e = assertThrows(SandboxException.class, () -> Live.runner().controlGroups(false).build()
        .run(Live.subject("exit", "0").limits(Live.limits().cpuRate(0.5).build()).build()));
    assertEquals(Step.VALIDATE, e.step());
    assertEquals(SandboxException.Kind.UNSUPPORTED, e.kind());
    assertTrue(e.detail().startsWith("cpu_rate: 500: "), e.getMessage());
  }

  @Test
  void withoutAControllerAWeightIsRefused() throws SandboxException {
    var weighty = Live.subject("exit", "0").limits(Live.limits().cpuWeight(50).build()).build();
    var e = assertThrows(SandboxException.class, () -> Live.runner().controlGroups(false).build().run(weighty));
    assertEquals(Step.VALIDATE, e.step());
    assertTrue(e.detail().startsWith("cpu_weight: 50: "), e.getMessage());
  }

  @Test
  void chosenCpus() throws SandboxException {
    var result = Live.runOk(Live.subject("cpus").cpuset("0"));
    for (var field : new String[] {"may_count", "ran_count"}) {
      assertEquals(1, Live.number(result.stdout(), field));
    }
    assertEquals(0, Live.number(result.stdout(), "ran_first"));
    if (result.layers().contains(Layer.CGROUP_CPUSET)) {
      assertEquals(1, Live.number(result.stdout(), "then_count"));
    }
    var e = Live.refused(Live.RUNNER, Live.subject("cpus").cpuset("0,8191"), Step.VALIDATE, 0);
    assertTrue(e.detail().startsWith("cpuset: 0,8191: "), e.getMessage());
  }

  @Test
  void whatAProgramUsedIsCounted() throws SandboxException {
    var usage = Live.runOk(Live.shell("/programs/subject naps 50; /programs/subject pages 2000")).usage();
    assertTrue(usage.voluntarySwitches() >= 50, usage.toString());
    assertTrue(usage.minorFaults() >= 2000, usage.toString());
    assertTrue(usage.ioSource() != Source.NONE, usage.toString());
    assertEquals(usage.processSource() == Source.NONE, usage.processPeak().isEmpty());
  }

  @Test
  void everythingCanBeUnlimited() throws SandboxException {
    var none = Limits.builder().cpuTime(Limits.FOREVER).wallTime(Limits.FOREVER).memoryBytes(Limits.UNLIMITED)
        .stackBytes(Limits.UNLIMITED).processes(Limits.UNLIMITED).outputBytes(Limits.UNLIMITED)
        .openFiles(Limits.UNLIMITED).coreBytes(0).build();
    Live.runOk(Live.subject("exit", "0").limits(none));
  }

  @Test
  void aProgramStartsWithItsNiceValue() throws SandboxException {
    var nice = Command.builder("sh", "-c", "cut -d' ' -f19 /proc/self/stat");
    try (var container = Container.open()) {
      var own = container.run(nice.build()).stdout().text();
      assertEquals("19\n", container.run(nice.limits(Limits.builder().nice(19).build()).build()).stdout().text());
      assertEquals(own, container.run(nice.limits(Limits.defaults()).build()).stdout().text());
    }
    assertEquals("19\n", Live.RUNNER.run(nice.limits(Limits.builder().nice(19).build()).build()).stdout().text());
  }
}
