// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.Step;

/** The exit codes of {@code cordon run}, as shells and timeout(1) use them. */
final class ExitCode {
  static final int OK = 0;

  /** A limit or a policy was violated, but the program ended with exit code 0 all the same. */
  static final int VIOLATION = 1;

  static final int USAGE = 2;
  static final int TIME_LIMIT = 124;
  static final int FAILED = 125;
  static final int NOT_EXECUTABLE = 126;
  static final int NOT_FOUND = 127;
  static final int SIGNAL_BASE = 128;

  private static final int ENOENT = 2;

  private ExitCode() {}

  static int of(Result result) {
    return switch (result.status()) {
      case OK -> OK;
      case TIME_LIMIT_EXCEEDED -> TIME_LIMIT;
      case NONZERO_EXIT, SIGNALED, CANCELLED -> own(result, FAILED);
      case MEMORY_LIMIT_EXCEEDED, OUTPUT_LIMIT_EXCEEDED, DISALLOWED_SYSCALL, ACCESS_DENIED -> own(result, VIOLATION);
      case FILE_ERROR -> own(result, FAILED);
    };
  }

  /** The program's own code, unless it is 0 or there is none. */
  private static int own(Result result, int otherwise) {
    if (result.signal().isPresent()) {
      return SIGNAL_BASE + result.signal().getAsInt();
    }
    int code = result.exitCode().orElse(0);
    return code == 0 ? otherwise : code;
  }

  static int of(SandboxException failure) {
    if (failure.step() != Step.EXECVE) {
      return FAILED;
    }
    return failure.errno() == ENOENT ? NOT_FOUND : NOT_EXECUTABLE;
  }
}
