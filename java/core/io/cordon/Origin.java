// SPDX-License-Identifier: Apache-2.0
package io.cordon;

/**
 * The process in which an error happened. The constants are those of {@code enum cordon_origin}.
 *
 * @since 0.1.0
 */
public enum Origin {
  /** The JVM. */
  HOST,

  /** cordon-init, the first process of the sandbox. */
  INIT,

  /** The child between clone and exec. */
  CHILD
}
