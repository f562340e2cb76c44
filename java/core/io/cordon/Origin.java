package io.cordon;

/** The process in which an error happened. Numbers are those of {@code enum cordon_origin}. */
public enum Origin {
  /** The JVM. */
  HOST(0),

  /** cordon-init, the first process of the sandbox. */
  INIT(1),

  /** The child between clone and exec. */
  CHILD(2);

  private final int number;

  Origin(int number) {
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

  static Origin of(int number) {
    return Numbers.find("origin", values(), Origin::number, number);
  }
}
