// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import static io.cordon.test.Bench.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Cause;
import io.cordon.Layer;
import io.cordon.Limit;
import io.cordon.Output;
import io.cordon.Resource;
import io.cordon.Result;
import io.cordon.Rlimit;
import io.cordon.SandboxException;
import io.cordon.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Limits hold for all processes of a run, and each is told apart from the others. */
interface LimitContract {
  private static void between(Duration least, Duration most, Duration time) {
    assertTrue(time.compareTo(least) >= 0 && time.compareTo(most) < 0, time.toString());
  }

  @Test
  @Uses("limits.cpuTime")
  default void cpuTime(Bench bench) throws Exception {
    var burn = bench.limited(bench.programs().burn(), limits -> limits.cpuTime(Bench.SHORT));
    var result = Bench.check(Status.TIME_LIMIT_EXCEEDED, Cause.CPU, bench.run(bench.runner(), burn));
    between(Bench.SHORT, Bench.TOO_LATE, result.cpuTime());
    bench.stillWorks();
  }

  @Test
  @Uses({"limits.cpuTime", "program.burnInChild"})
  default void cpuTimeOfAChild(Bench bench) throws Exception {
    var burn = bench.limited(bench.programs().burnInChild(), limits -> limits.cpuTime(Bench.SHORT));
    Bench.check(Status.TIME_LIMIT_EXCEEDED, Cause.CPU, bench.run(bench.runner(), burn));
  }

  @Test
  @Uses("limits.wallTime")
  default void wallTime(Bench bench) throws Exception {
    var program = bench.programs().printAndSleep("before", "aside");
    var sleep = bench.limited(program, limits -> limits.wallTime(Bench.SHORT));
    var result = Bench.check(Status.TIME_LIMIT_EXCEEDED, Cause.WALL, bench.run(bench.runner(), sleep));
    between(Bench.SHORT, bench.tier().patience(), result.wallTime());
    bench.stillWorks();
    Bench.check(Status.TIME_LIMIT_EXCEEDED, Cause.WALL, bench.get(bench.runner().runAsync(sleep.build())));
  }

  /** With time for the program to say something, however busy the machine is: it ends itself, or not at all. */
  @Test
  @Uses("limits.wallTime")
  default void whatWasWrittenBeforeALimitIsKept(Bench bench) throws Exception {
    Result result;
    var limit = Bench.SHORT;
    do {
      var most = limit;
      var sleep = bench.limited(bench.programs().printAndSleep("before", "aside"), limits -> limits.wallTime(most));
      result = Bench.check(Status.TIME_LIMIT_EXCEEDED, Cause.WALL, bench.run(bench.runner(), sleep));
      limit = limit.multipliedBy(2);
    } while (result.stderr().bytes().length == 0 && limit.compareTo(bench.tier().patience()) < 0);
    assertEquals("before", result.stdout().text());
    assertEquals("aside", result.stderr().text());
  }

  @Test
  @Uses("limits.idleTime")
  default void idleTime(Bench bench) throws Exception {
    var sleep = bench.limited(bench.programs().printAndSleep("", ""), limits -> limits.idleTime(Bench.SHORT));
    var result = Bench.check(Status.TIME_LIMIT_EXCEEDED, Cause.IDLE, bench.run(bench.runner(), sleep));
    between(Bench.SHORT, bench.tier().patience(), result.wallTime());
  }

  /** Where the memory of all processes is not counted, one of them is at least not given more. */
  @Test
  @Uses({"limits.memoryBytes", "program.allocate"})
  default void memory(Bench bench) throws Exception {
    var much = bench.limited(bench.programs().allocate(200 * MIB), limits -> limits.memoryBytes(64 * MIB));
    var result = bench.run(bench.runner(), much);
    if (result.layers().contains(Layer.CGROUP_MEMORY) || result.status() != Status.NONZERO_EXIT) {
      assertEquals(Status.MEMORY_LIMIT_EXCEEDED, result.status(), result.toString());
    }
    var little = bench.limited(bench.programs().allocate(16 * MIB), limits -> limits.memoryBytes(64 * MIB));
    var fits = Bench.check(Status.OK, Cause.NONE, bench.run(bench.runner(), little));
    fits.memoryPeakBytes().ifPresent(peak -> assertTrue(peak >= 16 * MIB && peak <= 64 * MIB, peak + " bytes"));
  }

  @Test
  @Uses({"limits.processes", "program.fork"})
  default void processes(Bench bench) throws Exception {
    var many = bench.limited(bench.programs().fork(60), limits -> limits.processes(20));
    Bench.check(Status.NONZERO_EXIT, Cause.NONE, bench.run(bench.runner(), many));
    // Not 20: where the processes of a run are not counted, those of the user count.
    var few = bench.limited(bench.programs().fork(10), limits -> limits.processes(500));
    Bench.check(Status.OK, Cause.NONE, bench.run(bench.runner(), few));
  }

  private static void output(Bench bench, long out, long err, Cause cause) throws Exception {
    var program = bench.programs().write(out, err).stdout(Output.capture(5000)).stderr(Output.capture(5000));
    var much = bench.limited(program, limits -> limits.outputBytes(MIB));
    var result = Bench.check(Status.OUTPUT_LIMIT_EXCEEDED, cause, bench.run(bench.runner(), much));
    var full = cause == Cause.STDOUT ? result.stdout() : result.stderr();
    assertEquals(5000, full.bytes().length);
    assertTrue(full.truncated());
    assertTrue(full.totalBytes() >= MIB, full.toString());
  }

