// SPDX-License-Identifier: Apache-2.0
package io.cordon.supervisor;

import io.cordon.internal.util.Checks;
import io.cordon.internal.util.Errno;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides about single system calls of a running program: by number, by path, by port, or by asking the caller.
 * Immutable.
 *
 * <p>A supervisor adds to the sandbox and its seccomp policy, and takes nothing away: what that policy refuses stays
 * refused. Calls that have no rule and name no file run at full speed.
 *
 * @since 0.1.0
 */
public final class Supervisor {
  /** How many rules for system calls there may be. */
  public static final int MAX_SYSCALLS = 512;

  /** The limit of a rule that only counts: calls are never refused. */
  public static final long COUNT_ONLY = Checks.UNLIMITED;

  private static final Duration DEFAULT_ASK_TIMEOUT = Duration.ofSeconds(1);

  /**
   * A rule for a system call.
   *
   * @param syscall its name
   * @param decision what holds after {@code limit} calls of the run
   * @param limit how many calls are let through before; {@link #COUNT_ONLY}: all are
   */
  public record SyscallRule(String syscall, Decision decision, long limit) {}

  private final Engine engine;
  private final @Nullable FilePolicy files;
  private final @Nullable PortPolicy ports;
  private final List<SyscallRule> syscalls;
  private final @Nullable SyscallHandler handler;
  private final Duration askTimeout;
  private final boolean recording;
  private final boolean auditing;

  private Supervisor(Builder b) {
    engine = b.engine;
    files = b.files;
    ports = b.ports;
    syscalls = List.copyOf(b.syscalls.values());
    handler = b.handler;
    askTimeout = b.askTimeout;
    recording = b.record;
    auditing = b.audit;
  }

  /**
   * Starts a supervisor without rules.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Makes a supervisor that has only a file policy.
   *
   * @param engine the engine that enforces it
   * @param policy the policy
   * @return the supervisor
   */
  public static Supervisor files(Engine engine, FilePolicy policy) {
    return builder().engine(engine).files(policy).build();
  }

  /**
   * Starts from this supervisor.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /**
   * Returns the engine.
   *
   * @return the engine
   */
  public Engine engine() {
    return engine;
  }

  /**
   * Returns the file policy.
   *
   * @return the policy; empty: any file of the sandbox may be used
   */
  public Optional<FilePolicy> files() {
    return Optional.ofNullable(files);
  }

  /**
   * Returns the port policy.
   *
   * @return the policy; empty: any port of the sandbox's network may be used
   */
  public Optional<PortPolicy> ports() {
    return Optional.ofNullable(ports);
  }

  /**
   * Returns the rules for system calls.
   *
   * @return an immutable list, at most one for each name
   */
  public List<SyscallRule> syscalls() {
    return syscalls;
  }

  /**
   * Returns the handler that answers if the decision is {@link Decision#ask}.
   *
   * @return the handler, or empty
   */
  public Optional<SyscallHandler> handler() {
    return Optional.ofNullable(handler);
  }

  /**
   * Returns how long an answer may take.
   *
   * @return the time, after which the call is refused
   */
  public Duration askTimeout() {
    return askTimeout;
  }

  /**
   * Tells whether every system call is counted.
   *
   * @return what {@link Builder#record} says
   */
  public boolean isRecording() {
    return recording;
  }

  /**
   * Tells whether refusals of the seccomp policy and changes of privileges become events.
   *
   * @return what {@link Builder#audit} says
   */
  public boolean isAuditing() {
    return auditing;
  }

  /** Collects a supervisor. One thread at a time. */
  public static final class Builder {
    private Engine engine = Engine.AUTO;
    private @Nullable FilePolicy files;
    private @Nullable PortPolicy ports;
    private final Map<String, SyscallRule> syscalls = new LinkedHashMap<>();
    private @Nullable SyscallHandler handler;
    private Duration askTimeout = DEFAULT_ASK_TIMEOUT;
    private boolean record;
    private boolean audit;

    private Builder() {}

    private Builder(Supervisor other) {
      engine = other.engine;
      files = other.files;
      ports = other.ports;
      other.syscalls.forEach(rule -> syscalls.put(rule.syscall, rule));
      handler = other.handler;
      askTimeout = other.askTimeout;
      record = other.recording;
      audit = other.auditing;
    }

    /**
     * Sets the engine.
     *
     * @param value default {@link Engine#AUTO}
     * @return this
     */
    public Builder engine(Engine value) {
      engine = Objects.requireNonNull(value, "engine");
      return this;
    }

