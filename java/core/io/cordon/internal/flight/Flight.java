// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.flight;

import io.cordon.CordonEvent;

/** The way to the JDK's flight recorder, which the runtime image may lack: nothing here names a class of it. */
public final class Flight {
  private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private Flight() {}

  /** Whether a recording takes one of our events. Cheap, and starts nothing. */
  public static boolean isRecording() {
    return PRESENT && FlightEvents.isRecording();
  }

  /** Only while {@link #isRecording}; a moment later nothing happens. */
  public static void record(CordonEvent event) {
    if (event instanceof CordonEvent.RunFinished run) {
      FlightEvents.run(run);
    } else if (event instanceof CordonEvent.Violation violation) {
      FlightEvents.violation(violation);
    } else if (event instanceof CordonEvent.Refusal refusal) {
      FlightEvents.refusal(refusal, refusal.event());
    } else if (event instanceof CordonEvent.PrivilegeChange change) {
      FlightEvents.refusal(change, change.event());
    } else if (event instanceof CordonEvent.ContainerOpened opened) {
      FlightEvents.container(opened, "opened", null);
    } else if (event instanceof CordonEvent.ContainerBroken broken) {
      FlightEvents.container(broken, "broken", broken.reason());
    } else if (event instanceof CordonEvent.LeaseLeaked leaked) {
      FlightEvents.container(leaked, "leaked", null);
    }
  }
}
