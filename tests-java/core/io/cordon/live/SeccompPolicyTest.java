// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Cause;
import io.cordon.Container;
import io.cordon.Layer;
import io.cordon.Mount;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.Status;
import io.cordon.Step;
import io.cordon.seccomp.SeccompAction;
import io.cordon.seccomp.SeccompCondition;
import io.cordon.seccomp.SeccompPolicy;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Policies of the caller's own, under real programs. */
@ExtendWith(NothingLeft.class)
class SeccompPolicyTest {
  private static final int EPERM = 1;
  private static final int ENOSYS = 38;
  private static final int EAFNOSUPPORT = 97;
  private static final int AF_UNIX = 1;

  /**
   * What a small program in C needs with glibc, on either CPU. The first two are Cordon's, for the program's start.
   */
  private static SeccompPolicy.Builder strict() {
    return SeccompPolicy.builder().defaultAction(SeccompAction.kill()).allow("execve", "execveat", "read", "write",
        "close",
        "mmap", "mprotect", "munmap", "brk", "pread64", "access", "faccessat", "openat", "newfstatat", "fstat",
        "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "getrandom", "exit_group");
  }

  private static Result run(SeccompPolicy policy, String... calls) throws SandboxException {
    return Live.runner().seccomp(policy).build().run(Live.command("/programs/few_calls", calls).build());
  }

  private static String runOk(SeccompPolicy policy, String... calls) throws SandboxException {
    var result = Live.check(Status.OK, Cause.NONE, run(policy, calls));
    assertTrue(result.layers().contains(Layer.SECCOMP), result.layers().toString());
    return result.stdout().text();
  }

  @Test
  void aStrictListLetsAProgramRunAndEndsItAtTheFirstOtherCall() throws SandboxException {
    assertEquals("", runOk(strict().build()));
    var result = Live.check(Status.DISALLOWED_SYSCALL, Cause.NONE,
        run(strict().allow("getppid").build(), "getppid", "uname"));
    assertEquals("getppid=0\n", result.stdout().text());
    assertEquals(Optional.of("uname"), result.syscallName());
  }

  @Test
  void aThreadThatIsEndedIsAViolationToo() throws SandboxException {
    Live.check(Status.DISALLOWED_SYSCALL, Cause.NONE, run(strict().killThread("uname").build(), "uname"));
    Live.check(Status.DISALLOWED_SYSCALL, Cause.NONE, run(strict().trap("uname").build(), "uname"));
  }

  @Test
  void aRefusedCallFailsAndTheProgramGoesOn() throws SandboxException {
    var policy = strict().errno(EPERM, "uname").errno(7, "getppid").build();
    assertEquals("uname=" + EPERM + "\ngetppid=7\nnobodys=" + ENOSYS + "\n",
        runOk(policy, "uname", "getppid", "nobodys"));
  }

  @Test
  void conditionsAreOnTheArguments() throws SandboxException {
    var policy = strict().rule(SeccompAction.allow(), List.of("socket"),
        SeccompCondition.arg(0).masked(0xffffffffL, AF_UNIX))
        .rule(SeccompAction.errno(EAFNOSUPPORT), List.of("socket"),
            SeccompCondition.arg(0).notEqualTo(AF_UNIX))
        .build();
    assertEquals("socket-unix=0\nsocket-inet=" + EAFNOSUPPORT + "\n", runOk(policy, "socket-unix", "socket-inet"));
  }

  @Test
  void whatIsLoggedGoesOn() throws SandboxException {
    assertEquals("uname=0\ngetppid=0\n", runOk(strict().log("uname", "getppid").build(), "uname", "getppid"));
    assertEquals("uname=0\n", runOk(SeccompPolicy.builder().defaultAction(SeccompAction.log()).build(), "uname"));
  }

  @Test
  void withoutExecNothingRuns() {
    var policy = SeccompPolicy.builder().allow("read").build();
    var runner = Live.runner().seccomp(policy).build();
    Live.refused(runner, Live.subject("exit", "0"), Step.EXECVE, EPERM);
  }

  @Test
  void aNameThatNobodyKnowsIsRefusedBeforeAnythingStarts() {
    var policy = SeccompPolicy.builder().allow("read", "opne").build();
    var e = Live.refused(Live.runner().seccomp(policy).build(), Live.subject("exit", "0"), Step.SECCOMP_COMPILE, 22);
    assertEquals("1 opne", e.index() + " " + e.detail());
  }

  @Test
  void aContainerKeepsItsPolicy() throws Exception {
    var policy = strict().errno(7, "uname").build();
    var seen = new WeakReference<>(policy);
    try (var container = Container.builder().addMount(Mount.bind(Live.PROGRAMS, "/programs")).seccomp(policy).open()) {
      policy = null;
      System.gc();
      for (int i = 0; i < 3; i++) {
        var result = container.run(Live.command("/programs/few_calls", "uname").build());
        assertEquals("uname=7\n", result.stdout().text());
        container.reset();
      }
      assertTrue(seen.get() != null, "collected while a container uses it");
    }
  }

  @Test
  void aPolicyThatNobodyUsesIsFreed() throws SandboxException {
    var seen = new WeakReference<>(used());
    Live.await("the policy is collected", () -> {
      System.gc();
      return seen.get() == null;
    });
  }

  private static SeccompPolicy used() throws SandboxException {
    var policy = strict().build();
    runOk(policy);
    return policy;
  }

  @Test
  void onePolicyServesManyThreads() throws Exception {
    var policy = strict().errno(7, "uname").build();
    var threads = Executors.newFixedThreadPool(4);
    try {
      for (var result : threads.invokeAll(Stream
          .generate(() -> (java.util.concurrent.Callable<String>) () -> runOk(policy, "uname")).limit(12).toList())) {
        assertEquals("uname=7\n", result.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