  @Test
  @Uses("limits.outputBytes")
  default void outputOfEachStream(Bench bench) throws Exception {
    output(bench, 1L << 40, 0, Cause.STDOUT);
    output(bench, 0, 1L << 40, Cause.STDERR);
    bench.stillWorks();
    var both = bench.limited(bench.programs().write(MIB, MIB).stdout(Output.capture(10)).stderr(Output.capture(10)),
        limits -> limits.outputBytes(MIB));
    Bench.check(Status.OK, Cause.NONE, bench.run(bench.runner(), both));
  }

  @Test
  @Uses("limits.outputBytes")
  default void outputIntoAFile(Bench bench) throws Exception {
    var big = bench.tier().scratch() + "/big";
    var much = bench.limited(bench.programs().writeFile(big, 8 * MIB), limits -> limits.outputBytes(MIB));
    Bench.check(Status.OUTPUT_LIMIT_EXCEEDED, Cause.FILE, bench.run(bench.runner(), much));
  }

  @Test
  @Uses("limits.outputTotalBytes")
  default void outputInAll(Bench bench) throws Exception {
    var much = bench.limited(bench.programs().write(60_000, 60_000), limits -> limits.outputTotalBytes(119_999));
    Bench.check(Status.OUTPUT_LIMIT_EXCEEDED, Cause.OUTPUT_TOTAL, bench.run(bench.runner(), much));
    var fits = bench.limited(bench.programs().write(60_000, 60_000), limits -> limits.outputTotalBytes(120_000));
    Bench.check(Status.OK, Cause.NONE, bench.run(bench.runner(), fits));
  }

  @Test
  @Uses({"limits.openFiles", "program.printLimit"})
  default void openFiles(Bench bench) throws Exception {
    var limited = bench.limited(bench.programs().printLimit(Resource.NOFILE), limits -> limits.openFiles(77));
    assertEquals("77\n", bench.run(bench.runner(), limited).stdout().text());
  }

  @Test
  @Uses({"limits.stackBytes", "program.printLimit"})
  default void stack(Bench bench) throws Exception {
    var limited = bench.limited(bench.programs().printLimit(Resource.STACK), limits -> limits.stackBytes(4 * MIB));
    assertEquals(4 * MIB + "\n", bench.run(bench.runner(), limited).stdout().text());
  }

  @Test
  @Uses({"rlimits", "limits.openFiles", "program.printLimit"})
  default void aResourceLimitIsSetLast(Bench bench) throws Exception {
    var limited = bench.limited(bench.programs().printLimit(Resource.NOFILE).rlimit(Rlimit.of(Resource.NOFILE, 33)),
        limits -> limits.openFiles(77));
    assertEquals("33\n", bench.run(bench.runner(), limited).stdout().text());
  }

  @Test
  @Uses({"limits.cpuRate", "limits.cpuTime"})
  default void aShareOfACpuIsNotExceeded(Bench bench) throws Exception {
    var cpu = Duration.ofMillis(100);
    var slow = bench.limited(bench.programs().burn(), limits -> limits.cpuTime(cpu).cpuRate(0.1));
    var result = Bench.check(Status.TIME_LIMIT_EXCEEDED, Cause.CPU, bench.run(bench.runner(), slow));
    // A tenth of a CPU takes ten times as long, less the first period.
    between(cpu.multipliedBy(4), bench.tier().patience(), result.wallTime());
  }

  /** A value that is in no program's way. */
  private static long generous(Limit limit) {
    return switch (limit.unit()) {
      case NANOSECONDS -> Duration.ofMinutes(1).toNanos();
      case BYTES, BYTES_OR_NONE -> 512 * MIB;
      case COUNT -> 500;
      case MILLI_CPUS -> 1000;
      case WEIGHT -> 50;
      case NICE -> 5;
    };
  }

  /** Also those that have no test of their own, such as a limit that is new. */
  @Test
  default void everyLimitIsHeldOrRefusedByName(Bench bench) throws Exception {
    var refused = new TreeSet<String>();
    for (var limit : Limit.values()) {
      var program = bench.limited(bench.programs().exit(0), limits -> limits.set(limit, generous(limit)));
      try {
        Bench.check(Status.OK, Cause.NONE, bench.run(bench.runner(), program));
      } catch (SandboxException e) {
        if (e.property().isEmpty() && !bench.tier().isLacking(e)) {
          throw e;
        }
        e.property().ifPresent(refused::add);
      }
    }
    var permitted = new TreeSet<>(bench.tier().refusals());
    permitted.removeIf(property -> !property.startsWith("limits."));
    assertEquals(permitted, refused);
  }

  /** The first CPU that this process may use. */
  private static String oneCpu() throws Exception {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines.filter(line -> line.startsWith("Cpus_allowed_list:")).findFirst().orElseThrow()
          .replaceAll("^\\S+\\s+([0-9]+).*$", "$1");
    }
  }

  @Test
  @Uses({"cpuset", "program.printCpus"})
  default void oneCpuOfMany(Bench bench) throws Exception {
    assertEquals("1\n", bench.ok(bench.programs().printCpus().cpuset(oneCpu())).stdout().text());
  }

  /** In a sandbox that is kept, the second program must not have the first one's. */
  @Test
  @Uses("limits.wallTime")
  default void aLimitIsThatOfItsRunAlone(Bench bench) throws Exception {
    var limited = bench.limited(bench.programs().printAndSleep("", ""), limits -> limits.wallTime(Bench.SHORT));
    Bench.check(Status.TIME_LIMIT_EXCEEDED, Cause.WALL, bench.run(bench.runner(), limited));
    var result = bench.run(bench.programs().exit(3));
    assertEquals(Set.of(Status.NONZERO_EXIT, Cause.NONE), Set.of(result.status(), result.cause()));
    assertFalse(result.stdout().truncated());
  }
}
