// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramTest {
  @TempDir
  Path temp;
  private Path root;
  private List<Mount> plan;

  /** A small host: root/bin is shown at /usr/bin, and /bin is a link as with a merged /usr. */
  @BeforeEach
  void makeHost() throws IOException {
    root = temp.toRealPath();
    Files.createDirectories(root.resolve("bin"));
    Files.writeString(root.resolve("bin/tool"), "");
    Files.createSymbolicLink(root.resolve("bin/link"), Path.of("tool"));
    Files.createSymbolicLink(root.resolve("bin/away"), Path.of("/nowhere/tool"));
    Files.createSymbolicLink(root.resolve("bin/loop"), Path.of("loop"));
    Files.writeString(root.resolve("prog"), "");
    plan = new ArrayList<>(List.of(Mount.bind(root.resolve("bin"), "/usr/bin"), Mount.symlink("/bin", "usr/bin"),
        Mount.tmpfs("/tmp"), Mount.bind(root.resolve("missing"), "/usr/bin/tool").optional()));
  }

  private Program find(String program, String... copiedIn) throws IOException {
    return Program.find(program, new InsideView(plan), "/usr/local/bin:/bin", Set.of(copiedIn));
  }

  @Test
  void theViewFollowsLinksAsTheSandboxWill() {
    var view = new InsideView(plan);
    var tool = Optional.of(root.resolve("bin/tool"));
    assertEquals(tool, view.resolve("/usr/bin/tool"));
    assertEquals(tool, view.resolve("/bin/tool"));
    assertEquals(tool, view.resolve("/bin/../bin/./link"));
    assertEquals(Optional.empty(), view.resolve("/usr/bin/away"));
    assertEquals(Optional.empty(), view.resolve("/usr/bin/loop"));
    assertEquals(Optional.empty(), view.resolve("/tmp/tool"));
    assertEquals(Optional.empty(), view.resolve("/"));
  }

  @Test
  void aNameOnThePathStaysAName() throws IOException {
    assertEquals(new Program("tool", Optional.empty()), find("tool"));
    assertEquals(new Program("nothing-of-this-name", Optional.empty()), find("nothing-of-this-name"));
  }

  @Test
  void aHostFileThatTheSandboxLacksIsBroughtInReadOnlyAtTheEnd() throws IOException {
    var found = find(root + "/./prog");
    assertEquals(root.resolve("prog").toString(), found.name());
    var mount = found.mount().orElseThrow();
    assertEquals(Mount.Type.BIND, mount.type());
    assertEquals(found.name(), mount.target());
    assertEquals(Optional.of(found.name()), mount.source());
  }

  @Test
  void aFileThatTheSandboxHasIsNotBroughtIn() throws IOException {
    plan.add(Mount.bind(root, root.toString()));
    assertEquals(new Program(root + "/prog", Optional.empty()), find(root + "/prog"));
    assertEquals(new Program(root + "/bin/link", Optional.empty()), find(root + "/bin/link"));
  }

  @Test
  void aPathThatIsNoHostFileIsOneInside() throws IOException {
    assertEquals(new Program("./a.out", Optional.empty()), find("./a.out"));
    assertEquals(new Program("/no/such", Optional.empty()), find("/no/such"));
  }

  @Test
  void whatIsCopiedInWinsOverTheHost() throws IOException {
    assertEquals(new Program("./pom.xml", Optional.empty()), find("./pom.xml", "pom.xml"));
  }

  @Test
  void aProgramFromProcGetsAPlaceOfItsOwn() throws IOException {
    var found = find("/proc/self/exe");
    assertEquals("/program/exe", found.name());
    assertTrue(Files.isRegularFile(Path.of(found.mount().orElseThrow().source().orElseThrow())));
  }
}
