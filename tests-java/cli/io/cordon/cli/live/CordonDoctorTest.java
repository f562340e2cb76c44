// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cordon.Layer;
import io.cordon.Sandbox;
import io.cordon.cli.Main;
import io.cordon.live.Jvm;
import io.cordon.spi.Runners;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code cordon doctor} and {@code cordon --version} as processes of their own. */
@Timeout(90)
class CordonDoctorTest {
  @Test
  void whatTheMachineOffers() throws Exception {
    var features = Sandbox.probe();
    var outcome = new Jvm(Main.class.getName(), "doctor").run();
    assertEquals("", outcome.err());
    assertEquals(features.canRun() ? 0 : 1, outcome.exitCode());
    for (var text : List.of("This machine\n", "What Cordon uses here\n", features.release() + " " + features.machine(),
        "memory controller", "pids controller", "cpu controller", "Landlock", "ptrace", "seccomp-filter",
        features.root() ? "root" : "rootless",
        "the default sandbox    " + (features.canRun() ? "works" : "does not work"))) {
      assertTrue(outcome.out().contains(text), text + "\n" + outcome.out());
    }
    for (var tier : Runners.providers()) {
      assertTrue(outcome.out().contains("  %-22s %s".formatted(tier.name(),
          tier.probe().isWorking() ? "works, behind " : "does not work: ")), outcome.out());
    }
    for (var problem : features.problems()) {
      assertTrue(outcome.out().contains("fix: " + problem.remedy()), outcome.out());
    }
  }

  @Test
  void whatTheMachineOffersAsJson() throws Exception {
    var features = Sandbox.probe();
    var outcome = new Jvm(Main.class.getName(), "doctor", "--json").run();
    assertEquals("", outcome.err());
    assertEquals(features.canRun() ? 0 : 1, outcome.exitCode());
    assertEquals(1, outcome.out().lines().count());
    Map<String, Object> json = JSON.std.mapFrom(outcome.out());
    assertEquals(List.of("release", "machine", "root", "procMountable", "landlockAbi", "kernel", "layers",
        "namespaceErrno", "maxUserNamespaces", "memory", "pids", "cpu", "defaultSandboxWorks", "problems", "runners"),
        List.copyOf(json.keySet()));
    assertEquals(features.release(), json.get("release"));
    assertEquals(features.root(), json.get("root"));
    assertEquals(features.landlockAbi(), json.get("landlockAbi"));
    assertEquals(features.layers().stream().map(Layer::label).toList(), json.get("layers"));
    assertEquals(features.canRun(), json.get("defaultSandboxWorks"));
    Map<?, ?> memory = assertInstanceOf(Map.class, json.get("memory"));
    assertEquals(features.memory().version().version(), memory.get("version"));
    assertEquals(features.memory().usable(), memory.get("usable"));
    assertEquals(features.problems().size(), assertInstanceOf(List.class, json.get("problems")).size());
    List<?> runners = assertInstanceOf(List.class, json.get("runners"));
    assertEquals(Runners.names(), runners.stream().map(runner -> ((Map<?, ?>) runner).get("name")).toList());
    Map<?, ?> unshare = assertInstanceOf(Map.class, runners.get(0));
    assertEquals(List.of("name", "works", "why", "boundaries", "layers"), List.copyOf(unshare.keySet()));
    assertEquals(features.canRun(), unshare.get("works"));
    assertEquals(features.canRun() ? List.of("namespaces", "process") : List.of(), unshare.get("boundaries"));
  }

  @Test
  void theVersion() throws Exception {
    var outcome = new Jvm(Main.class.getName(), "--version").run();
    assertEquals(new Jvm.Outcome(0, "cordon " + Sandbox.version() + "\n", ""), outcome);
  }
}
