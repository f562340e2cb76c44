package io.cordon;

import io.cordon.internal.wire.ReplyReader;
import io.cordon.internal.wire.WireException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A system call that waits for a decision.
 *
 * @param syscall its number on this machine
 * @param pid the thread that makes it, as the sandbox counts
 * @param args its six arguments, as bits
 * @param instructionPointer where the call is made
 * @param access what the paths are wanted for; empty where the call names none
 * @param paths the paths that it names, absolute and without symbolic links; chosen by the program. Bytes that are no
 *     UTF-8 are replaced, by U+FFFD: refuse those if names matter
 */
public record SyscallQuestion(int syscall, int pid, List<Long> args, long instructionPointer,
    Set<FilePolicy.Access> access, List<String> paths) {
  private static final int PATHS_MAX = 2;
  private static final int STR_BYTES = 5;

  /**
   * Returns the name of the system call.
   *
   * @return for example {@code openat}; the number where nobody knows the name
   */
  public String name() {
    return Syscalls.nameOrNumber(syscall);
  }

  static SyscallQuestion read(ReplyReader in) {
    int syscall = in.i32();
    int pid = in.i32();
    var args = Syscalls.readArgs(in);
    long instructionPointer = in.i64();
    var access = FilePolicy.Access.setOf(in.i32());
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
}
