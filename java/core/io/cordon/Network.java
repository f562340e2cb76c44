package io.cordon;

/** What a sandbox sees of the network. The constants are those of {@code enum cordon_network}. */
public enum Network {
  /** A network namespace of its own with nothing up. */
  NONE,

  /** A network namespace of its own with the loopback interface up. */
  LOOPBACK,

  /** The host's network: no network namespace, and thus no wall. */
  HOST
}
