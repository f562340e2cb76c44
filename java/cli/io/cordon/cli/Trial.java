// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Command;
import io.cordon.Features;
import io.cordon.Features.Problem;
import io.cordon.Limits;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.Status;
import io.cordon.Step;
import io.cordon.UnshareRunner;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One run of a program that does nothing, in the default sandbox. Each feature that is tried alone can work, and the
 * sandbox that needs all of them at once still be refused.
 *
 * @param failure why there was no sandbox; null if there was one
 * @param result how the program ended; null if it was not started
 */
record Trial(@Nullable SandboxException failure, @Nullable Result result) {
  private static final String PROGRAM = "/bin/true";
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  static Trial run() {
    var limits = Limits.builder().wallTime(DEADLINE).build();
    try {
      return new Trial(null, UnshareRunner.create().run(Command.builder(PROGRAM).limits(limits).build()));
    } catch (SandboxException e) {
      // The step comes last: the sandbox was made, and this machine has no such program.
      return e.step() == Step.EXECVE && e.kind() == SandboxException.Kind.NOT_FOUND
          ? new Trial(null, null) : new Trial(e, null);
    }
  }

  boolean works() {
    return failure == null && (result == null || result.status() == Status.OK);
  }

  /** What went wrong, in a few words; empty where nothing did. */
  Optional<String> why() {
    if (failure != null) {
      return Optional.of(String.valueOf(failure.getMessage()));
    }
    return result == null || works() ? Optional.empty()
        : Optional.of(PROGRAM + " ended with " + result.status() + " (" + result.cause() + ")");
  }

  /** What to do about it; empty where nothing went wrong. */
  Optional<Problem> problem(Features features, Surroundings around) {
    return why().map(why -> new Problem("the default sandbox", why, failure != null
        ? Remedies.of(failure, features, around)
        : "make room on this machine: the program has " + DEADLINE.toSeconds() + " s, and the default limits"));
  }
}
