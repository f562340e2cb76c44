// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Features;
import io.cordon.Layer;
import io.cordon.Network;
import io.cordon.Sandbox;
import io.cordon.SandboxException;
import io.cordon.Step;
import io.cordon.UnshareRunner;
import io.cordon.seccomp.SeccompPolicy;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A sandbox is never weaker than asked for without saying so. */
@ExtendWith(NothingLeft.class)
class LayersTest {
  private static final int EOPNOTSUPP = 95;

  private static Set<Layer> layers(UnshareRunner runner) throws SandboxException {
    return runner.run(Live.subject("exit", "0").build()).layers();
  }

  @Test
  void theLayersOfARunAreThoseOfTheProbe() throws SandboxException {
    var result = Live.runOk(Live.subject("exit", "0"));
    var features = Sandbox.probe();
    assertTrue(features.canRun());
    assertTrue(result.layers().containsAll(EnumSet.of(Layer.USER_NS, Layer.MOUNT_NS, Layer.PID_NS, Layer.NET_NS,
        Layer.IPC_NS, Layer.UTS_NS, Layer.CGROUP_NS, Layer.PIVOT_ROOT, Layer.NO_NEW_PRIVS, Layer.CAPABILITIES,
        Layer.SECCOMP)), result.layers().toString());
    var usual = EnumSet.copyOf(features.layers());
    // those of the runs that ask for them
    usual.removeAll(Set.of(Layer.LANDLOCK, Layer.SUPERVISOR, Layer.CGROUP_CPUSET, Layer.PATH_POLICY));
    assertEquals(usual, result.layers());
    assertEquals(Set.of(), result.missing());
  }

  @Test
  void theProbeIsTrue() throws SandboxException {
    var features = Sandbox.probe();
    assertEquals(System.getProperty("os.version"), features.release());
    assertEquals(System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64", features.machine());
    assertEquals(ProcessHandle.current().info().user().orElse("").equals("root"), features.root());
    assertEquals(7, features.namespaces().size());
    assertTrue(features.namespaces().values().stream().allMatch(errno -> errno == 0), features.toString());
    for (var pair : Map.of(Layer.CGROUP_MEMORY, features.memory(), Layer.CGROUP_PIDS, features.pids()).entrySet()) {
      assertEquals(features.layers().contains(pair.getKey()), pair.getValue().usable(), pair.toString());
    }
    // The layer only counts CPU time; a usable controller also distributes it.
    assertTrue(features.layers().contains(Layer.CGROUP_CPU) || !features.cpu().usable(), features.toString());
    for (var controller : List.of(features.memory(), features.pids(), features.cpu())) {
      assertEquals(controller.usable(), controller.problem().isEmpty(), controller.toString());
    }
    assertEquals(features.layers().contains(Layer.PROC), features.procMountable());
    for (Features.Problem problem : features.problems()) {
      assertFalse(problem.remedy().isEmpty());
    }
    assertTrue(Sandbox.version().matches("[0-9]+\\.[0-9]+\\.[0-9]+.*"), Sandbox.version());
  }

  @Test
  void whatIsRequiredIsThereOrNothingRuns() throws SandboxException {
    var active = layers(Live.RUNNER);
    for (var layer : Layer.values()) {
      var runner = Live.runner().require(layer).build();
      if (active.contains(layer)) {
        assertTrue(layers(runner).contains(layer));
      } else {
        var e = Live.refused(runner, Live.subject("exit", "0"), Step.LAYER, EOPNOTSUPP);
        assertEquals(layer.label(), e.detail());
      }
    }
  }

  @Test
  void whatIsPreferredAndMissingIsSaid() throws SandboxException {
    var runner = Live.runner().prefer(Layer.values()).build();
    var result = runner.run(Live.subject("exit", "0").build());
    assertTrue(result.isOk());
    assertEquals(EnumSet.complementOf(EnumSet.copyOf(result.layers())), result.missing());
  }

  @Test
  void withoutTheFilterTheLayerIsMissing() throws SandboxException {
    var runner = Live.runner().seccomp(SeccompPolicy.NONE).prefer(Layer.SECCOMP).build();
    var result = runner.run(Live.subject("exit", "0").build());
    assertFalse(result.layers().contains(Layer.SECCOMP));
    assertEquals(Set.of(Layer.SECCOMP), result.missing());
    var filter = assertThrows(IllegalArgumentException.class,
        Live.runner().seccomp(SeccompPolicy.NONE).require(Layer.SECCOMP)::build);
    assertTrue(filter.getMessage().contains("seccomp"), filter.getMessage());
  }

  @Test
  void withTheHostsNetworkTheLayerIsMissing() throws SandboxException {
    var runner = Live.runner().network(Network.HOST).prefer(Layer.NET_NS).build();
    var result = runner.run(Live.subject("exit", "0").build());
    assertFalse(result.layers().contains(Layer.NET_NS));
    assertEquals(Set.of(Layer.NET_NS), result.missing());
    assertThrows(IllegalArgumentException.class, Live.runner().network(Network.HOST).require(Layer.NET_NS)::build);
  }
}