    /**
     * Sets the file policy; by default there is none, and any file of the sandbox may be used.
     *
     * @param policy the policy
     * @return this
     */
    public Builder files(FilePolicy policy) {
      files = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /**
     * Sets the port policy; by default there is none, and any port of the sandbox's network may be used.
     *
     * @param policy the policy
     * @return this
     */
    public Builder ports(PortPolicy policy) {
      ports = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /**
     * Lets a system call fail.
     *
     * @param syscall its name, for example {@code socket}
     * @param error an errno, from 1 to 4095
     * @return this
     */
    public Builder deny(String syscall, int error) {
      return rule(syscall, Decision.errno(error), 0);
    }

    /**
     * Ends the program at a system call.
     *
     * @param syscall its name
     * @return this
     */
    public Builder kill(String syscall) {
      return rule(syscall, Decision.kill(), 0);
    }

    /**
     * Ends the program when it makes a system call too often.
     *
     * @param syscall its name
     * @param calls how many calls of the whole run are allowed, 0 or more
     * @return this
     */
    public Builder limit(String syscall, long calls) {
      return limit(syscall, calls, Decision.kill());
    }

    /**
     * Sets what happens when a system call is made too often.
     *
     * @param syscall its name
     * @param calls how many calls of the whole run are allowed, 0 or more
     * @param then what happens to further ones
     * @return this
     */
    public Builder limit(String syscall, long calls, Decision then) {
      if (then.kind() == Decision.Kind.ALLOW) {
        throw Checks.refuse("limit " + syscall, then, "must be an errno, kill or ask");
      }
      return rule(syscall, then, Checks.notNegative("limit " + syscall, calls));
    }

    /**
     * Counts a system call: {@link io.cordon.Result#syscallCounts}.
     *
     * @param syscall its name
     * @return this
     */
    public Builder count(String syscall) {
      return rule(syscall, Decision.allow(), COUNT_ONLY);
    }

    /**
     * Lets the handler decide about a system call.
     *
     * @param syscall its name
     * @return this
     */
    public Builder ask(String syscall) {
      return rule(syscall, Decision.ask(), 0);
    }

    /**
     * Sets the handler that answers if the decision is {@link Decision#ask}.
     *
     * @param value the handler
     * @return this
     */
    public Builder handler(SyscallHandler value) {
      handler = Objects.requireNonNull(value, "handler");
      return this;
    }

    /**
     * Sets how long an answer may take; a later one is a refusal.
     *
     * @param time above zero; default 1 s
     * @return this
     */
    public Builder askTimeout(Duration time) {
      if (time.equals(Checks.FOREVER)) {
        throw Checks.refuse("askTimeout", "FOREVER", "must have an end");
      }
      askTimeout = Checks.time("askTimeout", time);
      return this;
    }

    /**
     * Counts every system call by its name: {@link io.cordon.Result#syscallCounts}. Stops the program at each one, so
     * it becomes slow; needs ptrace.
     *
     * @param use default false
     * @return this
     */
    public Builder record(boolean use) {
      record = use;
      return this;
    }

    /**
     * Makes events of what the seccomp policy refuses with an errno, and of attempts to change ids or capabilities.
     *
     * @param use default false
     * @return this
     */
    public Builder audit(boolean use) {
      audit = use;
      return this;
    }

    /**
     * Makes the supervisor.
     *
     * @return the supervisor
     */
    public Supervisor build() {
      if (syscalls.size() > MAX_SYSCALLS) {
        throw Checks.refuse("syscalls", syscalls.size() + " rules", "must be at most " + MAX_SYSCALLS);
      }
      if (record && engine != Engine.AUTO && engine != Engine.PTRACE) {
        throw Checks.refuse("record", true, "needs the engine PTRACE");
      }
      if (engine == Engine.KERNEL) {
        checkKernel();
      }
      var asking = new ArrayList<>(syscalls.values());
      asking.removeIf(rule -> rule.decision.kind() != Decision.Kind.ASK);
      boolean outsideAsks = files != null && files.outside().kind() == Decision.Kind.ASK;
      if (handler == null && (outsideAsks || !asking.isEmpty())) {
        throw Checks.refuse("handler", "none", "is needed by " + (outsideAsks ? "the file policy" : "the rule for "
            + asking.get(0).syscall));
      }
      return new Supervisor(this);
    }

    /** What only the kernel keeps must be something that the kernel can say. */
    private void checkKernel() {
      if (files == null && ports == null) {
        throw Checks.refuse("engine", engine, "needs a file policy or a port policy");
      }
      if (!syscalls.isEmpty()) {
        throw Checks.refuse("engine", engine, "has no rules for system calls, and there is one for "
            + syscalls.keySet().iterator().next());
      }
      if (audit) {
        throw Checks.refuse("audit", true, "needs another engine than KERNEL");
      }
      if (files != null) {
        checkKernelFiles(files);
      }
    }

    private static void checkKernelFiles(FilePolicy files) {
      if (!files.outside().equals(Decision.errno(Errno.EACCES))) {
        throw Checks.refuse("files outside", files.outside(), "is EACCES with the engine KERNEL");
      }
      files.beyondLandlock().ifPresent(rule -> {
        throw Checks.refuse("files " + rule.scope().name(), rule.path(), rule.scope() == FilePolicy.Scope.ENTRIES
            ? "the engine KERNEL knows no such rule, but for STAT"
            : "the engine KERNEL cannot give less than a rule above it");
      });
    }

    private Builder rule(String syscall, Decision decision, long limit) {
      Checks.filled("syscall", syscall);
      if (syscalls.putIfAbsent(syscall, new SyscallRule(syscall, decision, limit)) != null) {
        throw Checks.refuse("syscall", syscall, "has a rule already");
      }
      return this;
    }
  }
}
