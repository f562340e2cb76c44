// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Layer;
import io.cordon.Mount;
import io.cordon.Network;
import io.cordon.SandboxException;
import io.cordon.SandboxException.Kind;
import io.cordon.SandboxSpec;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.supervisor.Engine;
import io.cordon.supervisor.FilePolicy;
import io.cordon.supervisor.Supervisor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A sandbox is what its description says, or there is none. */
interface DescriptionContract {
  @Test
  @Uses({"hostname", "program.printNames"})
  default void theHostNameIsWhatWasAskedFor(Bench bench) throws Exception {
    var runner = bench.open(spec -> spec.hostname("contract"));
    assertTrue(bench.ok(runner, bench.programs().printNames()).stdout().text().startsWith("contract\n"));
  }

  @Test
  @Uses({"domainname", "program.printNames"})
  default void theDomainNameIsWhatWasAskedFor(Bench bench) throws Exception {
    var runner = bench.open(spec -> spec.domainname("contract.example"));
    assertTrue(bench.ok(runner, bench.programs().printNames()).stdout().text().endsWith("\ncontract.example\n"));
  }

  @Test
  @Uses({"uid", "program.printIds"})
  default void theIdsAreWhatWasAskedFor(Bench bench) throws Exception {
    var runner = bench.open(spec -> spec.user(1234, 5678));
    assertEquals("1234\n5678\n", bench.ok(runner, bench.programs().printIds()).stdout().text());
  }

  /** Needs root: an ordinary user cannot become another user. */
  @Test
  @Uses({"hostUid", "mounts"})
  default void theIdsOnTheHostAreWhatWasAskedFor(Bench bench) throws Exception {
    var shared = bench.directory("shared");
    var result = Bench.heldOrFailed(() -> {
      var runner = bench.open(spec -> spec.hostUser(4321, 8765).addMount(Mount.bind(shared, "/contract").writable()));
      return bench.ok(runner, bench.programs().writeFile("/contract/made", 1));
    });
    if (result != null) {
      assertEquals(4321, Files.getAttribute(shared.resolve("made"), "unix:uid"));
      assertEquals(8765, Files.getAttribute(shared.resolve("made"), "unix:gid"));
    }
  }

  private static Set<String> interfaces(Bench bench, Network network) throws SandboxException {
    var runner = bench.open(spec -> spec.network(network));
    return new TreeSet<>(List.of(bench.ok(runner, bench.programs().printInterfaces()).stdout().text().split("\n")));
  }

  @Test
  @Uses({"network.none", "program.printInterfaces"})
  default void withoutANetworkThereIsAtMostALoopback(Bench bench) throws Exception {
    bench.asksForNamespaces(); // Without, sockets are refused, and the interfaces that are shown are the host's.
    var inside = interfaces(bench, Network.NONE);
    assertTrue(Set.of("lo", "").containsAll(inside), inside.toString());
  }

  @Test
  @Uses({"network.host", "program.printInterfaces"})
  default void withTheHostsNetworkItIsThat(Bench bench) throws Exception {
    try (var lines = Files.lines(Path.of("/proc/net/dev"))) {
      var outside = lines.filter(line -> line.contains(":")).map(line -> line.substring(0, line.indexOf(':')).strip())
          .collect(Collectors.toCollection(TreeSet::new));
      assertEquals(outside, interfaces(bench, Network.HOST));
    }
  }

  @Test
  @Uses("mounts")
  default void directoriesOfTheHostAreShownReadOnly(Bench bench) throws Exception {
    var shown = bench.directory("shown");
    Files.writeString(shown.resolve("file"), "shown");
    var runner = bench.open(spec -> spec.addMount(Mount.bind(shown, "/contract")));
    assertEquals("shown", bench.ok(runner, bench.programs().readFile("/contract/file")).stdout().text());
    assertFalse(bench.run(runner, bench.command(bench.programs().writeFile("/contract/made", 1))).isOk());
    assertFalse(Files.exists(shown.resolve("made")));
  }

  @Test
  @Uses("mounts")
  default void directoriesOfTheHostAreShownWritable(Bench bench) throws Exception {
    var shared = bench.directory("shared");
    var runner = bench.open(spec -> spec.addMount(Mount.bind(shared, "/contract").writable()));
    bench.ok(runner, bench.programs().writeFile("/contract/made", 5));
    assertEquals(5, Files.size(shared.resolve("made")));
  }

  @Test
  @Uses("mounts")
  default void aDirectoryInMemoryHoldsWhatItMay(Bench bench) throws Exception {
    var runner = bench.open(spec -> spec.addMount(Mount.tmpfs("/contract").sizeBytes(1 << 20).mode(0777)));
    bench.ok(runner, bench.programs().writeFile("/contract/fits", 500_000));
    assertFalse(bench.run(runner, bench.command(bench.programs().writeFile("/contract/much", 2_000_000))).isOk());
  }

  @Test
  @Uses("mounts")
  default void aDirectoryToShowMustBeThere(Bench bench) throws Exception {
    var missing = bench.file("missing");
    var failed = Bench.failure(() -> bench.ok(bench.open(spec -> spec.addMount(Mount.bind(missing, "/contract"))),
        bench.programs().exit(0)));
    assertEquals(Kind.NOT_FOUND, failed.kind(), failed.getMessage());
  }

