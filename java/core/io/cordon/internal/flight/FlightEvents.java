// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.flight;

import io.cordon.CordonEvent;
import io.cordon.internal.util.Escape;
import io.cordon.supervisor.Decision;
import io.cordon.supervisor.SecurityEvent;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** The flight recorder's events. Loaded only where there is a recorder: see {@link Flight}. */
@SuppressWarnings("UnusedVariable") // The recorder reads the fields.
final class FlightEvents {
  private static final int NO_NUMBER = -1;

  private FlightEvents() {}

  /** What all have. The text is a program's choice, so it is escaped. */
  @Category("Cordon")
  @StackTrace(false)
  private abstract static class OfProgram extends Event {
    @Label("Program")
    @Nullable String program;

    @Label("Label")
    @Description("The caller's own name for the command")
    @Nullable String label;

    void of(CordonEvent.OfProgram told) {
      program = Escape.printable(told.program());
      label = told.label().map(Escape::printable).orElse(null);
    }
  }

  @Name("io.cordon.Run")
  @Label("Run")
  @Description("A program that ran in a sandbox")
  private static final class Run extends OfProgram {
    @Label("Status")
    @Nullable String status;

    @Label("Cause")
    @Description("Which limit was hit, or NONE")
    @Nullable String cause;

    @Label("Exit Code")
    @Description("-1 where there is none")
    int exitCode;

    @Label("Signal")
    @Description("The signal that ended the program, or -1")
    int signal;

    @Label("CPU Time")
    @Timespan(Timespan.NANOSECONDS)
    long cpuTime;

    @Label("Wall Time")
    @Timespan(Timespan.NANOSECONDS)
    long wallTime;

    @Label("Setup Time")
    @Timespan(Timespan.NANOSECONDS)
    long setupTime;

    @Label("Memory Peak")
    @Description("-1 where it could not be measured")
    @DataAmount(DataAmount.BYTES)
    long memoryPeak;
  }

  /** What a policy noticed. */
  private abstract static class Noticed extends OfProgram {
    @Label("System Call")
    @Nullable String syscall;

    @Label("Path")
    @Nullable String path;

    @Label("Error")
    @Description("The errno that the program got; 0 where the call was let through, -1 where the program was ended")
    int errno;

    @Label("Process Id")
    @Description("The thread, as the sandbox counts; -1 where it is not known")
    int pid;

    @Label("Instruction Pointer")
    long ip;

    void set(SecurityEvent event) {
      syscall = event.syscallName().orElse(event.syscall().isPresent() ? "" + event.syscall().getAsInt() : null);
      path = event.path().map(Escape::printable).orElse(null);
      errno = event.outcome().kind() == Decision.Kind.KILL ? -1 : event.outcome().error();
      pid = event.pid();
      ip = event.instructionPointer();
    }
  }

  @Name("io.cordon.Violation")
  @Label("Violation")
  @Description("A program that was ended because it broke a policy")
  private static final class Violation extends Noticed {
    @Label("Status")
    @Nullable String status;
  }

  @Name("io.cordon.Refusal")
  @Label("Refusal")
  @Description("Something that a policy refused or audited; the program went on")
  private static final class Refusal extends Noticed {
    @Label("Kind")
    @Nullable String kind;
  }

  @Name("io.cordon.Container")
  @Label("Container")
  @Description("A container that was opened, or that a pool replaced: it broke, or its lease was dropped unclosed")
  @Category("Cordon")
  @StackTrace(false)
  private static final class ContainerEvent extends Event {
    @Label("Container")
    @Description("Its id: the process id of its cordon-init, on the host")
    @Nullable String container;

    @Label("Pool")
    @Description("The name of the pool that it belongs to")
    @Nullable String pool;

    @Label("Action")
    @Nullable String action;

    @Label("Reason")
    @Nullable String reason;
  }

  /** Made when a recorder runs: asking for a type would start one. */
  private static final class Types {
    static final EventType[] ALL = {EventType.getEventType(Run.class), EventType.getEventType(Violation.class),
      EventType.getEventType(Refusal.class), EventType.getEventType(ContainerEvent.class)};
  }

  static boolean isRecording() {
    if (!FlightRecorder.isInitialized()) {
      return false;
    }
    for (var type : Types.ALL) {
      if (type.isEnabled()) {
        return true;
      }
    }
    return false;
  }

  static void run(CordonEvent.RunFinished finished) {
    var result = finished.result();
    var event = new Run();
    event.of(finished);
    event.status = result.status().name();
    event.cause = result.cause().name();
    event.exitCode = result.exitCode().orElse(NO_NUMBER);
    event.signal = result.signal().orElse(NO_NUMBER);
    event.cpuTime = result.cpuTime().toNanos();
    event.wallTime = result.wallTime().toNanos();
    event.setupTime = result.setupTime().toNanos();
    event.memoryPeak = result.memoryPeakBytes().orElse(NO_NUMBER);
    event.commit();
  }

  static void violation(CordonEvent.Violation violation) {
    var event = new Violation();
    event.of(violation);
    event.status = violation.status().name();
    event.pid = NO_NUMBER;
    event.errno = -1;
    violation.event().ifPresent(event::set);
    event.syscall = violation.syscall().orElse(null);
    event.commit();
  }

  static void refusal(CordonEvent.OfProgram told, SecurityEvent refused) {
    var event = new Refusal();
    event.of(told);
    event.kind = refused.kind().label();
    event.set(refused);
    event.commit();
  }

  static void container(CordonEvent.OfContainer told, String action, @Nullable String reason) {
    var event = new ContainerEvent();
    event.container = told.id();
    event.pool = told.pool().orElse(null);
    event.action = action;
    event.reason = reason;
    event.commit();
  }
}
