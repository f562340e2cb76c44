// SPDX-License-Identifier: Apache-2.0
package io.cordon.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.live.Jvm;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** libseccomp's license: who has another one can link with it. The commands are those of CONTRIBUTING.md. */
@Timeout(600)
@Tag("tree")
class RelinkTest {
  private static final Pattern COMMANDS = Pattern.compile("```console\n(cmake [^`]*SECCOMP_LIBRARY[^`]*)```");

  /** A name of libseccomp's that no policy of ours has, and what the other library has in its place. */
  private static final String NAME = "afs_syscall";

  private static final String OTHER_NAME = "afs_another";

  @TempDir
  Path temporary;

  /** The libseccomp.a that this build has linked. */
  private static Path linked() throws IOException {
    Path cache = Jars.ROOT.resolve("target/cmake/native/CMakeCache.txt");
    String prefix = "SECCOMP_LIBRARY:FILEPATH=";
    return Files.readAllLines(cache).stream().filter(line -> line.startsWith(prefix))
        .map(line -> Path.of(line.substring(prefix.length()))).findFirst().orElseThrow();
  }

  private static String latin1(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }

  private String shell(String script) throws IOException, InterruptedException {
    File log = temporary.resolve("log").toFile();
    Process process = new ProcessBuilder("/bin/sh", "-ec", script).directory(Jars.ROOT.toFile())
        .redirectErrorStream(true).redirectOutput(log).start();
    try {
      assertTrue(process.waitFor(500, TimeUnit.SECONDS), () -> "still building: " + log);
      assertEquals(0, process.exitValue(), Files.readString(log.toPath()));
      return Files.readString(log.toPath());
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  @Test
  void linksWithAnotherLibrary() throws Exception {
    Path other = temporary.resolve("libseccomp.a");
    String bytes = latin1(linked());
    assertTrue(bytes.contains("\0" + NAME + "\0"));
    Files.writeString(
        other, bytes.replace("\0" + NAME + "\0", "\0" + OTHER_NAME + "\0"), StandardCharsets.ISO_8859_1);

    var commands = COMMANDS.matcher(Files.readString(Jars.ROOT.resolve("CONTRIBUTING.md")));
    assertTrue(commands.find());
    Path build = temporary.resolve("build");
    shell(commands.group(1).replace("/path/to/libseccomp.a", other.toString()).replace("ITS-VERSION", "9.8.7")
        .replace("JAR-VERSION", System.getProperty("cordon.test.version")).replace("build-relinked", build.toString()));

    Path library = build.resolve("natives/linux_64/libcordon.so");
    assertTrue(latin1(library).contains(OTHER_NAME));
    assertEquals("libseccomp.version=9.8.7\n", Files.readString(library.resolveSibling("libcordon.properties")));

    Jdk jdk = Jdk.all().findFirst().orElseThrow();
    var options = new ArrayList<>(jdk.nativeAccess("ALL-UNNAMED"));
    options.addAll(List.of("-Dcordon.library.path=" + library, "-jar", Jars.ONE_FILE.toString()));
    options.addAll(List.of("run", "--", "/bin/echo", "hello"));
    assertEquals(new Jvm.Outcome(0, "hello\n", ""), jdk.run("java", options));
  }
}
