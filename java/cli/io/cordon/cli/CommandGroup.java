// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import java.util.ArrayList;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that only has others below it: called without one, it names them. */
abstract class CommandGroup implements Runnable {
  @Spec
  private @Nullable CommandSpec spec;

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
  private boolean help;

  @Override
  public final void run() {
    if (spec == null) {
      throw new IllegalStateException("not made by picocli");
    }
    var names = new ArrayList<>(spec.subcommands().keySet());
    var last = names.remove(names.size() - 1);
    throw new ParameterException(spec.commandLine(),
        "a command is missing: " + String.join(", ", names) + " or " + last);
  }
}
