// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Command;
import io.cordon.Step;
import io.cordon.supervisor.Engine;
import io.cordon.supervisor.FilePolicy;
import io.cordon.supervisor.Supervisor;
import java.io.FileInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A program starts as its command says, and with nothing else. */
interface ProgramContract {
  @Test
  default void argumentsArriveAsTheyAre(Bench bench) throws Exception {
    var args = List.of("a b", "", " ", "'\"\\$`*?", "-n", "--", "line\nline\n", "\u00e9\u20ac\ud83d\ude00",
        "x".repeat(50_000));
    var result = bench.ok(bench.programs().printArguments(args.toArray(String[]::new)));
    assertEquals(String.join("\0", args) + "\0", result.stdout().text());
  }

  private static Set<String> lines(String text) {
    return new TreeSet<>(List.of(text.split("\n")));
  }

  @Test
  @Uses("env")
  default void theEnvironmentIsExactlyWhatIsGiven(Bench bench) throws Exception {
    var given = bench.programs().printEnvironment().env(Map.of("A", "b c=d", "EMPTY", "", "PATH", "/usr/bin:/bin"));
    assertEquals(Set.of("A=b c=d", "EMPTY=", "PATH=/usr/bin:/bin"), lines(bench.ok(given).stdout().text()));
  }

  @Test
  @Uses("env")
  default void theUsualEnvironmentHasNothingOfTheCallers(Bench bench) throws Exception {
    var command = bench.command(bench.programs().printEnvironment().workDir("/")).build();
    var usual = new TreeSet<String>();
    command.env().forEach((name, value) -> usual.add(name + "=" + value));
    assertEquals(usual, lines(bench.runner().run(command).stdout().text()));
  }

  @Test
  @Uses("workDir")
  default void theWorkDirectoryIsWhereItIsToBe(Bench bench) throws Exception {
    assertEquals("/\n", bench.ok(bench.programs().printWorkDirectory().workDir("/")).stdout().text());
    var scratch = bench.tier().scratch();
    assertEquals(scratch + "\n", bench.ok(bench.programs().printWorkDirectory().workDir(scratch)).stdout().text());
  }

  @Test
  @Uses({"execFd", "program.file"})
  default void anOpenFileIsExecuted(Bench bench) throws Exception {
    var file = bench.programs().file();
    try (var open = new FileInputStream(file.toFile())) {
      var program = Command.builder("anything", "from", "a file").execFd(Bench.descriptorOf(file));
      assertEquals("from a file\n", bench.ok(program).stdout().text());
      assertEquals(0, open.getChannel().position());
    }
  }

  @Test
  @Uses("sync")
  default void theCallerActsBeforeTheProgramRuns(Bench bench) throws Exception {
    var pid = new AtomicLong();
    var result = bench.ok(bench.programs().print("ran", "").sync(found -> {
      pid.set(found);
      return Files.exists(Path.of("/proc", String.valueOf(found)));
    }));
    assertEquals("ran", result.stdout().text());
    assertTrue(pid.get() > 0);
  }

  @Test
  @Uses("sync")
  default void theCallerMayForbidTheProgram(Bench bench) throws Exception {
    var reason = new IllegalStateException("not today");
    var failed = bench.failure(bench.programs().print("ran", "").sync(pid -> {
      throw reason;
    }));
    assertEquals(Step.SYNC, failed.step());
    assertEquals(reason, failed.getCause());
    assertEquals(Step.SYNC, bench.failure(bench.programs().print("ran", "").sync(pid -> false)).step());
    bench.stillWorks();
  }

  @Test
  @Uses({"supervisor", "program.file"})
  default void aFilePolicyIsKept(Bench bench) throws Exception {
    var file = bench.programs().file().toRealPath();
    var all = FilePolicy.builder().read("/").write("/").execute("/");
    var allowed = Supervisor.files(Engine.AUTO, all.build());
    assertFalse(bench.ok(bench.programs().readFile(file.toString()).supervisor(allowed)).stdout().bytes().length == 0);
    var denied = Supervisor.files(Engine.AUTO, all.deny(file.toString()).build());
    var result = bench.run(bench.programs().readFile(file.toString()).supervisor(denied));
    assertFalse(result.isOk(), result.toString());
    assertEquals(0, result.stdout().bytes().length);
    // Where the kernel alone holds a policy, as it may for one that only denies, a refusal is no event.
    assertTrue(result.eventsTotal() > 0 || result.engine().equals(Optional.of(Engine.KERNEL)), result.toString());
    var told = bench.run(bench.programs().readFile(file.toString())
        .supervisor(Supervisor.files(Engine.PTRACE, all.deny(file.toString()).build())));
    assertFalse(told.isOk(), told.toString());
    assertTrue(told.eventsTotal() > 0, told.toString());
  }
}
