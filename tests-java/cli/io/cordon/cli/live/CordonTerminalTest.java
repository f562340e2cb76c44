// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli.live;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.cli.Main;
import io.cordon.live.Jvm;
import io.cordon.live.Live;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code cordon run -i} and {@code -t}: the first in pipes, the second on a terminal of script(1). */
@Timeout(120)
class CordonTerminalTest {
  /** Says sizes and signals as they come, and each line that is typed. */
  private static final String TALKER = """
      import os, signal, sys
      def say(*words):
          os.write(1, (" ".join(map(str, words)) + "\\n").encode())
      signal.signal(signal.SIGWINCH, lambda *given: say("size", *os.get_terminal_size()))
      signal.signal(signal.SIGINT, lambda *given: say("caught INT"))
      signal.signal(signal.SIGTSTP, lambda *given: say("caught TSTP"))
      say("size", *os.get_terminal_size())
      say("ready")
      for line in sys.stdin:
          say("got", line.strip())
          if line.strip() == "exit": sys.exit(7)
      say("end")
      """;

  @TempDir
  Path temporary;

  @BeforeEach
  void needTools() {
    Live.need("script");
    Live.need("python3");
  }

  /** A terminal with a shell, which starts cordon, and what appears there. */
  private static final class Terminal implements AutoCloseable {
    private final Process process;
    private final OutputStream keys;
    private final Path log;

    Terminal(Path log, String script) throws IOException {
      this.log = log;
      var file = Files.writeString(log.resolveSibling("script.sh"), script);
      process = new ProcessBuilder("script", "-q", "-f", "-e", "-c", "sh " + file, log.toString())
          .redirectErrorStream(true).redirectOutput(new File("/dev/null")).start();
      keys = process.getOutputStream();
    }

    void type(String text) throws IOException {
      keys.write(text.getBytes(StandardCharsets.UTF_8));
      keys.flush();
    }

    String seen() {
      try {
        return Files.exists(log) ? Files.readString(log) : "";
      } catch (IOException e) {
        return "";
      }
    }

    void await(String text) {
      try {
        Live.await(text, () -> seen().contains(text));
      } catch (AssertionError e) {
        throw new AssertionError(e.getMessage() + "; there is: " + seen(), e);
      }
    }

