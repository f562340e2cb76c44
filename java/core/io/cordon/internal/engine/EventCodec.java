// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.internal.util.Errno;
import io.cordon.internal.wire.ReplyReader;
import io.cordon.internal.wire.WireException;
import io.cordon.supervisor.Decision;
import io.cordon.supervisor.SecurityEvent;
import io.cordon.supervisor.SyscallQuestion;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads what supervisors notice and ask: {@code struct cordon_event} and QUESTION of {@code csrc/jni/format.h}. */
final class EventCodec {
  /** What the struct of an event takes. */
  static final int BYTES = 272;

  private static final int PATH_BYTES = 184;
  private static final int ENDED = -1;
  private static final int ARGS = 6;
  private static final int PATHS_MAX = 2;
  private static final int STR_BYTES = 5;

  private EventCodec() {}

  static SecurityEvent event(ReplyReader in) {
    var kind = Codes.EVENT_KIND.constant(in.u32());
    int syscall = in.i32();
    int error = in.i32();
    int pid = in.i32();
    long nanos = in.u64();
    long instructionPointer = in.i64();
    var args = args(in);
    int arch = in.i32();
    int length = in.u32();
    var path = in.raw(PATH_BYTES);
    if (length > PATH_BYTES) {
      throw new WireException("event: path of " + length + " bytes");
    }
    return new SecurityEvent(kind, syscall < 0 ? OptionalInt.empty() : OptionalInt.of(syscall), outcome(error), pid,
        // Both are CLOCK_MONOTONIC.
        Instant.now().minusNanos(System.nanoTime() - nanos), instructionPointer, args, arch,
        length == 0 ? Optional.empty() : Optional.of(new String(path, 0, length, StandardCharsets.UTF_8)));
  }

  private static Decision outcome(int error) {
    if (error < ENDED || error > Errno.HIGHEST) {
      throw new WireException("event: errno " + error);
    }
    return error == ENDED ? Decision.kill() : error == 0 ? Decision.allow() : Decision.errno(error);
  }

  static SyscallQuestion question(ReplyReader in) {
    int syscall = in.i32();
    int pid = in.i32();
    var args = args(in);
    long instructionPointer = in.i64();
    var access = Codes.ACCESS.set(in.i32());
    int count = in.count(STR_BYTES);
    if (count > PATHS_MAX) {
      throw new WireException("question: " + count + " paths");
    }
    var paths = new ArrayList<String>(count);
    for (int i = 0; i < count; i++) {
      var path = in.str();
      if (path == null) {
        throw new WireException("question: a path is absent");
      }
      paths.add(path);
    }
    in.end();
    return new SyscallQuestion(syscall, pid, args, instructionPointer, access, List.copyOf(paths));
  }

  private static List<Long> args(ReplyReader in) {
    var args = new ArrayList<Long>(ARGS);
    for (int i = 0; i < ARGS; i++) {
      args.add(in.i64());
    }
    return List.copyOf(args);
  }
}
