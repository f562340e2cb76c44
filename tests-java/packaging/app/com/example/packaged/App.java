// SPDX-License-Identifier: Apache-2.0
package com.example.packaged;

import io.cordon.Command;
import io.cordon.Limits;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.UnshareRunner;
import io.cordon.json.SeccompProfiles;
import io.cordon.spi.Runners;
import java.time.Duration;

/** Runs a program under a profile in JSON, and prints what became of it, where Cordon's classes are, and its tiers. */
public final class App {
  private static final String PROFILE = "{\"defaultAction\": \"SCMP_ACT_ALLOW\"}";

  private App() {}

  /**
   * Runs a program with a policy read from a profile.
   *
   * @param arguments not used
   * @throws SandboxException where the sandbox cannot be set up
   */
  public static void main(String[] arguments) throws SandboxException {
    var profile = SeccompProfiles.read("profile", PROFILE, SeccompProfiles.Context.machine());
    var runner = UnshareRunner.builder().seccomp(profile.policy()).build();
    Result result = runner.run(Command.builder("/bin/sh", "-c", "echo hello; kill -TERM $$")
        .limits(Limits.builder().wallTime(Duration.ofSeconds(20)).build())
        .build());
    System.out.print(result.stdout().text());
    System.out.println(result.status() + " " + result.signal().getAsInt() + " " + Command.class.getPackageName());
    System.out.println(String.join(" ", Runners.names()));
  }
}
