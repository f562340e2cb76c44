// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.SandboxException;
import io.cordon.json.SeccompProfileException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cordon profile diff}: what two profiles say differently. */
@CommandLine.Command(
    name = "diff",
    description = "Lists the system calls that only one of two seccomp profiles names, and those with another action.",
    separator = " ",
    exitCodeListHeading = "%nExit code:%n",
    exitCodeList = {"0:they say the same", "1:they differ", "2:wrong usage, or a file that is no profile"})
@NeedsJvm
final class ProfileDiffCommand implements Callable<Integer> {
  private static final int DIFFERENT = 1;

  @Spec
  private @Nullable CommandSpec spec;

  @Option(names = "--json", description = "Write one JSON object.")
  private boolean json;

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
  private boolean help;

  @Parameters(index = "0", paramLabel = "A", description = "A profile as Docker has it.")
  private Path a = Path.of("-");

  @Parameters(index = "1", paramLabel = "B", description = "Another one.")
  private Path b = Path.of("-");

  /** What both say of something. */
  private record Change(String a, String b) {
    Map<String, String> json() {
      var both = new LinkedHashMap<String, String>();
      both.put("a", a);
      both.put("b", b);
      return both;
    }
  }

  @Override
  public Integer call() throws IOException {
    if (spec == null) {
      throw new IllegalStateException("not made by picocli");
    }
    try {
      return compare(ProfileFile.read(a), ProfileFile.read(b));
    } catch (IOException | SeccompProfileException e) {
      spec.commandLine().getErr().println("cordon: " + Main.describe(e));
      return ExitCode.USAGE;
    } catch (SandboxException e) {
      spec.commandLine().getErr().println("cordon: " + e.getMessage());
      return ExitCode.FAILED;
    }
  }

  private int compare(ProfileFile first, ProfileFile second) throws IOException {
    var inA = first.meanings();
    var inB = second.meanings();
    var changed = new TreeMap<String, Change>();
    inA.forEach((name, meaning) -> {
      var other = inB.get(name);
      if (other != null && !other.equals(meaning)) {
        changed.put(name, new Change(meaning, other));
      }
    });
    var onlyA = new TreeMap<>(inA);
    onlyA.keySet().removeAll(inB.keySet());
    var onlyB = new TreeMap<>(inB);
    onlyB.keySet().removeAll(inA.keySet());
    var byDefault = first.defaultAction().equals(second.defaultAction()) ? null
        : new Change(first.defaultAction(), second.defaultAction());
    print(byDefault, onlyA, onlyB, changed);
    return byDefault == null && onlyA.isEmpty() && onlyB.isEmpty() && changed.isEmpty() ? ExitCode.OK : DIFFERENT;
  }

  private void print(@Nullable Change byDefault, SortedMap<String, String> onlyA, SortedMap<String, String> onlyB,
      SortedMap<String, Change> changed) throws IOException {
    if (spec == null) {
      throw new IllegalStateException("not made by picocli");
    }
    var out = spec.commandLine().getOut();
    if (json) {
      var all = new LinkedHashMap<String, @Nullable Object>();
      all.put("defaultAction", byDefault == null ? null : byDefault.json());
      all.put("onlyInA", onlyA);
      all.put("onlyInB", onlyB);
      var changes = new LinkedHashMap<String, Object>();
      changed.forEach((name, change) -> changes.put(name, change.json()));
      all.put("changed", changes);
      out.println(Json.text(all));
    } else {
      if (byDefault != null) {
        out.println("default: " + byDefault.a + " -> " + byDefault.b);
      }
      onlyA.forEach((name, meaning) -> out.println("only in A: " + name + ": " + meaning));
      onlyB.forEach((name, meaning) -> out.println("only in B: " + name + ": " + meaning));
      changed.forEach((name, change) -> out.println("changed: " + name + ": " + change.a + " -> " + change.b));
    }
    out.flush();
  }
}
