// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Layer;
import io.cordon.Mount;
import io.cordon.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SIGKILL of the JVM in the middle of a run leaves nothing behind. */
@ExtendWith(NothingLeft.class)
@Tag("timing")
@Timeout(60)
class KilledHostTest {
  private static final Duration SOON = Duration.ofSeconds(1);

  /** A family: a child, one that ignores what it can, and one in a session of its own. */
  private static final String FAMILY =
      "(trap '' TERM INT HUP; sleep 600) & setsid sleep 600 & : > /rw/ready; sleep 600";

  /** What the JVM does that gets killed. */
  static final class Host {
    private Host() {}

    public static void main(String[] args) throws Exception {
      var shared = Path.of(args[1]);
      var runner = Live.runner().addMount(Mount.bind(shared, "/rw").writable()).build();
      var command = Live.shell(FAMILY).limits(Live.limits().wallTime(Duration.ofMinutes(2)).build());
      switch (args[0]) {
        case "blocking" -> runner.run(command.build());
        case "asynchronous" -> runner.runAsync(command.build()).get();
        default -> runner.run(command.sync(pid -> {
          Files.createFile(shared.resolve("ready"));
          return new CompletableFuture<Boolean>().get(2, TimeUnit.MINUTES);
        }).build());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"blocking", "asynchronous", "at the sync point"})
  void nothingIsLeft(String mode, @TempDir Path temporary) throws Exception {
    var shared = Live.openDirectory(temporary, "rw");
    var jvm = new Jvm(Host.class.getName(), mode, shared.toString()).start();
    try {
      Live.await("the program is ready", () -> Files.exists(shared.resolve("ready")) || !jvm.isAlive());
      var family = Held.descendantsOf(jvm.pid());
      assertTrue(family.size() >= (mode.startsWith("at") ? 2 : 5), family.toString());
      if (Sandbox.probe().layers().contains(Layer.CGROUP_MEMORY)) {
        assertFalse(Held.groupsOf(jvm.pid()).isEmpty());
      }
      jvm.toHandle().destroyForcibly();
      Live.becomes(SOON, () -> running(family).isEmpty() && Held.groupsOf(jvm.pid()).isEmpty());
      assertEquals(Set.of(), running(family));
      assertEquals(Set.of(), Held.groupsOf(jvm.pid()));
      assertEquals(137, Jvm.finish(jvm).exitCode());
    } finally {
      jvm.destroyForcibly().waitFor();
    }
  }

  private static Set<Long> running(Set<Long> pids) {
    return pids.stream().filter(Held::isRunning).collect(Collectors.toSet());
  }
}
