// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Checks;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.supervisor.Supervisor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The description of a sandbox for any runner: file system, network, names, ids, system calls, layers. Immutable; may
 * serve any number of runners and containers.
 *
 * <p>{@link UnshareRunner}, {@link Container} and {@link PtraceRunner} have builders that make one on the way. A runner
 * refuses what it cannot hold, by the name of the property.
 *
 * @since 0.1.0
 */
public final class SandboxSpec {
  private static final Set<Layer> BY_NAMESPACES = Collections.unmodifiableSet(EnumSet.of(Layer.USER_NS,
      Layer.MOUNT_NS, Layer.PID_NS, Layer.NET_NS, Layer.IPC_NS, Layer.UTS_NS, Layer.CGROUP_NS, Layer.PIVOT_ROOT,
      Layer.PROC, Layer.OWN_UID,
      Layer.USER_BOUNDS));

  private static final Set<Layer> BY_CONTROL_GROUPS = Collections.unmodifiableSet(
      EnumSet.of(Layer.CGROUP_MEMORY, Layer.CGROUP_PIDS, Layer.CGROUP_CPU));

  private static final int DEFAULT_ID = 1000;

  private final List<Mount> mounts;
  private final Network network;
  private final @Nullable String hostname;
  private final @Nullable String domainname;
  private final int uid;
  private final int gid;
  private final int hostUid;
  private final int hostGid;
  private final SeccompPolicy seccomp;
  private final Set<Layer> required;
  private final Set<Layer> preferred;
  private final List<String> initCommand;
  private final boolean controlGroups;
  private final boolean namespaces;
  private final @Nullable String apparmorProfile;
  private final @Nullable String selinuxLabel;
  private final @Nullable Supervisor supervisor;

  private SandboxSpec(SandboxBuilder<?> b, List<Mount> mounts, Network network, List<String> initCommand,
      boolean namespaces, @Nullable Supervisor supervisor) {
    this.mounts = List.copyOf(mounts);
    this.network = network;
    hostname = b.hostname;
    domainname = b.domainname;
    uid = b.uid == null ? DEFAULT_ID : b.uid;
    gid = b.gid == null ? DEFAULT_ID : b.gid;
    hostUid = b.hostUid;
    hostGid = b.hostGid;
    seccomp = b.seccomp;
    required = Collections.unmodifiableSet(EnumSet.copyOf(b.required));
    preferred = Collections.unmodifiableSet(EnumSet.copyOf(b.preferred));
    this.initCommand = List.copyOf(initCommand);
    controlGroups = b.controlGroups;
    this.namespaces = namespaces;
    apparmorProfile = b.apparmorProfile;
    selinuxLabel = b.selinuxLabel;
    this.supervisor = supervisor;
  }

  /**
   * Returns the description with all defaults.
   *
   * @return the description; its mounts are those of {@link Mount#defaults} at this moment
   */
  public static SandboxSpec defaults() {
    return builder().build();
  }

  /**
   * Starts a description.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  static SandboxSpec withNamespaces(SandboxBuilder<?> b, List<String> initCommand, @Nullable Supervisor supervisor) {
    checkRequired(b);
    var network = b.network == null ? Network.NONE : b.network;
    if (b.required.contains(Layer.NET_NS) && network == Network.HOST) {
      throw Checks.refuse("require", Layer.NET_NS.label(), "the network is HOST");
    }
    var mounts = new ArrayList<>(b.mounts == null ? Mount.defaults() : b.mounts);
    mounts.addAll(b.addedMounts);
    return new SandboxSpec(b, mounts, network, initCommand, true, supervisor);
  }

  /** For programs among the caller's own processes, in its root and as its user. */
  static SandboxSpec withoutNamespaces(SandboxBuilder<?> b, @Nullable Supervisor supervisor) {
    checkRequired(b);
    onlyWithNamespaces("mounts", b.mounts != null || !b.addedMounts.isEmpty());
    onlyWithNamespaces("network loopback", b.network == Network.LOOPBACK);
    onlyWithNamespaces("hostname", b.hostname != null);
    onlyWithNamespaces("domainname", b.domainname != null);
    onlyWithNamespaces("user", b.uid != null);
    onlyWithNamespaces("hostUser", b.hostUid != 0);
    onlyWithNamespaces("a seccomp policy of one's own",
        b.seccomp != SeccompPolicy.DEFAULT && b.seccomp != SeccompPolicy.NONE);
    for (var layer : BY_NAMESPACES) {
      onlyWithNamespaces("require " + layer.label(), b.required.contains(layer));
    }
    var network = b.network == null ? Network.NONE : b.network;
    return new SandboxSpec(b, List.of(), network, List.of(), false, supervisor);
  }

  private static void checkRequired(SandboxBuilder<?> b) {
    if (b.required.contains(Layer.SECCOMP) && b.seccomp == SeccompPolicy.NONE) {
      throw Checks.refuse("require", Layer.SECCOMP.label(), "the seccomp policy is NONE");
    }
    for (var layer : BY_CONTROL_GROUPS) {
      if (b.required.contains(layer) && !b.controlGroups) {
        throw Checks.refuse("require", layer.label(), "control groups are not used");
      }
    }
  }

