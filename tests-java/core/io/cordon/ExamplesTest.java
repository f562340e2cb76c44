package io.cordon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the documentation shows compiles. */
class ExamplesTest {
  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private static void compiles(Path source, Path out) {
    var messages = new ByteArrayOutputStream();
    // path: where the library is a JAR, native-lib-loader's manifest names another slf4j than ours.
    int code = ToolProvider.getSystemJavaCompiler().run(null, messages, messages, "-proc:none", "-Xlint:all,-path", "-Werror",
        "-cp", Path.of(UnshareRunner.class.getProtectionDomain().getCodeSource().getLocation().getPath()).toString(),
        "-d", out.toString(), source.toString());
    assertEquals(0, code, messages.toString(StandardCharsets.UTF_8));
  }

  @Test
  void everyExample(@TempDir Path out) throws IOException {
    try (var files = Files.list(Path.of("examples"))) {
      List<Path> sources = files.filter(file -> file.toString().endsWith(".java")).toList();
      assertTrue(sources.size() > 0);
      sources.forEach(source -> compiles(source, out));
    }
  }

  @Test
  void theReadme(@TempDir Path out) throws IOException {
    var block = JAVA_BLOCK.matcher(Files.readString(Path.of("README.md")));
    int blocks = 0;
    for (; block.find(); blocks++) {
      compiles(Files.writeString(out.resolve("Block" + blocks + ".java"), block.group(1)), out);
    }
    assertTrue(blocks > 1);
  }
}
