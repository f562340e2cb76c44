// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.tier;

import io.cordon.Boundary;
import io.cordon.Features;
import io.cordon.KernelFeature;
import io.cordon.Layer;
import io.cordon.PtraceRunner;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.spi.Probe;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** {@link PtraceRunner}. */
public final class PtraceTier extends OwnTier {
  private static final Set<KernelFeature> NEEDED = EnumSet.of(KernelFeature.CLONE3, KernelFeature.PIDFD,
      KernelFeature.OPENAT2, KernelFeature.CLOSE_RANGE, KernelFeature.MEMFD_EXEC, KernelFeature.SECCOMP_FILTER,
      KernelFeature.PTRACE);

  /** What a run without namespaces can have. */
  private static final Set<Layer> LAYERS = EnumSet.of(Layer.NO_NEW_PRIVS, Layer.CAPABILITIES, Layer.SECCOMP,
      Layer.LANDLOCK, Layer.SUPERVISOR, Layer.CGROUP_MEMORY, Layer.CGROUP_PIDS, Layer.CGROUP_CPU, Layer.CGROUP_CPUSET,
      Layer.PATH_POLICY);

  public PtraceTier() {
    super("ptrace");
  }

  @Override
  Probe probe(Features features) {
    var missing = EnumSet.copyOf(NEEDED);
    missing.removeAll(features.kernel());
    if (!missing.isEmpty()) {
      return Probe.fails("there is no " + missing.stream().map(KernelFeature::label).collect(Collectors.joining(", ")));
    }
    var layers = EnumSet.copyOf(LAYERS);
    layers.retainAll(features.layers());
    return Probe.works().boundaries(List.of(Boundary.PROCESS)).layers(layers).build();
  }

  @Override
  public Runner open(SandboxSpec spec) throws SandboxException {
    return PtraceRunner.of(spec);
  }
}
