package io.cordon;

/**
 * What became of a program. Constants and numbers are those of {@code enum cordon_status}.
 *
 * <p>A failure of the sandbox is never a status: it is a {@link SandboxException}.
 */
public enum Status {
  /** The program ended by itself with exit code 0. */
  OK(1, "OK"),

  /** The program ended by itself with another exit code. */
  NONZERO_EXIT(2, "RE"),

  /** A signal ended the program and no limit was the reason, whoever sent it. */
  SIGNALED(3, "RE"),

  /** A time limit; the cause is CPU, WALL or IDLE. */
  TIME_LIMIT_EXCEEDED(4, "TLE"),

  /** The memory limit; the cause is OOM or RSS. */
  MEMORY_LIMIT_EXCEEDED(5, "MLE"),

  /** The output limit; the cause is STDOUT, STDERR or FILE. */
  OUTPUT_LIMIT_EXCEEDED(6, "OLE"),

  /** The seccomp policy ended the program. */
  DISALLOWED_SYSCALL(7, "RV"),

  /** A file policy ended the program. */
  ACCESS_DENIED(8, "RV"),

  /** The program ran, but a file that it should leave could not be fetched. */
  FILE_ERROR(9, "FE"),

  /** The caller cancelled the run. */
  CANCELLED(10, "CA");

  private final int number;
  private final String code;

  Status(int number, String code) {
    this.number = number;
    this.code = code;
  }

  /**
   * Returns the number that the C API uses for it.
   *
   * @return the number, which is never given to anything else
   */
  public int number() {
    return number;
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

  static Status of(int number) {
    return Numbers.find("status", values(), Status::number, number);
  }
}
