// SPDX-License-Identifier: Apache-2.0
package io.cordon.seccomp;

import io.cordon.internal.jni.Syscalls;
import io.cordon.internal.util.Checks;
import io.cordon.internal.util.Errno;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Which system calls a program may make: the built-in policy, none, one from {@link #builder}, one from a file (module
 * {@code io.cordon.json}), or a finished program. Immutable. Any number of threads and sandboxes may share a policy,
 * and should: it is compiled once, when it is first used.
 *
 * <p>Calls of other ABIs (32-bit ones, x32) end the process under every policy but {@link #NONE} and {@link #bpf}.
 *
 * <p>If there are several rules for one call, a rule without conditions decides alone, the first of several. Otherwise
 * a rule whose conditions hold decides; if the conditions of several hold, the one that libseccomp would try first.
 *
 * @since 0.1.0
 */
public final class SeccompPolicy {
  /** The built-in policy: refuses what no ordinary program needs; unknown system calls get ENOSYS. */
  public static final SeccompPolicy DEFAULT = new SeccompPolicy(Kind.DEFAULT, null, null);

  /** No filter; the result lacks {@code Layer.SECCOMP}. */
  public static final SeccompPolicy NONE = new SeccompPolicy(Kind.NONE, null, null);

  private static final int INSTRUCTION_BYTES = 8;

  /** What a policy is made of. The constants are those of {@code enum cordon_seccomp_kind}. */
  public enum Kind {
    /** {@link SeccompPolicy#DEFAULT}. */
    DEFAULT,

    /** {@link SeccompPolicy#NONE}. */
    NONE,

    /** {@link SeccompPolicy#bpf}. */
    BPF,

    /** {@link SeccompPolicy#builder}. */
    RULES
  }

  private record Rules(SeccompAction defaultAction, SeccompAction unknown, List<SeccompRule> list) {}

  private final Kind kind;
  private final byte @Nullable [] program;
  private final @Nullable Rules rules;

  private SeccompPolicy(Kind kind, byte @Nullable [] program, @Nullable Rules rules) {
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
    return new SeccompPolicy(Kind.BPF, program.clone(), null);
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
   * Returns what the policy is made of.
   *
   * @return the kind
   */
  public Kind kind() {
    return kind;
  }

  /**
   * Returns the finished program of {@link #bpf}.
   *
   * @return a buffer of its own that cannot be written to; empty for another kind
   */
  public Optional<ByteBuffer> bpf() {
    return program == null ? Optional.empty() : Optional.of(ByteBuffer.wrap(program).asReadOnlyBuffer());
  }

  /**
   * Lists the system calls of this machine's architecture that are known.
   *
   * @return an immutable map from name to number
   */
  public static SortedMap<String, Integer> systemCalls() {
    return Syscalls.all();
  }

  /**
   * Returns what happens with a known call for which there is no rule.
   *
   * @return the action; empty for a policy that has no rules ({@link #DEFAULT}, {@link #NONE}, {@link #bpf})
   */
  public Optional<SeccompAction> defaultAction() {
    return Optional.ofNullable(rules).map(Rules::defaultAction);
  }

  /**
   * Returns what happens with a call whose number is unknown.
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

  /** Collects a policy. One thread at a time. */
  public static final class Builder {
    private SeccompAction defaultAction = SeccompAction.errno(Errno.EPERM);
    private @Nullable SeccompAction unknown;
    private final List<SeccompRule> rules = new ArrayList<>();

    private Builder() {}

    /**
     * Sets what happens with a known call for which there is no rule.
     *
     * @param action default: errno EPERM
     * @return this
     */
    public Builder defaultAction(SeccompAction action) {
      defaultAction = action;
      return this;
    }

    /**
     * Sets what happens with a call whose number is unknown, such as a call of a newer kernel. Programs try such calls
     * first and fall back after ENOSYS only.
     *
     * @param action default: errno ENOSYS unless the default action is allow, log or trace; else that
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
     * @param names the system calls; at least one. A name that this machine's architecture lacks is left out; an
     *     unknown name is refused when the policy is first used
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
      return new SeccompPolicy(Kind.RULES, null,
          new Rules(defaultAction, unknown == null ? unknownFor(defaultAction) : unknown, List.copyOf(rules)));
    }
  }

  /**
   * Returns the action that a builder takes for unknown calls, as container runtimes do.
   *
   * @param defaultAction the policy's default
   * @return the default where it lets calls through, else ENOSYS
   */
  public static SeccompAction unknownFor(SeccompAction defaultAction) {
    return defaultAction.isPermissive() ? defaultAction : SeccompAction.errno(Errno.ENOSYS);
  }
}
