// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.cli.Main;
import io.cordon.live.Documents;
import io.cordon.live.Jvm;
import io.cordon.live.Live;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs the shell examples of the documents, blocks in {@code sh}, each in an empty directory that has {@code ./cordon}.
 * Blocks in {@code console} change the machine or need the network, and are not run.
 */
@Timeout(240)
@Tag("tree")
class ShellExamplesTest {
  private static final int PATIENCE_SECONDS = 200;

  private static final List<String> TOOLS = List.of("python3", "gcc");

  @TempDir
  Path temporary;

  static Stream<Documents.Block> blocks() throws IOException {
    return Documents.blocks("sh").stream();
  }

  private static void script(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Here everything is built already: setting up and building have nothing to do. */
  private Path checkout() throws IOException {
    var command = new Jvm(Main.class.getName()).commandLine().stream().map(word -> "'" + word + "'")
        .collect(Collectors.joining(" "));
    script(temporary.resolve("checkout/cordon"), "exec " + command + " \"$@\"");
    script(temporary.resolve("checkout/cross-build/setup"), "exit 0");
    script(temporary.resolve("bin/mvn"), "exit 0");
    Files.createSymbolicLink(temporary.resolve("bin/cordon"), temporary.resolve("checkout/cordon"));
    return temporary.resolve("checkout");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("blocks")
  void aBlockRuns(Documents.Block block) throws Exception {
    TOOLS.stream().filter(block.text()::contains).forEach(Live::need);
    var output = temporary.resolve("output");
    var builder = new ProcessBuilder("/bin/sh", "-eu", "-c", block.text()).directory(checkout().toFile())
        .redirectInput(Path.of("/dev/null").toFile()).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().merge("PATH", temporary.resolve("bin").toString(), (path, bin) -> bin + ":" + path);
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    var shell = builder.start();
    try {
      assertTrue(shell.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), block::toString);
    } finally {
      shell.destroyForcibly();
    }
    var text = Files.readString(output, StandardCharsets.UTF_8);
    assertEquals(0, shell.exitValue(), block + ": " + text);
    assertTrue(block.prints(text), block + ": " + text);
  }
}
