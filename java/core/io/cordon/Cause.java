package io.cordon;

/** Which limit it was. Constants and numbers are those of {@code enum cordon_cause}. */
public enum Cause {
  /** No limit was the reason. */
  NONE(0),

  /** CPU time of the whole process tree. */
  CPU(1),

  /** Wall time. */
  WALL(2),

  /** Used no CPU for too long. */
  IDLE(3),

  /** Standard output. */
  STDOUT(4),

  /** Standard error. */
  STDERR(5),

  /** A single file grew too large. */
  FILE(6),

  /** The kernel's out-of-memory killer, by the control group's own counter. */
  OOM(7),

  /** Without a controller: the peak resident size was above the limit. */
  RSS(8),

  /** Standard output and standard error together. */
  OUTPUT_TOTAL(9);

  private final int number;

  Cause(int number) {
    this.number = number;
  }

  /**
   * Returns the number that the C API uses for it.
   *
   * @return the number, which is never given to anything else
   */
  public int number() {
    return number;
  }

  static Cause of(int number) {
    return Numbers.find("cause", values(), Cause::number, number);
  }
}
