// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.engine.RunHandle;
import io.cordon.internal.engine.Running;
import io.cordon.internal.util.Checks;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.supervisor.Engine;
import io.cordon.supervisor.Supervisor;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Runs every command under a {@link Supervisor}, by default without namespaces: for users who cannot make them.
 *
 * <p>Without namespaces the program runs among the caller's processes, in the caller's root and as the caller's user.
 * The only protection is no_new_privs, the default seccomp policy, limits, and the supervisor's file policy, which
 * every command must have; its engine is {@link Engine#AUTO} or {@link Engine#PTRACE}. The work directory is the
 * caller's own unless it is given, and no files are copied in or out. Prefer {@link UnshareRunner} wherever it works:
 * {@link Sandbox#probe} tells.
 *
 * <p>{@link Builder#namespaces namespaces(true)} makes an {@link UnshareRunner} with a supervisor for all commands.
 *
 * <p>Immutable; any number of threads may run commands at once.
 *
 * @since 0.1.0
 */
public final class PtraceRunner implements Runner {
  private static final String POLICY_NEEDS_NAMESPACES = "must be true for a seccomp policy other than the default";

  private final SandboxSpec spec;
  private final String workDir;

  private PtraceRunner(SandboxSpec spec, String workDir) {
    this.spec = spec;
    this.workDir = workDir;
  }

  /**
   * Makes a runner from a description.
   *
   * @param spec the description, without an init command
   * @return a runner; without namespaces its work directory is the JVM's own
   * @throws SandboxException of the kind {@link SandboxException.Kind#UNSUPPORTED} where the description asks for
   *     something else
   */
  public static PtraceRunner of(SandboxSpec spec) throws SandboxException {
    if (!spec.initCommand().isEmpty()) {
      throw SandboxException.unsupported("initCommand", spec.initCommand(), "must not be given; the runner with one is"
          + " container");
    }
    if (!hasDefaultPolicy(spec.namespaces(), spec.seccomp())) {
      throw SandboxException.unsupported("seccomp.none", spec.seccomp().kind(),
          "namespaces " + POLICY_NEEDS_NAMESPACES);
    }
    return new PtraceRunner(spec, ownDirectory());
  }

  /** Without namespaces the filter is all that keeps the program from the caller's other processes. */
  private static boolean hasDefaultPolicy(boolean namespaces, SeccompPolicy seccomp) {
    return namespaces || seccomp == SeccompPolicy.DEFAULT;
  }

  private static String ownDirectory() {
    return System.getProperty("user.dir");
  }

  /**
   * Starts a runner.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Runs a command.
   *
   * @throws SandboxException as {@link Runner#run}; where there are no namespaces of the kind
   *     {@link SandboxException.Kind#UNSUPPORTED} for a command that has no file policy, or needs them
   */
  @Override
  public Result run(Command command) throws SandboxException {
    var supervised = supervised(command);
    return Running.run(() -> RunHandle.open(spec, supervised));
  }

  /**
   * Starts a command; the future fails where {@link #run} would throw.
   */
  @Override
  public CompletableFuture<Result> runAsync(Command command) {
    return Running.start(() -> RunHandle.open(spec, supervised(command)));
  }

  @Override
  public LiveRun start(Command command) throws SandboxException {
    var supervised = supervised(command);
    return Running.live(() -> RunHandle.openLive(spec, supervised));
  }

  /**
   * Returns what the runner's programs live in.
   *
   * @return the description
   */
  public SandboxSpec spec() {
    return spec;
  }

  /**
   * Returns the work directory of commands that were given none, where there are no namespaces.
   *
   * @return an absolute path
   */
  public String workDir() {
    return workDir;
  }

  /** The command with what the runner adds. */
  Command supervised(Command command) throws SandboxException {
    var supervised = spec.complete(command);
    if (spec.namespaces()) {
      return supervised;
    }
    var used = supervised.supervisor().orElse(null);
    if (used == null || used.files().isEmpty()) {
      throw SandboxException.unsupported("supervisor", used == null ? "none" : "without files",
          "must have a file policy where there are no namespaces");
    }
    if (used.engine() != Engine.AUTO && used.engine() != Engine.PTRACE) {
      throw SandboxException.unsupported("supervisor.engine", used.engine(),
          "must be AUTO or PTRACE where there are no namespaces");
    }
    if (!command.copyIn().isEmpty() || !command.copyOut().isEmpty()) {
      throw SandboxException.unsupported(command.copyIn().isEmpty() ? "copyOut" : "copyIn", "given",
          "needs namespaces: the program's files are the host's");
    }
    return supervised.toBuilder().usualWorkDir(workDir).build();
  }

  /** Collects a runner's configuration. One thread at a time. */
  public static final class Builder extends SandboxBuilder<Builder> {
    private @Nullable Supervisor supervisor;
    private boolean namespaces;
    private String workDir = ownDirectory();

    private Builder() {}

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets the supervisor of commands that have none of their own.
     *
     * @param value default: none
     * @return this
     */
    public Builder supervisor(Supervisor value) {
      supervisor = Objects.requireNonNull(value, "supervisor");
      return this;
    }

    /**
     * Says whether programs have namespaces and a root of their own. Without, what those make possible is refused when
     * the runner is built: mounts, names, ids, the network {@link Network#LOOPBACK}, a seccomp policy of one's own.
     *
     * @param use default false
     * @return this
     */
    public Builder namespaces(boolean use) {
      namespaces = use;
      return this;
    }

    /**
     * Sets the work directory of commands that were given none, where there are no namespaces.
     *
     * @param path absolute; default the JVM's own
     * @return this
     */
    public Builder workDir(String path) {
      workDir = Checks.inside("workDir", path);
      return this;
    }

    /**
     * Makes the runner.
     *
     * @return the runner
     */
    public PtraceRunner build() {
      if (!hasDefaultPolicy(namespaces, seccomp)) {
        throw Checks.refuse("namespaces", false, POLICY_NEEDS_NAMESPACES);
      }
      return new PtraceRunner(spec(namespaces, List.of(), supervisor), workDir);
    }
  }
}
