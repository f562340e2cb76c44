// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.SandboxException.Kind;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SandboxExceptionTest {
  @ParameterizedTest
  @CsvSource({
    "VALIDATE,0,REFUSED", "VALIDATE,95,UNSUPPORTED", "CGROUP_LIMIT,95,UNSUPPORTED", "SECCOMP_COMPILE,0,REFUSED",
    "EXECVE,13,REFUSED", "EXECVE,2,NOT_FOUND", "EXECVE,8,REFUSED",
    "EXECVE,12,RESOURCES", "MOUNT_SOURCE,2,NOT_FOUND", "OPEN_FILE,20,NOT_FOUND", "COPY_OUT,2,NOT_FOUND",
    "LAYER,0,UNSUPPORTED", "LABEL,22,UNSUPPORTED", "CLONE,1,UNSUPPORTED", "CLONE,28,RESOURCES", "CLONE,11,RESOURCES",
    "MEMFD,24,RESOURCES", "MEMORY,12,RESOURCES", "WAIT,110,RESOURCES", "WAIT,16,RESOURCES", "WAIT,125,BROKEN",
    "INIT_GONE,0,BROKEN", "INIT_TIMEOUT,0,BROKEN", "RESET,5,BROKEN", "MOUNT,22,BROKEN", "PROTOCOL,71,BUG",
    "UNKNOWN,5,BUG"
  })
  void theKindFollowsFromStepAndErrno(Step step, int errno, Kind expected) {
    assertEquals(expected, SandboxException.of(step, errno, "").kind());
  }

  @Test
  void everyStepHasAKindWhateverTheErrno() {
    var seen = EnumSet.noneOf(Kind.class);
    for (var step : Step.values()) {
      for (int errno = 0; errno < 134; errno++) {
        seen.add(SandboxException.of(step, errno, "").kind());
      }
    }
    assertEquals(EnumSet.allOf(Kind.class), seen);
  }

  @Test
  void whatARunnerCannotHoldIsNamed() {
    var e = SandboxException.unsupported("network", Network.LOOPBACK, "is not possible here");
    assertSame(Kind.UNSUPPORTED, e.kind());
    assertSame(Step.VALIDATE, e.step());
    assertEquals("network: LOOPBACK: is not possible here", e.detail());
    assertTrue(String.valueOf(e.getMessage()).contains(e.detail()), e.getMessage());
  }

  @Test
  void theBuilderSetsEverything() {
    var cause = new IllegalStateException("why");
    var e = SandboxException.builder(Step.MOUNT).kind(Kind.BUG).errno(22).index(3)
        .detail(new byte[] {'/', 'a', (byte) 0xff}, true).origin(Origin.INIT).cause(cause).build();
    assertEquals("MOUNT[3] failed in cordon-init: EINVAL (Invalid argument): /a\\xff...", e.getMessage());
    assertSame(Kind.BUG, e.kind());
    assertEquals(3, e.index());
    assertEquals("/a\ufffd", e.detail());
    assertTrue(e.detailTruncated());
    assertSame(Origin.INIT, e.origin());
    assertSame(cause, e.getCause());
  }
}
