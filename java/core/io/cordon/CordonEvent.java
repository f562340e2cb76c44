package io.cordon;

import java.time.Duration;
import java.util.Optional;

/** What {@link SecurityEvents} tells. Immutable. */
public sealed interface CordonEvent {
  /**
   * Returns the event in one line, for messages; what a program chose is escaped.
   *
   * @return for example {@code /bin/cat: refused: path /etc/shadow: EACCES}
   */
  String describe();

  /**
   * A run is over; always the last event of a run. Runs that failed with a {@link SandboxException}, or were cancelled
   * before anything was started, have none.
   *
   * @param program the command's first argument
   * @param result what the run's caller gets; of two programs that were wired together without what they said
   */
  record RunFinished(String program, Result result) implements CordonEvent {
    @Override
    public String describe() {
      var text = new StringBuilder(Escape.printable(program)).append(": ").append(result.status());
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
   * @param status the run's, usually {@link Status#DISALLOWED_SYSCALL} or {@link Status#ACCESS_DENIED}
   * @param syscall the system call, by its name, or its number where nobody knows one
   * @param event more about it, where a supervisor saw it; a seccomp policy alone tells only the call, if that
   */
  record Violation(String program, Status status, Optional<String> syscall, Optional<SecurityEvent> event)
      implements CordonEvent {
    @Override
    public String describe() {
      var what = event.map(SecurityEvent::describe).or(() -> syscall.map(name -> "syscall " + name));
      return Escape.printable(program) + ": violation: " + status + what.map(text -> ": " + text).orElse("");
    }
  }

  /**
   * A policy refused something, and the program went on.
   *
   * @param program the command's first argument
   * @param event what it was
   */
  record Refusal(String program, SecurityEvent event) implements CordonEvent {
    @Override
    public String describe() {
      return Escape.printable(program) + ": refused: " + event.describe();
    }
  }

  /**
   * A program tried to change its ids, groups or capabilities: {@link Supervisor.Builder#audit}.
   *
   * @param program the command's first argument
   * @param event what it tried, and what came of it
   */
  record PrivilegeChange(String program, SecurityEvent event) implements CordonEvent {
    @Override
    public String describe() {
      return Escape.printable(program) + ": " + event.describe();
    }
  }

  /**
   * A program was ended by a limit.
   *
   * @param program the command's first argument
   * @param status a time, memory or output limit
   * @param cause which one
   */
  record LimitHit(String program, Status status, Cause cause) implements CordonEvent {
    @Override
    public String describe() {
      return Escape.printable(program) + ": limit: " + status + " (" + cause + ")";
    }
  }

  /**
   * A container was made, by itself or for a pool.
   *
   * @param pid its cordon-init's, on the host
   * @param time how long that took
   */
  record ContainerOpened(int pid, Duration time) implements CordonEvent {
    @Override
    public String describe() {
      return "container " + pid + ": opened in " + time.toNanos() / 1000 + " us";
    }
  }

  /**
   * A pool's container could not be used any more: the pool ends it with all that is in it, and makes another.
   *
   * @param pid its cordon-init's, on the host
   * @param reason what failed; fit for a log
   */
  record ContainerBroken(int pid, String reason) implements CordonEvent {
    @Override
    public String describe() {
      return "container " + pid + ": replaced: " + reason;
    }
  }

  /**
   * A pool gave out a container.
   *
   * @param waited how long the caller waited for it
   */
  record PoolAcquired(Duration waited) implements CordonEvent {
    @Override
    public String describe() {
      return "container acquired after " + waited.toNanos() / 1000 + " us";
    }
  }
}
