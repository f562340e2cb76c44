package io.cordon;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the builders of all kinds of sandboxes have in common. One thread at a time.
 *
 * @param <B> the builder's own type
 */
public abstract sealed class SandboxBuilder<B extends SandboxBuilder<B>>
    permits UnshareRunner.Builder, Container.Builder, PtraceRunner.Builder {
  private static final Set<Layer> ALWAYS_REQUIRED = Collections.unmodifiableSet(EnumSet.of(Layer.USER_NS,
      Layer.MOUNT_NS, Layer.PID_NS, Layer.IPC_NS, Layer.UTS_NS, Layer.CGROUP_NS, Layer.PIVOT_ROOT,
      Layer.NO_NEW_PRIVS, Layer.CAPABILITIES));

  private static final Set<Layer> BY_NAMESPACES = Collections.unmodifiableSet(EnumSet.of(Layer.USER_NS,
      Layer.MOUNT_NS, Layer.PID_NS, Layer.NET_NS, Layer.IPC_NS, Layer.UTS_NS, Layer.CGROUP_NS, Layer.PIVOT_ROOT,
      Layer.PROC, Layer.OWN_UID));

  private static final Set<Layer> BY_CONTROL_GROUPS = Collections.unmodifiableSet(
      EnumSet.of(Layer.CGROUP_MEMORY, Layer.CGROUP_PIDS, Layer.CGROUP_CPU));

  private static final int DEFAULT_ID = 1000;
  private static final int NAME_MAX = 64; // __NEW_UTS_LEN of Linux.

  private @Nullable List<Mount> mounts;
  private final List<Mount> addedMounts = new ArrayList<>();
  private @Nullable Network network;
  private @Nullable String hostname;
  private @Nullable String domainname;
  private @Nullable Integer uid;
  private @Nullable Integer gid;
  private int hostUid;
  private int hostGid;
  private SeccompPolicy seccomp = SeccompPolicy.DEFAULT;
  private boolean controlGroups = true;
  private @Nullable String apparmorProfile;
  private @Nullable String selinuxLabel;
  private final Set<Layer> required = EnumSet.noneOf(Layer.class);
  private final Set<Layer> preferred = EnumSet.noneOf(Layer.class);

  SandboxBuilder() {}

  abstract B self();

  /**
   * Replaces the whole mount plan.
   *
   * @param plan the entries in order; default {@link Mount#defaults}
   * @return this
   */
  public B mounts(List<Mount> plan) {
    mounts = List.copyOf(plan);
    return self();
  }

  /**
   * Adds an entry at the end of the mount plan.
   *
   * @param mount the entry
   * @return this
   */
  public B addMount(Mount mount) {
    addedMounts.add(Objects.requireNonNull(mount, "mount"));
    return self();
  }

  /**
   * Sets what the program sees of the network.
   *
   * @param value default {@link Network#NONE}
   * @return this
   */
  public B network(Network value) {
    network = Objects.requireNonNull(value, "network");
    return self();
  }

  /**
   * Sets the host name.
   *
   * @param name up to 64 bytes; default {@code cordon}
   * @return this
   */
  public B hostname(String name) {
    hostname = name("hostname", name);
    return self();
  }

  /**
   * Sets the domain name.
   *
   * @param name up to 64 bytes; default {@code cordon}
   * @return this
   */
  public B domainname(String name) {
    domainname = name("domainname", name);
    return self();
  }

  /**
   * Sets the program's user and group as it sees them itself.
   *
   * @param userId 0 or more; default 1000. 0 gives the program no capability
   * @param groupId 0 or more; default 1000
   * @return this
   */
  public B user(int userId, int groupId) {
    uid = (int) Checks.notNegative("user uid", userId);
    gid = (int) Checks.notNegative("user gid", groupId);
    return self();
  }

  /**
   * Sets the program's user and group on the host, which needs root. By default ids are taken that nothing else on
   * the host uses, or as an ordinary user the caller's own.
   *
   * @param userId above 0: the host's root is never mapped
   * @param groupId above 0
   * @return this
   */
  public B hostUser(int userId, int groupId) {
    hostUid = (int) Checks.positive("hostUser uid", userId);
    hostGid = (int) Checks.positive("hostUser gid", groupId);
    return self();
  }

  /**
   * Sets which system calls the program may make.
   *
   * @param policy default {@link SeccompPolicy#DEFAULT}
   * @return this
   */
  public B seccomp(SeccompPolicy policy) {
    seccomp = Objects.requireNonNull(policy, "policy");
    return self();
  }

  /**
   * Refuses to run anything (step {@link Step#LAYER}) where one of these layers cannot be had.
   *
   * @param layers layers, in addition to those that are always required
   * @return this
   */
  public B require(Layer... layers) {
    Collections.addAll(required, layers);
    return self();
  }

  /**
   * Runs also without these layers; {@link Result#missing} then lists them.
   *
   * @param layers layers
   * @return this
   */
  public B prefer(Layer... layers) {
    Collections.addAll(preferred, layers);
    return self();
  }

  /**
   * Says whether the kernel's control groups limit and measure what runs.
   *
   * @param use default true: a group in every controller that is usable here. false saves the time that making and
   *     joining one costs; limits then hold per process, and numbers come from what was waited for
   * @return this
   */
  public B controlGroups(boolean use) {
    controlGroups = use;
    return self();
  }

  /**
   * Runs programs under an AppArmor profile that is loaded on the host; refused (step {@link Step#LABEL}) where the
   * kernel has no AppArmor, or no such profile.
   *
   * @param profile the profile's name; default: none
   * @return this
   */
  public B apparmorProfile(String profile) {
    apparmorProfile = Checks.filled("apparmorProfile", profile);
    return self();
  }

  /**
   * Runs programs under an SELinux label; refused (step {@link Step#LABEL}) where the kernel has no SELinux, or refuses
   * the label.
   *
   * @param label for example {@code system_u:system_r:container_t:s0}; default: none
   * @return this
   */
  public B selinuxLabel(String label) {
    selinuxLabel = Checks.filled("selinuxLabel", label);
    return self();
  }

  private void checkRequired() {
    if (required.contains(Layer.SECCOMP) && seccomp == SeccompPolicy.NONE) {
      throw Checks.refuse("require", Layer.SECCOMP.label(), "the seccomp policy is NONE");
    }
    for (var layer : BY_CONTROL_GROUPS) {
      if (required.contains(layer) && !controlGroups) {
        throw Checks.refuse("require", layer.label(), "control groups are not used");
      }
    }
  }

  final SandboxConfig config(List<String> initCommand) {
    checkRequired();
    var shown = network == null ? Network.NONE : network;
    if (required.contains(Layer.NET_NS) && shown == Network.HOST) {
      throw Checks.refuse("require", Layer.NET_NS.label(), "the network is HOST");
    }
    var all = new ArrayList<>(mounts == null ? Mount.defaults() : mounts);
    all.addAll(addedMounts);
    var layers = EnumSet.copyOf(ALWAYS_REQUIRED);
    if (shown != Network.HOST) {
      layers.add(Layer.NET_NS);
    }
    return new SandboxConfig(List.copyOf(all), shown, hostname, domainname, uid == null ? DEFAULT_ID : uid,
        gid == null ? DEFAULT_ID : gid, hostUid, hostGid, seccomp, withRequired(layers),
        Collections.unmodifiableSet(EnumSet.copyOf(preferred)), initCommand, controlGroups, true, apparmorProfile,
        selinuxLabel);
  }

  /** For programs among the caller's own processes, in its root and as its user. */
  final SandboxConfig configWithoutNamespaces() {
    checkRequired();
    onlyWithNamespaces("mounts", mounts != null || !addedMounts.isEmpty());
    onlyWithNamespaces("network", network != null && network != Network.HOST);
    onlyWithNamespaces("hostname", hostname != null);
    onlyWithNamespaces("domainname", domainname != null);
    onlyWithNamespaces("user", uid != null);
    onlyWithNamespaces("hostUser", hostUid != 0);
    onlyWithNamespaces("a seccomp policy other than the default", seccomp != SeccompPolicy.DEFAULT);
    for (var layer : BY_NAMESPACES) {
      onlyWithNamespaces("require " + layer.label(), required.contains(layer));
    }
    return new SandboxConfig(List.of(), Network.HOST, null, null, DEFAULT_ID, DEFAULT_ID, 0, 0, seccomp,
        withRequired(EnumSet.of(Layer.NO_NEW_PRIVS)), Collections.unmodifiableSet(EnumSet.copyOf(preferred)), List.of(),
        controlGroups, false, apparmorProfile, selinuxLabel);
  }

  private static void onlyWithNamespaces(String what, boolean given) {
    if (given) {
      throw Checks.refuse("namespaces", false, "must be true for " + what);
    }
  }

  private Set<Layer> withRequired(Set<Layer> layers) {
    layers.addAll(required);
    if (seccomp != SeccompPolicy.NONE) {
      layers.add(Layer.SECCOMP);
    }
    return Collections.unmodifiableSet(layers);
  }

  private static String name(String field, String value) {
    Checks.filled(field, value);
    if (value.getBytes(StandardCharsets.UTF_8).length > NAME_MAX) {
      throw Checks.refuse(field, value, "must have at most " + NAME_MAX + " bytes");
    }
    return value;
  }
}
