// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Captured;
import io.cordon.Cause;
import io.cordon.Layer;
import io.cordon.Measure;
import io.cordon.Result;
import io.cordon.Source;
import io.cordon.Status;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ResultJsonTest {
  private static Result result(Status status, Cause cause, int exitCode, int signal) {
    var result = Result.builder(status).cause(cause).cpuTime(Duration.ofNanos(1)).userTime(Duration.ofNanos(2))
        .systemTime(Duration.ofNanos(3)).wallTime(Duration.ofSeconds(4)).setupTime(Duration.ofNanos(5))
        .memoryPeakBytes(6).memorySource(Source.CGROUP_V1).cpuSource(Source.RUSAGE)
        .layers(EnumSet.of(Layer.USER_NS, Layer.SECCOMP)).stdout(new Captured(new byte[0], true, 9));
    if (exitCode >= 0) {
      result.exitCode(exitCode);
    }
    if (signal != 0) {
      result.signal(signal);
    }
    return result.build();
  }

  @Test
  void theFieldsAreThoseOfTheReadme() {
    assertEquals("{\"status\":\"SIGNALED\",\"cause\":null,\"exitCode\":null,\"signal\":11,\"cpuTimeNs\":1,"
        + "\"userTimeNs\":2,\"systemTimeNs\":3,\"wallTimeNs\":4000000000,\"setupTimeNs\":5,\"memoryPeakBytes\":6,"
        + "\"memorySource\":\"cgroup-v1\",\"cpuSource\":\"rusage\",\"voluntarySwitches\":0,\"involuntarySwitches\":0,"
        + "\"minorFaults\":0,\"majorFaults\":0,\"readBytes\":0,\"writtenBytes\":0,\"ioSource\":null,\"processPeak\":null,"
        + "\"processSource\":null,\"throttledTimeNs\":null,\"throttledSource\":null,"
        + "\"processRefusals\":null,\"refusalSource\":null,\"outputTruncated\":true,\"syscall\":null,"
        + "\"syscallName\":null,\"layers\":[\"user-ns\",\"seccomp\"],\"filePolicy\":\"none\",\"engine\":null,"
        + "\"eventsTotal\":0,\"violation\":null,\"boundaries\":[],\"error\":null}",
        CordonJson.summary(result(Status.SIGNALED, Cause.NONE, -1, 11)));
  }

  @Test
  void whatWasCountedHasItsSource() {
    var counted = result(Status.OK, Cause.NONE, 0, 0).toBuilder().set(Measure.VOLUNTARY_SWITCHES, 1)
        .set(Measure.INVOLUNTARY_SWITCHES, 2).set(Measure.MINOR_FAULTS, 3).set(Measure.MAJOR_FAULTS, 4)
        .set(Measure.READ_BYTES, 5).set(Measure.WRITTEN_BYTES, 6).set(Measure.IO_SOURCE, Source.RUSAGE.ordinal())
        .set(Measure.PROCESS_PEAK, 7).set(Measure.PROCESS_SOURCE, Source.CGROUP_V2.ordinal())
        .set(Measure.THROTTLED_TIME, 8).set(Measure.THROTTLED_SOURCE, Source.CGROUP_V1.ordinal())
        .set(Measure.PROCESS_REFUSALS, 9).set(Measure.REFUSAL_SOURCE, Source.CGROUP_V2.ordinal()).build();
    var json = CordonJson.summary(counted);
    assertTrue(json.contains("\"voluntarySwitches\":1,\"involuntarySwitches\":2,\"minorFaults\":3,\"majorFaults\":4,"
        + "\"readBytes\":5,\"writtenBytes\":6,\"ioSource\":\"rusage\",\"processPeak\":7,"
        + "\"processSource\":\"cgroup-v2\",\"throttledTimeNs\":8,\"throttledSource\":\"cgroup-v1\","
        + "\"processRefusals\":9,\"refusalSource\":\"cgroup-v2\""), json);
  }

  @Test
  void aFailureHasAllFieldsToo() {
    assertEquals("{\"status\":\"SANDBOX_ERROR\",\"cause\":null,\"exitCode\":null,\"signal\":null,\"cpuTimeNs\":null,"
        + "\"userTimeNs\":null,\"systemTimeNs\":null,\"wallTimeNs\":null,\"setupTimeNs\":null,"
        + "\"memoryPeakBytes\":null,\"memorySource\":null,\"cpuSource\":null,\"voluntarySwitches\":null,"
        + "\"involuntarySwitches\":null,\"minorFaults\":null,\"majorFaults\":null,\"readBytes\":null,\"writtenBytes\":null,"
        + "\"ioSource\":null,\"processPeak\":null,\"processSource\":null,\"throttledTimeNs\":null,"
        + "\"throttledSource\":null,\"processRefusals\":null,\"refusalSource\":null,"
        + "\"outputTruncated\":null,\"syscall\":null,"
        + "\"syscallName\":null,\"layers\":null,\"filePolicy\":null,\"engine\":null,\"eventsTotal\":null,"
        + "\"violation\":null,\"boundaries\":null,"
        + "\"error\":{\"step\":null,\"errno\":null,\"errnoName\":null,\"index\":null,\"detail\":null,"
        + "\"message\":\"x\",\"origin\":\"HOST\"}}", CordonJson.summary("x", Optional.empty()));
  }
}
