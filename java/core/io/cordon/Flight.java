package io.cordon;

/** The way to the JDK's flight recorder, which the runtime image may lack: nothing here names a class of it. */
final class Flight {
  private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private Flight() {}

  /** Whether a recording takes one of our events. Cheap, and starts nothing. */
  static boolean isRecording() {
    return PRESENT && FlightEvents.isRecording();
  }

  /** Only while {@link #isRecording}; a moment later nothing happens. */
  static void record(CordonEvent event) {
    if (event instanceof CordonEvent.RunFinished run) {
      FlightEvents.run(run);
    } else if (event instanceof CordonEvent.Violation violation) {
      FlightEvents.violation(violation);
    } else if (event instanceof CordonEvent.Refusal refusal) {
      FlightEvents.refusal(refusal.program(), refusal.event());
    } else if (event instanceof CordonEvent.PrivilegeChange change) {
      FlightEvents.refusal(change.program(), change.event());
    } else if (event instanceof CordonEvent.ContainerOpened opened) {
      FlightEvents.container(opened.pid(), "opened", null);
    } else if (event instanceof CordonEvent.ContainerBroken broken) {
      FlightEvents.container(broken.pid(), "broken", broken.reason());
    }
  }
}
