// SPDX-License-Identifier: Apache-2.0
package io.cordon;

/**
 * The limit that ended a program. The constants are those of {@code enum cordon_cause}.
 *
 * @since 0.1.0
 */
public enum Cause {
  /** No limit was the reason. */
  NONE,

  /** CPU time of the whole process tree. */
  CPU,

  /** Wall time. */
  WALL,

  /** Used no CPU for too long. */
  IDLE,

  /** Standard output. */
  STDOUT,

  /** Standard error. */
  STDERR,

  /** A single file grew too large. */
  FILE,

  /** The kernel's out-of-memory killer, by the control group's own counter. */
  OOM,

  /** Without a controller: the peak resident size was above the limit. */
  RSS,

  /** Standard output and standard error together. */
  OUTPUT_TOTAL,

  /** A pipe to another program, which {@link PipeOptions#limit} bounds. */
  PIPE
}
