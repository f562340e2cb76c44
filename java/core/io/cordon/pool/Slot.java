// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import org.jspecify.annotations.Nullable;

/** An item in a pool. Guarded by the lock of its {@link Slots}. */
final class Slot<T> {
  final T item;
  private final long bornNanos;
  private final long mostNanos;
  private final long mostUses;
  long idleSinceNanos;
  long uses;

  /** Looks after the lease, as long as there is one. */
  @Nullable Watch<T> watch;

  Slot(T item, long bornNanos, Settings settings) {
    this.item = item;
    this.bornNanos = bornNanos;
    mostNanos = settings.itemAgeNanos();
    mostUses = settings.itemUses();
  }

  /** Why it must be replaced, if it must. */
  @Nullable DestroyReason worn(long now) {
    if (uses >= mostUses) {
      return DestroyReason.USES;
    }
    return now - bornNanos >= mostNanos ? DestroyReason.AGE : null;
  }

  /**
   * Comes into the queue when the lease was garbage-collected. The pool's keeper looks there: a Cleaner would have a
   * thread of its own for each pool, or one for ever.
   */
  static final class Watch<T> extends PhantomReference<Object> {
    final Slot<T> slot;
    final @Nullable Throwable acquired;
    private final Slots<T> slots;

    Watch(Object lease, ReferenceQueue<Object> queue, Slots<T> slots, Slot<T> slot, @Nullable Throwable acquired) {
      super(lease, queue);
      this.slots = slots;
      this.slot = slot;
      this.acquired = acquired;
    }

    void takeBack() {
      slots.takeBack(this);
    }
  }
}
