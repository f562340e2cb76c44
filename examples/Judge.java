
// SPDX-License-Identifier: Apache-2.0
import io.cordon.Command;
import io.cordon.CopyIn;
import io.cordon.CopyOut;
import io.cordon.Input;
import io.cordon.Limits;
import io.cordon.Result;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.UnshareRunner;
import java.time.Duration;
import java.util.Map;

/**
 * Judges a C program that adds two numbers: compiles it in one sandbox, and runs it on every test in another.
 *
 * <pre>{@code java -cp target/cordon.jar examples/Judge.java}</pre>
 */
public final class Judge {
  private static final String SUBMISSION = """
      #include <stdio.h>
      int main(void) {
        int a, b;
        if (scanf("%d %d", &a, &b) != 2) return 1;
        printf("%d\\n", a + b);
      }
      """;

  private static final Map<String, String> TESTS = Map.of("1 2", "3", "-5 5", "0", "x", "?");

  // A compiler is a program like any other: an #include of /dev/zero must not take the judge down.
  private static final Limits COMPILING = Limits.builder().memoryBytes(512L << 20).build();

  private static final Limits RUNNING =
      Limits.builder().cpuTime(Duration.ofSeconds(1)).memoryBytes(64L << 20).processes(1).build();

  private Judge() {}

  public static void main(String[] args) throws SandboxException {
    Runner runner = UnshareRunner.create();
    byte[] program = compile(runner);
    for (Map.Entry<String, String> test : TESTS.entrySet()) {
      Command command = Command.builder("./a.out")
          .copyIn(CopyIn.bytes("a.out", program).mode(0755))
          .stdin(Input.text(test.getKey()))
          .limits(RUNNING)
          .build();
      System.out.println(test.getKey() + ": " + verdict(runner.run(command), test.getValue()));
    }
  }

  private static byte[] compile(Runner runner) throws SandboxException {
    Command command = Command.builder("gcc", "-O2", "-o", "a.out", "a.c")
        .copyIn(CopyIn.text("a.c", SUBMISSION))
        .copyOut(CopyOut.keep("a.out").limitBytes(16L << 20))
        .limits(COMPILING)
        .build();
    Result result = runner.run(command);
    if (!result.isOk()) {
      throw new IllegalStateException("compile error: " + result.status() + "\n" + result.stderr().text());
    }
    return result.copiedOut().get("a.out").bytes().orElseThrow();
  }

  private static String verdict(Result result, String expected) {
    if (!result.isOk()) {
      return result.status().code() + " (" + result.status() + ")";
    }
    boolean right = result.stdout().text().strip().equals(expected);
    return (right ? "AC" : "WA") + " in " + result.cpuTime().toMillis() + " ms";
  }
}
