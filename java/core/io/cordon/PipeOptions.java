// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Checks;

/**
 * What a pipe of a {@link Wiring} does besides passing bytes on. Immutable; each method returns another one. A pipe
 * without any of it is the kernel's alone and costs the host nothing; else the host passes the bytes on.
 *
 * @since 0.1.0
 */
public final class PipeOptions {
  /** What can be recorded of a pipe at most, in bytes. */
  public static final int MAX_RECORDING = Integer.MAX_VALUE / 4;

  private static final PipeOptions PLAIN = new PipeOptions(Limits.UNLIMITED, 0, false);

  private final long limitBytes;
  private final int recordingBytes;
  private final boolean proxy;

  private PipeOptions(long limitBytes, int recordingBytes, boolean proxy) {
    this.limitBytes = limitBytes;
    this.recordingBytes = recordingBytes;
    this.proxy = proxy;
  }

  /**
   * Returns the options of a plain pipe.
   *
   * @return no limit, no recording, no proxy
   */
  public static PipeOptions plain() {
    return PLAIN;
  }

  /**
   * Bounds what may be written. A writer that writes more ends with {@link Status#OUTPUT_LIMIT_EXCEEDED} (cause
   * {@link Cause#PIPE}), and its reader gets the first {@code bytes} and then the end of the file. The command's own
   * {@link Limits#outputBytes} is not for pipes.
   *
   * @param bytes the most, or {@link Limits#UNLIMITED}
   * @return other options
   */
  public PipeOptions limit(long bytes) {
    return new PipeOptions(Checks.notNegative("pipe limit", bytes), recordingBytes, proxy);
  }

  /**
   * Keeps the beginning of what is written.
   *
   * @param bytes the most that is kept, above zero, at most {@link #MAX_RECORDING}
   * @return other options
   */
  public PipeOptions recording(int bytes) {
    return new PipeOptions(limitBytes, Checks.range("pipe recording", bytes, 1, MAX_RECORDING), proxy);
  }

  /**
   * Spares the writer SIGPIPE: what it writes when its reader has ended, or has closed its side, is read, counted,
   * recorded and dropped.
   *
   * @return other options
   */
  public PipeOptions proxy() {
    return new PipeOptions(limitBytes, recordingBytes, true);
  }

  /**
   * Returns what may be written.
   *
   * @return bytes, or {@link Limits#UNLIMITED}
   */
  public long limitBytes() {
    return limitBytes;
  }

  /**
   * Returns how much is kept.
   *
   * @return bytes; 0 = nothing
   */
  public int recordingBytes() {
    return recordingBytes;
  }

  /**
   * Tells whether the writer outlives its reader.
   *
   * @return true after {@link #proxy}
   */
  public boolean isProxy() {
    return proxy;
  }
}
