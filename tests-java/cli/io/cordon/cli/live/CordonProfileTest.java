// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cordon.Command;
import io.cordon.Input;
import io.cordon.Mount;
import io.cordon.Status;
import io.cordon.UnshareRunner;
import io.cordon.cli.Main;
import io.cordon.json.SeccompProfiles;
import io.cordon.live.Jvm;
import io.cordon.live.Live;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code cordon profile} as a process of its own, and what its profiles do to programs. */
@Timeout(120)
class CordonProfileTest {
  private static final String SUBJECT = Live.PROGRAMS.resolve("subject").toAbsolutePath().toString();

  /** Says hello; asks for its parent where its input begins with p. */
  private static final String HELLO = """
      #include <stdio.h>
      #include <unistd.h>

      int main(void)
      {
      	if (getchar() == 'p')
      		return getppid() < 0;
      	return puts("hello") < 0;
      }
      """;

  @TempDir
  Path temporary;
  private Path profile;

  @BeforeEach
  void nameTheProfile() {
    profile = temporary.resolve("profile.json");
  }

  private static Jvm.Outcome cordon(String... args) throws Exception {
    return new Jvm(Main.class.getName(), args).run();
  }

  private Jvm.Outcome record(String... rest) throws Exception {
    var args = new ArrayList<>(List.of("profile", "record", "-o", profile.toString(), "--wall-time", "20s"));
    args.addAll(List.of(rest));
    return cordon(args.toArray(String[]::new));
  }

  private String compiled(String... options) throws Exception {
    Live.need("gcc");
    var source = Files.writeString(temporary.resolve("hello.c"), HELLO);
    var program = temporary.resolve("hello");
    var args = new ArrayList<>(List.of("/usr/bin/gcc", "-O1", source.toString(), "-o", program.toString()));
    args.addAll(List.of(options));
    var compiler = new ProcessBuilder(args).inheritIO().start();
    assertTrue(compiler.waitFor(60, TimeUnit.SECONDS));
    if (compiler.exitValue() != 0 && Arrays.asList(options).contains("-static")) {
      Live.skip("static-libc: no static C library to link with");
    }
    assertEquals(0, compiler.exitValue());
    return program.toString();
  }

  private Path input(String text) throws IOException {
    return Files.writeString(temporary.resolve("input-" + text), text);
  }

  private Map<String, Object> json() throws IOException {
    return JSON.std.mapFrom(profile.toFile());
  }

  /** The names of the group that the comment's beginning chooses. */
  private List<?> names(String comment) throws IOException {
    for (var group : (List<?>) json().get("syscalls")) {
      var map = (Map<?, ?>) group;
      if (String.valueOf(map.get("comment")).startsWith(comment)) {
        return (List<?>) map.get("names");
      }
    }
    return List.of();
  }

  private Jvm.Outcome run(Path input, String... words) throws Exception {
    var args = new ArrayList<>(List.of("run", "--wall-time", "20s", "--seccomp", profile.toString(), "--stdin",
        input.toString()));
    args.addAll(List.of(words));
    return cordon(args.toArray(String[]::new));
  }

  @ParameterizedTest
  @CsvSource({"unshare", "container"})
  void aProgramRunsUnderItsProfileAndIsEndedAtOneCallMore(String runner) throws Exception {
    var hello = compiled();
    var recorded = record("--input", input("h").toString(), "--times", "2", "--", hello);
    assertEquals("hello\nhello\n", recorded.out());
    assertEquals(0, recorded.exitCode(), recorded.err());
    assertTrue(recorded.err().contains(" of set-up, 2 runs"), recorded.err());
    assertEquals("SCMP_ACT_KILL_PROCESS", json().get("defaultAction"));
    assertTrue(names("the program's own").contains("write"));
    assertTrue(names("Cordon's own").contains("execve"));
    assertFalse(names("the program's own").contains("getppid"));
    assertEquals(new Jvm.Outcome(0, "hello\n", ""), run(input("h"), "--runner", runner, "--", hello));
    assertEquals(Status.OK, runUnsupervised(hello));
    var ended = run(input("p"), "--runner", runner, "--", hello);
    assertTrue(ended.err().contains("DISALLOWED_SYSCALL") && ended.err().contains("getppid"), ended.err());
    assertTrue(ended.exitCode() > 128, ended::toString);
  }

  /** With the filter alone. */
  private Status runUnsupervised(String program) throws Exception {
    var runner = UnshareRunner.builder().addMount(Mount.bind(Path.of(program), "/hello"))
        .seccomp(SeccompProfiles.read(profile).policy()).build();
    return runner.run(Command.builder("/hello").stdin(Input.text("h")).build()).status();
  }

