// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Command;
import io.cordon.CopyIn;
import io.cordon.Mount;
import io.cordon.internal.util.Transfer;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a program finds around it: variables, its directory, files. */
final class PlaceOptions {
  @Option(names = "--env", paramLabel = "K=V", description = "Set a variable.")
  @Usual("PATH=" + Command.DEFAULT_PATH + ", LANG=C.UTF-8 and HOME=the work directory; nothing is inherited")
  private List<String> env = new ArrayList<>();

  @Option(names = "--inherit-env", paramLabel = "K", description = "Pass a variable on.")
  private List<String> inheritEnv = new ArrayList<>();

  @Option(names = "--work-dir", paramLabel = "DIR", description = "Directory inside to start in.")
  @Usual(Command.DEFAULT_WORK_DIR + ", which is empty and writable")
  private @Nullable String workDir;

  @Option(names = "--copy-in", paramLabel = "HOST[:NAME]", converter = FileOptions.CopyInConverter.class,
      description = "Copy a file, or a directory with all its files, into the work directory.")
  private List<Transfer> copyIn = new ArrayList<>();

  /**
   * A program in its sandbox.
   *
   * @param broughtIn where inside it was brought to, if it was
   */
  record Placed(List<Mount> plan, Command.Builder command, String directory, Optional<String> broughtIn) {}

  private record Variable(String name, String value) {}

  private record Variables(List<Variable> set, String path) {}

  List<Transfer> copyIn() {
    return copyIn;
  }

  Placed place(List<String> program, SandboxOptions sandbox) throws IOException {
    var directory = workDir == null ? Command.DEFAULT_WORK_DIR : workDir;
    var plan = new ArrayList<>(Mount.defaults());
    sandbox.addMounts(plan);
    if (directory.startsWith("/") && new InsideView(plan).covering(directory).isEmpty()) {
      plan.add(Mount.tmpfs(directory));
    }
    var variables = variables();
    var name = Program.find(program.get(0), new InsideView(plan), variables.path(), copiedInNames());
    name.mount().ifPresent(plan::add);
    var args = new ArrayList<>(program);
    args.set(0, name.name());
    return new Placed(plan, command(args, directory, variables), directory, name.mount().map(Mount::target));
  }

  /** The program is one of the host, found as any program is. */
  Placed placeOnHost(List<String> program) throws IOException {
    var directory = workDir == null ? System.getProperty("user.dir") : workDir;
    return new Placed(List.of(), command(program, directory, variables()), directory, Optional.empty());
  }

  private Command.Builder command(List<String> args, String directory, Variables variables) throws IOException {
    var builder = Command.builder(args).workDir(directory).inheritEnv(inheritEnv.toArray(String[]::new));
    variables.set().forEach(entry -> builder.env(entry.name(), entry.value()));
    for (var item : copyIn) {
      if (Files.isDirectory(item.host())) {
        builder.copyInDirectory(item.host(), item.name());
      } else {
        builder.copyIn(CopyIn.file(item.host(), item.name()));
      }
    }
    return builder;
  }

  private Variables variables() {
    var set = new ArrayList<Variable>();
    var path = inheritEnv.contains("PATH") && System.getenv("PATH") != null
        ? System.getenv("PATH") : Command.DEFAULT_PATH;
    for (var text : env) {
      int equals = text.indexOf('=');
      if (equals <= 0) {
        throw new IllegalArgumentException("--env: \"" + text + "\": must be K=V");
      }
      var variable = new Variable(text.substring(0, equals), text.substring(equals + 1));
      path = variable.name().equals("PATH") ? variable.value() : path;
      set.add(variable);
    }
    return new Variables(set, path);
  }

  private Set<String> copiedInNames() throws IOException {
    var names = new LinkedHashSet<String>();
    for (var item : copyIn) {
      names.add(item.name());
      if (Files.isDirectory(item.host())) {
        try (var files = Files.walk(item.host())) {
          files.forEach(file -> names.add(item.name() + "/" + item.host().relativize(file)));
        }
      }
    }
    return names;
  }
}
