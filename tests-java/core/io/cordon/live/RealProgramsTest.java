// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Command;
import io.cordon.CopyIn;
import io.cordon.Input;
import io.cordon.Limits;
import io.cordon.Output;
import io.cordon.SandboxException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What judges compile and interpret runs under the default policy. */
@ExtendWith(NothingLeft.class)
class RealProgramsTest {
  /** A compiler or a virtual machine needs more of everything. */
  private static final Limits ROOMY = Limits.builder().cpuTime(Duration.ofSeconds(60)).wallTime(Duration.ofSeconds(100))
      .memoryBytes(1024 * Live.MIB).processes(128).build();

  private static Command.Builder roomy(String script) {
    return Live.shell("set -e; " + script).limits(ROOMY);
  }

  private static void prints(String expected, Command.Builder command) throws SandboxException {
    var result = Live.runOk(command);
    assertEquals(expected, result.stdout().text());
    assertEquals("", result.stderr().text());
  }

  @Test
  void cIsCompiledAndRuns() throws SandboxException {
    Live.need("gcc");
    prints("42\n", roomy("gcc -O2 -o hello hello.c -lm; ./hello")
        .stdin(Input.text("41"))
        .copyIn(CopyIn.text("hello.c", """
            #include <stdio.h>
            int main(void) { int n; if (scanf("%d", &n) != 1) return 1; printf("%d\\n", n + 1); }
            """)));
  }

  @Test
  void cppIsCompiledAndRuns() throws SandboxException {
    Live.need("g++");
    prints("caught 3\n", roomy("g++ -O1 -o hello hello.cpp; ./hello")
        .copyIn(CopyIn.text("hello.cpp", """
            #include <iostream>
            #include <stdexcept>
            #include <vector>
            int main() {
              std::vector<int> v{1, 2, 3};
              try {
                v.at(3) = 1;
              } catch (const std::out_of_range &) {
                std::cout << "caught " << v.size() << std::endl;
              }
            }
            """)));
  }

  @Test
  void pythonRuns() throws SandboxException {
    Live.need("python3");
    prints("thread\nchild\n", roomy("python3 main.py")
        .copyIn(CopyIn.text("main.py", """
            import random, subprocess, tempfile, threading
            random.random()
            t = threading.Thread(target=lambda: print('thread', flush=True)); t.start(); t.join()
            with tempfile.TemporaryFile() as f: f.write(b'x')
            print(subprocess.run(['echo', 'child'], capture_output=True, text=True).stdout, end='')
            """)));
  }

  @Test
  void javaPrintsItsVersion() throws SandboxException {
    Live.need("java");
    var result = Live.runOk(Live.command("java", "-version").limits(ROOMY));
    assertTrue(result.stderr().text().contains("version"), result.stderr().text());
  }

  @Test
  void javaIsCompiledAndRuns() throws SandboxException {
    Live.need("javac");
    prints("500500\n", roomy("javac -J-Xmx256m -J-XX:TieredStopAtLevel=1 Hello.java; java -Xmx128m Hello")
        .copyIn(CopyIn.text("Hello.java", """
            import java.util.stream.IntStream;
            public class Hello {
              public static void main(String[] args) throws Exception {
                Thread t = new Thread(() -> System.out.println(IntStream.rangeClosed(1, 1000).parallel().sum()));
                t.start();
                t.join();
              }
            }
            """)));
  }

  @Test
  void nodeRuns() throws SandboxException {
    Live.need("node");
    prints("async\n", Live.command("node", "-e", "const fs = require('fs'); fs.writeFileSync('a', 'async');"
        + "setTimeout(() => fs.readFile('a', 'utf8', (e, d) => console.log(e || d)), 5)").limits(ROOMY));
  }

  @Test
  void aShellPipelineRuns() throws SandboxException {
    prints("19997 19987 19979 ", Live.shell("seq 1 20000 | grep 7 | sort -rn | head -n 3 | tr '\\n' ' '"));
  }

  @Test
  void threadsRun() throws SandboxException {
    prints("80000\n", Live.command("/programs/threads"));
  }

  @Test
  void tenMegabytesInAreTenMegabytesOut() throws SandboxException {
    var data = new byte[(int) (10 * Live.MIB)];
    new Random(1).nextBytes(data);
    var result = Live.runOk(Live.subject("cat").stdin(Input.bytes(data)).stdout(Output.capture(16 * Live.MIB)));
    assertArrayEquals(data, result.stdout().bytes());
    assertEquals(data.length, result.stdout().totalBytes());
    assertFalse(result.stdout().truncated());
  }
}
