// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Input;
import io.cordon.Output;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** What a program reads and writes arrives, all of it and unchanged. */
interface StreamContract {
  /** Every byte there is, many times over. */
  static byte[] bytes(int length) {
    var bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 31 + i / 256);
    }
    return bytes;
  }

  @Test
  default void standardInputIsEmptyUnlessGiven(Bench bench) throws Exception {
    assertEquals("", bench.ok(bench.programs().echoInput()).stdout().text());
  }

  @Test
  @Uses("stdin.bytes")
  default void bytesAreReadAndWrittenUnchanged(Bench bench) throws Exception {
    var much = bytes(Bench.MUCH);
    var result = bench.ok(bench.programs().echoInput().stdin(Input.bytes(much)).stdout(Output.capture(Bench.MUCH + 1)));
    assertArrayEquals(much, result.stdout().bytes());
    assertFalse(result.stdout().truncated());
    assertEquals(Bench.MUCH, result.stdout().totalBytes());
  }

  @Test
  @Uses("stdin.bytes")
  default void inputThatIsNotReadIsNoError(Bench bench) throws Exception {
    bench.ok(bench.programs().exit(0).stdin(Input.bytes(bytes(Bench.MUCH))));
  }

  @Test
  @Uses("stdin.hostFile")
  default void standardInputFromAFile(Bench bench) throws Exception {
    var file = Files.write(bench.file("in"), bytes(100_000));
    var result = bench.ok(bench.programs().echoInput().stdin(Input.file(file)));
    assertArrayEquals(bytes(100_000), result.stdout().bytes());
  }

  @Test
  @Uses("stdin.descriptor")
  default void standardInputFromADescriptor(Bench bench) throws Exception {
    var file = Files.writeString(bench.file("in"), "heard");
    try (var open = new FileInputStream(file.toFile())) {
      var input = Input.descriptor(Bench.descriptorOf(file));
      assertEquals("heard", bench.ok(bench.programs().echoInput().stdin(input)).stdout().text());
      assertEquals(-1, open.read(), "it is the same open file, and still the caller's");
    }
  }

  @Test
  default void bothStreamsAreKeptApart(Bench bench) throws Exception {
    var result = bench.ok(bench.programs().print("to the one", "to the other"));
    assertEquals("to the one", result.stdout().text());
    assertEquals("to the other", result.stderr().text());
    assertFalse(result.stdout().truncated() || result.stderr().truncated());
    assertEquals(10, result.stdout().totalBytes());
  }

  @Test
  default void aProgramThatSaysNothingSaysNothing(Bench bench) throws Exception {
    var result = bench.ok(bench.programs().exit(0));
    assertEquals(0, result.stdout().bytes().length + result.stderr().bytes().length);
    assertFalse(result.stdout().truncated() || result.stderr().truncated());
    assertEquals(0, result.stdout().totalBytes() + result.stderr().totalBytes());
  }

  @Test
  default void whatIsOverTheCaptureIsReadAndDropped(Bench bench) throws Exception {
    var program = bench.programs().write(Bench.MUCH, 5000).stdout(Output.capture(1000)).stderr(Output.capture(5000));
    var result = bench.ok(program);
    assertEquals(1000, result.stdout().bytes().length);
    assertTrue(result.stdout().truncated());
    assertEquals(Bench.MUCH, result.stdout().totalBytes());
    assertEquals(5000, result.stderr().bytes().length);
    assertFalse(result.stderr().truncated());
  }

  @Test
  @Uses("stdout.discard")
  default void nothingIsKeptOfDiscardedStandardOutput(Bench bench) throws Exception {
    var result = bench.ok(bench.programs().print("lost", "kept").stdout(Output.discard()));
    assertEquals(0, result.stdout().bytes().length);
    assertEquals("kept", result.stderr().text());
  }

  @Test
  @Uses("stderr.discard")
  default void nothingIsKeptOfDiscardedStandardError(Bench bench) throws Exception {
    var result = bench.ok(bench.programs().print("kept", "lost").stderr(Output.discard()));
    assertEquals("kept", result.stdout().text());
    assertEquals(0, result.stderr().bytes().length);
  }

  @Test
  @Uses("stdout.hostFile")
  default void standardOutputIntoAFile(Bench bench) throws Exception {
    var file = Files.writeString(bench.file("out"), "what was there before, and longer");
    var result = bench.ok(bench.programs().print("new", "aside").stdout(Output.file(file)));
    assertEquals("new", Files.readString(file));
    assertEquals("aside", result.stderr().text());
    assertEquals(0, result.stdout().bytes().length);
  }

  @Test
  @Uses("stderr.hostFile")
  default void standardErrorIntoAFile(Bench bench) throws Exception {
    var file = bench.file("err");
    var result = bench.ok(bench.programs().print("out", "to the file").stderr(Output.file(file)));
    assertEquals("to the file", Files.readString(file));
    assertEquals("out", result.stdout().text());
  }

  @Test
  @Uses("stdout.hostFile")
  default void whatIsWrittenToAFileIsThereAtOnce(Bench bench) throws Exception {
    var file = bench.file("out");
    var command = bench.command(bench.programs().printAndSleep("at once", "").stdout(Output.file(file))).build();
    bench.start(command, file, "at once").cancel(true);
  }

  @Test
  @Uses({"stdout.descriptor", "stderr.descriptor"})
  default void outputToDescriptors(Bench bench) throws Exception {
    var out = bench.file("out");
    var err = bench.file("err");
    try (var openOut = new FileOutputStream(out.toFile()); var openErr = new FileOutputStream(err.toFile())) {
      bench.ok(bench.programs().print("one", "two").stdout(Output.descriptor(Bench.descriptorOf(out)))
          .stderr(Output.descriptor(Bench.descriptorOf(err))));
      openOut.write('!'); // They are still the caller's, and open.
      openErr.write('?');
    }
    assertEquals("one!", Files.readString(out));
    assertEquals("two?", Files.readString(err));
  }

  @Test
  @Uses({"stdout.forward", "stderr.forward"})
  default void outputPassedOnToDescriptors(Bench bench) throws Exception {
    var out = bench.file("out");
    var err = bench.file("err");
    try (var openOut = new FileOutputStream(out.toFile()); var openErr = new FileOutputStream(err.toFile())) {
      bench.ok(bench.programs().print("one", "two").stdout(Output.forward(Bench.descriptorOf(out)))
          .stderr(Output.forward(Bench.descriptorOf(err))));
      openOut.write('!');
      openErr.write('?');
    }
    assertEquals("one!", Files.readString(out));
    assertEquals("two?", Files.readString(err));
  }

  @Test
  @Uses("stderr.toStdout")
  default void bothStreamsInOneOrder(Bench bench) throws Exception {
    var result = bench.ok(bench.programs().print("first ", "second").stderr(Output.toStdout()));
    assertEquals("first second", result.stdout().text());
    assertEquals("", result.stderr().text());
  }

  @Test
  @Uses({"terminal", "program.printTerminal"})
  default void aTerminalIsATerminal(Bench bench) throws Exception {
    var inside = bench.ok(bench.programs().printTerminal().terminal(true));
    assertEquals("yes", inside.stdout().text().strip());
  }

  @Test
  @Uses("program.printTerminal")
  default void withoutATerminalThereIsNone(Bench bench) throws Exception {
    assertEquals("no", bench.ok(bench.programs().printTerminal()).stdout().text().strip());
  }

  @Test
  @Uses({"descriptors", "program.readDescriptor"})
  default void oneMoreDescriptor(Bench bench) throws Exception {
    var file = Files.writeString(bench.file("more"), "handed over");
    try (var open = new FileInputStream(file.toFile())) {
      var program = bench.programs().readDescriptor(7).descriptor(Bench.descriptorOf(file), 7);
      assertEquals("handed over", bench.ok(program).stdout().text());
      assertEquals(-1, open.read());
    }
  }

  /** Nothing of the JVM's, and nothing of the tier's own. */
  @Test
  @Uses("program.printDescriptors")
  default void noOtherDescriptorIsOpen(Bench bench) throws Exception {
    var held = Files.writeString(bench.file("held"), "the caller's alone");
    try (var open = new FileInputStream(held.toFile())) {
      assertEquals("0\n1\n2\n", bench.ok(bench.programs().printDescriptors()).stdout().text());
      assertTrue(open.read() >= 0);
    }
  }
}
