// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cordon.SeccompFilter;
import io.cordon.json.SeccompProfiles;
import io.cordon.seccomp.SeccompAction;
import io.cordon.seccomp.SeccompCondition;
import io.cordon.seccomp.SeccompPolicy;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeccompCommandTest {
  private record Outcome(int code, String out, String err) {}

  private static Outcome execute(String... args) {
    var out = new StringWriter();
    var err = new StringWriter();
    int code = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
    return new Outcome(code, out.toString(), err.toString());
  }

  private static String ok(String... args) {
    var outcome = execute(args);
    assertEquals(0, outcome.code, outcome.err);
    return outcome.out;
  }

  private static String profile(Path directory) throws Exception {
    var policy = SeccompPolicy.builder().defaultAction(SeccompAction.kill()).allow("read", "write", "_llseek")
        .errno(2, "uname")
        .rule(SeccompAction.allow(), List.of("clone"), SeccompCondition.arg(0).masked(0x7e020000, 0)).build();
    var file = directory.resolve("profile.json");
    SeccompProfiles.write(policy, file);
    return file.toString();
  }

  @Test
  void aVerdictIsOneLine(@TempDir Path directory) throws Exception {
    var file = profile(directory);
    assertEquals("allow\n", ok("seccomp", "test", file, "read"));
    assertEquals("errno ENOENT\n", ok("seccomp", "test", file, "uname"));
    assertEquals("kill\n", ok("seccomp", "test", file, "bpf"));
    assertEquals("errno ENOSYS\n", ok("seccomp", "test", file, "1000"));
    assertEquals("allow\n", ok("seccomp", "test", file, "clone", "17"));
    assertEquals("kill\n", ok("seccomp", "test", file, "clone", "0x10000000"));
    assertEquals("kill\n", ok("seccomp", "test", file, "clone", "-1"));
    assertEquals("kill\n", ok("seccomp", "test", file, "clone", "18446744073709551615", "2", "3", "4", "5", "6"));
    assertEquals("errno EPERM\n", ok("seccomp", "test", "default", "mount"));
    assertEquals(
        "{\"syscall\":\"clone\",\"args\":[\"18446744073709551615\"],\"verdict\":\"kill\",\"action\":\"kill\",\"data\":0}\n",
        ok("seccomp", "test", "--json", file, "clone", "-1"));
    assertEquals("{\"syscall\":\"uname\",\"args\":[],\"verdict\":\"errno ENOENT\",\"action\":\"errno\",\"data\":2}\n",
        ok("seccomp", "test", "--json", file, "uname"));
  }

  @Test
  void anExplanationHasEveryRule(@TempDir Path directory) throws Exception {
    var text = ok("seccomp", "explain", profile(directory));
    for (var part : List.of("Default: kill\nA number without a name: errno ENOSYS\n", "allow (2)\n    read write\n",
        "allow where arg0 & 0x7e020000 == 0 (1)\n    clone\n", "errno ENOENT (1)\n    uname\n",
        "Not on this machine: 1 name\n", "What differs from Cordon's default policy\n",
        "  errno ENOENT, not allow (1)\n    uname\n",
        " instructions\n")) {
      assertTrue(text.contains(part), part + "\n" + text);
    }
    assertFalse(text.contains("Warnings"), text);
  }

  @Test
  void anExplanationAsJson(@TempDir Path directory) throws Exception {
    var file = profile(directory);
    Map<String, Object> json = JSON.std.mapFrom(ok("seccomp", "explain", "--json", file));
    assertEquals(List.of("defaultAction", "unknownAction", "instructions", "rules", "namesOfOtherMachines",
        "differences",
        "warnings"), List.copyOf(json.keySet()));
    assertEquals("kill", json.get("defaultAction"));
    assertEquals("errno ENOSYS", json.get("unknownAction"));
    assertEquals(SeccompFilter.of(SeccompProfiles.read(Path.of(file)).policy()).program().length / 8,
        json.get("instructions"));
    var rules = (List<?>) json.get("rules");
    assertEquals(Map.of("actions", List.of("allow"), "conditions", List.of(), "names", List.of("read", "write")),
        rules.get(0));
    assertEquals(Map.of("actions", List.of("allow"), "conditions", List.of("arg0 & 0x7e020000 == 0"), "names",
        List.of("clone")), rules.get(1));
    assertEquals(1, json.get("namesOfOtherMachines"));
    assertTrue(
        String.valueOf(json.get("differences"))
            .contains("{actions=[errno ENOENT], defaultPolicy=[allow], names=[uname]}"),
        json.toString());
    assertEquals(List.of(), json.get("warnings"));
  }

  @Test
  void theBuiltInPolicyIsExplained() {
    var text = ok("seccomp", "explain", "default");
    for (var part : List.of("A number without a name: errno ENOSYS\n", "allow or errno EPERM, by arguments",
        "allow or errno EOPNOTSUPP or errno EAFNOSUPPORT, by arguments (1)\n    socketpair\n",
        "allow or errno EPERM or errno EPROTONOSUPPORT or errno EAFNOSUPPORT, by arguments (1)\n    socket\n",
        "Answers as Cordon's default policy does.\n")) {
      assertTrue(text.contains(part), part + "\n" + text);
    }
    assertFalse(text.contains("Default:"), text);
  }

  @Test
  void warningsAreShown(@TempDir Path directory) throws Exception {
    var file = directory.resolve("p");
    Files.writeString(file, "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"name\": \"opne\", \"action\":"
        + " \"SCMP_ACT_KILL\"}]}");
    var text = ok("seccomp", "explain", file.toString());
    assertTrue(text.endsWith("Warnings\n  " + file
        + ":1:59: syscalls[0].name: \"opne\": no system call that is known; left"
        + " out\n"), text);
  }

  private static void wrong(String message, String... args) {
    var outcome = execute(args);
    assertEquals(ExitCode.USAGE, outcome.code, outcome.err);
    assertTrue(outcome.err.startsWith("cordon: ") && outcome.err.contains(message), outcome.err);
    assertEquals("", outcome.out);
  }

  @Test
  void wrongUsageIsNamed(@TempDir Path directory) throws Exception {
    var file = directory.resolve("p");
    Files.writeString(file, "{\n \"defaultAction\": 5}");
    wrong("a command is missing: explain or test", "seccomp");
    wrong("Missing required parameter: 'FILE'", "seccomp", "explain");
    wrong("\"/no/file\" must be default or a file: /no/file: no such file", "seccomp", "explain", "/no/file");
    wrong(file + ":2:19: defaultAction: 5: must be a string", "seccomp", "test", file.toString(), "read");
    wrong("Missing required parameter: 'SYSCALL'", "seccomp", "test", "default");
    wrong("system call: opne: this machine has none of that name", "seccomp", "test", "default", "opne");
    wrong("\"five\" must be a number of 64 bits", "seccomp", "test", "default", "read", "five");
    wrong("\"18446744073709551616\" must be a number", "seccomp", "test", "default", "read", "18446744073709551616");
    wrong("a system call has at most 6 arguments", "seccomp", "test", "default", "read", "1", "2", "3", "4", "5", "6",
        "7");
  }
}
