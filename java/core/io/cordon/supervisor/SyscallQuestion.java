// SPDX-License-Identifier: Apache-2.0
package io.cordon.supervisor;

import io.cordon.internal.jni.Syscalls;
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
 * @param paths the paths that it names, absolute and without symbolic links; chosen by the program. Bytes that are
 *     not UTF-8 are replaced by U+FFFD: refuse such paths if names matter
 * @since 0.1.0
 */
public record SyscallQuestion(int syscall, int pid, List<Long> args, long instructionPointer,
    Set<FilePolicy.Access> access, List<String> paths) {
  /**
   * Returns the name of the system call.
   *
   * @return for example {@code openat}; the number if the name is unknown
   */
  public String name() {
    return Syscalls.nameOrNumber(syscall);
  }
}
