package io.cordon;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
    assertEquals("allow", policy.verdict("read").describe());
    assertEquals("errno EIO", policy.verdict("write").describe());
    assertEquals("errno 0", policy.verdict("close").describe());
    assertEquals("kill", policy.verdict("openat").describe());
    assertEquals("kill-thread", policy.verdict("dup").describe());
    assertEquals("trap", policy.verdict("pipe2").describe());
    assertEquals("log", policy.verdict("lseek").describe());
    assertEquals("trace", policy.verdict("mmap").describe());
    assertEquals("notify", policy.verdict("munmap").describe());
    assertEquals("trace 7", policy.verdict("brk").describe());
    assertEquals("errno 4095", policy.verdict("getpid").describe());
    assertEquals("errno EPERM", policy.verdict("getuid").describe());
    assertEquals("errno ENOSYS", policy.verdict(NOBODYS_NUMBER).describe());
  }

  @Test
  void anUnknownCallFollowsTheDefault() throws SandboxException {
    for (var permissive : List.of(SeccompAction.allow(), SeccompAction.log(), SeccompAction.trace(1))) {
      var policy = SeccompPolicy.builder().defaultAction(permissive).build();
      assertEquals(permissive, policy.verdict(NOBODYS_NUMBER));
      assertEquals(Optional.of(permissive), policy.unknownAction());
    }
    for (var other : List.of(SeccompAction.kill(), SeccompAction.killThread(), SeccompAction.trap(),
        SeccompAction.errno(1), SeccompAction.askListener())) {
      var policy = SeccompPolicy.builder().defaultAction(other).build();
      assertEquals(SeccompAction.errno(38), policy.verdict(NOBODYS_NUMBER));
    }
    assertEquals(SeccompAction.kill(), SeccompPolicy.builder().unknown(SeccompAction.kill()).build()
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
      assertEquals("allow", policy.verdict("mmap", 9, 9, 9, 9, 9, value).describe(), text + " " + value);
    }
    for (long value : bad) {
      assertEquals("errno EPERM", policy.verdict("mmap", 9, 9, 9, 9, 9, value).describe(), text + " " + value);
    }
    assertEquals(Set.of(SeccompAction.allow(), SeccompAction.errno(1)), policy.verdicts("mmap"));
  }

  @Test
  void allConditionsOfARuleMustHold() throws SandboxException {
    var policy = SeccompPolicy.builder().rule(SeccompAction.allow(), List.of("socket"),
        SeccompCondition.arg(0).equalTo(2), SeccompCondition.arg(1).notEqualTo(3)).build();
    assertEquals("allow", policy.verdict("socket", 2, 1).describe());
    assertEquals("errno EPERM", policy.verdict("socket", 2, 3).describe());
    assertEquals("errno EPERM", policy.verdict("socket", 1, 1).describe());
  }

  @Test
  void theProgramAnswersAsThePolicyDoes() throws SandboxException {
    var policy = SeccompPolicy.builder().allow("read").kill("openat")
        .rule(SeccompAction.allow(), List.of("socket"), SeccompCondition.arg(0).lessOrEqual(1L << 40)).build();
    var program = SeccompPolicy.bpf(policy.program());
    assertArrayEquals(policy.program(), program.program());
    for (var name : SeccompPolicy.systemCalls()) {
      for (long value : new long[] {0, 5, 1L << 40, (1L << 40) + 1, -1}) {
        assertEquals(policy.verdict(name, value), program.verdict(name, value), name);
      }
      assertEquals(policy.verdicts(name), program.verdicts(name), name);
      assertTrue(policy.verdicts(name).contains(policy.verdict(name)), name);
    }
    assertEquals(policy.verdict(NOBODYS_NUMBER), program.verdict(NOBODYS_NUMBER));
  }

  @Test
  void theBuiltInPolicyHasVerdictsToo() throws SandboxException {
    assertEquals("allow", SeccompPolicy.DEFAULT.verdict("read").describe());
    assertEquals("errno EPERM", SeccompPolicy.DEFAULT.verdict("mount").describe());
    assertEquals("errno ENOSYS", SeccompPolicy.DEFAULT.verdict(NOBODYS_NUMBER).describe());
    assertEquals("errno EPERM", SeccompPolicy.DEFAULT.verdict("clone", 0x10000000).describe());
    assertEquals(Set.of(SeccompAction.allow(), SeccompAction.errno(1)), SeccompPolicy.DEFAULT.verdicts("clone"));
    assertEquals(Set.of(SeccompAction.allow()), SeccompPolicy.DEFAULT.verdicts("read"));
    for (var name : SeccompPolicy.systemCalls()) {
      var verdict = SeccompPolicy.DEFAULT.verdict(name);
      assertTrue(SeccompPolicy.DEFAULT.verdicts(name).contains(verdict), name);
      assertEquals(verdict, SeccompPolicy.bpf(SeccompPolicy.DEFAULT.program()).verdict(name), name);
    }
    assertEquals(Optional.empty(), SeccompPolicy.DEFAULT.defaultAction());
    assertEquals(List.of(), SeccompPolicy.DEFAULT.rules());
  }

  @Test
  void withoutAFilterEverythingIsAllowed() throws SandboxException {
    assertEquals("allow", SeccompPolicy.NONE.verdict("mount").describe());
    assertEquals(Set.of(SeccompAction.allow()), SeccompPolicy.NONE.verdicts("mount"));
    assertThrows(IllegalStateException.class, SeccompPolicy.NONE::program);
  }

  @Test
  void aNameOfAnotherMachineIsLeftOutAndOneThatNobodyKnowsIsRefused() throws SandboxException {
    var others = SeccompPolicy.builder().allow("_llseek", "socketcall", "read").build();
    assertEquals("allow", others.verdict("read").describe());
    var policy = SeccompPolicy.builder().allow("read").errno(1, "write", "wirte").build();
    for (int i = 0; i < 2; i++) {
      var e = assertThrows(SandboxException.class, policy::program);
      assertEquals("SECCOMP_COMPILE 2 wirte", e.step() + " " + e.index() + " " + e.detail());
    }
    assertTrue(SeccompPolicy.isKnown("_llseek"));
    assertTrue(SeccompPolicy.isKnown("fchmodat2"));
    assertEquals(false, SeccompPolicy.isKnown("wirte"));
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
    refused("this machine has none of that name", () -> SeccompPolicy.DEFAULT.verdict("opne"));
    refused("number of arguments: 7", () -> SeccompPolicy.DEFAULT.verdict("read", 1, 2, 3, 4, 5, 6, 7));
    refused("system call: -1: must not be negative", () -> SeccompPolicy.DEFAULT.verdict(-1));
  }

  @Test
  void anAnswerThatTheKernelDoesNotKnowEndsTheProcess() throws SandboxException {
    assertEquals(SeccompAction.kill(), SeccompAction.of(0x12340000));
    assertEquals(SeccompAction.errno(4095), SeccompAction.of(0x0005ffff));
    assertEquals(SeccompAction.kill(), SeccompPolicy.bpf(code(0x06, 0, 0, 0x12340000)).verdict("read"));
  }

  @Test
  void aProgramThatIsNoneIsNotRead() {
    var endless = SeccompPolicy.bpf(code(0x05, 0, 0, 100));
    assertThrows(IllegalStateException.class, () -> endless.verdict("read"));
    assertThrows(IllegalStateException.class, () -> SeccompPolicy.bpf(code(0x20, 0, 0, 0)).verdict("read"));
    var fromScratch = SeccompPolicy.bpf(
        ByteBuffer.allocate(16).put(code(0x60, 0, 0, 0)).put(code(0x16, 0, 0, 0)).array());
    assertThrows(IllegalStateException.class, () -> fromScratch.verdict("read"));
  }

  private static byte[] code(int op, int ifTrue, int ifFalse, int constant) {
    return ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putShort((short) op).put((byte) ifTrue)
        .put((byte) ifFalse).putInt(constant).array();
  }
}