    int end() throws Exception {
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), this::seen);
      return process.exitValue();
    }

    @Override
    public void close() throws IOException {
      keys.close();
      process.destroyForcibly().onExit().join();
    }
  }

  private static String quoted(List<String> words) {
    var all = new StringBuilder();
    words.forEach(word -> all.append('\'').append(word.replace("'", "'\\''")).append("' "));
    return all.toString();
  }

  private static Jvm run(String... args) {
    var all = new ArrayList<>(List.of("run"));
    all.addAll(List.of(args));
    return new Jvm(Main.class.getName(), all.toArray(String[]::new));
  }

  private Terminal terminal(String before, Jvm cordon, String after) throws IOException {
    return new Terminal(temporary.resolve("log"), before + "\n" + quoted(cordon.commandLine()) + "\n" + after + "\n");
  }

  /** The mode before and afterwards is the same, and the exit code the program's. */
  private static final String BEFORE = "before=$(stty -g); stty cols 91 rows 37";

  private static final String AFTER = "code=$?; [ \"$before\" = \"$(stty -g)\" ] && echo mode restored; exit $code";

  @Test
  void theProgramHasTheKeysAndTheSize() throws Exception {
    try (var terminal = terminal(BEFORE, run("-t", "--", "python3", "-u", "-c", TALKER), AFTER)) {
      terminal.await("size 91 37\r\nready");
      terminal.type("word\r");
      terminal.await("got word");
      terminal.type("\u0003");
      terminal.await("caught INT");
      terminal.type("\u001a");
      terminal.await("caught TSTP");
      terminal.type("exit\r");
      assertEquals(7, terminal.end());
      assertTrue(terminal.seen().contains("mode restored"), terminal.seen());
    }
  }

  /** With both options, as one knows them; ^D is the end. */
  @Test
  void theSizeIsToldWhenItChanges() throws Exception {
    var log = temporary.resolve("log");
    var script =
        "exec 3<&0; (until grep -q ready " + log + "; do sleep 0.1; done; stty cols 80 rows 25 <&3) &\n" + BEFORE;
    try (var terminal = terminal(script, run("-it", "--", "python3", "-u", "-c", TALKER), AFTER)) {
      terminal.await("size 91 37");
      terminal.await("size 80 25");
      terminal.type("\u0004");
      terminal.await("end");
      assertEquals(0, terminal.end());
    }
  }

  @Test
  void theModeIsRestoredAfterASignal() throws Exception {
    var pid = temporary.resolve("pid");
    // A shell that is not interactive has one process group, so this is in the foreground.
    var cordonAndPid = "exec 3<&0; " + BEFORE + "\n"
        + quoted(run("-t", "--", "sh", "-c", "echo ready; exec sleep 60").commandLine()) + " <&3 & echo $! >" + pid
        + "; wait $!\n" + AFTER;
    try (var terminal = new Terminal(temporary.resolve("log"), cordonAndPid)) {
      terminal.await("ready");
      var cordon = ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
      assertTrue(cordon.destroy());
      assertEquals(128 + 15, terminal.end());
      assertTrue(terminal.seen().contains("mode restored"), terminal.seen());
    }
  }

  /** As a shell with jobs does it: it has its own mode while cordon is stopped. */
  @Test
  void theTerminalIsRawAgainAfterAStop() throws Exception {
    var log = temporary.resolve("log");
    var script = "exec 3<&0; " + BEFORE + "\n" + quoted(run("-t", "--", "python3", "-u", "-c", TALKER).commandLine())
        + " <&3 & cordon=$!; until grep -q ready " + log + "; do sleep 0.1; done; kill -STOP $cordon; stty sane"
        + " cols 80 rows 25 <&3; echo stopped; kill -CONT $cordon; wait $cordon\n" + AFTER;
    try (var terminal = new Terminal(log, script)) {
      terminal.await("stopped");
      terminal.await("size 80 25");
      terminal.type("\u0003");
      terminal.await("caught INT");
      terminal.type("exit\r");
      assertEquals(7, terminal.end());
    }
  }

  @Test
  void theModeIsRestoredWhereNothingCouldBeRun() throws Exception {
    try (var terminal = terminal(BEFORE, run("-t", "--", "/no/such"), AFTER)) {
      assertEquals(127, terminal.end());
      assertTrue(terminal.seen().contains("mode restored"), terminal.seen());
    }
  }

  @Test
  void withoutATerminalNothingIsTyped() throws Exception {
    var in = Files.writeString(temporary.resolve("in"), "not typed\n");
    var outcome = run("-t", "--", "sh", "-c", "test -t 0 && test -t 1 && cat && exit 3").stdin(in).run();
    assertEquals(3, outcome.exitCode(), outcome.err());
    assertFalse(outcome.out().contains("not typed"), outcome.out());
    var both = run("-i", "-t", "--", "true").stdin(in).run();
    assertEquals(2, both.exitCode());
    assertTrue(both.err().startsWith("cordon: --tty: with --interactive standard input must be a terminal\n"),
        both.err());
  }

  // ---- without a terminal ----

  @Test
  void inputAndOutputGoOnWhileTheProgramRuns() throws Exception {
    var process = new ProcessBuilder(run("-i", "--", "sh", "-c", "cat; echo aside >&2; exit 5").commandLine()).start();
    try (var out = process.getInputStream()) {
      var in = process.getOutputStream();
      for (var text : List.of("one\n", "two\n")) {
        in.write(text.getBytes(StandardCharsets.UTF_8));
        in.flush();
        assertEquals(text, new String(out.readNBytes(text.length()), StandardCharsets.UTF_8));
      }
      in.close();
      assertEquals(-1, out.read());
      assertEquals("aside\n", new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
      assertEquals(5, process.waitFor());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void muchGoesThrough() throws Exception {
    var much = new byte[10_000_000];
    for (int i = 0; i < much.length; i++) {
      much[i] = (byte) (i * 31 + i / 256);
    }
    var in = Files.write(temporary.resolve("in"), much);
    var out = temporary.resolve("out");
    var process = new ProcessBuilder(run("-i", "--", "cat").commandLine()).redirectInput(in.toFile())
        .redirectOutput(out.toFile()).start();
    try {
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue());
      assertArrayEquals(much, Files.readAllBytes(out));
    } finally {
      process.destroyForcibly();
    }
  }

  /** The program's reader is cordon's: where that leaves, the program gets SIGPIPE. */
  @Test
  void aReaderThatLeavesEndsTheProgram() throws Exception {
    var process = new ProcessBuilder(run("-i", "--", "cat", "/dev/zero").commandLine()).start();
    try {
      assertEquals(0, process.getInputStream().read());
      process.getInputStream().close();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals(128 + 13, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void aSignalEndsTheRun() throws Exception {
    var process = new ProcessBuilder(run("-i", "--", "sh", "-c", "echo ready; exec sleep 60").commandLine()).start();
    try {
      assertEquals("ready\n", new String(process.getInputStream().readNBytes(6), StandardCharsets.UTF_8));
      process.destroy();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals(128 + 15, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void filesTakeThePlaceOfStreams() throws Exception {
    var out = temporary.resolve("out");
    var in = Files.writeString(temporary.resolve("in"), "x");
    var outcome = run("-i", "--stdout", out.toString(), "--", "cat").stdin(in).run();
    assertEquals(new Jvm.Outcome(0, "", ""), outcome);
    assertEquals("x", Files.readString(out));
    for (var wrong : List.of(List.of("-i", "--stdin", in.toString()), List.of("-t", "--stdout", out.toString()))) {
      var args = new ArrayList<>(wrong);
      args.addAll(List.of("--", "true"));
      var refused = run(args.toArray(String[]::new)).run();
      assertEquals(2, refused.exitCode());
      assertTrue(refused.err().contains("must not be given with --"), refused.err());
    }
  }
}
