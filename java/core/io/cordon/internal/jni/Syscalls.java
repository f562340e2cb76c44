// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.jni;

import io.cordon.internal.util.Checks;
import io.cordon.internal.wire.Buffers;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Names of system calls, which the library knows. */
public final class Syscalls {
  /** {@code enum cordon_arch}. */
  public static final int NATIVE = 0;

  public static final int X86_64 = 1;
  public static final int AARCH64 = 2;

  /** linux/audit.h. */
  public static final int AUDIT_ARCH_X86_64 = 0xC000003E;

  public static final int AUDIT_ARCH_AARCH64 = 0xC00000B7;

  private static final int NAME_BYTES = 64;

  /** Above every number of both CPUs. */
  private static final int NUMBERS = 1024;

  private Syscalls() {}

  public static Optional<String> name(int number, int arch) {
    NativeLibrary.ensureLoaded();
    var buffer = Buffers.take(NAME_BYTES);
    try {
      var text = new byte[Math.max(0, Natives.syscallName(number, arch, buffer))];
      buffer.get(0, text);
      return text.length == 0 ? Optional.empty() : Optional.of(new String(text, StandardCharsets.US_ASCII));
    } finally {
      Buffers.give(buffer);
    }
  }

  /** The name on this machine; the number where it has none. */
  public static String nameOrNumber(int number) {
    return name(number, NATIVE).orElseGet(() -> Integer.toString(number));
  }

  /** The name by the architecture that the kernel says; empty for another one's. */
  public static Optional<String> nameOfAudit(int number, int auditArch) {
    return switch (auditArch) {
      case AUDIT_ARCH_X86_64 -> name(number, X86_64);
      case AUDIT_ARCH_AARCH64 -> name(number, AARCH64);
      default -> Optional.empty();
    };
  }

  private static int number(String name, int arch) {
    var text = name.getBytes(StandardCharsets.UTF_8);
    NativeLibrary.ensureLoaded();
    var buffer = Buffers.take(text.length);
    try {
      buffer.put(0, text);
      return Natives.syscallNumber(buffer, text.length, arch);
    } finally {
      Buffers.give(buffer);
    }
  }

  /** The number on this machine. */
  public static int number(String name) {
    int number = number(name, NATIVE);
    if (number < 0) {
      throw Checks.refuse("system call", name, "this machine has none of that name");
    }
    return number;
  }

  /** Whether x86_64 or aarch64 has such a call. */
  public static boolean isNumbered(String name) {
    return number(name, X86_64) >= 0 || number(name, AARCH64) >= 0;
  }

  /** All that are known on this machine, by name. */
  public static SortedMap<String, Integer> all() {
    return All.BY_NAME;
  }

  /** Found once, when it is first needed. */
  private static final class All {
    static final SortedMap<String, Integer> BY_NAME;

    static {
      var all = new TreeMap<String, Integer>();
      for (int i = 0; i < NUMBERS; i++) {
        int number = i;
        name(i, NATIVE).ifPresent(name -> all.put(name, number));
      }
      BY_NAME = Collections.unmodifiableSortedMap(all);
    }
  }

  /** AUDIT_ARCH_* of this machine. */
  public static int auditArch() {
    return System.getProperty("os.arch").equals("aarch64") ? AUDIT_ARCH_AARCH64 : AUDIT_ARCH_X86_64;
  }
}
