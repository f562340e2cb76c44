// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.engine.Answers;
import io.cordon.internal.engine.CompiledPolicy;
import io.cordon.internal.engine.FilterProgram;
import io.cordon.internal.engine.Kept;
import io.cordon.internal.jni.NativeLibrary;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.jni.Syscalls;
import io.cordon.internal.util.Checks;
import io.cordon.internal.wire.Buffers;
import io.cordon.seccomp.SeccompAction;
import io.cordon.seccomp.SeccompPolicy;
import java.lang.ref.Reference;
import java.util.Set;

/**
 * A system call policy, compiled for this machine: its program, and what it answers to calls. Immutable; any thread.
 *
 * <p>Runners compile policies by themselves, each policy once. Use this class to inspect a policy.
 *
 * @since 0.1.0
 */
public final class SeccompFilter {
  private static final int ARGS = 6;

  private final SeccompPolicy policy;

  private SeccompFilter(SeccompPolicy policy) {
    this.policy = policy;
  }

  /**
   * Compiles a policy, unless that was done before.
   *
   * @param policy any policy
   * @return its filter
   * @throws SandboxException (step {@link Step#SECCOMP_COMPILE}) if a rule names an unknown system call,
   *     the index counts names from 0, or where the program would have more than 4096 instructions
   */
  public static SeccompFilter of(SeccompPolicy policy) throws SandboxException {
    compiled(policy, handle -> handle);
    return new SeccompFilter(policy);
  }

  private interface Use<T> {
    T of(long handle) throws SandboxException;
  }

  /** The policy is compiled already, unless {@link Sandbox#shutdown} came in between. */
  private static <T> T compiled(SeccompPolicy policy, Use<T> use) throws SandboxException {
    NativeLibrary.ensureLoaded();
    var lock = Kept.use();
    lock.lock();
    try {
      var compiled = CompiledPolicy.of(policy);
      try {
        return use.of(compiled.handle());
      } finally {
        Reference.reachabilityFence(compiled);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Tells whether there is a system call of this name on any architecture that libseccomp knows.
   *
   * @param name a name such as {@code openat}
   * @return whether a rule may name it
   * @throws SandboxException where that cannot be found out
   */
  public static boolean knows(String name) throws SandboxException {
    return CompiledPolicy.knows(name);
  }

  /**
   * Returns the filter's program for this machine.
   *
   * @return an array of {@code struct sock_filter} as bytes
   * @throws SandboxException (step {@link Step#SECCOMP_COMPILE}) where it cannot be had
   * @throws IllegalStateException for {@link SeccompPolicy#NONE}
   */
  public byte[] program() throws SandboxException {
    if (policy.kind() == SeccompPolicy.Kind.NONE) {
      throw new IllegalStateException("NONE has no program");
    }
    if (policy.bpf().isPresent()) {
      return bpf();
    }
    return compiled(policy, SeccompFilter::program);
  }

  private static byte[] program(long handle) throws SandboxException {
    var buffer = Buffers.take(FilterProgram.MAX_BYTES);
    try {
      int length = Natives.seccompProgram(handle, buffer);
      if (length < 0 || length > buffer.capacity()) {
        throw SandboxException.of(Step.SECCOMP_COMPILE, Math.max(0, -length), "program");
      }
      var copy = new byte[length];
      buffer.get(0, copy);
      return copy;
    } finally {
      Buffers.give(buffer);
    }
  }

  private byte[] bpf() {
    var program = policy.bpf().orElseThrow();
    var copy = new byte[program.remaining()];
    program.get(copy);
    return copy;
  }

  /**
   * Returns what the filter answers to a call.
   *
   * @param syscall a name such as {@code openat}
   * @param args its arguments, at most 6; those that are missing are 0
   * @return the answer
   * @throws IllegalArgumentException where this machine has no such call
   */
  public SeccompAction verdict(String syscall, long... args) {
    return verdict(Syscalls.number(syscall), args);
  }

  /**
   * Returns what the filter answers to a call of this number, which may be unknown.
   *
   * @param number the call's number on this machine; not negative
   * @param args its arguments, at most 6; those that are missing are 0
   * @return the answer
   */
  public SeccompAction verdict(int number, long... args) {
    Checks.notNegative("system call", number);
    Checks.range("number of arguments", args.length, 0, ARGS);
    var all = new long[ARGS];
    System.arraycopy(args, 0, all, 0, args.length);
    return switch (policy.kind()) {
      case NONE -> SeccompAction.allow();
      case BPF -> new FilterProgram(bpf()).answer(number, all);
      case DEFAULT, RULES -> nativeVerdict(number, all);
    };
  }

  private SeccompAction nativeVerdict(int number, long[] args) {
    try {
      return compiled(policy, handle -> verdict(handle, number, args));
    } catch (SandboxException e) {
      throw new IllegalStateException(e); // It could be compiled before.
    }
  }

  private static SeccompAction verdict(long handle, int number, long[] args) {
    var buffer = Buffers.take(ARGS * Long.BYTES);
    try {
      for (int i = 0; i < ARGS; i++) {
        buffer.putLong(i * Long.BYTES, args[i]);
      }
      return Answers.action(Natives.seccompVerdict(handle, number, buffer));
    } finally {
      Buffers.give(buffer);
    }
  }

  /**
   * Returns what the filter may answer to a call, by its arguments.
   *
   * @param syscall a name such as {@code clone}
   * @return every answer there is; one where the arguments do not matter
   * @throws SandboxException as {@link #program}
   * @throws IllegalArgumentException where this machine has no such call
   */
  public Set<SeccompAction> verdicts(String syscall) throws SandboxException {
    int number = Syscalls.number(syscall);
    return policy.kind() == SeccompPolicy.Kind.NONE ? Set.of(SeccompAction.allow())
        : new FilterProgram(program()).answers(number);
  }
}
