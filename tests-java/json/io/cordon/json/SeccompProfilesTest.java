// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.SandboxException;
import io.cordon.SeccompFilter;
import io.cordon.json.SeccompProfiles.Context;
import io.cordon.seccomp.SeccompAction;
import io.cordon.seccomp.SeccompCondition;
import io.cordon.seccomp.SeccompPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeccompProfilesTest {
  private static final Context MACHINE =
      new Context(System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64", "5.15.0-91-generic", Set.of());

  private static final int NOBODYS_NUMBER = 1000;

  private static SeccompProfile read(String text) throws SandboxException {
    return SeccompProfiles.read("p.json", text, MACHINE);
  }

  /** The policy of a profile whose rest gives no warning. */
  private static SeccompPolicy policy(String text) throws SandboxException {
    var profile = read(text);
    assertEquals(List.of(), profile.warnings());
    return profile.policy();
  }

  private static String verdict(SeccompPolicy policy, String syscall, long... args) throws SandboxException {
    return SeccompFilter.of(policy).verdict(syscall, args).describe();
  }

  @ParameterizedTest
  @CsvSource({
    "SCMP_ACT_KILL, kill-thread", "SCMP_ACT_KILL_THREAD, kill-thread", "SCMP_ACT_KILL_PROCESS, kill",
    "SCMP_ACT_TRAP, trap", "SCMP_ACT_ERRNO, errno EPERM", "SCMP_ACT_TRACE, trace 1", "SCMP_ACT_ALLOW, allow",
    "SCMP_ACT_LOG, log", "SCMP_ACT_NOTIFY, notify"})
  void everyActionIsRead(String name, String verdict) throws SandboxException {
    var rule = policy("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 5,"
        + " \"syscalls\": [{\"names\": [\"read\"], \"action\": \"" + name + "\"}]}");
    assertEquals(verdict, verdict(rule, "read"));
    assertEquals("errno EIO", verdict(rule, "write"));
    if (!name.equals("SCMP_ACT_NOTIFY")) {
      assertEquals(verdict, verdict(policy("{\"defaultAction\": \"" + name + "\"}"), "write"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SCMP_CMP_NE, 5 0, 5 5", "SCMP_CMP_LT, 5 4, 5 5", "SCMP_CMP_LE, 5 5, 5 6", "SCMP_CMP_EQ, 5 5, 5 4",
    "SCMP_CMP_GE, 5 5, 5 4", "SCMP_CMP_GT, 5 6, 5 5",
    "SCMP_CMP_NE, 18446744073709551615 0, 18446744073709551615 18446744073709551615",
    "SCMP_CMP_LT, 18446744073709551615 18446744073709551614, 18446744073709551615 18446744073709551615",
    "SCMP_CMP_EQ, 18446744073709551615 18446744073709551615, 18446744073709551615 4294967295"})
  void everyOperatorIsRead(String op, String good, String bad) throws SandboxException {
    for (var pair : Map.of(good, "allow", bad, "errno EPERM").entrySet()) {
      var numbers = pair.getKey().split(" ");
      var policy = policy("""
          {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["mmap"], "action": "SCMP_ACT_ALLOW",
           "args": [{"index": 2, "value": %s, "valueTwo": 7, "op": "%s"}]}]}""".formatted(numbers[0], op));
      assertEquals(pair.getValue(), verdict(policy, "mmap", 0, 0, Long.parseUnsignedLong(numbers[1])));
    }
  }

  @Test
  void aMaskIsTheFirstValueAndTheDatumTheSecond() throws SandboxException {
    var policy = policy("""
        {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["clone"], "action": "SCMP_ACT_ALLOW",
         "args": [{"index": 0, "value": 2114060288, "valueTwo": 131072, "op": "SCMP_CMP_MASKED_EQ"}]}]}""");
    assertEquals("arg0 & 0x7e020000 == 0x20000", policy.rules().get(0).conditions().get(0).describe());
    assertEquals("allow", verdict(policy, "clone", 0x20000 | 17));
    assertEquals("errno EPERM", verdict(policy, "clone", 17));
    assertEquals("errno EPERM", verdict(policy, "clone", 0x10020000));
  }

  @Test
  void everyErrnoIsRead() throws SandboxException {
    var policy = policy("""
        {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "defaultErrno": "ENOSYS", "syscalls": [
         {"name": "read", "action": "SCMP_ACT_ERRNO", "errnoRet": 0},
         {"name": "write", "action": "SCMP_ACT_ERRNO", "errnoRet": 4095},
         {"name": "close", "action": "SCMP_ACT_ERRNO", "errno": "EINVAL"},
         {"name": "openat", "action": "SCMP_ACT_TRACE", "errnoRet": 65535},
         {"name": "mmap", "action": "SCMP_ACT_ERRNO", "errnoRet": null}]}""");
    assertEquals("errno 0", verdict(policy, "read"));
    assertEquals("errno 4095", verdict(policy, "write"));
    assertEquals("errno EINVAL", verdict(policy, "close"));
    assertEquals("trace 65535", verdict(policy, "openat"));
    assertEquals("errno EPERM", verdict(policy, "mmap"));
    assertEquals("errno ENOSYS", verdict(policy, "munmap"));
  }

  private static SeccompPolicy conditional(String filters, Context context) throws SandboxException {
    return SeccompProfiles
        .read("p.json", "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"read\"],"
            + " \"action\": \"SCMP_ACT_ALLOW\", " + filters + "}]}", context)
        .policy();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      "includes": {}                                          | true
      "excludes": {}                                          | true
      "includes": null, "excludes": null                      | true
      "includes": {"caps": []}                                | true
      "includes": {"caps": ["CAP_SYS_ADMIN"]}                 | false
      "includes": {"caps": ["CAP_CHOWN"]}                     | true
      "includes": {"caps": ["CAP_CHOWN", "CAP_SYS_ADMIN"]}    | false
      "excludes": {"caps": ["CAP_SYS_ADMIN"]}                 | true
      "excludes": {"caps": ["CAP_SYS_ADMIN", "CAP_CHOWN"]}    | false
      "includes": {"arches": ["amd64", "x32"]}                | true
      "includes": {"arches": ["arm64", "s390x"]}              | false
      "excludes": {"arches": ["amd64"]}                       | false
      "excludes": {"arches": ["s390", "s390x"]}               | true
      "includes": {"minKernel": "4.8"}                        | true
      "includes": {"minKernel": "5.15"}                       | true
      "includes": {"minKernel": "5.15.3"}                     | true
      "includes": {"minKernel": "5.15.4"}                     | false
      "includes": {"minKernel": "5.16"}                       | false
      "includes": {"minKernel": "10.0"}                       | false
      "excludes": {"minKernel": "4.8"}                        | false
      "excludes": {"minKernel": "5.16"}                       | true
      "includes": {"arches": ["amd64"], "minKernel": "6.0"}   | false
      "includes": {"arches": ["amd64"]}, "excludes": {"caps": ["CAP_CHOWN"]} | false
      """)
  void conditionsForTheMachineComeFirst(String filters, boolean holds) throws SandboxException {
    var context = new Context("amd64", "5.15.3-generic", Set.of("CAP_CHOWN"));
    var policy = conditional(filters, context);
    assertEquals(holds ? "allow" : "errno EPERM", verdict(policy, "read"));
  }

  @Test
  void thisMachineHasNoCapabilities() throws SandboxException {
    var machine = Context.machine();
    assertEquals(Set.of(), machine.capabilities());
    assertEquals(MACHINE.arch(), machine.arch());
    assertEquals("allow", verdict(conditional("\"includes\": {\"minKernel\": \"3.0\", \"arches\": [\"" + MACHINE.arch()
        + "\"]}, \"excludes\": {\"caps\": [\"CAP_SYS_ADMIN\"]}", machine), "read"));
  }

  @Test
  void aRuleWithTheDefaultActionIsLeftOut() throws SandboxException {
    var policy = policy("""
        {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
         {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]},
         {"names": ["personality", "reboot"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}""");
    assertEquals("allow", verdict(policy, "personality", 8));
    assertEquals("errno EPERM", verdict(policy, "personality", 9));
    assertEquals("errno EPERM", verdict(policy, "reboot"));
  }

  @Test
  void twoConditionsOnOneArgumentAreEachEnough() throws SandboxException {
    var profile = read(
        """
        {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["personality"], "action": "SCMP_ACT_ALLOW",
         "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 100, "op": "SCMP_CMP_GE"}]}]}""");
    assertEquals(
        List.of("p.json:2:10: syscalls[0].args: two conditions are on one argument: each of them is enough, as in"
            + " Docker's runtime"),
        profile.warnings());
    for (long allowed : new long[] {8, 100, 101}) {
      assertEquals("allow", verdict(profile.policy(), "personality", allowed));
    }
    assertEquals("errno EPERM", verdict(profile.policy(), "personality", 9));
  }

  @Test
  void aCallThatNobodyKnowsAndOneThatIsNewerThanTheProfileAreAbsent() throws SandboxException {
    var old = policy("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"openat2\"],"
        + " \"action\": \"SCMP_ACT_ALLOW\"}]}");
    assertEquals("errno ENOSYS", SeccompFilter.of(old).verdict(NOBODYS_NUMBER).describe());
    assertEquals("errno ENOSYS", verdict(old, "fchmodat2"));
    assertEquals("errno EPERM", verdict(old, "clone3")); // Older than openat2.
    assertEquals("errno EPERM", verdict(old, "bpf"));
    var kills = policy("{\"defaultAction\": \"SCMP_ACT_KILL_PROCESS\", \"syscalls\": [{\"names\": [\"read\"],"
        + " \"action\": \"SCMP_ACT_ALLOW\"}]}");
    assertEquals("errno ENOSYS", SeccompFilter.of(kills).verdict(NOBODYS_NUMBER).describe());
    assertEquals("errno ENOSYS", verdict(kills, "clone3"));
    assertEquals("kill", verdict(kills, "getrandom")); // Newer than read, but no CPU's list ends there.
    for (var permissive : List.of("SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE")) {
      var policy = policy("{\"defaultAction\": \"" + permissive + "\"}");
      assertEquals(policy.defaultAction().orElseThrow(), SeccompFilter.of(policy).verdict(NOBODYS_NUMBER));
      assertEquals(policy.defaultAction().orElseThrow(), SeccompFilter.of(policy).verdict("fchmodat2"));
    }
  }

  @Test
  void namesThatNobodyKnowsAreReportedAndThoseOfOtherMachinesAreNot() throws SandboxException {
    var profile = read("""
        {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
          {"names": ["read", "wirte", "_llseek"], "action": "SCMP_ACT_ALLOW"},
          {"name": "op\\u001bne", "action": "SCMP_ACT_ALLOW"}]}""");
    assertEquals(List.of("p.json:2:22: syscalls[0].names[1]: \"wirte\": no system call that is known; left out",
        "p.json:3:12: syscalls[1].name: \"op\\x1bne\": no system call that is known; left out"), profile.warnings());
    assertEquals("allow", verdict(profile.policy(), "read"));
    assertEquals(List.of("read", "_llseek"), profile.policy().rules().get(0).names());
  }

  @Test
  void whatChangesNothingIsReadAll() throws SandboxException {
    var policy = policy("""
        {"defaultAction": "SCMP_ACT_ERRNO",
         "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]},
                     {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]}],
         "architectures": [], "listenerPath": "", "listenerMetadata": null, "flags": [],
         "syscalls": [{"names": ["read"], "name": "", "action": "SCMP_ACT_ALLOW", "comment": "why", "args": null},
                      {"names": [], "action": "SCMP_ACT_ALLOW"}]}""");
    assertEquals("allow", verdict(policy, "read"));
    assertEquals("allow", verdict(policy("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": null}"), "read"));
  }

  @Test
  void whatIsNotUsedIsReported() throws SandboxException {
    var profile = read("""
        {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_S390X"],
         "flags": ["SECCOMP_FILTER_FLAG_LOG"]}""");
    assertEquals(List.of("p.json:1:54: architectures: does not name this machine's "
        + (MACHINE.arch().equals("arm64") ? "SCMP_ARCH_AARCH64" : "SCMP_ARCH_X86_64")
        + "; the rules hold for it all the same",
        "p.json:2:12: flags[0]: SECCOMP_FILTER_FLAG_LOG is not used"), profile.warnings());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      ``                                    | 1:1: no JSON: the text is empty
      {                                     | no JSON: Unexpected end-of-input
      {"defaultAction": "SCMP_ACT_ALLOW"} x | 1:37: no JSON: Unrecognized token 'x'
      {"defaultAction": "SCMP_ACT_ALLOW"} 1 | 1:37: must be the end
      {"defaultAction": NaN}                | no JSON:
      []                                    | 1:1: an array: must be an object
      null                                  | 1:1: null: must be an object
      {}                                    | 1:1: must have defaultAction
      {"defaultAction": 1}                  | 1:19: defaultAction: 1: must be a string
      {"defaultAction": "ALLOW"}            | 1:19: defaultAction: "ALLOW": must be one of [SCMP_ACT_ALLOW, SCMP_ACT_ERRNO, SCMP_ACT_KILL,
      {"defaultAction": "SCMP_ACT_NOTIFY"}  | 1:19: defaultAction: "SCMP_ACT_NOTIFY": cannot be the default action
      {"defaultAction": "SCMP_ACT_ALLOW", "defaultAction": "SCMP_ACT_ALLOW"} | 1:37: defaultAction: is there twice
      {"DefaultAction": "SCMP_ACT_ALLOW"}   | 1:2: DefaultAction: is none of [archMap, architectures, defaultAction,
      {"defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": 1} | 1:56: defaultErrnoRet: goes with SCMP_ACT_ERRNO and SCMP_ACT_TRACE only, not with SCMP_ACT_ALLOW
      {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 4096} | 1:56: defaultErrnoRet: 4096: must be a whole number from 0 to 4095
      {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": "1"} | defaultErrnoRet: "1": must be a whole number
      {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": -1} | defaultErrnoRet: -1: must be a whole number
      {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1.5} | defaultErrnoRet: 1.5: must be a whole number
      {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrno": "EWHAT"} | defaultErrno: "EWHAT": must be an errno such as EPERM
      {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "defaultErrno": "EINVAL"} | defaultErrno: "EINVAL": is another errno than 1
      {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/s"} | 1:53: listenerPath: a listener of the profile's own cannot be had
      {"defaultAction": "SCMP_ACT_ALLOW", "listenerMetadata": "m"} | listenerMetadata: a listener
      {"defaultAction": "SCMP_ACT_ALLOW", "flags": ["X"]} | 1:47: flags[0]: "X": must be one of [SECCOMP_FILTER_FLAG_TSYNC
      {"defaultAction": "SCMP_ACT_ALLOW", "architectures": "a"} | architectures: "a": must be an array
      {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["x86"]} | architectures[0]: "x86": must be an architecture such as
      {"defaultAction": "SCMP_ACT_ALLOW", "archMap": [{}]} | archMap[0]: must have architecture
      {"defaultAction": "SCMP_ACT_ALLOW", "archMap": [{"architecture": "SCMP_ARCH_X86", "sub": []}]} | archMap[0].sub: is none of
      {"defaultAction": "SCMP_ACT_ALLOW", "archMap": [{"architecture": "SCMP_ARCH_X86_64"}], "architectures": ["SCMP_ARCH_X86_64"]} | archMap: must not be there beside architectures
      {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": {}} | syscalls: an object: must be an array
      {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]} | no JSON:
      {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [1111111111111111111111111111111111111111111111111111111111111111111111111]} | no JSON:
      """)
  void whatIsWrongIsNamedWithItsPlace(String text, String message) {
    refused(text, message);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {"action": "SCMP_ACT_ALLOW"}                                  | 2:1: syscalls[0]: must have names
      {"names": ["read"]}                                           | 2:1: syscalls[0]: must have action
      {"names": "read", "action": "SCMP_ACT_ALLOW"}                 | 2:11: syscalls[0].names: "read": must be an array
      {"names": [1], "action": "SCMP_ACT_ALLOW"}                    | 2:12: syscalls[0].names[0]: 1: must be a string
      {"names": ["a"], "name": "b", "action": "SCMP_ACT_ALLOW"}     | 2:26: syscalls[0].name: must not be there beside names
      {"names": ["read"], "action": "SCMP_ACT_ALOW"}                | 2:31: syscalls[0].action: "SCMP_ACT_ALOW": must be one of
      {"names": ["read"], "action": "SCMP_ACT_ALLOW", "errnoRet": 1} | 2:61: syscalls[0].errnoRet: goes with
      {"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 4096} | errnoRet: 4096: must be a whole number from 0 to 4095
      {"names": ["read"], "action": "SCMP_ACT_ALLOW", "comment": 1} | comment: 1: must be a string
      {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": {}}   | args: an object: must be an array
      {"names": ["read"], "action": "SCMP_ACT_ALLOW", "arg": []}    | 2:49: syscalls[0].arg: is none of [action, args,
      {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"value": 1, "op": "SCMP_CMP_EQ"}]} | 2:58: syscalls[0].args[0]: must have index
      {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "op": "SCMP_CMP_EQ"}]} | args[0]: must have value
      {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 1}]} | args[0]: must have op
      {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 6, "value": 1, "op": "SCMP_CMP_EQ"}]} | 2:68: syscalls[0].args[0].index: 6: must be a whole number from 0 to 5
      {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 18446744073709551616, "op": "SCMP_CMP_EQ"}]} | value: 18446744073709551616: must be a whole number from 0 to 18446744073709551615
      {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": -1, "op": "SCMP_CMP_EQ"}]} | value: -1: must be a whole number
      {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 1, "op": "=="}]} | op: "==": must be one of [SCMP_CMP_EQ, SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_LE, SCMP_CMP_LT, SCMP_CMP_MASKED_EQ, SCMP_CMP_NE]
      {"names": ["read"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "new"}} | 2:75: syscalls[0].includes.minKernel: "new": must be a kernel version
      {"names": ["read"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": "c"}} | caps: "c": must be an array
      {"names": ["read"], "action": "SCMP_ACT_ALLOW", "excludes": {"arch": []}} | excludes.arch: is none of [arches, caps, minKernel]
      """)
  void whatIsWrongInARuleIsNamedWithItsPlace(String rule, String message) {
    refused("{\"defaultAction\": \"SCMP_ACT_KILL\", \"syscalls\": [\n" + rule + "\n]}", message);
  }

  private static SeccompProfileException refused(String text, String message) {
    var e = assertThrows(SeccompProfileException.class, () -> read(text));
    var found = String.valueOf(e.getMessage());
    assertTrue(found.contains(message), found);
    assertTrue(found.startsWith("p.json:" + e.line() + ":" + e.column() + ": "), found);
    assertTrue(e.line() > 0 && e.column() > 0, found);
    return e;
  }

  @Test
  void largeTextsAreRefusedBeforeTheyCostMuch(@TempDir Path directory) throws IOException {
    refused("{\"defaultAction\": \"SCMP_ACT_KILL\", \"syscalls\": [" + "0,".repeat(300_000) + "0]}",
        "is one value too many: at most 262144");
    refused("{\"" + "x".repeat(40_000) + "\": [" + "0,".repeat(200_000) + "0]}", "1:2: " + "x".repeat(256)
        + "...: is none of");
    refused(" ".repeat(SeccompProfiles.MAX_BYTES + 1), "1:1: must have at most 4194304 bytes");
    var file = directory.resolve("large");
    Files.writeString(file, " ".repeat(SeccompProfiles.MAX_BYTES + 1));
    var e = assertThrows(SeccompProfileException.class, () -> SeccompProfiles.read(file));
    assertEquals(file + ":1:1: must have at most 4194304 bytes", e.getMessage());
    assertThrows(SeccompProfileException.class, () -> SeccompProfiles.read(Path.of("/dev/zero")));
  }

  @Test
  void aFileIsUtf8AndMayBeMissing(@TempDir Path directory) throws Exception {
    var file = directory.resolve("p");
    assertThrows(java.nio.file.NoSuchFileException.class, () -> SeccompProfiles.read(file));
    Files.write(file,
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"x\": \"\u00e4\"}".getBytes(StandardCharsets.ISO_8859_1));
    var e = assertThrows(SeccompProfileException.class, () -> SeccompProfiles.read(file));
    assertEquals(file + ":1:1: must be UTF-8", e.getMessage());
    Files.writeString(file, "{\"defaultAction\": \"SCMP_ACT_ALLOW\"}");
    assertEquals(Optional.of(SeccompAction.allow()), SeccompProfiles.read(file).policy().defaultAction());
  }

  @Test
  void whatIsWrittenIsReadAsTheSame(@TempDir Path directory) throws Exception {
    long large = -2;
    var arg = SeccompCondition.arg(3);
    var policy = SeccompPolicy.builder().defaultAction(SeccompAction.killThread()).allow("read", "_llseek",
        "rseq_slice_yield")
        .errno(5, "write").errno(0, "close").kill("openat").trap("pipe2").log("lseek").trace("mmap").notify("munmap")
        .rule(SeccompAction.allow(), List.of("clone", "socket"), SeccompCondition.arg(0).masked(0x7e020000, 1L << 63),
            arg.notEqualTo(large))
        .rule(SeccompAction.allow(), List.of("ioctl"), arg.lessThan(large))
        .rule(SeccompAction.allow(), List.of("ioctl"), arg.lessOrEqual(large))
        .rule(SeccompAction.allow(), List.of("ioctl"), arg.equalTo(large))
        .rule(SeccompAction.allow(), List.of("ioctl"), arg.greaterOrEqual(large))
        .rule(SeccompAction.allow(), List.of("ioctl"), arg.greaterThan(large)).build();
    var file = directory.resolve("p.json");
    SeccompProfiles.write(policy, file);
    var read = SeccompProfiles.read(file);
    assertEquals(List.of(), read.warnings());
    assertEquals(policy.rules(), read.policy().rules());
    assertEquals(policy.defaultAction(), read.policy().defaultAction());
    assertEquals(policy.unknownAction(), read.policy().unknownAction());
    assertEquals(Files.readString(file), SeccompProfiles.write(read.policy()));
  }

  @Test
  void whatNoProfileCanSayIsNotWritten() {
    notWritten("no rules", SeccompPolicy.DEFAULT);
    notWritten("action for unknown system calls", SeccompPolicy.builder().unknown(SeccompAction.kill()).build());
    notWritten("notify", SeccompPolicy.builder().defaultAction(SeccompAction.askListener()).build());
    notWritten("read errno EPERM: a rule with the default action", SeccompPolicy.builder().errno(1, "read").build());
    notWritten("two conditions", SeccompPolicy.builder().rule(SeccompAction.allow(), List.of("read"),
        SeccompCondition.arg(0).greaterThan(1), SeccompCondition.arg(0).lessThan(5)).build());
    notWritten("no field for the data", SeccompPolicy.builder().rule(
        new SeccompAction(SeccompAction.Kind.TRAP, 1), List.of("read")).build());
  }

  private static void notWritten(String why, SeccompPolicy policy) {
    var e = assertThrows(IllegalArgumentException.class, () -> SeccompProfiles.write(policy));
    assertTrue(String.valueOf(e.getMessage()).contains(why), e.getMessage());
  }

  /** A profile as Docker's is: an allow list in groups, most of them for a capability, an architecture or a kernel. */
  @Test
  void aProfileOfManyGroups() throws SandboxException {
    var groups = new StringBuilder();
    var general = List.of("read write close openat", "mmap munmap mprotect brk mremap", "rt_sigaction rt_sigprocmask",
        "futex set_robust_list rseq", "execve execveat exit exit_group", "getpid gettid getppid",
        "clock_gettime nanosleep",
        "socket connect bind", "statx newfstatat fstat", "epoll_create1 epoll_ctl epoll_pwait", "pipe2 dup dup3 fcntl",
        "getrandom uname sysinfo", "chdir fchdir getcwd", "mkdirat unlinkat renameat2", "wait4 waitid kill tgkill",
        "prlimit64 getrusage times", "sendto recvfrom sendmsg recvmsg", "timerfd_create eventfd2 signalfd4",
        "io_setup io_submit io_getevents", "sched_yield sched_getaffinity", "inotify_init1 inotify_add_watch");
    for (var names : general) {
      groups.append(group(names, "SCMP_ACT_ALLOW", ""));
    }
    for (var cap : List.of("CAP_SYS_ADMIN mount umount2 setns unshare", "CAP_SYS_BOOT reboot", "CAP_SYS_CHROOT chroot",
        "CAP_SYS_MODULE init_module delete_module", "CAP_SYS_PACCT acct", "CAP_SYS_RAWIO iopl ioperm",
        "CAP_SYS_TIME settimeofday clock_settime", "CAP_SYS_NICE get_mempolicy mbind", "CAP_SYSLOG syslog",
        "CAP_BPF bpf", "CAP_PERFMON perf_event_open", "CAP_DAC_READ_SEARCH open_by_handle_at")) {
      int space = cap.indexOf(' ');
      groups.append(group(cap.substring(space + 1), "SCMP_ACT_ALLOW",
          ", \"includes\": {\"caps\": [\"" + cap.substring(0, space) + "\"]}"));
    }
    for (long value : new long[] {0, 8, 0x20000, 0x20008, 0xffffffffL}) {
      groups.append(group("personality", "SCMP_ACT_ALLOW",
          ", \"args\": [{\"index\": 0, \"value\": " + value + ", \"op\": \"SCMP_CMP_EQ\"}]"));
    }
    groups.append(group("ptrace", "SCMP_ACT_ALLOW", ", \"includes\": {\"minKernel\": \"4.8\"}"));
    groups.append(group("process_vm_readv", "SCMP_ACT_ALLOW", ", \"includes\": {\"minKernel\": \"999.0\"}"));
    groups.append(group("arch_prctl", "SCMP_ACT_ALLOW", ", \"includes\": {\"arches\": [\"amd64\", \"x32\"]}"));
    groups.append(group("s390_pci_mmio_read", "SCMP_ACT_ALLOW", ", \"includes\": {\"arches\": [\"s390x\"]}"));
    groups.append(group("clone", "SCMP_ACT_ALLOW", ", \"args\": [{\"index\": 0, \"value\": 2114060288, \"valueTwo\": 0,"
        + " \"op\": \"SCMP_CMP_MASKED_EQ\"}], \"excludes\": {\"caps\": [\"CAP_SYS_ADMIN\"], \"arches\": [\"s390\", \"s390x\"]}"));
    groups.append(group("clone3", "SCMP_ACT_ERRNO",
        ", \"errnoRet\": 38, \"excludes\": {\"caps\": [\"CAP_SYS_ADMIN\"]}"));
    var text = "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 1, \"archMap\": [{\"architecture\":"
        + " \"SCMP_ARCH_X86_64\", \"subArchitectures\": [\"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\"]}, {\"architecture\":"
        + " \"SCMP_ARCH_AARCH64\", \"subArchitectures\": [\"SCMP_ARCH_ARM\"]}], \"syscalls\": ["
        + groups.substring(0, groups.length() - 1) + "]}";
    var policy = policy(text);
    for (var names : general) {
      for (var name : names.split(" ")) {
        assertEquals("allow", verdict(policy, name, 1, 2, 3), name);
      }
    }
    for (var name : List.of("mount", "reboot", "chroot", "init_module", "syslog", "bpf", "setns", "process_vm_readv",
        "keyctl")) {
      assertEquals("errno EPERM", verdict(policy, name), name);
    }
    assertEquals("allow", verdict(policy, "ptrace"));
    assertEquals("allow", verdict(policy, "personality", 0x20008));
    assertEquals("errno EPERM", verdict(policy, "personality", 1));
    assertEquals("allow", verdict(policy, "clone", 0x11));
    assertEquals("errno EPERM", verdict(policy, "clone", 0x10000011));
    assertEquals("errno ENOSYS", verdict(policy, "clone3"));
    assertEquals("errno ENOSYS", verdict(policy, "fchmodat2"));
    assertEquals("errno ENOSYS", SeccompFilter.of(policy).verdict(NOBODYS_NUMBER).describe());
    var admin = new Context(MACHINE.arch(), MACHINE.kernel(), Set.of("CAP_SYS_ADMIN"));
    var withAdmin = SeccompProfiles.read("p.json", text, admin).policy();
    assertEquals("allow", verdict(withAdmin, "mount"));
    assertEquals("errno EPERM", verdict(withAdmin, "clone", 0x11));
    var again = policy(SeccompProfiles.write(policy));
    for (var name : SeccompPolicy.systemCalls().keySet()) {
      assertEquals(SeccompFilter.of(policy).verdicts(name), SeccompFilter.of(again).verdicts(name), name);
    }
  }

  private static String group(String names, String action, String rest) {
    return "{\"names\": [\"" + names.replace(" ", "\", \"") + "\"], \"action\": \"" + action + "\"" + rest + "},";
  }
}
