// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import io.cordon.Command;
import io.cordon.Container;
import io.cordon.supervisor.Decision;
import io.cordon.Input;
import io.cordon.Interaction;
import io.cordon.Limits;
import io.cordon.Output;
import io.cordon.Result;
import io.cordon.Runner;
import io.cordon.Sandbox;
import io.cordon.seccomp.SeccompAction;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.SeccompFilter;
import io.cordon.SecurityEvents;
import io.cordon.supervisor.Supervisor;
import io.cordon.UnshareRunner;
import io.cordon.pool.ContainerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A program that {@link RedeployTest} loads again and again, each time by another class loader: uses everything that
 * holds something, closes what it opened, and shuts down where it is told to. It stands for itself: of the test's
 * classes only it may be loaded there.
 */
final class Redeployed implements Callable<Integer> {
  private static final int PATIENCE_SECONDS = 30;

  private static final Limits LIMITS = Limits.builder().wallTime(Duration.ofSeconds(20)).build();

  /** Lives as long as the class, and with it its native policy, unless that is given back. */
  private static final SeccompPolicy POLICY =
      SeccompPolicy.builder().defaultAction(SeccompAction.allow()).errno(1, "ptrace").build();

  private final boolean shutdown;
  private final AtomicInteger events = new AtomicInteger();

  Redeployed(boolean shutdown) {
    this.shutdown = shutdown;
  }

  private static Command.Builder shell(String script) {
    return Command.builder("/bin/sh", "-c", script).limits(LIMITS);
  }

  private static void check(String expected, Result result) {
    var said = result.stdout().text().strip();
    if (!result.isOk() || !said.equals(expected)) {
      throw new IllegalStateException(result + ": " + said);
    }
  }

  private static Result get(CompletableFuture<Result> run) throws Exception {
    return run.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private static void run(Runner runner) throws Exception {
    check("a", runner.run(shell("echo a").build()));
    var runs = new ArrayList<CompletableFuture<Result>>();
    for (int i = 0; i < 4; i++) {
      runs.add(runner.runAsync(shell("cat").stdin(Input.text("b")).build()));
    }
    for (var run : runs) {
      check("b", get(run));
    }
  }

  private static void ask(Runner runner) throws Exception {
    var supervisor = Supervisor.builder().ask("getppid").handler(question -> Decision.allow()).build();
    var command = Command.builder("/bin/sh", "-c", "echo $PPID").limits(LIMITS).supervisor(supervisor).build();
    if (!runner.run(command).isOk() || !get(runner.runAsync(command)).isOk()) {
      throw new IllegalStateException("supervised");
    }
  }

  private static void contain(Container.Builder builder) throws Exception {
    try (var container = builder.open(); var other = builder.open()) {
      run(container);
      ask(container);
      container.reset();
      var outcome = Interaction.create().recording(1000).runAsync(container, shell("echo c").build(), other,
          shell("read x; echo $x >&2").build()).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      check("c", outcome.first());
    }
  }

  /** One container, so that the runs wait for it, with and without a thread. */
  private static void pool(Container.Config config) throws Exception {
    try (var pool = ContainerPool.builder().container(config).maxSize(1).build()) {
      var lease = pool.acquire();
      var second = pool.acquireAsync();
      var third = pool.runAsync(shell("echo d").build());
      lease.close();
      second.get(PATIENCE_SECONDS, TimeUnit.SECONDS).close();
      check("d", get(third));
      run(pool);
    }
  }

  @Override
  public Integer call() throws Exception {
    var listening = SecurityEvents.listen(event -> events.incrementAndGet());
    try (listening) {
      Sandbox.probe();
      SeccompFilter.of(POLICY).program();
      var runner = UnshareRunner.builder().seccomp(POLICY).build();
      run(runner);
      ask(runner);
      check("e", runner.run(Command.builder("/bin/echo", "e").limits(LIMITS).terminal(true).build()));
      check("", runner.run(shell("echo f").stdout(Output.discard()).build()));
      contain(Container.builder().seccomp(POLICY));
      pool(Container.builder().build());
    }
    if (shutdown) {
      Sandbox.shutdown();
    }
    return events.get();
  }
}
