// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cordon.Result;
import io.cordon.Status;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExitCodeTest {
  @ParameterizedTest
  @CsvSource({
    "OK,0,0,0", "NONZERO_EXIT,3,0,3", "NONZERO_EXIT,255,0,255", "SIGNALED,-1,11,139", "SIGNALED,-1,9,137",
    "TIME_LIMIT_EXCEEDED,-1,9,124", "TIME_LIMIT_EXCEEDED,0,0,124", "MEMORY_LIMIT_EXCEEDED,-1,9,137",
    "MEMORY_LIMIT_EXCEEDED,7,0,7", "MEMORY_LIMIT_EXCEEDED,0,0,1", "OUTPUT_LIMIT_EXCEEDED,-1,25,153",
    "DISALLOWED_SYSCALL,-1,31,159", "FILE_ERROR,0,0,125", "FILE_ERROR,5,0,5", "CANCELLED,-1,9,137"
  })
  void exitCodes(Status status, int exitCode, int signal, int expected) {
    var result = Result.builder(status);
    if (exitCode >= 0) {
      result.exitCode(exitCode);
    }
    if (signal != 0) {
      result.signal(signal);
    }
    assertEquals(expected, ExitCode.of(result.build()));
  }
}
