// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import java.time.Duration;
import java.util.Optional;

/**
 * What happens in a pool, for meters: {@link ContainerPool.Builder#listener}. What is in it at a moment, for gauges, is
 * in {@link ContainerPool#statistics}. With Micrometer, for example:
 *
 * <pre>{@code
 * var waits = registry.timer("cordon.pool.wait", "pool", "judge");
 * var pool = ContainerPool.builder().name("judge").listener(new PoolListener() {
 *   public void acquired(Duration waited) {
 *     waits.record(waited);
 *   }
 * }).build();
 * registry.gauge("cordon.pool.idle", Tags.of("pool", "judge"), pool, p -> p.statistics().idle());
 * }</pre>
 *
 * <p>{@link #acquired} and {@link #timedOut} are called on the thread that waited, for an asynchronous caller on the
 * one that completes its future; {@link #destroyed} on a thread of the pool, or on one that closes it; all else on
 * threads of the pool. Several threads may call at once, never under a lock of the pool's. A listener that takes long
 * delays these threads: it must hand over what waits. What it throws is logged the first time, and changes nothing.
 *
 * @since 0.1.0
 */
public interface PoolListener {
  /**
   * A caller got a container.
   *
   * @param waited how long it waited; about zero where one was idle
   */
  default void acquired(Duration waited) {}

  /**
   * A caller got none in the time of {@link ContainerPool.Builder#acquireTimeout}.
   *
   * @param waited how long it waited
   */
  default void timedOut(Duration waited) {}

  /**
   * A container was made. Called before a caller gets it.
   *
   * @param time how long that took
   */
  default void created(Duration time) {}

  /**
   * A container could not be made.
   *
   * @param time how long the attempt took
   * @param reason the exception that a caller that waits for one gets
   */
  default void failed(Duration time, Throwable reason) {}

  /**
   * The pool reset a container, or tried to: where that failed, {@link #destroyed} follows. After {@link
   * ContainerPool#run} the container resets itself, where it can, which is not told.
   *
   * @param time how long that took
   */
  default void reset(Duration time) {}

  /**
   * A container was ended, and nothing is left of it.
   *
   * @param reason why
   * @param time how long that took
   */
  default void destroyed(DestroyReason reason, Duration time) {}

  /**
   * A lease was dropped without being closed, which is found out when it is garbage-collected. Its container is
   * destroyed next.
   *
   * @param id the container: {@link io.cordon.ReusableRunner#id}
   * @param acquired where it was acquired; empty without {@link ContainerPool.Builder#leaseTraces}
   */
  default void leaked(String id, Optional<Throwable> acquired) {}
}
