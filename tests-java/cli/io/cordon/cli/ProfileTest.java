// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code cordon profile}, as far as nothing is run. */
class ProfileTest {
  private static final String OWN = "the program's own calls: ";

  @TempDir
  Path temporary;

  private record Outcome(int code, String out, String err) {}

  private static Outcome execute(String... args) {
    var out = new StringWriter();
    var err = new StringWriter();
    int code = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
    return new Outcome(code, out.toString(), err.toString());
  }

  private Path profile(String name, String defaultAction, String... groups) throws IOException {
    return Files.writeString(temporary.resolve(name),
        "{\"defaultAction\": \"" + defaultAction + "\", \"syscalls\": [" + String.join(",", groups) + "]}");
  }

  private static String allow(String comment, String... names) {
    return "{\"names\": [\"" + String.join("\", \"", names) + "\"], \"action\": \"SCMP_ACT_ALLOW\", \"comment\": \""
        + comment + "\"}";
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      profile                             | a command is missing: record or diff
      profile record -- x                 | Missing required option: '-o FILE'
      profile record -o f --              | Missing required parameter: 'PROGRAM'
      profile record -o f --times 0 -- x  | must be a whole number above zero
      profile record -o f --kill-syscall a -- x | Unknown option: '--kill-syscall'
      profile record -o /proc/none/f -- x | -o: /proc/none/f: cannot be written
      profile record -o f --memory 0 -- x | must be above zero
      profile record -o f --work-dir w -- x | workDir: w: must be absolute
      profile diff a                      | Missing required parameter: 'B'
      profile diff a b c                  | Unmatched argument
      profile diff /nowhere/a /nowhere/b  | /nowhere/a: no such file
      """)
  void wrongUsageIsNamed(String args, String message) {
    var outcome = execute(args.split(" +"));
    assertEquals(ExitCode.USAGE, outcome.code, outcome.err);
    assertTrue(outcome.err.startsWith("cordon: ") && outcome.err.contains(message), outcome.err);
    assertEquals("", outcome.out);
  }

  @Test
  void whatFollowsTheProgramIsItsOwn() {
    var line = Main.commandLine();
    var record = line.parseArgs("profile", "record", "-o", "f", "--input", "a", "--input", "b", "p", "-o", "g",
        "--merge").subcommand().subcommand();
    assertEquals(List.of("p", "-o", "g", "--merge"), record.matchedPositional(0).getValue());
    assertEquals(List.of(Path.of("a"), Path.of("b")), record.matchedOption("--input").getValue());
  }

  @Test
  void aDifferenceHasItsExitCode() throws Exception {
    var a = profile("a", "SCMP_ACT_KILL_PROCESS", allow("", "read", "write", "getpid"),
        "{\"names\": [\"clone3\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38}");
    var b = profile("b", "SCMP_ACT_ERRNO", allow("another comment", "write", "read", "socket"),
        "{\"names\": [\"clone3\"], \"action\": \"SCMP_ACT_ALLOW\","
            + " \"args\": [{\"index\": 0, \"value\": 1, \"op\": \"SCMP_CMP_EQ\"}]}");
    assertEquals(new Outcome(1, """
        default: SCMP_ACT_KILL_PROCESS -> SCMP_ACT_ERRNO 1
        only in A: getpid: SCMP_ACT_ALLOW
        only in B: socket: SCMP_ACT_ALLOW
        changed: clone3: SCMP_ACT_ERRNO 38 -> SCMP_ACT_ALLOW where {"args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]}
        """, ""), execute("profile", "diff", a.toString(), b.toString()));
    assertEquals(new Outcome(0, "", ""), execute("profile", "diff", a.toString(), a.toString()));
    var json = execute("profile", "diff", "--json", b.toString(), a.toString());
    assertEquals(1, json.code);
    assertEquals(Map.of("socket", "SCMP_ACT_ALLOW"), JSON.std.mapFrom(json.out).get("onlyInA"));
    assertEquals(List.of("defaultAction", "onlyInA", "onlyInB", "changed"),
        List.copyOf(JSON.std.mapFrom(json.out).keySet()));
  }

  @Test
  void aFileThatIsNoProfileIsWrongUsage() throws Exception {
    var good = profile("good", "SCMP_ACT_ALLOW");
    var bad = Files.writeString(temporary.resolve("bad"), "{\"defaultAction\": \"SCMP_ACT_MAYBE\"}");
    for (var args : List.of(List.of(good, bad), List.of(bad, good))) {
      var outcome = execute("profile", "diff", args.get(0).toString(), args.get(1).toString());
      assertEquals(ExitCode.USAGE, outcome.code);
      assertTrue(outcome.err.contains("SCMP_ACT_MAYBE"), outcome.err);
    }
    var merged = execute("profile", "record", "-o", bad.toString(), "--merge", "--", "x");
    assertEquals(ExitCode.USAGE, merged.code);
    assertTrue(merged.err.contains("--merge: "), merged.err);
  }

  @Test
  void recordingsAddUp() throws Exception {
    var setup = "Cordon's own between the filter's loading and exec, not made by the program: execve=1 seccomp=1";
    var learned = new LearnedProfile();
    learned.add(ProfileFile.read(profile("a", "SCMP_ACT_KILL_PROCESS", allow(OWN + "read=3 write=1", "read", "write"),
        "{\"names\": [\"clone3\", \"mount\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38,"
            + " \"comment\": \"clone3=2 mount=1\"}",
        allow(setup, "execve", "seccomp"))));
    // Here the program executes something itself, and clone3 was allowed.
    learned.add(ProfileFile.read(profile("b", "SCMP_ACT_KILL_PROCESS",
        allow(OWN + "clone3=1 execve=1 read=4", "clone3", "execve", "read"), allow(setup, "execve", "seccomp"))));
    assertEquals(5, learned.programCalls());
    assertEquals(1, learned.setupCalls());
    var written = ProfileFile.read(Files.writeString(temporary.resolve("c"), learned.json()));
    assertEquals("SCMP_ACT_KILL_PROCESS", written.defaultAction());
    assertEquals(List.of(
        new ProfileFile.Group("SCMP_ACT_ALLOW", List.of("clone3", "execve", "read", "write"),
            OWN + "clone3=1 execve=1 read=7 write=1", ""),
        new ProfileFile.Group("SCMP_ACT_ERRNO 38", List.of("mount"), "refused by the policy of the recording: mount=1",
            ""),
        new ProfileFile.Group("SCMP_ACT_ALLOW", List.of("seccomp"),
            "Cordon's own between the filter's loading and exec, not made by the program: seccomp=2", "")),
        written.groups());
  }

  @Test
  void whatNoRecordingWritesIsNotMerged() throws Exception {
    var conditional = ProfileFile.read(profile("a", "SCMP_ACT_KILL_PROCESS",
        "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"caps\": [\"CAP_SYS_ADMIN\"]}}"));
    var refusal = assertThrows(IllegalArgumentException.class, () -> new LearnedProfile().add(conditional));
    assertEquals("--merge: read: only groups that allow or have an errno, without conditions, can be merged",
        refusal.getMessage());
  }
}
