package io.cordon;

import java.util.Locale;

/** Where a number in a result came from. Constants and numbers are those of {@code enum cordon_source}. */
public enum Source {
  /** Not measured. */
  NONE(0),

  /** A controller of cgroup v1: the whole process tree. */
  CGROUP_V1(1),

  /** A controller of cgroup v2: the whole process tree. */
  CGROUP_V2(2),

  /** The kernel's usage record of all reaped processes (getrusage(2)). */
  RUSAGE(3);

  private final int number;

  Source(int number) {
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

  /**
   * Returns the name that the C API and the command line use, such as {@code cgroup-v1}.
   *
   * @return lower case with hyphens
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Source of(int number) {
    return Numbers.find("source", values(), Source::number, number);
  }
}
