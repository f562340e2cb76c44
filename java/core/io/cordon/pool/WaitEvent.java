// SPDX-License-Identifier: Apache-2.0
package io.cordon.pool;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** The flight recorder's event of a {@link Wait}. Loaded only where there is a recorder. */
@Name("io.cordon.PoolAcquire")
@Label("Pool Acquire")
@Description("A caller's wait for a container of a pool")
@Category("Cordon")
@StackTrace(false)
final class WaitEvent extends Event {
  @Label("Pool")
  @Nullable String pool;

  static Object beginOne() {
    var event = new WaitEvent();
    event.begin();
    return event;
  }

  static void endOne(Object begun, String pool) {
    var event = (WaitEvent) begun;
    event.pool = pool;
    event.commit();
  }
}
