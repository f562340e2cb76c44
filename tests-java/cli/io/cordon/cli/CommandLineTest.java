// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {
  private record Outcome(int code, String out, String err) {}

  private static Outcome execute(String... args) {
    var out = new StringWriter();
    var err = new StringWriter();
    int code = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
    return new Outcome(code, out.toString(), err.toString());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      --nope -- x               | Unknown option: '--nope'
      --cpu-time 1 -- x         | "1" must be a number with ms, s or m
      --cpu-time 0s -- x        | must be above zero
      --cpu-time -1s -- x       | must be a number with ms, s or m
      --wall-time 1h -- x       | must be a number with ms, s or m
      --idle-time 1e9s -- x     | must be a number with ms, s or m
      --memory 0 -- x           | must be above zero
      --memory -5m -- x         | must be a number of bytes
      --memory 9999999999g -- x | below 8 EiB
      --memory 1m --memory 2m -- x | should be specified only once
      --processes 0 -- x        | must be a whole number above zero
      --open-files many -- x    | must be a whole number above zero
      --output-total 0 -- x     | must be above zero
      --cpu-rate 0 -- x         | cpuRate: 0.0: must be from 0.01 to 8192 CPUs
      --cpu-rate 0.0001 -- x    | must be a number of CPUs such as 1 or 0.5
      --cpu-rate half -- x      | must be a number of CPUs such as 1 or 0.5
      --cpu-weight 0 -- x       | must be a whole number from 1 to 10000
      --cpu-weight 10001 -- x   | must be from 1 to 10000
      --nice 20 -- x            | must be from 0 to 19
      --nice unlimited -- x     | must be a whole number from 0 to 19
      --cpuset 0- -- x          | cpuset: 0-: must be CPUs as in 0-1,3
      --network wifi -- x       | must be one of none, loopback, host
      --seccomp /no/file -- x   | "/no/file" must be default, none or a file: /no/file: no such file
      --seccomp / -- x          | "/" must be default, none or a file:
      --seccomp /dev/null -- x  | /dev/null:1:1: no JSON: the text is empty
      --runner gvisor -- x      | must be one of unshare, container, ptrace
      --require wall -- x       | must be one of user-ns, mount-ns
      --user root -- x          | must be UID:GID
      --env NOVALUE -- x        | must be K=V
      --work-dir w -- x         | workDir: w: must be absolute
      --bind /usr:rw -- x       | give DST where you give a mode
      --bind /usr:/a/../b -- x  | must not hold "." or ".."
      --tmpfs t -- x            | must be absolute
      --tmpfs /t:0 -- x         | must be above zero
      --copy-in a:../b -- x     | must not hold ".."
      --copy-out / -- x         | must have a name inside
      --copy-out a --copy-out a -- x | copyOut name: a: is given twice
      --preset cobol -- x       | must be one of c-cpp, python, java, node, go, compiler
      --engine magic -- x       | must be one of auto, notify, ptrace, kernel
      --engine kernel -- x      | engine: KERNEL: needs a file policy or a port policy
      --allow-read usr -- x     | files path: usr: must be absolute
      --allow-exec /a/../b -- x | files path: /a/../b: must not hold "." or ".."
      --allow-read /a --deny /a -- x | files path: /a: is both denied and allowed
      --engine kernel --allow-read /a --deny /a/b -- x | files TREE: /a/b: the engine KERNEL cannot give less
      --engine kernel --allow-read /a --kill-syscall socket -- x | engine: KERNEL: has no rules for system calls
      --allow-connect 0 -- x    | connect port: 0: must be 1 to 65535
      --allow-connect http -- x | Invalid value for option '--allow-connect'
      --allow-bind 65536 -- x   | bind port: 65536: must be 0 to 65535
      --allow-udp -- x          | --allow-udp: true: needs --allow-connect or --allow-bind
      --no-namespaces --allow-connect 1 -- x | --no-namespaces: true: needs a file policy
      --deny-syscall socket=EWHAT -- x | must have an errno such as EPERM
      --deny-syscall socket=0 -- x | must have an errno such as EPERM
      --deny-syscall =1 -- x    | must be NAME or NAME=ERRNO
      --deny-syscall a --kill-syscall a -- x | syscall: a: has a rule already
      --no-namespaces -- x      | --no-namespaces: true: needs a file policy
      --no-namespaces --allow-read /a --engine notify -- x | --engine: notify: must be auto or ptrace
      --no-namespaces --allow-read /a --copy-in a -- x | --copy-in: a: needs namespaces
      --no-namespaces --allow-read /a --seccomp none -- x | must be true for a seccomp policy other than the default
      --no-namespaces --allow-read /a --runner container -- x | --runner: container: needs namespaces
      --no-namespaces --runner ptrace -- x | --no-namespaces: true: needs a file policy
      --no-namespaces --runner ptrace --allow-read /a --copy-in a -- x | --copy-in: a: needs namespaces
      --no-namespaces --allow-read /a --tmpfs /t -- x | namespaces: false: must be true for mounts
      --no-namespaces --allow-read /a --hostname h -- x | namespaces: false: must be true for hostname
      --memory                  | Missing required parameter for option '--memory'
      --                        | Missing required parameter: 'PROGRAM'
      """)
  void wrongUsageIsNamed(String args, String message) {
    var outcome = execute(("run " + args).split(" +"));
    assertEquals(ExitCode.USAGE, outcome.code, outcome.err);
    assertTrue(outcome.err.contains(message), outcome.err);
    assertTrue(outcome.err.startsWith("cordon: "), outcome.err);
    assertTrue(outcome.err.endsWith("Try 'cordon run --help'.\n"), outcome.err);
    assertEquals("", outcome.out);
  }

  @Test
  void anArgumentWithNulIsWrongUsage() {
    var outcome = execute("run", "--", "x", "a\0b");
    assertEquals(ExitCode.USAGE, outcome.code);
    assertTrue(outcome.err.contains("args[1]: a\\x00b: must not hold a NUL character"), outcome.err);
  }

  @Test
  void aLabelIsNeitherEmptyNorLong() {
    var outcome = execute("run", "--label", "", "--", "x");
    assertEquals(ExitCode.USAGE, outcome.code);
    assertTrue(outcome.err.contains("label: : must not be empty"), outcome.err);
    outcome = execute("run", "--label", "l".repeat(257), "--", "x");
    assertEquals(ExitCode.USAGE, outcome.code);
    assertTrue(outcome.err.contains("must have at most 256 characters"), outcome.err);
  }

  @Test
  void aMissingOrUnknownCommandIsWrongUsage() {
    assertEquals(ExitCode.USAGE, execute().code);
    assertEquals(ExitCode.USAGE, execute("walk").code);
    assertEquals(ExitCode.USAGE, execute("doctor", "x").code);
  }

  @Test
  void whatFollowsTheProgramIsItsOwn() {
    for (var args : List.of(List.of("p", "--memory", "-x", "@f", "--", "--help"),
        List.of("--", "p", "--memory", "-x", "@f", "--", "--help"))) {
      var line = Main.commandLine();
      var all = new java.util.ArrayList<>(List.of("run", "--memory", "1m"));
      all.addAll(args);
      var run = line.parseArgs(all.toArray(String[]::new)).subcommand();
      assertEquals(List.of("p", "--memory", "-x", "@f", "--", "--help"),
          run.matchedPositional(0).getValue());
    }
  }

  @Test
  void helpShowsTheDefaults() {
    var help = execute("run", "--help");
    assertEquals(ExitCode.OK, help.code);
    for (var text : List.of("Default: 10s", "Default: 256m", "Default: 64.", "Default: 64m", "Default: 256.",
        "Default: none", "124", "SRC[:DST[:rw]]", "--allow-read", "--no-namespaces")) {
      assertTrue(help.out.contains(text), text);
    }
  }
}
