// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.SandboxException;
import io.cordon.SeccompFilter;
import io.cordon.json.SeccompProfile;
import io.cordon.seccomp.SeccompAction;
import io.cordon.seccomp.SeccompPolicy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cordon seccomp test}: what a policy answers to one system call. */
@CommandLine.Command(
    name = "test",
    description = "Prints what a policy answers to a system call: allow, log, trace, notify, errno NAME, trap,"
        + " kill-thread or kill.",
    customSynopsis = "cordon seccomp test [OPTION]... FILE SYSCALL [ARG...]",
    separator = " ",
    exitCodeListHeading = "%nExit code:%n",
    exitCodeList = {"0:whatever the answer is", "2:wrong usage, or the file is no profile", "125:Cordon itself failed"})
@NeedsJvm
final class SeccompTestCommand implements Callable<Integer> {
  private static final int ARGS = 6;

  @Spec
  private @Nullable CommandSpec spec;

  @Option(names = "--json", description = "Write one JSON object.")
  private boolean json;

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
  private boolean help;

  @Parameters(index = "0", arity = "1", paramLabel = "FILE", converter = Choices.Filter.class,
      description = "A profile as Docker has it, or \"default\".")
  private @Nullable SeccompProfile profile;

  @Parameters(index = "1", arity = "1", paramLabel = "SYSCALL", description = "A name, or a number of this machine.")
  private @Nullable String syscall;

  @Parameters(index = "2..*", arity = "0..*", paramLabel = "ARG",
      description = "Up to 6 numbers, also negative or as 0x...; those that are missing are 0.")
  private List<String> args = new ArrayList<>();

  /**
   * 64 bits, signed or not. Not a converter: where any number of values may come picocli takes a wrong one for their
   * end.
   */
  private static long argument(String value) {
    try {
      return value.startsWith("0x") ? Long.parseUnsignedLong(value.substring(2), 16)
          : value.startsWith("-") ? Long.parseLong(value) : Long.parseUnsignedLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "\"" + value + "\" must be a number of 64 bits, such as 5, -1 or 0x7e020000", e);
    }
  }

  @Override
  public Integer call() throws IOException {
    if (spec == null || profile == null || syscall == null) {
      throw new IllegalStateException("not made by picocli");
    }
    if (args.size() > ARGS) {
      throw new ParameterException(spec.commandLine(), "a system call has at most 6 arguments");
    }
    var out = spec.commandLine().getOut();
    try {
      var numbers = args.stream().mapToLong(SeccompTestCommand::argument).toArray();
      var verdict = verdict(profile.policy(), syscall, numbers);
      profile.warnings().forEach(warning -> System.err.println("cordon: warning: " + warning));
      out.println(json ? Json.text(json(verdict, numbers)) : verdict.describe());
      out.flush();
      return ExitCode.OK;
    } catch (SandboxException e) {
      System.err.println("cordon: " + e.getMessage());
      return ExitCode.FAILED;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static SeccompAction verdict(SeccompPolicy policy, String syscall, long[] args) throws SandboxException {
    var filter = SeccompFilter.of(policy);
    return syscall.matches("[0-9]{1,9}") ? filter.verdict(Integer.parseInt(syscall), args)
        : filter.verdict(syscall, args);
  }

  private Map<String, @Nullable Object> json(SeccompAction verdict, long[] numbers) {
    var fields = new LinkedHashMap<String, @Nullable Object>();
    fields.put("syscall", syscall);
    fields.put("args", Arrays.stream(numbers).mapToObj(Long::toUnsignedString).toList());
    fields.put("verdict", verdict.describe());
    fields.put("action", verdict.kind().label());
    fields.put("data", verdict.data());
    return fields;
  }
}
