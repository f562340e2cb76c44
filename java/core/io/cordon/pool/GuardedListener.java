// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.LoggerFactory;

/** Passes on to a user's listener, whose failures stay here. */
final class GuardedListener implements PoolListener {
  static final PoolListener NONE = new PoolListener() {};

  private final String pool;
  private final PoolListener listener;
  private final AtomicBoolean failed = new AtomicBoolean();

  GuardedListener(String pool, PoolListener listener) {
    this.pool = pool;
    this.listener = listener;
  }

  private void guard(Runnable call) {
    try {
      call.run();
    } catch (Throwable t) {
      // The pool must go on, whatever this is.
      if (failed.compareAndSet(false, true)) {
        LoggerFactory.getLogger(ContainerPool.class)
            .error("{}: the listener failed; it is still called, and further failures are not reported", pool, t);
      }
    }
  }

  @Override
  public void acquired(Duration waited) {
    guard(() -> listener.acquired(waited));
  }

  @Override
  public void timedOut(Duration waited) {
    guard(() -> listener.timedOut(waited));
  }

  @Override
  public void created(Duration time) {
    guard(() -> listener.created(time));
  }

  @Override
  public void failed(Duration time, Throwable reason) {
    guard(() -> listener.failed(time, reason));
  }

  @Override
  public void reset(Duration time) {
    guard(() -> listener.reset(time));
  }

  @Override
  public void destroyed(DestroyReason reason, Duration time) {
    guard(() -> listener.destroyed(reason, time));
  }

  @Override
  public void leaked(String id, Optional<Throwable> acquired) {
    guard(() -> listener.leaked(id, acquired));
  }
}
