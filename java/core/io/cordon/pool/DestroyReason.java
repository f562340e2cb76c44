// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

/**
 * Why a pool ended a container: {@link PoolListener#destroyed}.
 *
 * @since 0.1.0
 */
public enum DestroyReason {
  /** It was as old as {@link ContainerPool.Builder#maxAge} says. */
  AGE,
  /** It was used as often as {@link ContainerPool.Builder#maxUses} says. */
  USES,
  /** It was idle for as long as {@link ContainerPool.Builder#maxIdleTime} says. */
  IDLE,
  /** It failed a check or a reset. */
  BROKEN,
  /** Its user said so: {@link Lease#discard}. */
  DISCARDED,
  /** Its lease was dropped without being closed. */
  LEAKED,
  /** The pool was closed. */
  CLOSED
}
