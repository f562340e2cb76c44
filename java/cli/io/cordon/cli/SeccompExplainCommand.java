// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.SandboxException;
import io.cordon.json.SeccompProfile;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cordon seccomp explain}: the whole policy, as it holds on this machine. */
@CommandLine.Command(
    name = "explain",
    description = "Lists what a policy does with system calls on this machine, and where it differs from Cordon's own.",
    separator = " ",
    exitCodeListHeading = "%nExit code:%n",
    exitCodeList = {"0:the policy is one", "2:wrong usage, or the file is no profile", "125:Cordon itself failed"})
@NeedsJvm
final class SeccompExplainCommand implements Callable<Integer> {
  @Spec
  private @Nullable CommandSpec spec;

  @Option(names = "--json", description = "Write one JSON object.")
  private boolean json;

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
  private boolean help;

  @Parameters(arity = "1", paramLabel = "FILE", converter = Choices.Filter.class,
      description = "A profile as Docker has it, or \"default\".")
  private @Nullable SeccompProfile profile;

  @Override
  public Integer call() throws IOException {
    if (spec == null || profile == null) {
      throw new IllegalStateException("not made by picocli");
    }
    var out = spec.commandLine().getOut();
    try {
      var view = PolicyView.of(profile);
      if (json) {
        out.println(Json.text(view.json()));
      } else {
        view.print(out);
      }
      out.flush();
      return ExitCode.OK;
    } catch (SandboxException e) {
      System.err.println("cordon: " + e.getMessage());
      return ExitCode.FAILED;
    }
  }
}
