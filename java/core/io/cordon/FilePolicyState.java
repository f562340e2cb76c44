package io.cordon;

import java.util.Locale;

/** What held a run's file policy. Constants and numbers are those of {@code enum cordon_file_policy}. */
public enum FilePolicyState {
  /** There was none. */
  NONE(0),

  /**
   * The supervisor alone, on a kernel without Landlock: a thread that changes a path between check and use can still
   * get a call through (with {@link Engine#NOTIFY} not one that opens a file).
   */
  ADVISORY(1),

  /** The kernel, too. */
  ENFORCED(2);

  private final int number;

  FilePolicyState(int number) {
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
   * Returns the name that the command line uses, such as {@code enforced}.
   *
   * @return lower case
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static FilePolicyState of(int number) {
    return Numbers.find("file policy", values(), FilePolicyState::number, number);
  }
}
