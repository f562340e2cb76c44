// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import io.cordon.CordonEvent;
import io.cordon.SecurityEvents;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One caller's wait for a container, for the listener and the flight recorder; costs nothing without them. */
final class Wait {
  /** The flight recorder may be absent from the runtime image. */
  private static final boolean RECORDER = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private static final Wait UNSEEN = new Wait("", GuardedListener.NONE, null);

  private final String pool;
  private final PoolListener listener;
  private final long startNanos = System.nanoTime();

  /** A {@link WaitEvent}, as far as the recorder runs. */
  private final @Nullable Object recorded;

  private Wait(String pool, PoolListener listener, @Nullable Object recorded) {
    this.pool = pool;
    this.listener = listener;
    this.recorded = recorded;
  }

  static Wait begin(String pool, PoolListener listener) {
    if (SecurityEvents.isObserved()) {
      return new Wait(pool, listener, RECORDER ? WaitEvent.beginOne() : null);
    }
    return listener == GuardedListener.NONE ? UNSEEN : new Wait(pool, listener, null);
  }

  private Duration waited() {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  /** Any thread, once. */
  void acquired() {
    if (this == UNSEEN) {
      return;
    }
    if (recorded != null) {
      WaitEvent.endOne(recorded, pool);
    }
    var waited = waited();
    if (SecurityEvents.isObserved()) {
      SecurityEvents.publish(new CordonEvent.PoolAcquired(pool, waited));
    }
    listener.acquired(waited);
  }

  /** Any thread, once, instead. */
  void timedOut() {
    if (this != UNSEEN) {
      listener.timedOut(waited());
    }
  }
}
