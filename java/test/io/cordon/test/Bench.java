// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.cordon.Cause;
import io.cordon.Command;
import io.cordon.Limits;
import io.cordon.Result;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One test's runners, programs and files, and the ways to use them. */
final class Bench {
  static final long MIB = 1 << 20;

  /** More than any buffer on the way holds. */
  static final int MUCH = 3 << 20;

  /** A time limit that a test can wait for. */
  static final Duration SHORT = Duration.ofMillis(300);

  /** As much CPU time no program gets when it is ended at {@link #SHORT}, however busy the machine is. */
  static final Duration TOO_LATE = Duration.ofSeconds(3);

  /** How many runs, one after the other or at once, show what one does not. */
  static final int MANY = 15;

  static final int THREADS = 6;

  private static final long POLL_NANOS = 5_000_000;

  private final Tier tier;
  private final List<Runner> opened = new ArrayList<>();
  private @Nullable Runner usual;
  private @Nullable Path directory;

  /** The tier's kind of description cannot say what a test wants to ask for. */
  static final class NotDescribable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotDescribable(IllegalArgumentException cause) {
      super(cause.getMessage(), cause);
    }
  }

  Bench(Tier tier) {
    this.tier = tier;
  }

  Tier tier() {
    return tier;
  }

  Programs programs() {
    return tier.programs();
  }

  // ---- runners ----

  /** The runner of the tier's usual description. */
  Runner runner() throws SandboxException {
    var runner = usual;
    if (runner == null) {
      runner = open(tier.description().build());
      usual = runner;
    }
    return runner;
  }

  Runner open(SandboxSpec spec) throws SandboxException {
    var runner = tier.open(spec);
    opened.add(runner);
    return runner;
  }

  /** A runner of the usual description with a change; without namespaces some changes cannot be described. */
  Runner open(Consumer<SandboxSpec.Builder> change) throws SandboxException {
    var builder = tier.description();
    boolean namespaces = builder.build().namespaces();
    SandboxSpec spec;
    try {
      change.accept(builder);
      spec = builder.build();
    } catch (IllegalArgumentException e) {
      throw namespaces ? e : new NotDescribable(e);
    }
    return open(spec);
  }

  /** Leaves a test whose question has no meaning without namespaces. */
  void asksForNamespaces() {
    if (!tier.description().build().namespaces()) {
      throw new NotDescribable(new IllegalArgumentException("namespaces: false: must be true for what is shown"));
    }
  }

  static void close(Runner runner) throws Exception {
    if (runner instanceof AutoCloseable closeable) {
      closeable.close();
    }
  }

  /** Closes the runners and removes the files. */
  void clear() throws Exception {
    for (var runner : opened) {
      close(runner);
    }
    if (directory != null) {
      try (var files = Files.walk(directory)) {
        for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  // ---- commands ----

  /** With the tier's limits. */
  Command.Builder command(Command.Builder builder) {
    return builder.limits(tier.limits());
  }

  /** With the tier's limits, and one of the test's. */
  Command.Builder limited(Command.Builder builder, Consumer<Limits.Builder> change) {
    var limits = tier.limits().toBuilder();
    change.accept(limits);
    return builder.limits(limits.build());
  }

  /** As {@link Limits} are given. */
  Result run(Runner runner, Command.Builder command) throws SandboxException {
    return runner.run(command.build());
  }

  /** With the tier's limits, by the usual runner. */
  Result run(Command.Builder command) throws SandboxException {
    return run(runner(), command(command));
  }

  Result ok(Command.Builder command) throws SandboxException {
    return check(Status.OK, Cause.NONE, run(command));
  }

  Result ok(Runner runner, Command.Builder command) throws SandboxException {
    return check(Status.OK, Cause.NONE, run(runner, command(command)));
  }

  /** By the usual runner, which has just failed or ended something and must still work. */
  void stillWorks() throws SandboxException {
    assertEquals("still here", ok(programs().print("still here", "")).stdout().text());
  }

  static Result check(Status status, Cause cause, Result result) {
    assertEquals(status + " " + cause, result.status() + " " + result.cause(),
        () -> result + "\n" + result.stdout().text() + "\n" + result.stderr().text());
    return result;
  }

  // ---- failures ----

  /** Something that must fail. */
  interface Attempt {
    Object make() throws SandboxException;
  }

  /** The failure, which is none of the tier's refusals: those go on to the extension. */
  static SandboxException failure(Attempt attempt) throws SandboxException {
    Object made;
    try {
      made = attempt.make();
    } catch (SandboxException e) {
      if (e.property().isPresent()) {
        throw e;
      }
      return e;
    }
    return fail("no SandboxException, but " + made);
  }

  SandboxException failure(Command.Builder command) throws SandboxException {
    var runner = runner();
    return failure(() -> run(runner, command(command)));
  }

  /** For what weaker machines cannot do: it is held, which the caller then checks, or nothing runs. */
  static @Nullable Result heldOrFailed(Attempt attempt) throws SandboxException {
    try {
      return (Result) attempt.make();
    } catch (SandboxException e) {
      if (e.property().isPresent()) {
        throw e;
      }
      return null;
    }
  }

  // ---- waiting ----

  Result get(CompletableFuture<Result> future) throws SandboxException, InterruptedException {
    try {
      return future.get(tier.patience().toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SandboxException sandbox) {
        throw sandbox;
      }
      return fail("the future failed with " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      return fail("no result within " + tier.patience(), e);
    }
  }

  /** Does on another thread what would wait for ever if the runner were broken. */
  <T extends @Nullable Object> T inTime(String what, Callable<T> wait) throws Exception {
    var task = new FutureTask<>(wait);
    var thread = new Thread(task, "contract");
    thread.start();
    try {
      return task.get(tier.patience().toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception failure ? failure : e;
    } catch (TimeoutException e) {
      thread.interrupt();
      return fail("not within " + tier.patience() + ": " + what, e);
    }
  }

  /** For what sends no event to a JVM: a file that a program writes. */
  void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + tier.patience().toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        fail("not within " + tier.patience() + ": " + what);
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  /** Starts a program and waits until it has written a text into a file of the host. */
  CompletableFuture<Result> start(Command command, Path file, String text)
      throws SandboxException, InterruptedException {
    var running = runner().runAsync(command);
    await(file + " holds " + text, () -> running.isDone() || holds(file, text));
    if (running.isDone()) {
      fail("the program has ended: " + get(running)); // Or there was none: that is thrown.
    }
    return running;
  }

  private static boolean holds(Path file, String text) {
    try {
      return Files.exists(file) && Files.readString(file).equals(text);
    } catch (IOException e) {
      return false;
    }
  }

  // ---- files of the host ----

  /** A new directory of the host that any user may read and write. */
  Path directory(String name) throws IOException {
    if (directory == null) {
      directory = Files.createTempDirectory("cordon-contract");
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    }
    return Files.setPosixFilePermissions(Files.createDirectory(directory.resolve(name)),
        PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  /** A file of the host that is not there yet. */
  Path file(String name) throws IOException {
    return directory("of-" + name).resolve(name);
  }

  /** The number of the JVM's descriptor for an open file, which Java does not tell. */
  static int descriptorOf(Path file) throws IOException {
    var real = file.toRealPath();
    try (var links = Files.list(Path.of("/proc/self/fd"))) {
      for (var link : links.toList()) {
        if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(real)) {
          return Integer.parseInt(link.getFileName().toString());
        }
      }
    }
    throw new IOException("not open: " + file);
  }
}
