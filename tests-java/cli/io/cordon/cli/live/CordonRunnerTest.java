// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cordon.Boundary;
import io.cordon.Command;
import io.cordon.Output;
import io.cordon.Result;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.Status;
import io.cordon.cli.Main;
import io.cordon.live.Jvm;
import io.cordon.spi.Probe;
import io.cordon.spi.RunnerProvider;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code cordon run --runner} reaches tiers that were added, and Cordon's own. */
@Timeout(90)
class CordonRunnerTest {
  /** Writes the program's arguments to the file of its standard output, and starts nothing. */
  public static final class Echo implements RunnerProvider, Runner, AutoCloseable {
    @Override
    public String name() {
      return "echo";
    }

    @Override
    public Probe probe() {
      return Probe.works().boundaries(List.of(Boundary.WASM)).build();
    }

    @Override
    public Runner open(SandboxSpec spec) throws SandboxException {
      if (spec.hostname().isPresent()) {
        throw SandboxException.unsupported("hostname", spec.hostname().get(), "must not be given");
      }
      return this;
    }

    @Override
    public Result run(Command command) throws SandboxException {
      if (!(command.stdout() instanceof Output.HostFile file)) {
        throw SandboxException.unsupported("stdout", command.stdout(), "must be a file");
      }
      try {
        Files.writeString(file.path(), String.join(" ", command.args()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return Result.builder(Status.OK).exitCode(0).build();
    }

    @Override
    public CompletableFuture<Result> runAsync(Command command) {
      throw new IllegalStateException("the command line runs one program");
    }

    @Override
    public void close() {
      System.err.println("closed");
    }
  }

  @TempDir
  Path temporary;

  private Jvm.Outcome cordon(String... args) throws Exception {
    var services = Files.createDirectories(temporary.resolve("META-INF/services"));
    Files.writeString(services.resolve(RunnerProvider.class.getName()), Echo.class.getName());
    return new Jvm(Main.class.getName(), args)
        .options("-cp", System.getProperty("java.class.path") + File.pathSeparator + temporary).run();
  }

  private Jvm.Outcome echo(String... args) throws Exception {
    var all = new ArrayList<>(List.of("run", "--runner", "echo"));
    all.addAll(List.of(args));
    return cordon(all.toArray(String[]::new));
  }

  @Test
  void oneThatWasAddedRunsAndIsClosed() throws Exception {
    var out = temporary.resolve("out");
    var outcome = echo("--stdout", out.toString(), "--no-namespaces", "--seccomp", "none", "--", "a", "b");
    assertEquals(new Jvm.Outcome(0, "", "closed\n"), outcome);
    assertEquals("a b", Files.readString(out));
  }

  @Test
  void whatItCannotHoldIsWrongUsage() throws Exception {
    var result = temporary.resolve("result");
    var description = echo("--hostname", "h", "--result", result.toString(), "--", "a");
    assertEquals(new Jvm.Outcome(2, "", "cordon: hostname: h: must not be given\nTry 'cordon run --help'.\n"),
        description);
    Map<?, ?> error = (Map<?, ?>) JSON.std.mapFrom(Files.readString(result)).get("error");
    assertEquals("hostname: h: must not be given", error.get("detail"));
    var command = echo("--", "a");
    assertEquals(2, command.exitCode());
    assertTrue(command.err().contains("cordon: stdout: Forward[fd=1]: must be a file\n"), command.err());
  }

  @Test
  void theDoctorListsIt() throws Exception {
    var outcome = cordon("doctor");
    assertTrue(outcome.out().contains("  echo                   works, behind wasm\n"), outcome.out());
  }

  @Test
  void cordonsOwnRunTheProgram() throws Exception {
    for (var options : List.of("--runner unshare", "--runner container", "--runner ptrace", "--runner ptrace"
        + " --no-namespaces --allow-read / --allow-exec /", "--no-namespaces --allow-read / --allow-exec /")) {
      var args = ("run " + options + " -- sh -c echo${IFS}hi;exit${IFS}3").split(" ");
      assertEquals(new Jvm.Outcome(3, "hi\n", ""), cordon(args), options);
    }
  }
}
