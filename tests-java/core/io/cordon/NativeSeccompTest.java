// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.internal.engine.Errors;
import io.cordon.internal.jni.NativeLibrary;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.jni.Syscalls;
import io.cordon.internal.wire.RequestWriter;
import io.cordon.internal.wire.WireError;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Policies as the library takes them; the JSON form and its builder are tested elsewhere. */
class NativeSeccompTest {
  private static final int ALLOW = 0x7fff0000;
  private static final int EPERM = 0x00050001;
  private static final int ENOSYS = 0x00050026;
  private static final int KILL_PROCESS = 0x80000000;
  private static final int EQ = 4;

  private static final int READ = 0;
  private static final int SOCKET = 41;
  private static final int INSTRUCTION_BYTES = 8;

  @BeforeAll
  static void load() {
    NativeLibrary.ensureLoaded();
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  private static RequestWriter policy(String syscall) {
    var out = new RequestWriter();
    out.u32(RequestWriter.VERSION).u32(Syscalls.X86_64).u32(ALLOW).u32(ENOSYS);
    out.count(2);
    out.str("socket").u32(EPERM).count(1).u32(0).u32(EQ).u64(2).u64(0);
    out.str(syscall).u32(KILL_PROCESS).count(0);
    return out;
  }

  private static int verdict(long policy, int syscall, long first) {
    return Natives.seccompVerdict(policy, syscall, direct(48).putLong(0, first));
  }

  @Test
  void aPolicyAnswersAsItsRulesSay() {
    try (var request = policy("read")) {
      long policy = Natives.seccompNew(request.buffer(), request.length(), direct(WireError.BYTES));
      assertTrue(policy > 0);
      assertEquals(KILL_PROCESS, verdict(policy, READ, 0));
      assertEquals(EPERM, verdict(policy, SOCKET, 2));
      assertEquals(ALLOW, verdict(policy, SOCKET, 3));
      assertEquals(ENOSYS, verdict(policy, 9999, 0));
      assertEquals(KILL_PROCESS, Natives.seccompVerdict(policy, SOCKET, direct(47)));
      int length = Natives.seccompProgram(policy, direct(1));
      assertTrue(length > 0 && length % INSTRUCTION_BYTES == 0);
      var program = direct(length);
      assertEquals(length, Natives.seccompProgram(policy, program));
      var bytes = new byte[length];
      program.get(0, bytes);
      assertTrue(bytes.length > 0 && !java.util.Arrays.equals(new byte[length], bytes));
      Natives.seccompFree(policy);
    }
  }

  @Test
  void zeroIsTheBuiltInPolicy() {
    int length = Natives.seccompProgram(0, direct(1));
    assertTrue(length > 0 && length % INSTRUCTION_BYTES == 0);
    var once = direct(length);
    var again = direct(length);
    Natives.seccompProgram(0, once);
    Natives.seccompProgram(0, again);
    var bytes = new byte[length];
    var same = new byte[length];
    once.get(0, bytes);
    again.get(0, same);
    assertArrayEquals(bytes, same);
    int read = System.getProperty("os.arch").equals("amd64") ? READ : 63;
    assertEquals(ALLOW, verdict(0, read, 0));
    assertNotEquals(ALLOW, verdict(0, 9999, 0));
  }

  @Test
  void aPolicyThatCannotBeIsAnErrorWithItsRule() {
    var error = direct(WireError.BYTES);
    try (var request = policy("nosuchcall")) {
      assertEquals(0, Natives.seccompNew(request.buffer(), request.length(), error));
      var refused = Errors.read(error);
      assertEquals(Step.SECCOMP_COMPILE, refused.step());
      assertEquals(1, refused.index());
      assertTrue(refused.detail().contains("nosuchcall"), refused.detail());
      assertEquals(0, Natives.seccompNew(request.buffer(), request.length() - 1, error));
      assertEquals(Step.VALIDATE, Errors.read(error).step());
    }
  }
}
