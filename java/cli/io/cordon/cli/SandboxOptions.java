// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Layer;
import io.cordon.Mount;
import io.cordon.Network;
import io.cordon.SandboxBuilder;
import io.cordon.SandboxSpec;
import io.cordon.json.SeccompProfile;
import io.cordon.seccomp.SeccompPolicy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a sandbox looks like from inside: the options that all commands share that make one. */
final class SandboxOptions {
  @Option(names = "--bind", paramLabel = "SRC[:DST[:rw]]", converter = FileOptions.BindConverter.class,
      description = "Show the host's SRC inside at DST, read-only unless rw.")
  private List<FileOptions.Bind> binds = new ArrayList<>();

  @Option(names = "--tmpfs", paramLabel = "DST[:SIZE]", converter = FileOptions.TmpfsConverter.class,
      description = "Empty writable directory in memory. Default size: 64m.")
  private List<Mount> tmpfs = new ArrayList<>();

  @Option(names = "--network", paramLabel = "KIND", converter = Choices.NetworkKind.class,
      description = "none, loopback or host.")
  @Usual("none")
  private @Nullable Network network;

  @Option(names = "--user", paramLabel = "UID:GID", converter = Values.IdsConverter.class,
      description = "The program's ids as it sees them.")
  @Usual("1000:1000")
  private Values.@Nullable Ids user;

  @Option(names = "--hostname", paramLabel = "NAME", description = "Host name inside.")
  @Usual("cordon")
  private @Nullable String hostname;

  @Option(names = "--domainname", paramLabel = "NAME", description = "Domain name inside.")
  @Usual("cordon")
  private @Nullable String domainname;

  @Option(names = "--seccomp", paramLabel = "POLICY", converter = Choices.Seccomp.class,
      description = "default, none, or a FILE: a profile as Docker has it.")
  @Usual("default")
  @NeedsJvm(unless = {"default", "none"})
  private @Nullable SeccompProfile seccomp;

  private boolean warned;

  @Option(names = "--require", paramLabel = "LAYER", converter = Choices.LayerName.class,
      description = "Refuse to run without this layer, for example cgroup-memory.")
  private List<Layer> require = new ArrayList<>();

  @Option(names = "--apparmor", paramLabel = "PROFILE", description = "AppArmor profile of the program.")
  @Usual("none")
  private @Nullable String apparmor;

  @Option(names = "--selinux", paramLabel = "LABEL", description = "SELinux label of the program.")
  @Usual("none")
  private @Nullable String selinux;

  /** The policy for system calls that holds in the sandbox. */
  SeccompPolicy policy() {
    return seccomp == null ? SeccompPolicy.DEFAULT : seccomp.policy();
  }

  /** Adds the mounts that were asked for to a plan. */
  void addMounts(List<Mount> plan) {
    tmpfs.forEach(plan::add);
    binds.forEach(bind -> plan.add(bind.mount()));
  }

  <B extends SandboxBuilder<B>> B configure(B builder, List<Mount> plan) {
    return configure(builder.mounts(plan));
  }

  /** For a sandbox without namespaces, which refuses what it cannot do. */
  SandboxSpec.Builder configureWithoutNamespaces(SandboxSpec.Builder builder) {
    builder.namespaces(false);
    var plan = new ArrayList<Mount>();
    addMounts(plan);
    plan.forEach(builder::addMount);
    return configure(builder);
  }

  private <B extends SandboxBuilder<B>> B configure(B builder) {
    builder.require(require.toArray(Layer[]::new));
    if (network != null) {
      builder.network(network);
    }
    if (user != null) {
      builder.user(user.uid(), user.gid());
    }
    if (hostname != null) {
      builder.hostname(hostname);
    }
    if (domainname != null) {
      builder.domainname(domainname);
    }
    if (seccomp != null) {
      builder.seccomp(seccomp.policy());
      warn(seccomp);
    }
    if (apparmor != null) {
      builder.apparmorProfile(apparmor);
    }
    if (selinux != null) {
      builder.selinuxLabel(selinux);
    }
    return builder;
  }

  /** Once, although a builder may be configured only to see whether it can be. */
  private void warn(SeccompProfile profile) {
    if (!warned) {
      profile.warnings().forEach(warning -> System.err.println("cordon: warning: " + warning));
    }
    warned = true;
  }
}
