// SPDX-License-Identifier: Apache-2.0
package org.example.plain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cordon.spi.RunnerProvider;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The plain runner is a module of its own, which sees only what {@code io.cordon} exports, and is found as one. */
@Timeout(90)
@Tag("tree")
class PlainModuleTest {
  private static final Path SOURCES = Path.of("tests-java/test/org/example/plain");
  private static final List<String> LIBRARIES = List.of("native-lib-loader", "slf4j", "jspecify");

  private static final String MODULE = """
      module org.example.plain {
        requires io.cordon;
        provides io.cordon.spi.RunnerProvider with org.example.plain.PlainTier;
      }
      """;

  private static final String MAIN = """
      package org.example.plain;

      import io.cordon.*;
      import io.cordon.seccomp.SeccompPolicy;
      import io.cordon.spi.Runners;

      class Main {
        public static void main(String[] args) throws Exception {
          var spec = SandboxSpec.builder().namespaces(false).network(Network.HOST).seccomp(SeccompPolicy.NONE).build();
          var limits = Limits.builder().cpuTime(Limits.FOREVER).wallTime(java.time.Duration.ofMinutes(1))
              .memoryBytes(Limits.UNLIMITED).stackBytes(Limits.UNLIMITED).processes(Limits.UNLIMITED)
              .outputBytes(Limits.UNLIMITED).openFiles(Limits.UNLIMITED).coreBytes(Limits.UNLIMITED).build();
          try (var runner = Runners.open("plain", spec)) {
            var result = runner.run(Command.builder("echo", "from a module").limits(limits).build());
            System.out.print(result.status() + " " + result.stdout().text());
          }
          System.out.println(new java.util.TreeSet<>(Runners.names()));
        }
      }
      """;

  @TempDir
  Path temporary;

  /** Where the classes of a type are: a folder or a JAR. */
  private static Path home(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static String modulePath() throws Exception {
    var libraries = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> LIBRARIES.stream().anyMatch(Path.of(entry).getFileName().toString()::startsWith));
    return Stream.concat(Stream.of(home(RunnerProvider.class).toString()), libraries)
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Test
  void itIsFoundAndRunsAsAModule() throws Exception {
    var main = Files.createDirectories(temporary.resolve("src/org/example/plain")).resolve("Main.java");
    Files.writeString(main, MAIN);
    var module = Files.writeString(temporary.resolve("src/module-info.java"), MODULE);
    var classes = temporary.resolve("classes");
    var messages = new ByteArrayOutputStream();
    var arguments = new ArrayList<>(List.of("--release", "17", "-proc:none", "-p", modulePath(), "-d",
        classes.toString(), module.toString(), main.toString()));
    for (var name : List.of("PlainTier.java", "PlainRunner.java", "PlainRun.java")) {
      arguments.add(SOURCES.resolve(name).toString());
    }
    int code = ToolProvider.getSystemJavaCompiler().run(null, messages, messages, arguments.toArray(String[]::new));
    assertEquals(0, code, messages.toString(StandardCharsets.UTF_8));
    assertEquals("OK from a module\n[container, plain, ptrace, unshare]\n", java(classes));
  }

  private String java(Path classes) throws Exception {
    var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=io.cordon");
    }
    command.addAll(List.of("-p", modulePath() + File.pathSeparator + classes, "-m",
        "org.example.plain/org.example.plain.Main"));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    var process = builder.start();
    try {
      var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor(60, TimeUnit.SECONDS);
      return text;
    } finally {
      process.destroyForcibly();
    }
  }
}
