// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Boundary;
import io.cordon.Features;
import io.cordon.Features.Controller;
import io.cordon.KernelFeature;
import io.cordon.Layer;
import io.cordon.Sandbox;
import io.cordon.SandboxException;
import io.cordon.spi.Probe;
import io.cordon.spi.Runners;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cordon doctor}: what this machine offers, what Cordon uses of it, and how to turn on what is missing. */
@CommandLine.Command(
    name = "doctor",
    description = "Tries what this machine offers, and says how to turn on what is missing.",
    separator = " ",
    exitCodeListHeading = "%nExit code:%n",
    exitCodeList = {"0:the default sandbox works here", "1:it does not", "125:Cordon itself failed"})
final class DoctorCommand implements Callable<Integer> {
  @Spec
  private @Nullable CommandSpec spec;

  @Option(names = "--json", description = "Write one JSON object.")
  private boolean json;

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
  private boolean help;

  @Override
  public Integer call() throws IOException {
    if (spec == null) {
      throw new IllegalStateException("not made by picocli");
    }
    var out = spec.commandLine().getOut();
    try {
      var features = Sandbox.probe();
      var trial = Trial.run();
      var tiers = tiers(trial);
      var problems = new ArrayList<Features.Problem>();
      trial.problem(features, Surroundings.read()).ifPresent(problems::add);
      problems.addAll(features.problems());
      if (json) {
        out.println(Json.text(json(features, tiers, problems, trial.works())));
      } else {
        print(out, features, tiers, trial);
        printProblems(out, problems);
      }
      out.flush();
      return trial.works() ? ExitCode.OK : ExitCode.VIOLATION;
    } catch (SandboxException e) {
      System.err.println("cordon: " + e.getMessage());
      return ExitCode.FAILED;
    }
  }

  /** A runner that makes its sandbox as the trial did fails as the trial did. */
  private static Map<String, Probe> tiers(Trial trial) {
    var tiers = new LinkedHashMap<String, Probe>();
    for (var provider : Runners.providers()) {
      var probe = provider.probe();
      boolean namespaces = probe.boundaries().contains(Boundary.NAMESPACES);
      tiers.put(provider.name(), namespaces ? trial.why().map(Probe::fails).orElse(probe) : probe);
    }
    return tiers;
  }

  private static void print(PrintWriter out, Features f, Map<String, Probe> tiers, Trial trial) {
    out.println("This machine");
    line(out, "kernel", f.release() + " " + f.machine());
    line(out, "privileges", f.root() ? "root" : "rootless");
    f.namespaces().forEach((namespace, errno) -> line(out, namespace.label(),
        errno == 0 ? "yes" : "no: " + f.namespaceErrnoName(namespace)));
    line(out, "own /proc", f.procMountable() ? "yes" : "no");
    line(out, "Landlock", f.landlockAbi() > 0 ? "ABI " + f.landlockAbi() : "no");
    for (var feature : KernelFeature.values()) {
      line(out, feature.label(), f.kernel().contains(feature) ? "yes" : "no");
    }
    line(out, "memory controller", controller(f.memory()));
    line(out, "pids controller", controller(f.pids()));
    line(out, "cpu controller", controller(f.cpu()));
    out.println();
    out.println("What Cordon uses here");
    line(out, "layers", labels(f));
    line(out, "the default sandbox", trial.works() ? "works" : "does not work");
    out.println();
    out.println("Runners");
    tiers.forEach((name, probe) -> line(out, name, describe(probe)));
  }

  private static void printProblems(PrintWriter out, List<Features.Problem> problems) {
    out.println();
    out.println(problems.isEmpty() ? "Nothing is missing." : "What is missing");
    for (var problem : problems) {
      out.println("  " + problem.missing());
      out.println("      why: " + problem.why());
      out.println("      fix: " + problem.remedy());
    }
  }

  private static void line(PrintWriter out, String name, String value) {
    out.printf("  %-22s %s%n", name, value);
  }

  private static String describe(Probe probe) {
    return probe.why().map(why -> "does not work: " + why).orElse("works, behind " + (probe.boundaries().isEmpty()
        ? "nothing" : probe.boundaries().stream().map(Boundary::label).collect(Collectors.joining(" and "))));
  }

  private static String labels(Features f) {
    return f.layers().stream().map(Layer::label).collect(Collectors.joining(" "));
  }

  private static String controller(Controller controller) {
    var text = switch (controller.version()) {
      case NONE -> "no cgroup";
      case V1 -> "cgroup v1";
      case V2 -> "cgroup v2";
    };
    var place = controller.path().isEmpty() ? "" : " under " + controller.path();
    return text + (controller.usable() ? ", usable" : ", not usable") + place;
  }

  private static Map<String, @Nullable Object> json(Features f, Map<String, Probe> tiers,
      List<Features.Problem> missing, boolean works) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("release", f.release());
    json.put("machine", f.machine());
    json.put("root", f.root());
    json.put("procMountable", f.procMountable());
    json.put("landlockAbi", f.landlockAbi());
    json.put("kernel", f.kernel().stream().map(KernelFeature::label).toList());
    json.put("layers", f.layers().stream().map(Layer::label).toList());
    var namespaces = new LinkedHashMap<String, @Nullable Object>();
    f.namespaces().forEach((namespace, errno) -> namespaces.put(namespace.label(), errno));
    json.put("namespaceErrno", namespaces);
    json.put("maxUserNamespaces", f.maxUserNamespaces().isPresent() ? f.maxUserNamespaces().getAsLong() : null);
    json.put("memory", json(f.memory()));
    json.put("pids", json(f.pids()));
    json.put("cpu", json(f.cpu()));
    json.put("defaultSandboxWorks", works);
    var problems = new ArrayList<Map<String, String>>();
    for (var problem : missing) {
      var item = new LinkedHashMap<String, String>();
      item.put("missing", problem.missing());
      item.put("why", problem.why());
      item.put("remedy", problem.remedy());
      problems.add(item);
    }
    json.put("problems", problems);
    json.put("runners", tiers.entrySet().stream().map(tier -> json(tier.getKey(), tier.getValue())).toList());
    return json;
  }

  private static Map<String, @Nullable Object> json(String tier, Probe probe) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("name", tier);
    json.put("works", probe.isWorking());
    json.put("why", probe.why().orElse(null));
    json.put("boundaries", probe.boundaries().stream().map(Boundary::label).toList());
    json.put("layers", probe.layers().stream().map(Layer::label).toList());
    return json;
  }

  private static Map<String, @Nullable Object> json(Controller controller) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("version", controller.version().version());
    json.put("usable", controller.usable());
    json.put("path", controller.path());
    return json;
  }
}
