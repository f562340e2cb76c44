// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** A JVM of its own, with the class path of the tests. */
public final class Jvm {
  private static final int PATIENCE_SECONDS = 60;
  /** Where the CPU is emulated, code that changes costs more than it gains. */
  private static final String COMPILER =
      System.getenv().getOrDefault("CORDON_TEST_JVM_COMPILER", "-XX:TieredStopAtLevel=1");

  /** What a process left. */
  public record Outcome(int exitCode, String out, String err) {}

  private final List<String> prefix = new ArrayList<>();
  private final List<String> options = new ArrayList<>();
  private final List<String> arguments;
  private final ProcessBuilder builder = new ProcessBuilder();

  /** Runs a class's main method; of these JVMs most do little, so they must start fast. */
  public Jvm(String mainClass, String... arguments) {
    this.arguments = new ArrayList<>(List.of(mainClass));
    this.arguments.addAll(List.of(arguments));
    options.addAll(List.of("-Xshare:auto", COMPILER, "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8", "-cp", classPath()));
    System.getProperties().stringPropertyNames().stream().filter(name -> name.startsWith("cordon."))
        .forEach(name -> options.add("-D" + name + "=" + System.getProperty(name)));
    if (Runtime.version().feature() >= 22) {
      options.add("--enable-native-access=ALL-UNNAMED");
    }
    // Options of the surrounding build would print a line of their own.
    builder.environment().keySet().removeAll(Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
  }

  /** The class path of the tests, absolute, as the JVM may start in another directory. */
  public static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString()).collect(Collectors.joining(File.pathSeparator));
  }

  public Jvm options(String... added) {
    options.addAll(List.of(added));
    return this;
  }

  /** Words before that of the JVM: a program that starts it. */
  public Jvm startedBy(String... words) {
    prefix.addAll(List.of(words));
    return this;
  }

  public Jvm directory(Path directory) {
    builder.directory(directory.toFile());
    return this;
  }

  public Jvm environment(Map<String, String> variables) {
    builder.environment().putAll(variables);
    return this;
  }

  public Jvm stdin(Path file) {
    builder.redirectInput(file.toFile());
    return this;
  }

  /** What is executed. */
  public List<String> commandLine() {
    var command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(arguments);
    return command;
  }

  public Process start() throws IOException {
    if (builder.redirectInput().equals(ProcessBuilder.Redirect.PIPE)) {
      builder.redirectInput(new File("/dev/null"));
    }
    return builder.command(commandLine()).start();
  }

  public Outcome run() throws IOException, InterruptedException {
    return finish(start());
  }

  public static Outcome finish(Process process) throws IOException, InterruptedException {
    var err = CompletableFuture.supplyAsync(() -> text(process, false));
    var out = CompletableFuture.supplyAsync(() -> text(process, true));
    try {
      var outText = out.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      var errText = err.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new TimeoutException();
      }
      return new Outcome(process.exitValue(), outText, errText);
    } catch (TimeoutException | ExecutionException e) {
      throw new IOException("the JVM did not end", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static String text(Process process, boolean out) {
    try (var in = out ? process.getInputStream() : process.getErrorStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "unreadable: " + e;
    }
  }
}
