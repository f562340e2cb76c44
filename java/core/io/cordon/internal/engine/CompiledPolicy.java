// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.SandboxException;
import io.cordon.Step;
import io.cordon.internal.jni.NativeLibrary;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.jni.Syscalls;
import io.cordon.internal.wire.Buffers;
import io.cordon.internal.wire.Numbers;
import io.cordon.internal.wire.RequestWriter;
import io.cordon.internal.wire.WireError;
import io.cordon.seccomp.SeccompAction;
import io.cordon.seccomp.SeccompCondition;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.seccomp.SeccompRule;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.nio.BufferOverflowException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The native form of a policy of rules: made once for each policy, when it is first used. A caller gets it under
 * {@link Kept#use}, and within that uses it or opens the sandbox that does. It holds it as long as a native may use the
 * handle.
 *
 * <p>It is freed some time after it is not held any more, when the next one is compiled, and by {@link #releaseAll}. A
 * {@link java.lang.ref.Cleaner} would be sooner, but its thread would keep the class loader of every policy in a static
 * field.
 */
public final class CompiledPolicy {
  private static final Numbers<SeccompCondition.Op> OP = new Numbers<>("op", SeccompCondition.Op.class, 1);

  /** For the kinds that have no rules. */
  private static final CompiledPolicy NOTHING = new CompiledPolicy(0);

  /** Policies are compared by identity: they do not define equals. Guarded by itself. */
  private static final Map<SeccompPolicy, CompiledPolicy> COMPILED = new WeakHashMap<>();

  private static final ReferenceQueue<CompiledPolicy> COLLECTED = new ReferenceQueue<>();

  /** Guarded by {@link #COMPILED}. */
  private static final Set<Owned> ALL = new HashSet<>();

  /** What {@link #knows} has found out by compiling, which takes a while; a few hundred names at most. */
  private static final Set<String> OF_OTHER_MACHINES = ConcurrentHashMap.newKeySet();

  private final long handle;

  private CompiledPolicy(long handle) {
    this.handle = handle;
  }

  /** What is to be freed. */
  private static final class Owned extends PhantomReference<CompiledPolicy> {
    private final long handle;

    Owned(CompiledPolicy compiled) {
      super(compiled, COLLECTED);
      handle = compiled.handle;
    }
  }

  /** Compiles a policy, where that has not been done. Under {@link Kept#use}. */
  public static CompiledPolicy of(SeccompPolicy policy) throws SandboxException {
    if (policy.kind() != SeccompPolicy.Kind.RULES) {
      return NOTHING;
    }
    synchronized (COMPILED) {
      var compiled = COMPILED.get(policy);
      if (compiled == null) {
        freeCollected();
        compiled = new CompiledPolicy(compile(policy.defaultAction().orElseThrow(),
            policy.unknownAction().orElseThrow(), policy.rules()));
        ALL.add(new Owned(compiled));
        COMPILED.put(policy, compiled);
      }
      return compiled;
    }
  }

  private static void freeCollected() {
    for (var collected = COLLECTED.poll(); collected != null; collected = COLLECTED.poll()) {
      if (ALL.remove(collected)) {
        Natives.seccompFree(((Owned) collected).handle);
      }
    }
  }

  /** Frees all of them, while none is in use; each is compiled again where it is used again. */
  static void releaseAll() {
    synchronized (COMPILED) {
      COMPILED.clear();
      ALL.forEach(owned -> Natives.seccompFree(owned.handle));
      ALL.clear();
    }
  }

  /** The native policy; 0 where the policy has no rules. */
  public long handle() {
    return handle;
  }

  /**
   * Tells whether the library knows a system call of any architecture: it lists none, but refuses a rule for another
   * name.
   */
  public static boolean knows(String name) throws SandboxException {
    if (Syscalls.isNumbered(name) || OF_OTHER_MACHINES.contains(name)) {
      return true;
    }
    try {
      var allow = SeccompAction.allow();
      Natives.seccompFree(compile(allow, allow, List.of(new SeccompRule(allow, List.of(name), List.of()))));
      OF_OTHER_MACHINES.add(name);
      return true;
    } catch (SandboxException e) {
      if (e.step() == Step.SECCOMP_COMPILE) {
        return false;
      }
      throw e;
    }
  }

  private static long compile(SeccompAction defaultAction, SeccompAction unknown, List<SeccompRule> rules)
      throws SandboxException {
    NativeLibrary.ensureLoaded();
    var error = Buffers.take(WireError.BYTES);
    try (var request = new RequestWriter()) {
      request.u32(RequestWriter.VERSION).u32(Syscalls.NATIVE);
      request.u32(Answers.number(defaultAction)).u32(Answers.number(unknown));
      request.count(rules.stream().mapToInt(rule -> rule.names().size()).sum());
      rules.forEach(rule -> rule.names().forEach(name -> write(request, rule, name)));
      long compiled = Natives.seccompNew(request.buffer(), request.length(), error);
      if (compiled == 0) {
        throw Errors.read(error);
      }
      return compiled;
    } catch (BufferOverflowException e) {
      throw SandboxException.of(Step.VALIDATE, 0, "seccomp policy: over 2 GiB");
    } finally {
      Buffers.give(error);
    }
  }

  private static void write(RequestWriter out, SeccompRule rule, String name) {
    out.str(name).u32(Answers.number(rule.action())).count(rule.conditions().size());
    for (var condition : rule.conditions()) {
      out.u32(condition.index()).u32(OP.of(condition.op())).u64(condition.value()).u64(condition.valueTwo());
    }
  }
}
