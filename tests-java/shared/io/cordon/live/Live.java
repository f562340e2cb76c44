// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import io.cordon.Captured;
import io.cordon.Cause;
import io.cordon.Command;
import io.cordon.Limits;
import io.cordon.Mount;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.Status;
import io.cordon.Step;
import io.cordon.UnshareRunner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/**
 * What the live tests share. They run real programs on the real kernel; every run has limits, so that a sandbox that
 * fails cannot harm the machine.
 *
 * <p>{@code subject} is the program of the tests in C (tests-native/programs/subject.c): its first argument says what
 * to do.
 */
public final class Live {
  /** The programs that the build makes for tests. */
  public static final Path PROGRAMS = Path.of(System.getProperty("cordon.test.programs"));

  public static final long MIB = 1 << 20;

  /** For what must happen: never reached unless something is broken, so it may be long on a busy machine. */
  public static final Duration PATIENCE = Duration.ofSeconds(20);

  static final UnshareRunner RUNNER = runner().build();

  private static final long POLL_NANOS = 5_000_000;

  private Live() {}

  static UnshareRunner.Builder runner() {
    return UnshareRunner.builder().addMount(Mount.bind(PROGRAMS, "/programs"));
  }

  /** 5 s of CPU, 20 s in all, 256 MiB. */
  static Limits.Builder limits() {
    return Limits.builder().cpuTime(Duration.ofSeconds(5)).wallTime(PATIENCE);
  }

  static Command.Builder command(String program, String... args) {
    return Command.builder(program, args).limits(limits().build());
  }

  static Command.Builder subject(String... args) {
    return command("/programs/subject", args);
  }

  static Command.Builder shell(String script) {
    return command("/bin/sh", "-c", script);
  }

  static Result run(Command.Builder command) throws SandboxException {
    return RUNNER.run(command.build());
  }

  static Result runOk(Command.Builder command) throws SandboxException {
    return check(Status.OK, Cause.NONE, run(command));
  }

  static Result check(Status status, Cause cause, Result result) {
    assertEquals(status + " " + cause, result.status() + " " + result.cause(),
        () -> result + "\n" + result.stdout().text() + "\n" + result.stderr().text());
    return result;
  }

  static SandboxException refused(UnshareRunner runner, Command.Builder command, Step step, int errno) {
    var e = assertThrows(SandboxException.class, () -> runner.run(command.build()));
    assertEquals(step + " " + errno, e.step() + " " + e.errno(), e.getMessage());
    return e;
  }

  /** As test_rounds of the tests in C: fewer where the CPU is emulated. */
  static int rounds(int usual) {
    return Math.max(1, usual / Integer.parseInt(System.getenv().getOrDefault("CORDON_TEST_DIVISOR", "1")));
  }

  /** The value of a line {@code name=value}. */
  static long number(Captured output, String name) {
    var match = Pattern.compile("^" + name + "=(-?[0-9]+)$", Pattern.MULTILINE).matcher(output.text());
    return match.find() ? Long.parseLong(match.group(1)) : fail("no " + name + " in " + output.text());
  }

  /** Skips a test where a program of the machine is missing. */
  public static void need(String tool) {
    if (!Files.isExecutable(Path.of("/usr/bin", tool))) {
      skip(tool + ": not installed in /usr/bin");
    }
  }

  /** Skips a test that only root can make. */
  public static void needRoot() throws IOException {
    if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
      skip("root: only root can do what this test does");
    }
  }

  /** Skips a test, loudly; a failure where CORDON_MUST_WORK, words or "all", names the reason. */
  public static void skip(String why) {
    System.err.println("skipped: " + why);
    var must = System.getenv().getOrDefault("CORDON_MUST_WORK", "");
    var words = Arrays.stream(must.split("[ ,]+")).filter(word -> !word.isEmpty());
    if (words.anyMatch(word -> word.equals("all") || why.contains(word))) {
      fail("this must work here: " + why);
    }
    throw new TestAbortedException(why);
  }

  /** A directory that any user may come to and write to. */
  public static Path openDirectory(Path parent, String name) throws IOException {
    Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwx--x--x"));
    var directory = Files.createDirectory(parent.resolve(name));
    return Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  /** For what sends no event to a JVM: a process of another user, a directory of cgroupfs. */
  public static boolean becomes(Duration patience, BooleanSupplier condition) {
    long end = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        return condition.getAsBoolean();
      }
      LockSupport.parkNanos(POLL_NANOS);
      if (Thread.interrupted()) {
        throw new IllegalStateException("interrupted");
      }
    }
    return true;
  }

  public static void await(String what, BooleanSupplier condition) {
    if (!becomes(PATIENCE, condition)) {
      fail("not within " + PATIENCE + ": " + what);
    }
  }

  /** The names in a directory; none where it is not there (any more). */
  static Stream<String> names(Path directory) {
    var names = directory.toFile().list();
    return names == null ? Stream.of() : Arrays.stream(names);
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
