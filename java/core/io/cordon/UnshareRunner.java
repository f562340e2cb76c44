// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.engine.RunHandle;
import io.cordon.internal.engine.Running;
import io.cordon.seccomp.SeccompPolicy;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Runs every command in a fresh sandbox of its own: new namespaces, a root of its own, no capabilities, a seccomp
 * filter, and nothing that outlives the run.
 *
 * <p>Immutable; any number of threads may run commands at once. Works as root, and as an ordinary user if the kernel
 * allows user namespaces; {@link Sandbox#probe} tells. Needs Linux 5.12 or newer.
 *
 * <p>A sandbox is never weaker than requested: if a required layer is not available, the run is refused before anything
 * starts (step {@link Step#LAYER}). Besides the layers that were asked for, these are required: the namespaces, the
 * root of its own, no_new_privs, empty capabilities, the seccomp filter (unless {@link SeccompPolicy#NONE}) and the
 * network namespace (unless {@link Network#HOST}). Control groups are used if there are any, and are not required by
 * default. {@link Result#layers} lists the layers that were active; {@link Builder#require} with
 * {@link Layer#CGROUP_MEMORY} requires a controller.
 *
 * @since 0.1.0
 */
public final class UnshareRunner implements Runner {
  private final SandboxSpec spec;

  private UnshareRunner(SandboxSpec spec) {
    this.spec = spec;
  }

  /**
   * Makes a runner with the defaults.
   *
   * @return a runner
   */
  public static UnshareRunner create() {
    return builder().build();
  }

  /**
   * Makes a runner from a description.
   *
   * @param spec the description, with namespaces and without an init command
   * @return a runner
   * @throws SandboxException of the kind {@link SandboxException.Kind#UNSUPPORTED} where the description asks for
   *     something else
   */
  public static UnshareRunner of(SandboxSpec spec) throws SandboxException {
    if (!spec.namespaces()) {
      throw SandboxException.unsupported("namespaces", false, "must be true; the runner without is ptrace");
    }
    if (!spec.initCommand().isEmpty()) {
      throw SandboxException.unsupported("initCommand", spec.initCommand(), "must not be given; the runner with one is"
          + " container");
    }
    return new UnshareRunner(spec);
  }

  /**
   * Starts a runner.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public Result run(Command command) throws SandboxException {
    return Running.run(() -> RunHandle.open(spec, command));
  }

  @Override
  public CompletableFuture<Result> runAsync(Command command) {
    return Running.start(() -> RunHandle.open(spec, command));
  }

  @Override
  public LiveRun start(Command command) throws SandboxException {
    return Running.live(() -> RunHandle.openLive(spec, command));
  }

  /**
   * Returns what the runner's sandboxes are like.
   *
   * @return the description
   */
  public SandboxSpec spec() {
    return spec;
  }

  /** Collects a runner's configuration. One thread at a time. */
  public static final class Builder extends SandboxBuilder<Builder> {
    private Builder() {}

    @Override
    Builder self() {
      return this;
    }

    /**
     * Makes the runner.
     *
     * @return the runner
     */
    public UnshareRunner build() {
      return new UnshareRunner(spec(true, List.of(), null));
    }
  }
}
