// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Escape;
import io.cordon.supervisor.SecurityEvent;
import io.cordon.supervisor.Supervisor;
import java.time.Duration;
import java.util.Optional;

/**
 * An event that {@link SecurityEvents} publishes. Immutable.
 *
 * @since 0.1.0
 */
public sealed interface CordonEvent {
  /**
   * Returns the event in one line, for messages; what a program chose is escaped.
   *
   * @return for example {@code /bin/cat: refused: path /etc/shadow: EACCES}
   */
  String describe();

  /** What a program did, or what became of it. */
  sealed interface OfProgram extends CordonEvent {
    /**
     * Returns which program it was.
     *
     * @return the command's first argument
     */
    String program();

    /**
     * Returns the caller's own name for the command: {@link Command.Builder#label}.
     *
     * @return the label, or empty
     */
    Optional<String> label();

    /**
     * Returns the beginning of a message.
     *
     * @return the label in brackets where there is one, and the program; escaped
     */
    default String subject() {
      return label().map(text -> "[" + Escape.printable(text) + "] ").orElse("") + Escape.printable(program());
    }
  }

  /**
   * A run is over; always the last event of a run. Runs that failed with a {@link SandboxException}, or were cancelled
   * before anything was started, have none.
   *
   * @param program the command's first argument
   * @param result what the run's caller gets; of two programs that were wired together without what they said
   */
  record RunFinished(String program, Result result) implements OfProgram {
    @Override
    public Optional<String> label() {
      return result.label();
    }

    @Override
    public String describe() {
      var text = new StringBuilder(subject()).append(": ").append(result.status());
      if (result.cause() != Cause.NONE) {
        text.append(" (").append(result.cause()).append(')');
      }
      result.exitCode().ifPresent(code -> text.append(", exit code ").append(code));
      result.signalName().ifPresent(name -> text.append(", ").append(name));
      text.append(", CPU ").append(result.cpuTime().toMillis()).append(" ms, wall ")
          .append(result.wallTime().toMillis()).append(" ms");
      result.memoryPeakBytes().ifPresent(bytes -> text.append(", memory ").append(bytes).append(" bytes"));
      return text.toString();
    }
  }

  /**
   * A program was ended because it broke a policy.
   *
   * @param program the command's first argument
   * @param label the command's label
   * @param status the run's, usually {@link Status#DISALLOWED_SYSCALL} or {@link Status#ACCESS_DENIED}
   * @param syscall the system call, by its name, or its number if the name is unknown
   * @param event more about it, where a supervisor saw it; a seccomp policy alone tells only the call, if that
   */
  record Violation(String program, Optional<String> label, Status status, Optional<String> syscall,
      Optional<SecurityEvent> event)
      implements OfProgram {
    @Override
    public String describe() {
      var what = event.map(SecurityEvent::describe).or(() -> syscall.map(name -> "syscall " + name));
      return subject() + ": violation: " + status + what.map(text -> ": " + text).orElse("");
    }
  }

  /**
   * A policy refused something, and the program went on.
   *
   * @param program the command's first argument
   * @param label the command's label
   * @param event what it was
   */
  record Refusal(String program, Optional<String> label, SecurityEvent event) implements OfProgram {
    @Override
    public String describe() {
      return subject() + ": refused: " + event.describe();
    }
  }

  /**
   * A program tried to change its ids, groups or capabilities: {@link Supervisor.Builder#audit}.
   *
   * @param program the command's first argument
   * @param label the command's label
   * @param event what it tried, and what came of it
   */
  record PrivilegeChange(String program, Optional<String> label, SecurityEvent event) implements OfProgram {
    @Override
    public String describe() {
      return subject() + ": " + event.describe();
    }
  }

  /**
   * A program was ended by a limit.
   *
   * @param program the command's first argument
   * @param label the command's label
   * @param status a time, memory or output limit
   * @param cause which one
   */
  record LimitHit(String program, Optional<String> label, Status status, Cause cause) implements OfProgram {
    @Override
    public String describe() {
      return subject() + ": limit: " + status + " (" + cause + ")";
    }
  }

  /** What became of a {@link Container}, or of another {@link ReusableRunner} in a pool. */
  sealed interface OfContainer extends CordonEvent {
    /**
     * Returns which one it is.
     *
     * @return {@link ReusableRunner#id}: of a {@link Container} its cordon-init's process id on the host
     */
    String id();

    /**
     * Returns the pool that it belongs to.
     *
     * @return the pool's name, or empty where it belongs to none
     */
    Optional<String> pool();

    /**
     * Returns the beginning of a message.
     *
     * @return the pool where there is one, and the container
     */
    default String subject() {
      return pool().map(CordonEvent::beginning).orElse("") + "container " + Escape.printable(id());
    }
  }

  private static String beginning(String pool) {
    return Escape.printable(pool) + ": ";
  }

  /**
   * A container was made, by itself or for a pool.
   *
   * @param id which one
   * @param pool the pool's name
   * @param time how long that took
   */
  record ContainerOpened(String id, Optional<String> pool, Duration time) implements OfContainer {
    @Override
    public String describe() {
      return subject() + ": opened in " + time.toNanos() / 1000 + " us";
    }
  }

  /**
   * A pool's container could not be used any more: the pool ends it with all that is in it, and makes another.
   *
   * @param id which one
   * @param pool the pool's name
   * @param reason what failed; fit for a log
   */
  record ContainerBroken(String id, Optional<String> pool, String reason) implements OfContainer {
    @Override
    public String describe() {
      return subject() + ": replaced: " + reason;
    }
  }

  /**
   * A lease of a pool was dropped without being closed: the pool ends its container with all that is in it.
   *
   * @param id the container
   * @param pool the pool's name
   */
  record LeaseLeaked(String id, Optional<String> pool) implements OfContainer {
    @Override
    public String describe() {
      return subject() + ": its lease was dropped without being closed";
    }
  }

  /**
   * A pool gave out a container.
   *
   * @param pool the pool's name
   * @param waited how long the caller waited for it
   */
  record PoolAcquired(String pool, Duration waited) implements CordonEvent {
    @Override
    public String describe() {
      return beginning(pool) + "container acquired after " + waited.toNanos() / 1000 + " us";
    }
  }
}
