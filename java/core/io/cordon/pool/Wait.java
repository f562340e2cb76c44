package io.cordon.pool;

import io.cordon.CordonEvent;
import io.cordon.SecurityEvents;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One caller's wait for a container, for who looks on; costs nothing where nobody does. */
final class Wait {
  private static final Wait UNSEEN = new Wait(0, null);

  /** The flight recorder may be absent from the runtime image. */
  private static final boolean RECORDER = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private final long startNanos;

  /** A {@link WaitEvent}, as far as the recorder runs. */
  private final @Nullable Object recorded;

  private Wait(long startNanos, @Nullable Object recorded) {
    this.startNanos = startNanos;
    this.recorded = recorded;
  }

  static Wait begin() {
    return SecurityEvents.isObserved() ? new Wait(System.nanoTime(), RECORDER ? WaitEvent.beginOne() : null) : UNSEEN;
  }

  /** Any thread, once. */
  void acquired() {
    if (this == UNSEEN) {
      return;
    }
    if (recorded != null) {
      WaitEvent.endOne(recorded);
    }
    SecurityEvents.publish(new CordonEvent.PoolAcquired(Duration.ofNanos(System.nanoTime() - startNanos)));
  }
}