  @Test
  @Uses("seccomp.default")
  default void theUsualFilterIsThere(Bench bench) throws Exception {
    var runner = bench.open(spec -> spec.seccomp(SeccompPolicy.DEFAULT).require(Layer.SECCOMP));
    assertTrue(bench.ok(runner, bench.programs().exit(0)).layers().contains(Layer.SECCOMP));
  }

  @Test
  @Uses("seccomp.none")
  default void withoutAFilterNoneIsClaimed(Bench bench) throws Exception {
    var runner = bench.open(spec -> spec.seccomp(SeccompPolicy.NONE));
    assertFalse(bench.ok(runner, bench.programs().exit(0)).layers().contains(Layer.SECCOMP));
  }

  @Test
  default void whatIsRequiredIsThereOrNothingRuns(Bench bench) throws Exception {
    for (var layer : Layer.values()) {
      try {
        var runner = bench.open(spec -> spec.require(layer));
        var result = bench.ok(runner, bench.programs().exit(0));
        assertTrue(result.layers().contains(layer), layer + " is not in " + result.layers());
        Bench.close(runner);
      } catch (SandboxException e) {
        assertEquals(Kind.UNSUPPORTED, e.kind(), e.getMessage());
        assertEquals("required", e.property().orElse("required"), e.getMessage());
      } catch (Bench.NotDescribable e) {
        // As good as refused.
      }
    }
  }

  @Test
  default void whatIsPreferredAndMissingIsTold(Bench bench) throws Exception {
    var result = bench.ok(bench.open(spec -> spec.prefer(Layer.values())), bench.programs().exit(0));
    assertEquals(EnumSet.allOf(Layer.class), all(result.layers(), result.missing()));
    assertEquals(result.layers().size() + result.missing().size(), Layer.values().length);
    assertEquals(Set.of(), bench.ok(bench.programs().exit(0)).missing());
  }

  private static Set<Layer> all(Set<Layer> some, Set<Layer> others) {
    var all = EnumSet.noneOf(Layer.class);
    all.addAll(some);
    all.addAll(others);
    return all;
  }

  @Test
  @Uses("controlGroups")
  default void withoutControlGroupsNoneIsClaimed(Bench bench) throws Exception {
    var result = bench.ok(bench.open(spec -> spec.controlGroups(false)), bench.programs().exit(0));
    var claimed = EnumSet.of(Layer.CGROUP_MEMORY, Layer.CGROUP_PIDS, Layer.CGROUP_CPU, Layer.CGROUP_CPUSET);
    claimed.retainAll(result.layers());
    assertEquals(Set.of(), claimed);
  }

  @Test
  @Uses("initCommand")
  default void aProgramPreparesTheSandbox(Bench bench) throws Exception {
    var prepares = bench.programs().exit(0).build().args().toArray(String[]::new);
    bench.ok(bench.open(spec -> spec.initCommand(prepares)), bench.programs().exit(0));
    var fails = bench.programs().exit(3).build().args().toArray(String[]::new);
    Bench.failure(() -> bench.ok(bench.open(spec -> spec.initCommand(fails)), bench.programs().exit(0)));
  }

  /** With namespaces where the tier's programs usually have none, and the other way round. */
  @Test
  @Uses("namespaces")
  default void theOtherKindOfDescription(Bench bench) throws Exception {
    var usual = bench.tier().description().build();
    var other = SandboxSpec.builder().namespaces(!usual.namespaces()).seccomp(usual.seccomp());
    usual.supervisor().ifPresent(other::supervisor);
    var result = bench.ok(bench.open(other.build()), bench.programs().exit(0).workDir("/"));
    assertEquals(!usual.namespaces(), result.layers().contains(Layer.PID_NS));
  }

  @Test
  @Uses({"supervisor", "program.file"})
  default void aSupervisorHoldsForEveryCommand(Bench bench) throws Exception {
    var file = bench.programs().file().toRealPath().toString();
    var policy = FilePolicy.builder().read("/").write("/").execute("/").deny(file).build();
    var runner = bench.open(spec -> spec.supervisor(Supervisor.files(Engine.AUTO, policy)));
    assertFalse(bench.run(runner, bench.command(bench.programs().readFile(file))).isOk());
    bench.ok(runner, bench.programs().exit(0));
  }

  private static void isNotIgnored(Bench bench, Consumer<SandboxSpec.Builder> change) throws SandboxException {
    var failed = Bench.failure(() -> bench.run(bench.open(change), bench.command(bench.programs().exit(0))));
    assertTrue(Set.of(Kind.UNSUPPORTED, Kind.NOT_FOUND, Kind.REFUSED).contains(failed.kind()), failed.getMessage());
  }

  @Test
  @Uses("apparmorProfile")
  default void anApparmorProfileThatIsNotThereIsNotIgnored(Bench bench) throws Exception {
    isNotIgnored(bench, spec -> spec.apparmorProfile("no-such-profile"));
  }

  @Test
  @Uses("selinuxLabel")
  default void anSelinuxLabelThatIsNotThereIsNotIgnored(Bench bench) throws Exception {
    isNotIgnored(bench, spec -> spec.selinuxLabel("no:such:label:s0"));
  }
}
