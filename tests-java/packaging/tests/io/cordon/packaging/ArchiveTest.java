// SPDX-License-Identifier: Apache-2.0
package io.cordon.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Sandbox;
import io.cordon.live.Jvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive of the command line: unpacked it works, and its man pages and completion are there. */
@Tag("tree")
class ArchiveTest {
  private static final String SHARE = "META-INF/share/";

  @TempDir
  private static Path directory;

  private static Path unpacked;

  @BeforeAll
  static void unpack() throws Exception {
    var name = "cordon-" + Sandbox.version();
    run("tar", "-xzf", Jars.ONE_FILE.resolveSibling(name + ".tar.gz").toString(), "-C", directory.toString());
    unpacked = directory.resolve(name);
  }

  private static String run(String... command) throws IOException, InterruptedException {
    var outcome = Jvm.finish(new ProcessBuilder(command).redirectInput(Path.of("/dev/null").toFile()).start());
    assertEquals(0, outcome.exitCode(), outcome::toString);
    assertEquals("", outcome.err());
    return outcome.out();
  }

  @Test
  void itsCommandRuns() throws Exception {
    var command = unpacked.resolve("bin/cordon").toString();
    assertEquals("cordon " + Sandbox.version() + "\n", run(command, "--version"));
    // As where a link to it is on the search path.
    var link = Files.createSymbolicLink(directory.resolve("link"), unpacked.resolve("bin/cordon"));
    assertEquals("hello\n", run(link.toString(), "run", "--", "echo", "hello"));
  }

  @Test
  void everyCommandHasItsManPage() throws Exception {
    var help = run(unpacked.resolve("bin/cordon").toString(), "--help");
    var names = help.substring(help.indexOf("Commands:")).lines().filter(line -> line.matches("  \\w.*"))
        .map(line -> line.strip().split(" ")[0]).toList();
    assertTrue(names.contains("run"), help);
    for (var name : names) {
      var page = Files.readString(unpacked.resolve("share/man/man1/cordon-" + name + ".1"));
      assertTrue(page.startsWith(".TH CORDON-" + name.toUpperCase(Locale.ROOT) + " 1 "), page);
    }
  }

  /** Each JAR of the command line has the same files, for those who make packages of their own. */
  @Test
  void theJarsHaveTheSameFiles() throws IOException {
    var share = unpacked.resolve("share");
    try (var files = Files.walk(share)) {
      var packed = files.filter(Files::isRegularFile).map(file -> share.relativize(file).toString())
          .filter(file -> !file.startsWith("doc/")).collect(Collectors.toCollection(TreeSet::new));
      assertTrue(packed.contains("bash-completion/completions/cordon"), packed.toString());
      for (var jar : List.of(Jars.CLI, Jars.ONE_FILE)) {
        try (var file = new JarFile(jar.toFile())) {
          assertEquals(packed, file.stream().map(Object::toString)
              .filter(name -> name.startsWith(SHARE) && !name.endsWith("/"))
              .map(name -> name.substring(SHARE.length())).collect(Collectors.toCollection(TreeSet::new)));
        }
      }
    }
  }
}
