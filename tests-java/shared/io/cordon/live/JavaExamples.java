// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;

/**
 * Compiles and runs the Java examples of the documents.
 *
 * <p>A block with a class is a program. Another one is a few statements, in which {@code runner}, {@code command} and
 * {@code result} are there.
 */
public final class JavaExamples {
  private static final Pattern MAIN_CLASS = Pattern.compile("class (\\w+)[^{]*\\{(?s:.*)static void main\\(");

  private static final Pattern IMPORT = Pattern.compile("import [^;]+;");

  private static final List<String> TOOLS = List.of("python3", "gcc");

  private static final String STATEMENTS = """
      import io.cordon.*;
      import io.cordon.pool.*;
      import io.cordon.seccomp.*;
      import io.cordon.supervisor.*;
      import java.nio.file.*;
      import java.time.Duration;
      import java.util.*;
      %s
      final class Statements {
        static Runner runner = UnshareRunner.create();
        static Command command = Command.of("true");
        static Result result = Result.cancelled(command);

        public static void main(String[] args) throws Exception {
          result = runner.run(command);
          statements();
        }

        static void statements() throws Exception {
      %s
        }
      }
      """;

  private JavaExamples() {}

  /** Compiles a block and runs it: it must end with exit code 0 and print what the document shows. */
  public static void check(Documents.Block block, Path temporary) throws Exception {
    assertOutcome(block.toString(), run(source(block.text()), temporary), block);
  }

  private static void assertOutcome(String name, Jvm.Outcome outcome, Documents.Block block) {
    assertEquals(0, outcome.exitCode(), name + ": " + outcome);
    assertTrue(block.prints(outcome.out()), name + ": " + outcome);
  }

  private static String source(String text) {
    if (MAIN_CLASS.matcher(text).find()) {
      return text;
    }
    var imports = IMPORT.matcher(text).results().map(match -> match.group()).collect(Collectors.joining("\n"));
    return STATEMENTS.formatted(imports, IMPORT.matcher(text).replaceAll(""));
  }

  /** Compiles a program and runs its class that has a main method. */
  public static Jvm.Outcome run(String source, Path temporary) throws Exception {
    TOOLS.stream().filter(source::contains).forEach(Live::need);
    var name = MAIN_CLASS.matcher(source);
    assertTrue(name.find(), source);
    compile(Files.writeString(temporary.resolve(name.group(1) + ".java"), source), temporary);
    return new Jvm(name.group(1)).options("-cp", temporary + File.pathSeparator + Jvm.classPath()).run();
  }

  private static void compile(Path source, Path out) throws IOException {
    var messages = new ByteArrayOutputStream();
    // path: where the library is a JAR, native-lib-loader's manifest names another slf4j than ours.
    int code = ToolProvider.getSystemJavaCompiler().run(null, messages, messages, "-proc:none", "-Xlint:all,-path",
        "-Werror", "-cp", Jvm.classPath(), "-d", out.toString(), source.toString());
    assertEquals(0, code, messages.toString(StandardCharsets.UTF_8) + Files.readString(source));
  }
}
