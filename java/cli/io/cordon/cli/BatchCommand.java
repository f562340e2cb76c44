// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Container;
import io.cordon.Mount;
import io.cordon.Result;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.json.BatchLine;
import io.cordon.pool.ContainerPool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cordon batch}: many commands, a pool of containers. */
@CommandLine.Command(
    name = "batch",
    description = "Runs the commands of FILE, one JSON object a line (- is standard input), over a pool of containers,"
        + " and writes one JSON object a line with what each came to.",
    separator = " ",
    sortOptions = false,
    exitCodeListHeading = "%nExit code:%n",
    exitCodeList = {
      "0:every command was run",
      "2:wrong usage",
      "125:Cordon itself failed, or could not run one of them"
    },
    footer = {"", "The fields of a line are in docs/reference/batch.md."})
@NeedsJvm
final class BatchCommand implements Callable<Integer> {
  /** Results that wait for an earlier one in --ordered, at most, for each container. */
  private static final int AHEAD = 16;

  private static final Duration CLOSE_PATIENCE = Duration.ZERO;

  @Spec
  private @Nullable CommandSpec spec;

  @Option(names = "--pool", paramLabel = "N", converter = Values.Count.class,
      description = "Containers, which is how many run at once.")
  @Usual("the number of CPUs")
  private @Nullable Long size;

  @Option(names = "--ordered", description = "Write results in the order of the lines.")
  @Usual("as they finish")
  private boolean ordered;

  @Option(names = "--events",
      description = "Write what happens as it happens: a line when a command has started, one for"
          + " each piece of output, one with the result.")
  private boolean events;

  @Mixin
  private SandboxOptions sandbox = new SandboxOptions();

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
  private boolean help;

  @Parameters(arity = "1", paramLabel = "FILE", description = "The commands.")
  private String file = "-";

  @Override
  public Integer call() throws IOException {
    if (spec == null) {
      throw new IllegalStateException("not made by picocli");
    }
    if (ordered && events) {
      throw new ParameterException(spec.commandLine(), "--ordered: must not be given with --events");
    }
    int containers = size == null ? Runtime.getRuntime().availableProcessors() : (int) Math.min(size, Short.MAX_VALUE);
    Container.Config config;
    try {
      var plan = new ArrayList<>(Mount.defaults());
      sandbox.addMounts(plan);
      config = sandbox.configure(Container.builder(), plan).build();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    // Opened first: a file that is not there needs no container.
    try (var lines = open()) {
      var pool = ContainerPool.builder().container(config).minIdle(containers).maxSize(containers)
          .acquireTimeout(Duration.ofDays(365)).build();
      var stop = new StopOnSignal();
      try (var progress = new Progress("batch", count())) {
        return run(lines, pool, containers, new Results(spec.commandLine().getOut(), form(), progress));
      } finally {
        pool.close(CLOSE_PATIENCE);
        stop.over();
      }
    }
  }

  private Form form() {
    return events ? Form.EVENTS : ordered ? Form.ORDERED : Form.RESULTS;
  }

  private BufferedReader open() throws IOException {
    return file.equals("-") ? new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
        : Files.newBufferedReader(Path.of(file));
  }

  private long count() throws IOException {
    if (file.equals("-") || !Files.isRegularFile(Path.of(file))) {
      return -1; // A pipe can be read only once.
    }
    try (var lines = Files.lines(Path.of(file))) {
      return lines.filter(line -> !line.isBlank()).count();
    }
  }

  private int run(BufferedReader lines, Runner pool, int containers, Results results) throws IOException {
    int window = containers * AHEAD;
    var room = new Semaphore(window);
    long number = 0;
    try {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank()) {
          room.acquire();
          start(pool, BatchLine.of(file, number, line), results, room);
        }
      }
      room.acquire(window);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.FAILED; // The JVM is on its way down; the pool's end kills what runs.
    }
    return results.allWereRun() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static void start(Runner pool, BatchLine line, Results results, Semaphore room) {
    long place = results.expect();
    CompletableFuture<Result> run;
    try {
      run = results.form == Form.EVENTS ? BatchEvents.start(pool, line, line.command(), results::tell)
          : pool.runAsync(line.command());
    } catch (IllegalArgumentException | IOException | SandboxException e) {
      run = CompletableFuture.failedFuture(e);
    }
    run.whenCompleteAsync((result, failure) -> results.add(place, line, result, failure, room));
  }

  /** What is written. */
  private enum Form {
    /** Results, as they come. */
    RESULTS,
    /** Results, in the order of the lines. */
    ORDERED,
    /** What happens, as it happens. */
    EVENTS
  }

  /** Writes results, one at a time. */
  private static final class Results {
    private final PrintWriter out;
    private final Form form;
    private final Progress progress;

    /** Guarded by this, as the numbers. */
    private final Map<Long, String> early = new HashMap<>();

    private long expected;
    private long next;
    private boolean failed;

    Results(PrintWriter out, Form form, Progress progress) {
      this.out = out;
      this.form = form;
      this.progress = progress;
    }

    synchronized long expect() {
      return expected++;
    }

    /** Writes what is not the end of a line's command. */
    synchronized void tell(String event) {
      out.println(event);
      out.flush();
    }

    synchronized boolean allWereRun() {
      return !failed;
    }

    void add(long place, BatchLine line, @Nullable Result result, @Nullable Throwable failure, Semaphore room) {
      var text = text(line, result, failure);
      int written;
      synchronized (this) {
        failed |= result == null;
        written = write(place, text);
        out.flush();
      }
      room.release(written);
    }

    private String text(BatchLine line, @Nullable Result result, @Nullable Throwable failure) {
      boolean event = form == Form.EVENTS;
      if (result != null) {
        return event ? line.finished(result) : line.result(result);
      }
      var reason = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
      if (reason instanceof SandboxException sandbox) {
        return event ? line.finished(sandbox) : line.failure(sandbox);
      }
      var message = reason == null ? "" : Main.describe(reason);
      return event ? line.finished(message) : line.failure(message);
    }

    /** Writes it, or keeps it until those before it are there. Returns how many were written. */
    private int write(long place, String text) {
      if (form != Form.ORDERED) {
        out.println(text);
        progress.step();
        return 1;
      }
      int written = 0;
      early.put(place, text);
      for (var line = early.remove(next); line != null; line = early.remove(next)) {
        out.println(line);
        progress.step();
        next++;
        written++;
      }
      return written;
    }
  }
}
