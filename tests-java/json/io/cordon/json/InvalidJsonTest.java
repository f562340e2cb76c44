// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.SandboxException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong is refused, with its place. */
class InvalidJsonTest {
  private static InvalidJsonException refused(Executable read) {
    var e = assertThrows(InvalidJsonException.class, read);
    assertTrue(String.valueOf(e.getMessage()).startsWith("n:" + e.line() + ":" + e.column() + ": "), e.getMessage());
    return e;
  }

  private static void refused(String message, Executable read) {
    var found = String.valueOf(refused(read).getMessage());
    assertTrue(found.contains(message), found);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      `                                            `| n:1:1: no JSON: the text is empty
      {"argv": ["p"]} x                             | no JSON: Unrecognized token
      {"argv": ["p"]} 1                             | n:1:17: must be the end
      {"argv": ["p"], "arg": 1}                     | n:1:17: arg: is none of [argv, captureBytes, copyIn, copyOut,
      {"argv": ["p"], "env": {"A": "1", "A": "2"}}  | n:1:35: env.A: is there twice: no JSON object
      {"argv": ["p", 1]}                            | n:1:16: argv[1]: 1: must be a string
      {"argv": [""]}                                | n:1:10: args[0]: : must not be empty
      {"argv": ["a\\u0000b"]}                       | n:1:10: args[0]: a\\x00b: must not hold a NUL character
      {"argv": ["p"], "label": ""}                  | n:1:26: label: : must not be empty
      {"argv": ["p"], "env": {"": "x"}}             | n:1:29: env name: : must not be empty
      {"argv": ["p"], "env": {"K": null}}           | n:1:30: env K: null: must be a string
      {"argv": ["p"], "workDir": "d"}               | n:1:28: workDir: d: must be absolute
      {"argv": ["p"], "cpuset": "0-"}               | n:1:27: cpuset: 0-: must be CPUs as in 0-1,3
      {"argv": ["p"], "limits": {"cpuTime": "1h"}}  | n:1:39: limits.cpuTime: "1h" must be a number with ms, s or m
      {"argv": ["p"], "limits": {"cpuTime": [1]}}   | n:1:39: limits.cpuTime: [1]: must be a string or a number
      {"argv": ["p"], "limits": {"cpuRate": 0}}     | n:1:39: cpuRate: 0.0: must be from 0.01 to 8192 CPUs
      {"argv": ["p"], "limits": {"cpuWeight": "unlimited"}} | limits.cpuWeight: "unlimited" must be a whole number
      {"argv": ["p"], "limits": {"memory": 1.5}}    | limits.memory: "1.5" must be a number of bytes
      {"argv": ["p"], "limits": {"memory": 1e300}}  | limits.memory: "1.0E300" must be a number of bytes
      {"argv": ["p"], "captureBytes": "1t"}         | n:1:33: captureBytes: "1t" must be a number of bytes
      {"argv": ["p"], "captureBytes": "1g"}         | capture limitBytes: 1073741824: must be at most 512 MiB
      {"argv": ["p"], "stdin": "\\ud800"}           | n:1:26: stdin: ?: must not hold half a surrogate pair
      {"argv": ["p"], "stdinBase64": "?"}           | stdinBase64: ?: must be base64
      {"argv": ["p"], "stdinFile": ""}              | stdinFile: : must be a path that is not empty
      {"argv": ["p"], "stdinFile": "\\u0000"}       | stdinFile: \\x00: must be a path
      {"argv": ["p"], "stdout": "stdout"}           | stdout: stdout: must be "discard", {"captureBytes": SIZE} or
      {"argv": ["p"], "stdout": {}}                 | stdout: an object: must be "discard"
      {"argv": ["p"], "stderr": 1}                  | stderr: 1: must be "discard", {"captureBytes": SIZE} or {"file": PATH}, or "stdout"
      {"argv": ["p"], "files": {"../x": "y"}}       | n:1:35: copyIn name: ../x: must not hold "." or ".."
      {"argv": ["p"], "copyIn": ["a:.."]}           | copyIn[0]: "a:.." must not hold ".." in the name inside
      {"argv": ["p"], "copyIn": [1]}                | copyIn[0]: 1: must be a string
      {"argv": ["p"], "copyIn": [{"name": "a"}]}    | copyIn[0]: must have one of text, base64 and file
      {"argv": ["p"], "copyIn": [{"name": "a", "text": "", "file": "f"}]} | copyIn[0]: must have one of
      {"argv": ["p"], "copyIn": [{"text": "a"}]}    | n:1:28: copyIn[0].name: null: must be a string
      {"argv": ["p"], "copyIn": [{"name": "a", "text": "", "mode": "0"}]} | copyIn mode: 00: must be from 01 to 0777
      {"argv": ["p"], "copyIn": [{"name": "a", "text": "", "mode": "rwx"}]} | copyIn[0].mode: rwx: must be permission bits
      {"argv": ["p"], "copyOut": ["/"]}             | copyOut[0]: "/" must have a name inside
      {"argv": ["p"], "copyOut": [{"pattern": "a", "most": 0}]} | copyOut[0].most: 0: must be a whole number from 1 to 10000
      {"argv": ["p"], "copyOut": [{"pattern": "a", "name": "a"}]} | copyOut[0]: must have either name or pattern
      {"argv": ["p"], "copyOut": [{"name": "a", "replace": true}]} | copyOut[0]: replace is for a pattern
      {"argv": ["p"], "copyOut": [{"pattern": "a", "replace": true}]} | copyOut replacing: a: needs a directory
      {"argv": ["p"], "copyOut": ["a", "a"]}        | n:1:1: copyOut name: a: is given twice
      {"argv": ["p"], "rlimits": [{"resource": "x"}]} | rlimits[0].resource: x: must be one of [cpu, fsize,
      {"argv": ["p"], "rlimits": [{"resource": "cpu", "soft": 2, "hard": 1}]} | must not be above the hard limit 1
      {"argv": ["p"], "rlimits": [{"resource": "cpu", "soft": -1, "hard": 1}]} | rlimits[0].soft: -1: must be a whole number from 0
      {"argv": ["p"], "terminal": "yes"}            | terminal: yes: must be true or false
      {"argv": ["p"], "terminal": true, "stdinFile": "/x"} | n:1:1: terminal: stdin: must be none, bytes, text or a stream
      {"argv": ["p"], "supervisor": {"engine": "x"}} | supervisor.engine: x: must be one of [auto, notify, ptrace, kernel]
      {"argv": ["p"], "supervisor": {"syscalls": [{"syscall": "a", "decision": "ask"}]}} | handler: none: is needed by the rule for a
      {"argv": ["p"], "supervisor": {"syscalls": [{"syscall": "a", "decision": "EWHAT"}]}} | decision: EWHAT: must be allow, kill, ask, or an errno
      {"argv": ["p"], "supervisor": {"syscalls": [{"syscall": "a", "decision": "allow", "limit": 1}]}} | goes with another decision
      {"argv": ["p"], "supervisor": {"files": {"rules": [{"path": "a", "access": []}]}}} | files path: a: must be absolute
      {"argv": ["p"], "supervisor": {"ports": {"connect": [0]}}} | connect port: 0: must be 1 to 65535
      {"argv": ["p"], "supervisor": {"askTimeout": "unlimited"}} | askTimeout: FOREVER: must have an end
      """)
  void commands(String text, String message) {
    refused(message, () -> CordonJson.readCommand("n", text.strip()));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {"network": "wifi"}                           | n:1:13: network: wifi: must be one of [none, loopback, host]
      {"mounts": [{"type": "bind", "target": "/a"}]} | mounts[0].source: null: must be a path
      {"mounts": [{"type": "tmpfs", "target": "/a", "source": "/b"}]} | mounts[0].source: does not apply to tmpfs
      {"mounts": [{"type": "tmpfs", "target": "a"}]} | mount target: a: must be absolute
      {"mounts": [{"type": "proc", "target": "/a", "sizeBytes": 1}]} | does not apply to PROC
      {"uid": 1}                                    | gid: null: must be there beside uid
      {"hostUid": 0, "hostGid": 1}                  | hostUser uid: 0: must be above zero
      {"seccomp": "strict"}                         | seccomp: strict: must be "default", "none", {"bpf": BASE64}, {"rules": [...]}, or
      {"seccomp": {"rules": [{"names": ["a"], "action": "errno"}]}} | seccomp.rules[0].action: errno: must be an action such
      {"seccomp": {"rules": [{"names": ["a"], "action": "errno 4096"}]}} | seccomp errno data: 4096: must be from 0 to 4095
      {"seccomp": {"rules": [{"names": [], "action": "allow"}]}} | seccomp names: []: must hold at least one
      {"seccomp": {"rules": [], "default": "allow EPERM"}} | seccomp.default: allow EPERM: must be an action
      {"seccomp": {"rules": [{"names": ["a"], "action": "kill", "conditions": [{"arg": 6, "op": "less", "value": "1"}]}]}} | conditions[0].arg: 6: must be
      {"seccomp": {"rules": [{"names": ["a"], "action": "kill", "conditions": [{"arg": 1, "op": "less", "value": 1}]}]}} | conditions[0].value: 1: must be a string
      {"seccomp": {"bpf": "AAAA"}}                  | seccomp program: 3 bytes: must be a multiple of 8
      {"seccomp": {"defaultAction": "ALLOW"}}       | n:1:31: seccomp.defaultAction: ALLOW: must be one of [SCMP_ACT_ALLOW,
      {"seccomp": {}}                               | n:1:13: seccomp: must have defaultAction
      {"require": ["walls"]}                        | require[0]: walls: must be one of [user-ns, mount-ns,
      {"require": ["net-ns"], "network": "host"}    | n:1:1: require: net-ns: the network is HOST
      {"namespaces": false, "uid": 1, "gid": 1}     | namespaces: false: must be true for user
      {"hostname": ""}                              | hostname: : must not be empty
      """)
  void sandboxes(String text, String message) {
    refused(message, () -> CordonJson.readSandbox("n", text, warning -> {}));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {}                                            | status: null: must be one of [OK, NONZERO_EXIT,
      {"status": "FINE"}                            | n:1:12: status: FINE: must be one of [OK,
      {"status": "OK", "cpuTimeNs": -1}             | cpuTimeNs: -1: must be a whole number from 0
      {"status": "OK", "cpuTimeNs": 1.5}            | cpuTimeNs: 1.5: must be a whole number
      {"status": "OK", "memorySource": "top"}       | memorySource: top: must be one of [none, cgroup-v1,
      {"status": "OK", "surprise": 1}               | surprise: is none of
      {"status": "OK", "events": [{"kind": "path", "pid": 1, "time": "now"}]} | events[0].time: now: must be a time
      {"status": "OK", "events": [{"kind": "path", "pid": 1, "args": ["1"]}]} | events[0].args: [1]: must be an array of 6
      {"status": "OK", "syscallCounts": {"read": "1"}} | syscallCounts read: 1: must be a whole number
      {"status": "OK", "output": {"stdin": {}}}     | output.stdin: is none of [stderr, stdout]
      """)
  void results(String text, String message) {
    refused(message, () -> CordonJson.readResult("n", text));
  }

  @Test
  void otherTexts() {
    refused("type: null: must be one of [run-finished,", () -> CordonJson.readEvent("n", "{}"));
    refused("type: run: must be one of", () -> CordonJson.readEvent("n", "{\"type\": \"run\"}"));
    refused("program: null: must be there", () -> CordonJson.readEvent("n", "{\"type\": \"limit-hit\"}"));
    refused("must be the result of a run", () -> CordonJson.readEvent("n",
        "{\"type\": \"run-finished\", \"program\": \"p\", \"result\": {\"status\": \"SANDBOX_ERROR\"}}"));
    refused("line: null: must be a number", () -> BatchResult.read("n", "{\"status\": \"OK\"}"));
    refused("step: WALK: must be one of", () -> CordonJson.readError("n", "{\"step\": \"WALK\"}"));
  }

  @Test
  void depthAndSizeAreLimited() {
    refused("no JSON: Document nesting depth (65) exceeds", () -> CordonJson.readCommand("n", "[".repeat(10_000)));
    refused("is one value too many: at most 262144",
        () -> CordonJson.readCommand("n", "{\"argv\": [" + "\"\",".repeat(300_000) + "\"\"]}"));
    refused("must have at most 67108864 characters",
        () -> CordonJson.readCommand("n", " ".repeat(CordonJson.MAX_CHARS + 1)));
    refused("no JSON: Number value length (1001) exceeds", () -> CordonJson.readCommand("n", "9".repeat(1001)));
    var long1 =
        refused(() -> CordonJson.readCommand("n", "{\"argv\": [\"p\"], \"workDir\": \"" + "x".repeat(1 << 20) + "\"}"));
    assertTrue(String.valueOf(long1.getMessage()).length() < 400);
  }

  private interface Reader {
    void read(String text) throws IOException, SandboxException;
  }

  private static final Map<String, Reader> READERS = Map.of(
      CordonJson.write(Samples.command()), text -> CordonJson.readCommand("n", text),
      CordonJson.write(Samples.limits()), text -> CordonJson.readLimits("n", text),
      CordonJson.write(Samples.sandbox()), text -> CordonJson.readSandbox("n", text, warning -> {}),
      CordonJson.write(Samples.supervisor()), text -> CordonJson.readSupervisor("n", text),
      CordonJson.write(Samples.result()), text -> CordonJson.readResult("n", text),
      CordonJson.write(Samples.error()), text -> CordonJson.readError("n", text),
      CordonJson.write(Samples.event()), text -> CordonJson.readSecurityEvent("n", text),
      CordonJson.write(Samples.events().get(1)), text -> CordonJson.readEvent("n", text),
      "{\"line\":1,\"id\":[1]," + CordonJson.summary(Samples.result()).substring(1),
      text -> BatchResult.read("n", text),
      "{\"id\":[1]," + CordonJson.write(Samples.command()).substring(1), text -> BatchLine.of("n", 1, text).command());

  /** What takes the place of a part of a document. */
  private static final List<String> PARTS = List.of("null", "true", "-1", "0", "1e400", "9223372036854775808", "1.5",
      "\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"unlimited\"", "\"..\"", "[]", "[[]]", "{}", "{\"\":0}", ",", ":", "\"",
      "}",
      "]", "\"kill\"", "\"/\"", "\"4\"", "\"99999999999999999999\"");

  /** Documents with a value replaced, a part cut out, doubled or exchanged, and single characters changed. */
  @Test
  void noDocumentThrowsAnythingElse() throws IOException {
    var random = new Random(20260131);
    int accepted = 0;
    int refused = 0;
    for (var entry : READERS.entrySet()) {
      for (int i = 0; i < 1500; i++) {
        var text = mutated(entry.getKey(), random);
        try {
          entry.getValue().read(text);
          accepted++;
        } catch (InvalidJsonException e) {
          assertTrue(e.line() > 0 && e.column() > 0 && String.valueOf(e.getMessage()).startsWith("n:"), e.getMessage());
          refused++;
        } catch (SandboxException e) {
          accepted++; // A result that is an error.
        } catch (IOException e) {
          throw new UncheckedIOException(text, e);
        } catch (RuntimeException | Error e) {
          throw new AssertionError(text, e);
        }
      }
    }
    assertTrue(accepted > 500 && refused > 5000, accepted + " accepted, " + refused + " refused");
  }

  private static String mutated(String text, Random random) {
    var mutant = text;
    for (int i = random.nextInt(2); i >= 0; i--) {
      mutant = mutatedOnce(mutant, random);
    }
    return mutant;
  }

  private static String mutatedOnce(String text, Random random) {
    int from = random.nextInt(text.length());
    int to = Math.min(text.length(), from + 1 + random.nextInt(20));
    return switch (random.nextInt(5)) {
      case 0 -> text.substring(0, from) + text.substring(to);
      case 1 -> text.substring(0, to) + text.substring(from);
      case 2 -> text.substring(0, from) + (char) random.nextInt(0x180) + text.substring(from + 1);
      case 3 -> text.substring(0, from) + PARTS.get(random.nextInt(PARTS.size())) + text.substring(to);
      default -> withAnotherValue(text, from, PARTS.get(random.nextInt(PARTS.size())));
    };
  }

  /** Replaces the value of the first field behind a place. */
  private static String withAnotherValue(String text, int from, String value) {
    int start = text.indexOf("\":", from);
    if (start < 0) {
      return text;
    }
    int end = start + 2;
    while (end < text.length() && ",}]".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    return text.substring(0, start + 2) + value + text.substring(end);
  }
}
