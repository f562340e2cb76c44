// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.cli.Main;
import io.cordon.json.SeccompProfiles;
import io.cordon.live.Jvm;
import io.cordon.live.Live;
import io.cordon.seccomp.SeccompAction;
import io.cordon.seccomp.SeccompPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code cordon run --seccomp FILE} and {@code cordon seccomp} as processes of their own. */
@Timeout(90)
class CordonSeccompTest {
  private static Jvm.Outcome cordon(String... args) throws Exception {
    return new Jvm(Main.class.getName(), args).run();
  }

  private static Jvm.Outcome run(String runner, Path profile, String... calls) throws Exception {
    var args = new ArrayList<>(List.of("run", "--runner", runner, "--cpu-time", "5s", "--seccomp",
        profile.toString(), "--", Live.PROGRAMS.resolve("few_calls").toString()));
    args.addAll(List.of(calls));
    return cordon(args.toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"unshare", "container"})
  void aProfileHoldsForTheProgram(String runner, @TempDir Path directory) throws Exception {
    var profile = directory.resolve("p.json");
    SeccompProfiles.write(SeccompPolicy.builder().defaultAction(SeccompAction.allow()).errno(97, "socket").build(),
        profile);
    assertEquals(new Jvm.Outcome(0, "getppid=0\nsocket-unix=97\n", ""), run(runner, profile, "getppid", "socket-unix"));
  }

  @Test
  void whatIsWrongWithAProfileIsSaid(@TempDir Path directory) throws Exception {
    var profile = directory.resolve("p.json");
    Files.writeString(profile, "{\"defaultAction\": \"SCMP_ACT_ALLOW\",\n \"syscalls\": [{\"names\": [\"opne\"],"
        + " \"action\": \"SCMP_ACT_ERRNO\"}]}");
    assertEquals(new Jvm.Outcome(0, "getppid=0\n", "cordon: warning: " + profile
        + ":2:26: syscalls[0].names[0]: \"opne\": no system call that is known; left out\n"),
        run("unshare", profile, "getppid"));
    Files.writeString(profile, "{\"defaultAction\": \"SCMP_ACT_ALLOW\",\n \"syscalls\": {}}");
    var outcome = run("unshare", profile, "getppid");
    assertEquals(2, outcome.exitCode());
    assertTrue(outcome.err().contains(profile + ":2:14: syscalls: an object: must be an array\n"), outcome.err());
  }

  @Test
  void verdicts() throws Exception {
    assertEquals(new Jvm.Outcome(0, "errno EPERM\n", ""), cordon("seccomp", "test", "default", "mount"));
    assertEquals(new Jvm.Outcome(0, "allow\n", ""), cordon("seccomp", "test", "default", "read", "-1"));
    var explained = cordon("seccomp", "explain", "default");
    assertEquals(0, explained.exitCode(), explained.err());
    assertTrue(explained.out().contains("errno EPERM (") && explained.out().contains(" instructions\n"),
        explained.out());
  }
}
