package io.cordon;

import org.jspecify.annotations.Nullable;

/** Which system calls a program may make. Immutable. */
public final class SeccompPolicy {
  /** The built-in policy: refuses what no ordinary program needs; unknown system calls get ENOSYS. */
  public static final SeccompPolicy DEFAULT = new SeccompPolicy(0, null);

  /** No filter; the result lacks {@link Layer#SECCOMP}. */
  public static final SeccompPolicy NONE = new SeccompPolicy(1, null);

  private static final int INSTRUCTION_BYTES = 8;

  final int kind;
  final byte @Nullable [] program;

  private SeccompPolicy(int kind, byte @Nullable [] program) {
    this.kind = kind;
    this.program = program;
  }

  /** The native policy of kind 3; else 0. */
  long handle() {
    return 0;
  }

  /**
   * A finished filter program for the machine's native architecture.
   *
   * @param program an array of {@code struct sock_filter} as bytes, which are copied: a multiple of 8, not empty
   * @return the policy
   */
  public static SeccompPolicy bpf(byte[] program) {
    if (program.length == 0 || program.length % INSTRUCTION_BYTES != 0) {
      throw Checks.refuse("seccomp program", program.length + " bytes", "must be a multiple of 8 and not empty");
    }
    return new SeccompPolicy(2, program.clone());
  }
}
