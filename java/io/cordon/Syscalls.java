package io.cordon;

import io.cordon.internal.jni.NativeLibrary;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.wire.Buffers;
import io.cordon.internal.wire.ReplyReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Names of system calls, which the library knows. */
final class Syscalls {
  /** {@code enum cordon_arch}. */
  static final int NATIVE = 0;

  static final int X86_64 = 1;
  static final int AARCH64 = 2;

  /** linux/audit.h. */
  static final int AUDIT_ARCH_X86_64 = 0xC000003E;

  static final int AUDIT_ARCH_AARCH64 = 0xC00000B7;

  private static final int ARGS = 6;
  private static final int NAME_BYTES = 64;

  private Syscalls() {}

  static Optional<String> name(int number, int arch) {
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

  /** The name on this machine; the number where nobody knows one. */
  static String nameOrNumber(int number) {
    return name(number, NATIVE).orElseGet(() -> Integer.toString(number));
  }

  /** The name by the architecture that the kernel says; empty for another one's. */
  static Optional<String> nameOfAudit(int number, int auditArch) {
    return switch (auditArch) {
      case AUDIT_ARCH_X86_64 -> name(number, X86_64);
      case AUDIT_ARCH_AARCH64 -> name(number, AARCH64);
      default -> Optional.empty();
    };
  }

  static List<Long> readArgs(ReplyReader in) {
    var args = new ArrayList<Long>(ARGS);
    for (int i = 0; i < ARGS; i++) {
      args.add(in.i64());
    }
    return List.copyOf(args);
  }
}
