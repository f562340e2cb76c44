package io.cordon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Captured;
import io.cordon.Cause;
import io.cordon.Layer;
import io.cordon.ResourceUsage;
import io.cordon.Result;
import io.cordon.Source;
import io.cordon.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResultJsonTest {
  private static Result result(Status status, Cause cause, int exitCode, int signal) {
    var none = new Captured(new byte[0], false, 0);
    return new Result(status, cause, exitCode < 0 ? OptionalInt.empty() : OptionalInt.of(exitCode),
        signal == 0 ? OptionalInt.empty() : OptionalInt.of(signal), Duration.ofNanos(1), Duration.ofNanos(2),
        Duration.ofNanos(3), Duration.ofSeconds(4), Duration.ofNanos(5), OptionalLong.of(6), Source.CGROUP_V1,
        Source.RUSAGE, 0, OptionalInt.empty(), EnumSet.of(Layer.USER_NS, Layer.SECCOMP), Set.of(),
        new Captured(new byte[0], true, 9), none, Map.of());
  }

  @Test
  void theFieldsAreThoseOfTheReadme() throws IOException {
    assertEquals("{\"status\":\"SIGNALED\",\"cause\":null,\"exitCode\":null,\"signal\":11,\"cpuTimeNs\":1,"
        + "\"userTimeNs\":2,\"systemTimeNs\":3,\"wallTimeNs\":4000000000,\"setupTimeNs\":5,\"memoryPeakBytes\":6,"
        + "\"memorySource\":\"cgroup-v1\",\"cpuSource\":\"rusage\",\"voluntarySwitches\":0,\"involuntarySwitches\":0,"
        + "\"minorFaults\":0,\"majorFaults\":0,\"readBytes\":0,\"writtenBytes\":0,\"ioSource\":null,\"processPeak\":null,"
        + "\"processSource\":null,\"throttledTimeNs\":null,\"throttledSource\":null,\"outputTruncated\":true,\"syscall\":null,"
        + "\"syscallName\":null,\"layers\":[\"user-ns\",\"seccomp\"],\"filePolicy\":\"none\",\"engine\":null,"
        + "\"eventsTotal\":0,\"violation\":null,\"error\":null}",
        ResultJson.of(result(Status.SIGNALED, Cause.NONE, -1, 11)));
  }

  @Test
  void whatWasCountedHasItsSource() throws IOException {
    var usage = new ResourceUsage(1, 2, 3, 4, 5, 6, Source.RUSAGE, OptionalLong.of(7), Source.CGROUP_V2,
        Optional.of(Duration.ofNanos(8)), Source.CGROUP_V1);
    var r = result(Status.OK, Cause.NONE, 0, 0);
    var counted = new Result(r.status(), r.cause(), r.exitCode(), r.signal(), r.cpuTime(), r.userTime(),
        r.systemTime(), r.wallTime(), r.setupTime(), r.memoryPeakBytes(), r.memorySource(), r.cpuSource(),
        r.oomKills(), r.syscall(), r.layers(), r.missing(), r.stdout(), r.stderr(), r.copiedOut(), r.filePolicy(),
        r.engine(), r.events(), r.eventsTotal(), r.violation(), r.syscallCounts(), r.setupCounts(), usage);
    var json = ResultJson.of(counted);
    assertTrue(json.contains("\"voluntarySwitches\":1,\"involuntarySwitches\":2,\"minorFaults\":3,\"majorFaults\":4,"
        + "\"readBytes\":5,\"writtenBytes\":6,\"ioSource\":\"rusage\",\"processPeak\":7,"
        + "\"processSource\":\"cgroup-v2\",\"throttledTimeNs\":8,\"throttledSource\":\"cgroup-v1\""), json);
  }

  @Test
  void aFailureHasAllFieldsToo() throws IOException {
    assertEquals("{\"status\":\"SANDBOX_ERROR\",\"cause\":null,\"exitCode\":null,\"signal\":null,\"cpuTimeNs\":null,"
        + "\"userTimeNs\":null,\"systemTimeNs\":null,\"wallTimeNs\":null,\"setupTimeNs\":null,"
        + "\"memoryPeakBytes\":null,\"memorySource\":null,\"cpuSource\":null,\"voluntarySwitches\":null,"
        + "\"involuntarySwitches\":null,\"minorFaults\":null,\"majorFaults\":null,\"readBytes\":null,\"writtenBytes\":null,"
        + "\"ioSource\":null,\"processPeak\":null,\"processSource\":null,\"throttledTimeNs\":null,"
        + "\"throttledSource\":null,\"outputTruncated\":null,\"syscall\":null,"
        + "\"syscallName\":null,\"layers\":null,\"filePolicy\":null,\"engine\":null,\"eventsTotal\":null,"
        + "\"violation\":null,"
        + "\"error\":{\"step\":null,\"errno\":null,\"errnoName\":null,\"index\":null,\"detail\":null,"
        + "\"message\":\"x\",\"origin\":\"HOST\"}}", ResultJson.ofMessage("x"));
  }

  @ParameterizedTest
  @CsvSource({
    "OK,0,0,0", "NONZERO_EXIT,3,0,3", "NONZERO_EXIT,255,0,255", "SIGNALED,-1,11,139", "SIGNALED,-1,9,137",
    "TIME_LIMIT_EXCEEDED,-1,9,124", "TIME_LIMIT_EXCEEDED,0,0,124", "MEMORY_LIMIT_EXCEEDED,-1,9,137",
    "MEMORY_LIMIT_EXCEEDED,7,0,7", "MEMORY_LIMIT_EXCEEDED,0,0,1", "OUTPUT_LIMIT_EXCEEDED,-1,25,153",
    "DISALLOWED_SYSCALL,-1,31,159", "FILE_ERROR,0,0,125", "FILE_ERROR,5,0,5", "CANCELLED,-1,9,137"
  })
  void exitCodes(Status status, int exitCode, int signal, int expected) {
    assertEquals(expected, ExitCode.of(result(status, Cause.NONE, exitCode, signal)));
  }
}
