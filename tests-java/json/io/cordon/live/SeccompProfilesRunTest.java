// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Cause;
import io.cordon.Layer;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.SeccompFilter;
import io.cordon.Status;
import io.cordon.json.SeccompProfiles;
import io.cordon.seccomp.SeccompAction;
import io.cordon.seccomp.SeccompPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Profiles from files, under real programs. */
@ExtendWith(NothingLeft.class)
class SeccompProfilesRunTest {
  private static final int ENOSYS = 38;

  /** What Debian's packages of Docker's and Podman's sources install. */
  private static final List<Path> PROFILES = List.of(
      Path.of(".cache/profiles/docker.json"),
      Path.of(".cache/profiles/containers.json"),
      Path.of("/usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json"),
      Path.of("/usr/share/containers/seccomp.json"));

  private static Result run(SeccompPolicy policy, String... calls) throws SandboxException {
    return Live.runner().seccomp(policy).build().run(Live.command("/programs/few_calls", calls).build());
  }

  private static String runOk(SeccompPolicy policy, String... calls) throws SandboxException {
    var result = Live.check(Status.OK, Cause.NONE, run(policy, calls));
    assertTrue(result.layers().contains(Layer.SECCOMP), result.layers().toString());
    return result.stdout().text();
  }

  @Test
  void theProfilesOfContainerRuntimesRunPrograms() throws Exception {
    var found = PROFILES.stream().filter(Files::exists).toList();
    if (found.isEmpty()) {
      Live.skip("container-profiles: neither of " + PROFILES + " is installed");
    }
    for (var file : found) {
      var profile = SeccompProfiles.read(file);
      assertEquals(List.of(), profile.warnings(), file.toString());
      assertEquals("uname=0\nsocket-unix=0\nnobodys=" + ENOSYS + "\n",
          runOk(profile.policy(), "uname", "socket-unix", "nobodys"));
      var filter = SeccompFilter.of(profile.policy());
      assertFalse(filter.verdict("bpf").equals(SeccompAction.allow()));
      assertFalse(filter.verdict("init_module").equals(SeccompAction.allow()));
      assertEquals(SeccompAction.allow(), filter.verdict("openat"));
    }
  }
}
