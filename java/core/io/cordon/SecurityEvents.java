// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.flight.Flight;
import io.cordon.supervisor.Decision;
import io.cordon.supervisor.SecurityEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Publishes what happens in all sandboxes of this JVM as one stream of typed events: to listeners, to the SLF4J logger
 * {@code io.cordon.security}, and to JDK Flight Recorder.
 *
 * <p>Violations are logged as WARN. Refusals, limits that were hit, attempts to change privileges and containers that
 * were replaced or not given back are logged as INFO, and everything else as DEBUG. The recorder's events are
 * {@code io.cordon.Run}, {@code io.cordon.Violation}, {@code io.cordon.Refusal}, {@code io.cordon.Container} and
 * {@code io.cordon.PoolAcquire}; what a program chose is escaped in them.
 *
 * <p>The events of a run are published when it is over, in the order in which things happened.
 * {@link Result#eventsTotal} tells whether there were more than were kept. Without listeners, recording and logging a
 * run costs a few reads of fields more.
 *
 * @since 0.1.0
 */
public final class SecurityEvents {
  private static final Logger LOGGER = LoggerFactory.getLogger("io.cordon.security");
  private static final Registration[] NONE = {};

  /** Replaced as a whole, under the class's lock. */
  private static volatile Registration[] registrations = NONE;

  private SecurityEvents() {}

  /** A listener that {@link SecurityEvents#listen} has registered, until it is closed. */
  public static final class Registration implements AutoCloseable {
    private final Consumer<? super CordonEvent> listener;
    private final AtomicBoolean failed = new AtomicBoolean();

    private Registration(Consumer<? super CordonEvent> listener) {
      this.listener = listener;
    }

    private void tell(CordonEvent event) {
      try {
        listener.accept(event);
      } catch (Throwable t) {
        // The run is not the listener's, whatever this is.
        if (failed.compareAndSet(false, true)) {
          LOGGER.error("a listener failed; it is still called, and further failures are not reported", t);
        }
      }
    }

    /** Ends the registration; a call that is going on elsewhere may still be. Closing twice does nothing. */
    @Override
    public void close() {
      remove(this);
    }
  }

  /**
   * Registers a listener for all events from now on.
   *
   * <p>It is called on the thread that completes a run, before the run's caller has the result, and by several threads
   * at once. Of a {@link Runner#run} that is the caller's thread, of a {@link Runner#runAsync} Cordon's event thread,
   * which serves all asynchronous runs: a listener must hand on what takes long or waits. What it throws is logged the
   * first time, and changes nothing.
   *
   * @param listener takes the events
   * @return the registration, which the caller closes
   */
  public static synchronized Registration listen(Consumer<? super CordonEvent> listener) {
    var added = new Registration(Objects.requireNonNull(listener, "listener"));
    var all = new ArrayList<>(List.of(registrations));
    all.add(added);
    registrations = all.toArray(Registration[]::new);
    return added;
  }

  private static synchronized void remove(Registration registration) {
    var all = new ArrayList<>(List.of(registrations));
    all.remove(registration);
    registrations = all.toArray(Registration[]::new);
  }

  /**
   * Tells whether all events are received somewhere, so that making one is worth it.
   *
   * @return true where there is a listener, a recording, or the logger takes DEBUG
   */
  public static boolean isObserved() {
    return registrations.length > 0 || Flight.isRecording() || LOGGER.isDebugEnabled();
  }

  /**
   * Publishes an event as Cordon itself does, for other kinds of {@link Runner}, and tests of listeners.
   *
   * @param event the event
   */
  public static void publish(CordonEvent event) {
    var level = level(event);
    if (LOGGER.isEnabledForLevel(level)) {
      LOGGER.atLevel(level).log(event.describe());
    }
    if (Flight.isRecording()) {
      Flight.record(event);
    }
    for (var registration : registrations) {
      registration.tell(event);
    }
  }

  private static Level level(CordonEvent event) {
    if (event instanceof CordonEvent.Violation) {
      return Level.WARN;
    }
    boolean usual = event instanceof CordonEvent.RunFinished || event instanceof CordonEvent.ContainerOpened
        || event instanceof CordonEvent.PoolAcquired;
    return usual ? Level.DEBUG : Level.INFO;
  }

  /**
   * Publishes what there is to say of a run that is over, for other kinds of {@link Runner}: what policies noticed, the
   * limit that was hit, and the run itself.
   *
   * @param command what was run
   * @param result what the run's caller gets
   */
  public static void finished(Command command, Result result) {
    if (!isObserved() && !isNoteworthy(result)) {
      return;
    }
    try {
      of(command.args().get(0), result).forEach(SecurityEvents::publish);
    } catch (Throwable t) {
      // Telling of a run must not cost its caller the result, nor the event thread its other runs.
      LOGGER.error("the events of a run could not be told", t);
    }
  }

  private static boolean isNoteworthy(Result result) {
    return !result.events().isEmpty() || isLimit(result.status()) || isViolation(result.status());
  }

  private static boolean isLimit(Status status) {
    return switch (status) {
      case TIME_LIMIT_EXCEEDED, MEMORY_LIMIT_EXCEEDED, OUTPUT_LIMIT_EXCEEDED -> true;
      case OK, NONZERO_EXIT, SIGNALED, DISALLOWED_SYSCALL, ACCESS_DENIED, FILE_ERROR, CANCELLED -> false;
    };
  }

  private static boolean isViolation(Status status) {
    return status == Status.DISALLOWED_SYSCALL || status == Status.ACCESS_DENIED;
  }

  /** In the order of time; the whole run last. */
  static List<CordonEvent> of(String program, Result result) {
    var all = new ArrayList<CordonEvent>();
    result.events().forEach(event -> all.add(of(program, result, event)));
    if (isViolation(result.status()) && all.stream().noneMatch(CordonEvent.Violation.class::isInstance)) {
      all.add(violation(program, result, null));
    }
    if (isLimit(result.status())) {
      all.add(new CordonEvent.LimitHit(program, result.label(), result.status(), result.cause()));
    }
    all.add(new CordonEvent.RunFinished(program, result));
    return all;
  }

  private static CordonEvent of(String program, Result result, SecurityEvent event) {
    if (event.outcome().kind() == Decision.Kind.KILL || result.violation().filter(event::equals).isPresent()) {
      return violation(program, result, event);
    }
    return event.kind() == SecurityEvent.Kind.PRIVILEGE
        ? new CordonEvent.PrivilegeChange(program, result.label(), event)
        : new CordonEvent.Refusal(program, result.label(), event);
  }

  private static CordonEvent.Violation violation(String program, Result result, @Nullable SecurityEvent event) {
    var number = event == null ? result.syscall() : event.syscall();
    var name = event == null ? result.syscallName() : event.syscallName();
    var syscall = number.isEmpty() ? name : name.or(() -> Optional.of(Integer.toString(number.getAsInt())));
    return new CordonEvent.Violation(program, result.label(), result.status(), syscall, Optional.ofNullable(event));
  }
}
