// SPDX-License-Identifier: Apache-2.0
package io.cordon.seccomp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.SandboxException;
import io.cordon.SeccompFilter;
import io.cordon.internal.engine.Answers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SeccompPolicyTest {
  private static final int NOBODYS_NUMBER = 1000;

  @Test
  void everyActionComesBackAsAVerdict() throws SandboxException {
    var policy = SeccompPolicy.builder().allow("read").errno(5, "write").errno(0, "close").kill("openat")
        .killThread("dup").trap("pipe2").log("lseek").trace("mmap").notify("munmap")
        .rule(SeccompAction.trace(7), List.of("brk")).rule(SeccompAction.errno(4095), List.of("getpid")).build();
    assertEquals("allow", SeccompFilter.of(policy).verdict("read").describe());
    assertEquals("errno EIO", SeccompFilter.of(policy).verdict("write").describe());
    assertEquals("errno 0", SeccompFilter.of(policy).verdict("close").describe());
    assertEquals("kill", SeccompFilter.of(policy).verdict("openat").describe());
    assertEquals("kill-thread", SeccompFilter.of(policy).verdict("dup").describe());
    assertEquals("trap", SeccompFilter.of(policy).verdict("pipe2").describe());
    assertEquals("log", SeccompFilter.of(policy).verdict("lseek").describe());
    assertEquals("trace", SeccompFilter.of(policy).verdict("mmap").describe());
    assertEquals("notify", SeccompFilter.of(policy).verdict("munmap").describe());
    assertEquals("trace 7", SeccompFilter.of(policy).verdict("brk").describe());
    assertEquals("errno 4095", SeccompFilter.of(policy).verdict("getpid").describe());
    assertEquals("errno EPERM", SeccompFilter.of(policy).verdict("getuid").describe());
    assertEquals("errno ENOSYS", SeccompFilter.of(policy).verdict(NOBODYS_NUMBER).describe());
  }

  @Test
  void anUnknownCallFollowsTheDefault() throws SandboxException {
    for (var permissive : List.of(SeccompAction.allow(), SeccompAction.log(), SeccompAction.trace(1))) {
      var policy = SeccompPolicy.builder().defaultAction(permissive).build();
      assertEquals(permissive, SeccompFilter.of(policy).verdict(NOBODYS_NUMBER));
      assertEquals(Optional.of(permissive), policy.unknownAction());
    }
    for (var other : List.of(SeccompAction.kill(), SeccompAction.killThread(), SeccompAction.trap(),
        SeccompAction.errno(1), SeccompAction.askListener())) {
      var policy = SeccompPolicy.builder().defaultAction(other).build();
      assertEquals(SeccompAction.errno(38), SeccompFilter.of(policy).verdict(NOBODYS_NUMBER));
    }
    assertEquals(SeccompAction.kill(), SeccompFilter.of(SeccompPolicy.builder().unknown(SeccompAction.kill()).build())
        .verdict(NOBODYS_NUMBER));
  }

  @Test
  void everyOperatorIsUnsignedAndHas64Bits() throws SandboxException {
    long large = 0xfedcba9876543210L;
    var arg = SeccompCondition.arg(5);
    check(arg.equalTo(large), "arg5 == 0xfedcba9876543210", large, large + 1, large & 0xffffffffL);
    checkAll(arg.notEqualTo(large), "arg5 != 0xfedcba9876543210", List.of(0L, large - 1, large ^ 1L << 63),
        List.of(large));
    checkAll(arg.lessThan(large), "arg5 < 0xfedcba9876543210", List.of(0L, large - 1, Long.MAX_VALUE),
        List.of(large, -1L));
    checkAll(arg.lessOrEqual(large), "arg5 <= 0xfedcba9876543210", List.of(0L, large), List.of(large + 1, -1L));
    checkAll(arg.greaterOrEqual(large), "arg5 >= 0xfedcba9876543210", List.of(large, -1L), List.of(large - 1, 5L));
    checkAll(arg.greaterThan(large), "arg5 > 0xfedcba9876543210", List.of(large + 1, -1L), List.of(large, 5L));
    checkAll(arg.masked(0xf0000000000000ffL, 0xa000000000000005L), "arg5 & 0xf0000000000000ff == 0xa000000000000005",
        List.of(0xa000000000000005L, 0xafffffffffffff05L), List.of(5L, 0xa000000000000004L, 0xb000000000000005L));
  }

  private static void check(SeccompCondition condition, String text, long good, Long... bad) throws SandboxException {
    checkAll(condition, text, List.of(good), List.of(bad));
  }

  private static void checkAll(SeccompCondition condition, String text, List<Long> good, List<Long> bad)
      throws SandboxException {
    assertEquals(text, condition.describe());
    var policy = SeccompPolicy.builder().rule(SeccompAction.allow(), List.of("mmap"), condition).build();
    for (long value : good) {
      assertEquals("allow", SeccompFilter.of(policy).verdict("mmap", 9, 9, 9, 9, 9, value).describe(),
          text + " " + value);
    }
    for (long value : bad) {
      assertEquals("errno EPERM", SeccompFilter.of(policy).verdict("mmap", 9, 9, 9, 9, 9, value).describe(),
          text + " " + value);
    }
    assertEquals(Set.of(SeccompAction.allow(), SeccompAction.errno(1)), SeccompFilter.of(policy).verdicts("mmap"));
  }

  @Test
  void allConditionsOfARuleMustHold() throws SandboxException {
    var policy = SeccompPolicy.builder().rule(SeccompAction.allow(), List.of("socket"),
        SeccompCondition.arg(0).equalTo(2), SeccompCondition.arg(1).notEqualTo(3)).build();
    assertEquals("allow", SeccompFilter.of(policy).verdict("socket", 2, 1).describe());
    assertEquals("errno EPERM", SeccompFilter.of(policy).verdict("socket", 2, 3).describe());
    assertEquals("errno EPERM", SeccompFilter.of(policy).verdict("socket", 1, 1).describe());
  }

  @Test
  void theProgramAnswersAsThePolicyDoes() throws SandboxException {
    var policy = SeccompPolicy.builder().allow("read").kill("openat")
        .rule(SeccompAction.allow(), List.of("socket"), SeccompCondition.arg(0).lessOrEqual(1L << 40)).build();
    var program = SeccompFilter.of(SeccompPolicy.bpf(SeccompFilter.of(policy).program()));
    assertArrayEquals(SeccompFilter.of(policy).program(), program.program());
    for (var name : SeccompPolicy.systemCalls().keySet()) {
      for (long value : new long[] {0, 5, 1L << 40, (1L << 40) + 1, -1}) {
        assertEquals(SeccompFilter.of(policy).verdict(name, value), program.verdict(name, value), name);
      }
      assertEquals(SeccompFilter.of(policy).verdicts(name), program.verdicts(name), name);
      assertTrue(SeccompFilter.of(policy).verdicts(name).contains(SeccompFilter.of(policy).verdict(name)), name);
    }
    assertEquals(SeccompFilter.of(policy).verdict(NOBODYS_NUMBER), program.verdict(NOBODYS_NUMBER));
  }

  private static void builtIn(String verdict, String syscall, long... arguments) throws SandboxException {
    assertEquals(verdict, SeccompFilter.of(SeccompPolicy.DEFAULT).verdict(syscall, arguments).describe(),
        syscall + Arrays.toString(arguments));
  }

  @Test
  void theBuiltInPolicyClosesRareProtocolsOnly() throws SandboxException {
    builtIn("allow", "socket", 2, 1, 6); // AF_INET, SOCK_STREAM, IPPROTO_TCP
    builtIn("allow", "socket", 10, 2, 17);
    builtIn("errno EPROTONOSUPPORT", "socket", 2, 1, 262); // IPPROTO_MPTCP
    builtIn("errno EPROTONOSUPPORT", "socket", 10, 2, 136); // IPPROTO_UDPLITE
    for (int protocol = 0; protocol < 32; protocol++) {
      boolean used = protocol == 0 || protocol == 4 || protocol == 15; // ROUTE, SOCK_DIAG, KOBJECT_UEVENT
      builtIn(used ? "allow" : "errno EPROTONOSUPPORT", "socket", 16, 3, protocol);
    }
    builtIn("errno EPERM", "ioctl", 0, 0x5423); // TIOCSETD
  }

  @Test
  void theBuiltInPolicyAllowsWhatConcernsTheCallerAlone() throws SandboxException {
    builtIn("allow", "ioprio_set", 1, 0, 0);
    builtIn("errno EPERM", "ioprio_set", 1, 77, 0);
    builtIn("allow", "personality", 8); // PER_LINUX32
    builtIn("errno EPERM", "personality", 0x400000); // READ_IMPLIES_EXEC
    builtIn("allow", "unshare", 0x600); // CLONE_FS, CLONE_FILES
    builtIn("errno EPERM", "unshare", 0x10000600); // CLONE_NEWUSER
    builtIn("allow", "adjtimex", 1);
    builtIn("allow", "clock_adjtime", 0, 1);
    builtIn("errno EPERM", "clock_settime", 0, 1);
    builtIn("allow", "prlimit64", 77, 7, 0, 1); // read only
    builtIn("errno EPERM", "prlimit64", 77, 7, 1, 0);
    builtIn("errno 0", "prlimit64", 0, 4, 1, 0); // RLIMIT_CORE stays as it is
    builtIn("errno EPERM", "prlimit64", 0, 4, 1, 1);
  }

  @Test
  void theBuiltInPolicyHasVerdictsToo() throws SandboxException {
    assertEquals("allow", SeccompFilter.of(SeccompPolicy.DEFAULT).verdict("read").describe());
    assertEquals("errno EPERM", SeccompFilter.of(SeccompPolicy.DEFAULT).verdict("mount").describe());
    assertEquals("errno ENOSYS", SeccompFilter.of(SeccompPolicy.DEFAULT).verdict(NOBODYS_NUMBER).describe());
    assertEquals("errno EPERM", SeccompFilter.of(SeccompPolicy.DEFAULT).verdict("clone", 0x10000000).describe());
    assertEquals(Set.of(SeccompAction.allow(), SeccompAction.errno(1)),
        SeccompFilter.of(SeccompPolicy.DEFAULT).verdicts("clone"));
    assertEquals(Set.of(SeccompAction.allow()), SeccompFilter.of(SeccompPolicy.DEFAULT).verdicts("read"));
    for (var name : SeccompPolicy.systemCalls().keySet()) {
      var verdict = SeccompFilter.of(SeccompPolicy.DEFAULT).verdict(name);
      assertTrue(SeccompFilter.of(SeccompPolicy.DEFAULT).verdicts(name).contains(verdict), name);
      assertEquals(verdict,
          SeccompFilter.of(SeccompPolicy.bpf(SeccompFilter.of(SeccompPolicy.DEFAULT).program())).verdict(name), name);
    }
    assertEquals(Optional.empty(), SeccompPolicy.DEFAULT.defaultAction());
    assertEquals(List.of(), SeccompPolicy.DEFAULT.rules());
  }

  @Test
  void withoutAFilterEverythingIsAllowed() throws SandboxException {
    var none = SeccompFilter.of(SeccompPolicy.NONE);
    assertEquals("allow", none.verdict("mount").describe());
    assertEquals(Set.of(SeccompAction.allow()), none.verdicts("mount"));
    assertThrows(IllegalStateException.class, none::program);
  }

  @Test
  void aNameOfAnotherMachineIsLeftOutAndOneThatNobodyKnowsIsRefused() throws SandboxException {
    var others = SeccompPolicy.builder().allow("_llseek", "socketcall", "read").build();
    assertEquals("allow", SeccompFilter.of(others).verdict("read").describe());
    var policy = SeccompPolicy.builder().allow("read").errno(1, "write", "wirte").build();
    for (int i = 0; i < 2; i++) {
      var e = assertThrows(SandboxException.class, () -> SeccompFilter.of(policy));
      assertEquals("SECCOMP_COMPILE 2 wirte", e.step() + " " + e.index() + " " + e.detail());
    }
    assertTrue(SeccompFilter.knows("_llseek"));
    assertTrue(SeccompFilter.knows("fchmodat2"));
    assertEquals(false, SeccompFilter.knows("wirte"));
  }

  private static void refused(String message, org.junit.jupiter.api.function.Executable call) {
    var e = assertThrows(IllegalArgumentException.class, call);
    assertTrue(String.valueOf(e.getMessage()).contains(message), e.getMessage());
  }

  @Test
  void wrongValuesAreRefused() {
    refused("seccomp errno data: 4096: must be from 0 to 4095", () -> SeccompAction.errno(4096));
    refused("seccomp errno data: -1: must be from 0 to 4095", () -> SeccompAction.errno(-1));
    refused("seccomp allow data: 1: must be from 0 to 0", () -> new SeccompAction(SeccompAction.Kind.ALLOW, 1));
    refused("seccomp trace data: 65536", () -> SeccompAction.trace(65536));
    refused("seccomp argument: 6: must be from 0 to 5", () -> SeccompCondition.arg(6));
    refused("seccomp argument: -1", () -> SeccompCondition.arg(-1));
    refused("must hold at least one", () -> SeccompPolicy.builder().allow());
    refused("seccomp name: : must not be empty", () -> SeccompPolicy.builder().allow(""));
    refused("must not hold a NUL", () -> SeccompPolicy.builder().allow("a\0b"));
    refused("this machine has none of that name", () -> SeccompFilter.of(SeccompPolicy.DEFAULT).verdict("opne"));
    refused("number of arguments: 7",
        () -> SeccompFilter.of(SeccompPolicy.DEFAULT).verdict("read", 1, 2, 3, 4, 5, 6, 7));
    refused("system call: -1: must not be negative", () -> SeccompFilter.of(SeccompPolicy.DEFAULT).verdict(-1));
  }

  @Test
  void anAnswerThatTheKernelDoesNotKnowEndsTheProcess() throws SandboxException {
    assertEquals(SeccompAction.kill(), Answers.action(0x12340000));
    assertEquals(SeccompAction.errno(4095), Answers.action(0x0005ffff));
    assertEquals(SeccompAction.kill(),
        SeccompFilter.of(SeccompPolicy.bpf(code(0x06, 0, 0, 0x12340000))).verdict("read"));
  }

  @Test
  void aProgramThatIsNoneIsNotRead() throws SandboxException {
    var endless = SeccompFilter.of(SeccompPolicy.bpf(code(0x05, 0, 0, 100)));
    var loading = SeccompFilter.of(SeccompPolicy.bpf(code(0x20, 0, 0, 0)));
    assertThrows(IllegalStateException.class, () -> endless.verdict("read"));
    assertThrows(IllegalStateException.class, () -> loading.verdict("read"));
    var fromScratch = SeccompFilter.of(SeccompPolicy.bpf(
        ByteBuffer.allocate(16).put(code(0x60, 0, 0, 0)).put(code(0x16, 0, 0, 0)).array()));
    assertThrows(IllegalStateException.class, () -> fromScratch.verdict("read"));
  }

  private static byte[] code(int op, int ifTrue, int ifFalse, int constant) {
    return ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putShort((short) op).put((byte) ifTrue)
        .put((byte) ifFalse).putInt(constant).array();
  }
}
