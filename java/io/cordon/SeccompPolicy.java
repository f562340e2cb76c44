package io.cordon;

import io.cordon.internal.jni.NativeLibrary;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.wire.Buffers;
import io.cordon.internal.wire.RequestWriter;
import io.cordon.internal.wire.WireError;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.nio.BufferOverflowException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which system calls a program may make: the built-in policy, none, one from {@link #builder}, one from a file
 * ({@link SeccompProfiles}), or a finished program. Immutable; any number of threads and sandboxes may share one, and
 * should: it is compiled once, when it is first used.
 *
 * <p>Calls of other ABIs (32-bit ones, x32) end the process under every policy but {@link #NONE} and {@link #bpf}.
 *
 * <p>Of several rules for one call the one without conditions decides alone, the first of several. Else a rule whose
 * conditions hold decides; where those of several hold, the one that libseccomp would try first.
 */
public final class SeccompPolicy {
  /** The built-in policy: refuses what no ordinary program needs; unknown system calls get ENOSYS. */
  public static final SeccompPolicy DEFAULT = new SeccompPolicy(0, null, null);

  /** No filter; the result lacks {@link Layer#SECCOMP}. */
  public static final SeccompPolicy NONE = new SeccompPolicy(1, null, null);

  private static final int BPF = 2;
  private static final int RULES = 3;

  private static final int INSTRUCTION_BYTES = 8;
  private static final int ARGS = 6;

  /** What {@link #isKnown} has found out by compiling, which takes a while; a few hundred names at most. */
  private static final Set<String> OF_OTHER_MACHINES = ConcurrentHashMap.newKeySet();

  final int kind;
  final byte @Nullable [] program;
  private final @Nullable Rules rules;

  /** Guards {@code compiled}. */
  private final Object lock = new Object();
  private @Nullable Compiled compiled;

  private record Rules(SeccompAction defaultAction, SeccompAction unknown, List<SeccompRule> list) {}

  /**
   * A native policy. It is freed some time after its owner was collected, when the next one is compiled. A
   * {@link java.lang.ref.Cleaner} would be sooner, but its thread would keep the class loader of every policy in a static
   * field.
   */
  private static final class Compiled extends PhantomReference<SeccompPolicy> {
    private static final ReferenceQueue<SeccompPolicy> COLLECTED = new ReferenceQueue<>();
    private static final Set<Compiled> ALL = ConcurrentHashMap.newKeySet();

    final long handle;

    Compiled(SeccompPolicy owner, long handle) {
      super(owner, COLLECTED);
      this.handle = handle;
      ALL.add(this);
    }

    static void freeCollected() {
      for (var collected = COLLECTED.poll(); collected != null; collected = COLLECTED.poll()) {
        ((Compiled) collected).free();
      }
    }

    static void freeAll() {
      ALL.forEach(Compiled::free);
    }

    private void free() {
      if (ALL.remove(this)) {
        Natives.seccompFree(handle);
      }
    }

    boolean isFreed() {
      return !ALL.contains(this);
    }
  }

  private SeccompPolicy(int kind, byte @Nullable [] program, @Nullable Rules rules) {
    this.kind = kind;
    this.program = program;
    this.rules = rules;
  }

  /**
   * A finished filter program for the machine's native architecture.
   *
   * @param program an array of {@code struct sock_filter} as bytes, which are copied: a multiple of 8, not empty
   * @return the policy
   */
  public static SeccompPolicy bpf(byte[] program) {
    if (program.length == 0 || program.length % INSTRUCTION_BYTES != 0) {
      throw Checks.refuse("seccomp program", program.length + " bytes", "must be a multiple of 8 and not empty");
    }
    return new SeccompPolicy(BPF, program.clone(), null);
  }

  /**
   * Starts a policy that refuses everything with EPERM.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Lists the system calls of this machine's architecture that are known.
   *
   * @return their names, sorted
   */
  public static List<String> systemCalls() {
    return List.copyOf(Syscalls.all().keySet());
  }

  /**
   * Returns what happens with a known call that no rule speaks of.
   *
   * @return the action; empty for a policy that has no rules ({@link #DEFAULT}, {@link #NONE}, {@link #bpf})
   */
  public Optional<SeccompAction> defaultAction() {
    return Optional.ofNullable(rules).map(Rules::defaultAction);
  }

  /**
   * Returns what happens with a call whose number nobody knows.
   *
   * @return the action; empty for a policy that has no rules
   */
  public Optional<SeccompAction> unknownAction() {
    return Optional.ofNullable(rules).map(Rules::unknown);
  }

  /**
   * Returns the rules, in the order in which they were given.
   *
   * @return the rules; empty for a policy that has none
   */
  public List<SeccompRule> rules() {
    return rules == null ? List.of() : rules.list;
  }

  /** Makes the native policy of kind 3, where it is not there; for others does nothing. In {@link Kept#use}. */
  void compile() throws SandboxException {
    if (rules == null) {
      return;
    }
    synchronized (lock) {
      if (compiled == null || compiled.isFreed()) {
        Compiled.freeCollected();
        compiled = new Compiled(this, compile(rules.defaultAction, rules.unknown, rules.list));
      }
    }
  }

  /**
   * The native policy of kind 3, which {@link #compile} made; else 0. Whoever uses it keeps this policy reachable, and
   * does so in the same {@link Kept#use}, or in a sandbox that was opened there.
   */
  long handle() {
    synchronized (lock) {
      if (rules != null && (compiled == null || compiled.isFreed())) {
        throw new IllegalStateException("the policy is not compiled");
      }
      return compiled == null ? 0 : compiled.handle;
    }
  }

  /** Frees all native policies; each is compiled again where it is used again. */
  static void releaseAll() {
    Compiled.freeAll();
  }

  private static long compile(SeccompAction defaultAction, SeccompAction unknown, List<SeccompRule> rules)
      throws SandboxException {
    NativeLibrary.ensureLoaded();
    var error = Buffers.take(WireError.BYTES);
    try (var request = new RequestWriter()) {
      request.u32(RequestWriter.VERSION).u32(Syscalls.NATIVE).u32(defaultAction.number()).u32(unknown.number());
      request.count(rules.stream().mapToInt(rule -> rule.names().size()).sum());
      rules.forEach(rule -> rule.names().forEach(name -> write(request, rule, name)));
      long compiled = Natives.seccompNew(request.buffer(), request.length(), error);
      if (compiled == 0) {
        throw RunCodec.readError(error);
      }
      return compiled;
    } catch (BufferOverflowException e) {
      throw SandboxException.of(Step.VALIDATE, 0, "seccomp policy: over 2 GiB");
    } finally {
      Buffers.give(error);
    }
  }

  private static void write(RequestWriter out, SeccompRule rule, String name) {
    out.str(name).u32(rule.action().number()).count(rule.conditions().size());
    for (var condition : rule.conditions()) {
      out.u32(condition.index()).u32(condition.op().number).u64(condition.value()).u64(condition.valueTwo());
    }
  }

  /**
   * Whether the library knows a system call of any architecture: it lists none, but refuses a rule for another name.
   */
  static boolean isKnown(String name) throws SandboxException {
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

  /**
   * Returns the filter's program for this machine.
   *
   * @return an array of {@code struct sock_filter} as bytes
   * @throws SandboxException (step {@link Step#SECCOMP_COMPILE}) where a rule names a system call that nobody knows,
   *     the index counts names from 0, or where the program would have more than 4096 instructions
   * @throws IllegalStateException for {@link #NONE}
   */
  public byte[] program() throws SandboxException {
    if (kind == NONE.kind) {
      throw new IllegalStateException("NONE has no program");
    }
    if (program != null) {
      return program.clone();
    }
    NativeLibrary.ensureLoaded();
    var use = Kept.use();
    use.lock();
    var buffer = Buffers.take(FilterProgram.MAX_BYTES);
    try {
      compile();
      int length = Natives.seccompProgram(handle(), buffer);
      if (length < 0 || length > buffer.capacity()) {
        throw SandboxException.of(Step.SECCOMP_COMPILE, Math.max(0, -length), "program");
      }
      var copy = new byte[length];
      buffer.get(0, copy);
      return copy;
    } finally {
      Buffers.give(buffer);
      use.unlock();
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Returns what the filter answers to a call.
   *
   * @param syscall a name such as {@code openat}
   * @param args its arguments, at most 6; those that are missing are 0
   * @return the answer
   * @throws SandboxException as {@link #program}
   * @throws IllegalArgumentException where this machine has no such call
   */
  public SeccompAction verdict(String syscall, long... args) throws SandboxException {
    return verdict(Syscalls.number(syscall), args);
  }

  /**
   * Returns what the filter answers to a call of this number, also of one that nobody knows.
   *
   * @param number the call's number on this machine; not negative
   * @param args its arguments, at most 6; those that are missing are 0
   * @return the answer
   * @throws SandboxException as {@link #program}
   */
  public SeccompAction verdict(int number, long... args) throws SandboxException {
    Checks.notNegative("system call", number);
    Checks.range("number of arguments", args.length, 0, ARGS);
    if (kind == NONE.kind) {
      return SeccompAction.allow();
    }
    var all = new long[ARGS];
    System.arraycopy(args, 0, all, 0, args.length);
    return program != null ? new FilterProgram(program).answer(number, all) : nativeVerdict(number, all);
  }

  private SeccompAction nativeVerdict(int number, long[] args) throws SandboxException {
    NativeLibrary.ensureLoaded();
    var use = Kept.use();
    use.lock();
    var buffer = Buffers.take(ARGS * Long.BYTES);
    try {
      compile();
      for (int i = 0; i < ARGS; i++) {
        buffer.putLong(i * Long.BYTES, args[i]);
      }
      return SeccompAction.of(Natives.seccompVerdict(handle(), number, buffer));
    } finally {
      Buffers.give(buffer);
      use.unlock();
      Reference.reachabilityFence(this);
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
    return kind == NONE.kind ? Set.of(SeccompAction.allow()) : new FilterProgram(program()).answers(number);
  }

  /** Builds a policy. Not for several threads. */
  public static final class Builder {
    private SeccompAction defaultAction = SeccompAction.errno(Errno.EPERM);
    private @Nullable SeccompAction unknown;
    private final List<SeccompRule> rules = new ArrayList<>();

    private Builder() {}

    /**
     * Sets what happens with a known call that no rule speaks of.
     *
     * @param action default: errno EPERM
     * @return this
     */
    public Builder defaultAction(SeccompAction action) {
      defaultAction = action;
      return this;
    }

    /**
     * Sets what happens with a call whose number nobody knows, one of a newer kernel. Programs try such calls first and
     * fall back after ENOSYS only.
     *
     * @param action default: errno ENOSYS where the default action is none of allow, log and trace, else that
     * @return this
     */
    public Builder unknown(SeccompAction action) {
      unknown = action;
      return this;
    }

    /**
     * Lets calls go on.
     *
     * @param names for example {@code read}, {@code write}
     * @return this
     */
    public Builder allow(String... names) {
      return rule(SeccompAction.allow(), List.of(names));
    }

    /**
     * Lets calls fail.
     *
     * @param errno an errno of Linux, from 0 to 4095
     * @param names the system calls
     * @return this
     */
    public Builder errno(int errno, String... names) {
      return rule(SeccompAction.errno(errno), List.of(names));
    }

    /**
     * Ends a process at calls.
     *
     * @param names the system calls
     * @return this
     */
    public Builder kill(String... names) {
      return rule(SeccompAction.kill(), List.of(names));
    }

    /**
     * Ends a thread at calls.
     *
     * @param names the system calls
     * @return this
     */
    public Builder killThread(String... names) {
      return rule(SeccompAction.killThread(), List.of(names));
    }

    /**
     * Sends a thread SIGSYS at calls.
     *
     * @param names the system calls
     * @return this
     */
    public Builder trap(String... names) {
      return rule(SeccompAction.trap(), List.of(names));
    }

    /**
     * Lets calls go on and has the kernel log them.
     *
     * @param names the system calls
     * @return this
     */
    public Builder log(String... names) {
      return rule(SeccompAction.log(), List.of(names));
    }

    /**
     * Asks a tracer at calls.
     *
     * @param names the system calls
     * @return this
     */
    public Builder trace(String... names) {
      return rule(SeccompAction.trace(0), List.of(names));
    }

    /**
     * Asks a listener at calls.
     *
     * @param names the system calls
     * @return this
     */
    public Builder notify(String... names) {
      return rule(SeccompAction.askListener(), List.of(names));
    }

    /**
     * Adds a rule.
     *
     * @param action what is done
     * @param names the system calls; at least one. A name that this machine's architecture lacks is left out; one that
     *     nobody knows is refused when the policy is first used
     * @param conditions all of them must hold; none: always
     * @return this
     */
    public Builder rule(SeccompAction action, List<String> names, SeccompCondition... conditions) {
      return rule(new SeccompRule(action, names, List.of(conditions)));
    }

    /**
     * Adds a rule.
     *
     * @param rule the rule
     * @return this
     */
    public Builder rule(SeccompRule rule) {
      rules.add(rule);
      return this;
    }

    /**
     * Makes the policy.
     *
     * @return the policy
     */
    public SeccompPolicy build() {
      return new SeccompPolicy(RULES, null,
          new Rules(defaultAction, unknown == null ? unknownFor(defaultAction) : unknown, List.copyOf(rules)));
    }
  }

  /** What a builder takes for a call that nobody knows, as runtimes of containers do it. */
  static SeccompAction unknownFor(SeccompAction defaultAction) {
    return defaultAction.isPermissive() ? defaultAction : SeccompAction.errno(Errno.ENOSYS);
  }
}
