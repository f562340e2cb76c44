// SPDX-License-Identifier: Apache-2.0
package org.example.plain;

import io.cordon.Command;
import io.cordon.Input;
import io.cordon.Limit;
import io.cordon.Limits;
import io.cordon.Output;
import io.cordon.Result;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/**
 * Runs commands as processes of the JVM's, and refuses what it cannot hold, which is nearly everything: an example of a
 * runner that is written over the public API alone. Of limits it keeps the one of wall time, and it cannot tell a
 * signal from an exit code above 128.
 */
final class PlainRunner implements Runner {
  /** Puts each program into a session of its own, by which all of its processes are found again. */
  static final Path SETSID = Path.of("/usr/bin/setsid");

  private final SandboxSpec spec;

  PlainRunner(SandboxSpec spec) {
    this.spec = spec;
  }

  @Override
  public Result run(Command command) throws SandboxException {
    var run = PlainRun.start(held(command));
    return run.await(spec.preferred());
  }

  @Override
  public CompletableFuture<Result> runAsync(Command command) {
    PlainRun run;
    try {
      run = PlainRun.start(held(command));
    } catch (SandboxException e) {
      return CompletableFuture.failedFuture(e);
    }
    var future = new CompletableFuture<Result>();
    future.whenComplete((result, failure) -> run.cancel());
    new Thread(() -> future.complete(run.await(spec.preferred())), "plain-run").start();
    return future;
  }

  /** The command as it is run, if all of it can be held. */
  private static Command held(Command command) throws SandboxException {
    PlainTier.absent("cpuset", command.cpuset().isPresent());
    PlainTier.absent("execFd", command.execFd().isPresent());
    PlainTier.absent("descriptors", !command.descriptors().isEmpty());
    PlainTier.absent("sync", command.sync().isPresent());
    PlainTier.absent("terminal", command.terminal());
    PlainTier.absent("rlimits", !command.rlimits().isEmpty());
    PlainTier.absent("copyIn", !command.copyIn().isEmpty());
    PlainTier.absent("copyOut", !command.copyOut().isEmpty());
    PlainTier.absent("supervisor", command.supervisor().isPresent());
    PlainTier.absent("stdin.descriptor", command.stdin() instanceof Input.Descriptor);
    PlainTier.absent("stdin.stream", command.stdin() instanceof Input.Stream);
    checkOutput("stdout", command.stdout());
    checkOutput("stderr", command.stderr());
    for (var limit : Limit.values()) {
      long value = command.limits().get(limit);
      boolean none = value == Limits.UNLIMITED
          || (!limit.unit().hasUnlimited() && limit.usual().orElseThrow() == value);
      if (limit != Limit.WALL_TIME && !none) {
        throw SandboxException.unsupported("limits." + limit.property(), value, "must be unlimited");
      }
    }
    return command.toBuilder().usualWorkDir(System.getProperty("user.dir")).build();
  }

  private static void checkOutput(String stream, Output output) throws SandboxException {
    PlainTier.absent(stream + ".descriptor", output instanceof Output.Descriptor);
    PlainTier.absent(stream + ".forward", output instanceof Output.Forward);
    PlainTier.absent(stream + ".stream", output instanceof Output.Stream);
  }
}
