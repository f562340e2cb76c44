// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Checks;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.supervisor.Supervisor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The properties that the builders of all kinds of sandboxes have. One thread at a time.
 *
 * @param <B> the builder's own type
 * @since 0.1.0
 */
public abstract sealed class SandboxBuilder<B extends SandboxBuilder<B>>
    permits SandboxSpec.Builder, UnshareRunner.Builder, Container.Builder, PtraceRunner.Builder {
  private static final int NAME_MAX = 64; // __NEW_UTS_LEN of Linux.

  @Nullable List<Mount> mounts;
  final List<Mount> addedMounts = new ArrayList<>();
  @Nullable Network network;
  @Nullable String hostname;
  @Nullable String domainname;
  @Nullable Integer uid;
  @Nullable Integer gid;
  int hostUid;
  int hostGid;
  SeccompPolicy seccomp = SeccompPolicy.DEFAULT;
  boolean controlGroups = true;
  @Nullable String apparmorProfile;
  @Nullable String selinuxLabel;
  final Set<Layer> required = EnumSet.noneOf(Layer.class);
  final Set<Layer> preferred = EnumSet.noneOf(Layer.class);

  SandboxBuilder() {}

  /** Everything that was given for a description. What needs namespaces was not, where there are none. */
  SandboxBuilder(SandboxSpec spec) {
    if (spec.namespaces()) {
      mounts = spec.mounts();
      uid = spec.uid();
      gid = spec.gid();
    }
    network = spec.network();
    hostname = spec.hostname().orElse(null);
    domainname = spec.domainname().orElse(null);
    hostUid = spec.hostUid().orElse(0);
    hostGid = spec.hostGid().orElse(0);
    seccomp = spec.seccomp();
    controlGroups = spec.controlGroups();
    apparmorProfile = spec.apparmorProfile().orElse(null);
    selinuxLabel = spec.selinuxLabel().orElse(null);
    required.addAll(spec.required());
    preferred.addAll(spec.preferred());
  }

  abstract B self();

  /** The description, as far as it has been given. */
  SandboxSpec spec(boolean namespaces, List<String> initCommand, @Nullable Supervisor supervisor) {
    return namespaces ? SandboxSpec.withNamespaces(this, initCommand, supervisor)
        : SandboxSpec.withoutNamespaces(this, supervisor);
  }

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
   * Refuses to run anything (step {@link Step#LAYER}) if one of these layers is not available.
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

  static List<String> checkedInitCommand(String... args) {
    for (int i = 0; i < args.length; i++) {
      Checks.text("initCommand[" + i + "]", args[i]);
    }
    return List.of(args);
  }

  private static String name(String field, String value) {
    Checks.filled(field, value);
    if (value.getBytes(StandardCharsets.UTF_8).length > NAME_MAX) {
      throw Checks.refuse(field, value, "must have at most " + NAME_MAX + " bytes");
    }
    return value;
  }
}
