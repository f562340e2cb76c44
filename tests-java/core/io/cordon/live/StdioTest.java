// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Input;
import io.cordon.Output;
import io.cordon.SandboxException;
import io.cordon.Step;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NothingLeft.class)
class StdioTest {
  @TempDir
  Path temporary;

  /** The number of the JVM's descriptor for an open file, which Java does not tell. */
  private static int descriptorOf(Path file) throws IOException {
    var real = file.toRealPath();
    for (var number : Live.names(Path.of("/proc/self/fd")).toList()) {
      var link = Path.of("/proc/self/fd", number);
      if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(real)) {
        return Integer.parseInt(number);
      }
    }
    throw new IOException("not open: " + file);
  }

  @Test
  void standardInputIsEmptyByDefault() throws SandboxException {
    assertEquals("", Live.runOk(Live.subject("cat")).stdout().text());
  }

  @Test
  void filesOfTheHost() throws Exception {
    var in = Files.writeString(temporary.resolve("in"), "from a file");
    var out = Files.writeString(temporary.resolve("out"), "what was there before, and longer");
    var err = temporary.resolve("err");
    var result = Live.runOk(Live.shell("cat; echo aside >&2").stdin(Input.file(in)).stdout(Output.file(out))
        .stderr(Output.file(err)));
    assertEquals("from a file", Live.read(out));
    assertEquals("aside\n", Live.read(err));
    assertEquals(0, result.stdout().bytes().length);
    assertEquals(0, result.stdout().totalBytes());
  }

  @Test
  void bothStreamsIntoOne() throws SandboxException {
    var result = Live.runOk(Live.subject("both").stderr(Output.toStdout()));
    assertEquals("out\nerr\nout2\n", result.stdout().text());
    assertEquals("", result.stderr().text());
    var separate = Live.runOk(Live.subject("both"));
    assertEquals("out\nout2\n", separate.stdout().text());
    assertEquals("err\n", separate.stderr().text());
  }

  @Test
  void nothingIsKeptOfWhatIsDiscarded() throws SandboxException {
    var result = Live.runOk(Live.subject("flood", "1", "10000000").stdout(Output.discard()));
    assertEquals(0, result.stdout().bytes().length);
  }

  @Test
  void inputThatIsNotReadIsNoError() throws SandboxException {
    Live.runOk(Live.subject("exit", "0").stdin(Input.bytes(new byte[(int) (4 * Live.MIB)])));
  }

  @Test
  void descriptorsOfTheJvm() throws Exception {
    var in = Files.writeString(temporary.resolve("in"), "heard");
    var out = Files.createFile(temporary.resolve("out"));
    var passed = Files.createFile(temporary.resolve("passed"));
    try (var input = new FileInputStream(in.toFile());
        var output = new FileOutputStream(out.toFile());
        var forward = new FileOutputStream(passed.toFile())) {
      Live.runOk(Live.subject("both").stdin(Input.descriptor(descriptorOf(in)))
          .stdout(Output.descriptor(descriptorOf(out))).stderr(Output.forward(descriptorOf(passed))));
      assertEquals("out\nout2\n", Live.read(out));
      assertEquals("err\n", Live.read(passed));
      assertEquals("heard", Live.runOk(Live.subject("hear", "7").descriptor(descriptorOf(in), 7)).stdout().text());
      forward.write('x'); // They are still the JVM's, and open.
      assertEquals(-1, input.read());
      output.flush();
    }
  }

  /** All that a program does to its streams, by name and by descriptor, leaves the files of the host as they were. */
  private static String attack(int fd) {
    return "for f in /proc/self/fd/%1$d /dev/fd/%1$d; do (echo PWNED >> $f; echo PWNED > $f) 2> /dev/null; "
        .formatted(fd) + "chmod 4777 $f; touch -d @1 $f; ln -L $f /tmp/linked; truncate -s 0 $f; done 2> /dev/null; ";
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 1_000_000})
  void aFileAsInputStaysAsItIs(int size) throws Exception {
    var in = Files.writeString(temporary.resolve("in"), "x".repeat(size));
    Files.setPosixFilePermissions(in, PosixFilePermissions.fromString("rw-rw-rw-"));
    var before = Files.readAttributes(in, "unix:mode,ctime,size,nlink");
    var command = Live.shell(attack(0) + "cat | wc -c");
    assertEquals(size + "\n", Live.runOk(command.stdin(Input.file(in))).stdout().text());
    try (var input = new FileInputStream(in.toFile())) {
      command.stdin(Input.descriptor(descriptorOf(in)));
      assertEquals(size + "\n", Live.runOk(command).stdout().text());
      var further = Live.shell(attack(7) + "cat <&7 | wc -c").descriptor(descriptorOf(in), 7);
      assertEquals("0\n", Live.runOk(further).stdout().text());
      assertEquals(0, input.available());
    }
    assertEquals(before, Files.readAttributes(in, "unix:mode,ctime,size,nlink"));
    assertEquals("x".repeat(size), Live.read(in));
  }

  @Test
  void aFileAsOutputIsOnlyWrittenTo() throws Exception {
    var out = temporary.resolve("out");
    Live.runOk(Live.shell("echo first; chmod 4777 /proc/self/fd/1; ln -L /proc/self/fd/1 /tmp/linked; "
        + "cat /proc/self/fd/1; truncate -s 0 /proc/self/fd/1; echo last >&2").stdout(Output.file(out))
        .stderr(Output.toStdout()));
    var text = Live.read(out);
    assertTrue(text.startsWith("first\n") && text.endsWith("last\n"), text);
    assertEquals("rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(out)));
    assertEquals(1, Files.getAttribute(out, "unix:nlink"));
  }

  @Test
  void aDirectoryIsNoInput() {
    var e = Live.refused(Live.RUNNER, Live.subject("cat").stdin(Input.file(temporary)), Step.OPEN_FILE, 21);
    assertEquals("EISDIR", e.errnoName());
  }

  @Test
  void outputThatCannotBeWrittenIsAnError() {
    var command = Live.shell("echo lost; sleep 10").stdout(Output.file(Path.of("/dev/full")));
    var e = Live.refused(Live.RUNNER, command, Step.OPEN_FILE, 28);
    assertEquals("ENOSPC", e.errnoName());
  }

  @Test
  void aProgramIsExecutedFromADescriptor() throws Exception {
    var program = Live.PROGRAMS.resolve("raw_nolibc");
    try (var input = new FileInputStream(program.toFile())) {
      var result = Live.run(Live.command("anything").execFd(descriptorOf(program)));
      assertEquals(OptionalInt.of(7), result.exitCode());
      assertEquals("raw\n", result.stdout().text());
      assertEquals(0, input.getChannel().position());
    }
  }

  @Test
  void aFileThatCannotBeOpenedIsNamed() {
    var missing = temporary.resolve("missing");
    var e = Live.refused(Live.RUNNER, Live.subject("cat").stdin(Input.file(missing)), Step.OPEN_FILE, 2);
    assertEquals(0, e.index());
    assertTrue(missing.toString().startsWith(e.detail()), e.detail());
    e = Live.refused(Live.RUNNER, Live.subject("cat").stderr(Output.file(missing.resolve("x"))), Step.OPEN_FILE, 2);
    assertEquals(2, e.index());
    assertEquals("ENOENT", e.errnoName());
  }
}
