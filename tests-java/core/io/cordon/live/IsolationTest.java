// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Mount;
import io.cordon.Network;
import io.cordon.Result;
import io.cordon.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sandbox of the Java API seen from inside: nothing of the host is there, and the program has no rights. */
@ExtendWith(NothingLeft.class)
class IsolationTest {
  private static String output(String... subject) throws SandboxException {
    return Live.runOk(Live.subject(subject)).stdout().text();
  }

  @Test
  void onlyItsOwnProcessesAreVisible() throws SandboxException {
    long pids = output("list", "/proc").lines().filter(name -> name.matches("[0-9]+")).count();
    assertTrue(pids == 1 || pids == 2, pids + " processes"); // cordon-init, where it is shown, and the program.
  }

  @Test
  void itIsNotPid1AndHasTheIdsAskedFor() throws SandboxException {
    var result = Live.runOk(Live.subject("ids"));
    assertTrue(Live.number(result.stdout(), "pid") > 1);
    assertEquals(1, Live.number(result.stdout(), "ppid"));
    for (var name : List.of("uid", "euid", "gid", "egid")) {
      assertEquals(1000, Live.number(result.stdout(), name));
    }
    var others = Live.runner().user(4321, 1234).build().run(Live.subject("ids").build());
    assertEquals(4321, Live.number(others.stdout(), "uid"));
    assertEquals(1234, Live.number(others.stdout(), "gid"));
  }

  @Test
  void onlyThePlansMountsAreListed() throws SandboxException {
    var plan = new TreeSet<String>();
    Mount.defaults().forEach(mount -> plan.add(mount.target()));
    plan.add("/programs");
    var targets = output("show", "/proc/self/mountinfo").lines().map(line -> line.split(" ")[4]).toList();
    assertTrue(targets.contains("/w") && targets.contains("/programs"), targets.toString());
    for (var target : targets) {
      // A bind mount brings what is mounted below its source.
      assertTrue(target.equals("/") || plan.stream().anyMatch(entry -> Path.of(target).startsWith(entry)), target);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/root", "/home", "/boot", "/var", "/sys", "/run", "/opt", "/etc/passwd", "/etc/shadow",
    "/etc/hostname", "/etc/hosts", "/dev/mem", "/dev/kmsg", "/dev/pts", "/old_root"})
  void theHostsFilesAreNotThere(String path) throws SandboxException {
    assertEquals(path + " errno=2\n", output("stat", path));
  }

  @Test
  void hostAndDomainNameAreItsOwn() throws SandboxException {
    var names = Live.shell("uname -n; cat /proc/sys/kernel/domainname").build();
    assertEquals("cordon\ncordon\n", Live.RUNNER.run(names).stdout().text());
    var runner = Live.runner().hostname("judge").domainname("example").build();
    assertEquals("judge\nexample\n", runner.run(names).stdout().text());
  }

  @Test
  void thereIsNoNetwork() throws SandboxException {
    assertEquals(List.of("lo"), interfaces(Live.RUNNER.run(Live.subject("show", "/proc/net/dev").build())));
    Live.need("python3");
    assertEquals("[Errno 101] Network is unreachable\n", Live.runOk(Live.command("python3", "-c", """
        import socket
        try: socket.create_connection(("127.0.0.1", 1), 5)
        except OSError as e: print(e)
        """)).stdout().text());
  }

  @Test
  void loopbackIsThereWhereAskedFor() throws SandboxException {
    Live.need("python3");
    var runner = Live.runner().network(Network.LOOPBACK).build();
    var result = runner.run(Live.command("python3", "-c", """
        import socket
        server = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(server.getsockname(), 5)
        client.sendall(b"hello")
        print(server.accept()[0].recv(5).decode())
        """).build());
    assertEquals("hello\n", result.stdout().text(), result.stderr().text());
    assertEquals(List.of("lo"), interfaces(runner.run(Live.subject("show", "/proc/net/dev").build())));
  }

  private static List<String> interfaces(Result result) {
    return result.stdout().text().lines().filter(line -> line.contains(":")).map(line -> line.strip().split(":")[0])
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/usr/cordon-test", "/etc/cordon-test", "/cordon-test", "/proc/sys/kernel/hostname",
    "/usr/bin/env", "/programs/subject"})
  void theHostsFilesCannotBeWritten(String path) throws SandboxException {
    // Nor by the sandbox's root, which is not the host's.
    for (int id : new int[] {1000, 0}) {
      var result = Live.runner().user(id, id).build().run(Live.subject("file", "1", path).build());
      long errno = Live.number(result.stdout(), "errno");
      assertTrue(errno == 30 || errno == 13 || errno == 1 || errno == 26, result.stdout().text()); // EROFS, EACCES...
      assertFalse(path.endsWith("cordon-test") && Files.exists(Path.of(path)));
    }
  }

  @Test
  void aBindMountIsReadOnlyUnlessItIsWritable(@TempDir Path temporary) throws Exception {
    var directory = Live.openDirectory(temporary, "shared");
    var file = Files.writeString(directory.resolve("file"), "host");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    var script = Live.shell("echo inside > /b/file; echo inside > /b/new").build();
    var readOnly = Live.runner().addMount(Mount.bind(directory, "/b")).build().run(script);
    assertTrue(readOnly.stderr().text().contains("Read-only file system"), readOnly.stderr().text());
    assertEquals("host", Live.read(file));
    assertFalse(Files.exists(directory.resolve("new")));
    var writable = Live.runner().addMount(Mount.bind(directory, "/b").writable()).build().run(script);
    assertTrue(writable.isOk(), writable.stderr().text());
    assertEquals("inside\n", Live.read(file));
    assertEquals("inside\n", Live.read(directory.resolve("new")));
  }

  @Test
  void noDescriptorBeyondStderrIsOpen() throws SandboxException, IOException {
    // A JVM has many, and not all of them are close-on-exec.
    assertTrue(Live.names(Path.of("/proc/self/fd")).count() > 3);
    assertEquals("0\n1\n2\n", output("fds"));
  }

  @Test
  void allCapabilitiesAreGone() throws SandboxException {
    for (int id : new int[] {1000, 0}) {
      var shown = Live.runner().user(id, id).build().run(Live.subject("show", "/proc/self/status").build());
      var status = shown.stdout().text().lines().map(line -> line.split(":\\s*", 2)).filter(pair -> pair.length == 2)
          .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1], (first, second) -> first));
      for (var name : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
        assertEquals("0000000000000000", status.get(name), name);
      }
      assertEquals("1", status.get("NoNewPrivs"));
      assertEquals("2", status.get("Seccomp"));
    }
  }

  @Test
  void theEnvironmentIsExactlyWhatWasGiven() throws SandboxException {
    assertEquals("PATH=/usr/local/bin:/usr/bin:/bin\nLANG=C.UTF-8\nHOME=/w\n", output("env"));
    assertEquals("A=b\n", Live.runOk(Live.subject("env").env(Map.of("A", "b"))).stdout().text());
    assertEquals("/w\n", output("cwd"));
  }

  @Test
  void textIsUtf8BothWays() throws SandboxException {
    var text = "\u00e4\u20ac\ud83d\ude00";
    assertEquals(text + "\n", output("echo", text));
  }
}