  @Test
  void twoRecordingsAddUp() throws Exception {
    var hello = compiled();
    assertEquals(0, record("--input", input("h").toString(), "--", hello).exitCode());
    var first = Files.copy(profile, temporary.resolve("first.json"));
    var second = record("--merge", "--input", input("p").toString(), "--", hello);
    assertEquals(0, second.exitCode(), second.err());
    assertEquals(new Jvm.Outcome(1, "only in B: getppid: SCMP_ACT_ALLOW\n", ""),
        cordon("profile", "diff", first.toString(), profile.toString()));
    for (var text : List.of("h", "p")) {
      assertEquals(0, run(input(text), "--", hello).exitCode());
    }
    // The same in one go.
    var both = profile;
    profile = temporary.resolve("at-once.json");
    assertEquals(0, record("--input", input("h").toString(), "--input", input("p").toString(), "--", hello).exitCode());
    assertEquals(new Jvm.Outcome(0, "", ""), cordon("profile", "diff", both.toString(), profile.toString()));
    assertEquals(Files.readString(both), Files.readString(profile));
  }

  @Test
  void aRunThatFailsIsReportedAndCounts() throws Exception {
    var recorded = record("--", SUBJECT, "exit", "7");
    assertEquals(0, recorded.exitCode(), recorded.err());
    assertTrue(recorded.err().startsWith("cordon: run 1: exit code 7: profile may be incomplete\n"), recorded.err());
    assertTrue(names("the program's own").contains("exit_group"));
  }

  @Test
  void withoutAProgramThereIsNoProfile() throws Exception {
    assertEquals(127, record("--", "no-such-program").exitCode());
    assertFalse(Files.exists(profile));
  }

  /** A JVM tries clone3 first, which the default policy refuses: with its profile it gets the same answer. */
  @Test
  void whatThePolicyRefusedIsNotAllowed() throws Exception {
    Live.need("python3");
    var script = "import os\ntry: os.unshare(0x10000000)\nexcept (OSError, AttributeError): pass\n"
        + "import ctypes; ctypes.CDLL(None).unshare(0x10000000)";
    var recorded = record("--", "/usr/bin/python3", "-S", "-c", script);
    assertEquals(0, recorded.exitCode(), recorded.err());
    assertEquals(List.of("unshare"), names("refused by the policy"));
    assertEquals(new Jvm.Outcome(0, "", ""), run(input("x"), "--", "/usr/bin/python3", "-S", "-c", script));
  }

  /** Prints how many calls programs need that only say hello; the figures of docs/guide/seccomp.md. */
  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      hello            | C, dynamic |
      hello            | C, static  | -static
      /usr/bin/python3 | CPython    | -c print('hello')
      /usr/bin/java    | Java       | -Xshare:auto Hello.java
      /usr/bin/node    | Node       | -e console.log('hello')
      /usr/bin/gcc     | gcc        | hello.c -o out
      """)
  void manyCallsOrFew(String program, String label, String rest) throws Exception {
    var name = program;
    var options =
        List.of("--input", input("h").toString(), "--wall-time", "60s", "--memory", "2g", "--processes", "256");
    var words = rest == null ? List.<String>of() : List.of(rest.split(" "));
    if (program.equals("hello")) {
      name = compiled(words.toArray(String[]::new));
      words = List.of();
    } else {
      Live.need(Path.of(program).getFileName().toString());
    }
    Files.writeString(temporary.resolve("Hello.java"),
        "class Hello { public static void main(String[] args) { System.out.println(\"hello\"); } }");
    Files.writeString(temporary.resolve("hello.c"), HELLO);
    var args = new ArrayList<>(List.of("profile", "record", "-o", profile.toString(),
        "--copy-in", temporary + "/Hello.java", "--copy-in", temporary + "/hello.c"));
    args.addAll(options);
    args.addAll(List.of("--", name));
    args.addAll(words);
    var recorded = cordon(args.toArray(String[]::new));
    assertEquals(0, recorded.exitCode(), recorded.err());
    assertFalse(recorded.err().contains("may be incomplete"), recorded.err());
    System.err.println("system calls, " + label + ": " + recorded.err().lines().findFirst().orElse("")
        .replaceFirst("^cordon: .*json: ", ""));
    assertTrue(names("the program's own").size() > 5);
    if (List.of("Java", "Node").contains(label)) {
      return; // Their threads meet differently each time, and one run does not show every call.
    }
    args.set(0, "run");
    args.subList(1, 4).clear();
    args.addAll(1, List.of("--seccomp", profile.toString()));
    args.set(args.indexOf("--input"), "--stdin");
    var again = cordon(args.toArray(String[]::new));
    assertEquals(0, again.exitCode(), again.err());
  }
}
