// SPDX-License-Identifier: Apache-2.0
package io.cordon;

/**
 * The network of a sandbox. The constants are those of {@code enum cordon_network}.
 *
 * @since 0.1.0
 */
public enum Network {
  /**
   * A network namespace of its own with nothing up. Without namespaces: every kind of socket is refused, except
   * connected pairs.
   */
  NONE,

  /** A network namespace of its own with the loopback interface up. Not without namespaces. */
  LOOPBACK,

  /** The host's network: there is no network namespace, and so no isolation from the network. */
  HOST
}
