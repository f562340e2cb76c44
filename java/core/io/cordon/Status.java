// SPDX-License-Identifier: Apache-2.0
package io.cordon;

/**
 * How a program ended. The constants are those of {@code enum cordon_status}.
 *
 * <p>A failure of the sandbox is never a status: it is a {@link SandboxException}.
 *
 * @since 0.1.0
 */
public enum Status {
  /** The program ended by itself with exit code 0. */
  OK("OK"),

  /** The program ended by itself with another exit code. */
  NONZERO_EXIT("RE"),

  /** A signal ended the program, and no limit was the reason. */
  SIGNALED("RE"),

  /** A time limit; the cause is CPU, WALL or IDLE. */
  TIME_LIMIT_EXCEEDED("TLE"),

  /** The memory limit; the cause is OOM or RSS. */
  MEMORY_LIMIT_EXCEEDED("MLE"),

  /** The output limit; the cause is STDOUT, STDERR or FILE. */
  OUTPUT_LIMIT_EXCEEDED("OLE"),

  /** The seccomp policy ended the program. */
  DISALLOWED_SYSCALL("RV"),

  /** A file policy ended the program. */
  ACCESS_DENIED("RV"),

  /** The program ran, but a file could not be fetched from the sandbox. */
  FILE_ERROR("FE"),

  /** The caller cancelled the run. */
  CANCELLED("CA");

  private final String code;

  Status(String code) {
    this.code = code;
  }

  /**
   * Returns the judges' short code: OK, RE (run-time error), TLE, MLE, OLE, RV (rule violation), FE (file error) or CA
   * (cancelled).
   *
   * @return two or three letters
   */
  public String code() {
    return code;
  }
}
