// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.cordon.internal.jni.Syscalls;
import io.cordon.internal.util.Errno;
import io.cordon.supervisor.Decision;
import io.cordon.supervisor.SecurityEvent;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What becomes of a result; without any program. */
class SecurityEventsTest {
  private static final int SETUID = 105;

  private static SecurityEvent event(SecurityEvent.Kind kind, int syscall, Decision outcome, String path) {
    return new SecurityEvent(kind, OptionalInt.of(syscall), outcome, 2, Instant.EPOCH, 0x1000,
        List.of(0L, 0L, 0L, 0L, 0L, 0L), Syscalls.AUDIT_ARCH_X86_64, Optional.ofNullable(path));
  }

  private static Result result(Status status, Cause cause, List<SecurityEvent> events, SecurityEvent violation) {
    var result = Result.builder(status).cause(cause).exitCode(0).cpuTime(Duration.ofMillis(3))
        .wallTime(Duration.ofMillis(4)).memoryPeakBytes(4096).events(events).eventsTotal(events.size());
    if (violation != null) {
      result.violation(violation);
    }
    return result.build();
  }

  private static List<String> described(Result result) {
    return SecurityEvents.of("/bin/\u001b[2J", result).stream().map(CordonEvent::describe).toList();
  }

  @Test
  void theEventsOfARunComeInOrderAndAreFitForALog() {
    var denied = event(SecurityEvent.Kind.PATH, 257, Decision.errno(Errno.EACCES), "/a\nb\u001b");
    var setuid = event(SecurityEvent.Kind.PRIVILEGE, SETUID, Decision.errno(Errno.EPERM), null);
    var late = event(SecurityEvent.Kind.UNANSWERED, 41, Decision.errno(Errno.EPERM), null);
    var killed = event(SecurityEvent.Kind.SYSCALL, 41, Decision.kill(), null);
    assertEquals(List.of("/bin/\\x1b[2J: refused: path openat /a\\x0ab\\x1b: EACCES",
        "/bin/\\x1b[2J: privilege setuid: EPERM",
        "/bin/\\x1b[2J: refused: unanswered socket: EPERM",
        "/bin/\\x1b[2J: violation: DISALLOWED_SYSCALL: syscall socket: KILL",
        "/bin/\\x1b[2J: DISALLOWED_SYSCALL, exit code 0, CPU 3 ms, wall 4 ms, memory 4096 bytes"),
        described(result(Status.DISALLOWED_SYSCALL, Cause.NONE, List.of(denied, setuid, late, killed), killed)));
  }

  @Test
  void aViolationWithoutASupervisorIsOneAllTheSame() {
    assertEquals(List.of("/bin/\\x1b[2J: violation: DISALLOWED_SYSCALL",
        "/bin/\\x1b[2J: DISALLOWED_SYSCALL, exit code 0, CPU 3 ms, wall 4 ms, memory 4096 bytes"),
        described(result(Status.DISALLOWED_SYSCALL, Cause.NONE, List.of(), null)));
  }

  @Test
  void aLimitIsAnEvent() {
    var events = SecurityEvents.of("p", result(Status.OUTPUT_LIMIT_EXCEEDED, Cause.STDERR, List.of(), null));
    assertEquals(new CordonEvent.LimitHit("p", Optional.empty(), Status.OUTPUT_LIMIT_EXCEEDED, Cause.STDERR),
        events.get(0));
    assertInstanceOf(CordonEvent.RunFinished.class, events.get(1));
    assertEquals(2, events.size());
  }

  @Test
  void theLabelOfTheCommandIsInItsEvents() {
    var result =
        result(Status.OUTPUT_LIMIT_EXCEEDED, Cause.STDERR, List.of(), null).toBuilder().label("no. 7\n").build();
    var events = SecurityEvents.of("p", result);
    assertEquals("[no. 7\\x0a] p: limit: OUTPUT_LIMIT_EXCEEDED (STDERR)", events.get(0).describe());
    for (var event : events) {
      assertEquals(Optional.of("no. 7\n"), assertInstanceOf(CordonEvent.OfProgram.class, event).label());
    }
  }

  @Test
  void aListenerIsCalledUntilItIsClosedWhateverItThrows() {
    var seen = new ArrayList<CordonEvent>();
    var event = new CordonEvent.ContainerBroken("1", Optional.of("pool-1"), "why");
    int[] failures = {0};
    var failing = SecurityEvents.listen(ignored -> {
      failures[0]++;
      throw new StackOverflowError("of the listener");
    });
    var listening = SecurityEvents.listen(seen::add);
    try (failing) {
      try (listening) {
        SecurityEvents.publish(event);
        SecurityEvents.publish(event);
      }
      SecurityEvents.publish(event);
    }
    SecurityEvents.publish(event);
    assertEquals(List.of(event, event), seen);
    assertEquals(3, failures[0]);
  }

  @Test
  void aRunThatNobodyLooksAtAllocatesNothing() {
    var quiet = result(Status.OK, Cause.NONE, List.of(), null);
    int calls = 100_000;
    finish(quiet, calls); // Loads and compiles.
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    long start = System.nanoTime();
    finish(quiet, calls);
    long nanos = System.nanoTime() - start;
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;
    System.err.println("security events, no listener: " + (double) nanos / calls + " ns a run, " + bytes + " bytes");
    assertTrue(bytes < calls, () -> bytes + " bytes"); // The measuring itself may take a few.
  }

  private static void finish(Result result, int times) {
    var command = Command.of("p");
    for (int i = 0; i < times; i++) {
      SecurityEvents.finished(command, result);
    }
  }
}
