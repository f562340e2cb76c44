package io.cordon;

/** What a sandbox sees of the network. Numbers are those of {@code enum cordon_network}. */
public enum Network {
  /** A network namespace of its own with nothing up. */
  NONE(0),

  /** A network namespace of its own with the loopback interface up. */
  LOOPBACK(1),

  /** The host's network: no network namespace, and thus no wall. */
  HOST(2);

  private final int number;

  Network(int number) {
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
}