  private static void onlyWithNamespaces(String what, boolean given) {
    if (given) {
      throw Checks.refuse("namespaces", false, "must be true for " + what);
    }
  }

  /**
   * Returns the mount plan.
   *
   * @return an immutable list, in order
   */
  public List<Mount> mounts() {
    return mounts;
  }

  /**
   * Returns what the program sees of the network.
   *
   * @return the network
   */
  public Network network() {
    return network;
  }

  /**
   * Returns the host name.
   *
   * @return the name; empty: the default
   */
  public Optional<String> hostname() {
    return Optional.ofNullable(hostname);
  }

  /**
   * Returns the domain name.
   *
   * @return the name; empty: the default
   */
  public Optional<String> domainname() {
    return Optional.ofNullable(domainname);
  }

  /**
   * Returns the program's user as it sees it itself.
   *
   * @return 0 or more; without {@link #namespaces} of no meaning, as the program has the caller's
   */
  public int uid() {
    return uid;
  }

  /**
   * Returns the program's group as it sees it itself.
   *
   * @return 0 or more; without {@link #namespaces} of no meaning, as the program has the caller's
   */
  public int gid() {
    return gid;
  }

  /**
   * Returns the program's user on the host.
   *
   * @return above 0; empty: one that nothing else uses, or the caller's own
   */
  public OptionalInt hostUid() {
    return hostUid == 0 ? OptionalInt.empty() : OptionalInt.of(hostUid);
  }

  /**
   * Returns the program's group on the host.
   *
   * @return above 0; empty: one that nothing else uses, or the caller's own
   */
  public OptionalInt hostGid() {
    return hostGid == 0 ? OptionalInt.empty() : OptionalInt.of(hostGid);
  }

  /**
   * Returns which system calls the program may make.
   *
   * @return the policy
   */
  public SeccompPolicy seccomp() {
    return seccomp;
  }

  /**
   * Returns the layers that were asked for and without which nothing is run. A runner may insist on more of its own
   * accord, as {@link UnshareRunner} does.
   *
   * @return an immutable set
   */
  public Set<Layer> required() {
    return required;
  }

  /**
   * Returns the layers whose absence {@link Result#missing} lists.
   *
   * @return an immutable set
   */
  public Set<Layer> preferred() {
    return preferred;
  }

  /**
   * Returns the program that is run once, inside, when a container's root is ready.
   *
   * @return the program and its arguments; empty: none
   */
  public List<String> initCommand() {
    return initCommand;
  }

  /**
   * Tells whether control groups limit and measure what runs.
   *
   * @return true where they are used as far as there are any
   */
  public boolean controlGroups() {
    return controlGroups;
  }

  /**
   * Tells whether programs have namespaces and a root of their own.
   *
   * @return false for programs among the caller's own processes
   */
  public boolean namespaces() {
    return namespaces;
  }

  /**
   * Returns the AppArmor profile of programs.
   *
   * @return the profile's name, or empty
   */
  public Optional<String> apparmorProfile() {
    return Optional.ofNullable(apparmorProfile);
  }

  /**
   * Returns the SELinux label of programs.
   *
   * @return the label, or empty
   */
  public Optional<String> selinuxLabel() {
    return Optional.ofNullable(selinuxLabel);
  }

  /**
   * Returns the supervisor of commands that have none of their own.
   *
   * @return the supervisor, or empty
   */
  public Optional<Supervisor> supervisor() {
    return Optional.ofNullable(supervisor);
  }

  /**
   * Starts from this description: everything stays as it is unless it is set again. What the defaults were counts as
   * given, the mounts for example.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /**
   * Returns a command as this sandbox runs it, for runners.
   *
   * @param command a command
   * @return the same with {@link #supervisor}, where it has none of its own
   */
  public Command complete(Command command) {
    return supervisor == null || command.supervisor().isPresent() ? command
        : command.toBuilder().supervisor(supervisor).build();
  }

  /** Collects a description. One thread at a time. */
  public static final class Builder extends SandboxBuilder<Builder> {
    private List<String> initCommand = List.of();
    private boolean namespaces = true;
    private @Nullable Supervisor supervisor;

    private Builder() {}

    private Builder(SandboxSpec spec) {
      super(spec);
      initCommand = spec.initCommand;
      namespaces = spec.namespaces;
      supervisor = spec.supervisor;
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets a program that is run once, inside, when a container's root is ready: see
     * {@link Container.Builder#initCommand}.
     *
     * @param args the program as a path inside, and its arguments
     * @return this
     */
    public Builder initCommand(String... args) {
      initCommand = checkedInitCommand(args);
      return this;
    }

    /**
     * Says whether programs have namespaces and a root of their own. Without, what those make possible is refused when
     * the description is made: mounts, names, ids, the network {@link Network#LOOPBACK}, a seccomp policy of one's own.
     *
     * @param use default true
     * @return this
     */
    public Builder namespaces(boolean use) {
      namespaces = use;
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
     * Makes the description.
     *
     * @return the description
     */
    public SandboxSpec build() {
      if (!namespaces && !initCommand.isEmpty()) {
        throw Checks.refuse("namespaces", false, "must be true for initCommand");
      }
      return spec(namespaces, initCommand, supervisor);
    }
  }
}
