// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.Layer;
import io.cordon.Network;
import io.cordon.SandboxSpec;
import io.cordon.seccomp.SeccompPolicy;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The layers without which the library runs nothing: those that a description names, and those of its kind. */
public final class RequiredLayers {
  private static final Set<Layer> WITH_NAMESPACES = EnumSet.of(Layer.USER_NS, Layer.MOUNT_NS, Layer.PID_NS,
      Layer.IPC_NS, Layer.UTS_NS, Layer.CGROUP_NS, Layer.PIVOT_ROOT, Layer.NO_NEW_PRIVS, Layer.CAPABILITIES);

  private RequiredLayers() {}

  /** Those of a description that asks for nothing special; its mounts, which are read from the host, do not matter. */
  public static Set<Layer> usual() {
    return of(SandboxSpec.builder().mounts(List.of()).build());
  }

  public static Set<Layer> of(SandboxSpec spec) {
    var layers = spec.namespaces() ? EnumSet.copyOf(WITH_NAMESPACES) : EnumSet.of(Layer.NO_NEW_PRIVS);
    if (spec.namespaces() && spec.network() != Network.HOST) {
      layers.add(Layer.NET_NS);
    }
    if (spec.seccomp() != SeccompPolicy.NONE) {
      layers.add(Layer.SECCOMP);
    }
    layers.addAll(spec.required());
    return layers;
  }
}
