// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.SandboxException;
import io.cordon.SeccompFilter;
import io.cordon.json.SeccompProfile;
import io.cordon.seccomp.SeccompAction;
import io.cordon.seccomp.SeccompCondition;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.seccomp.SeccompRule;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What {@code cordon seccomp explain} says about a policy. */
final class PolicyView {
  private static final int INSTRUCTION_BYTES = 8;
  private static final int WIDTH = 100;

  /** Far above all that there are. */
  private static final int NOBODYS_NUMBER = 0xffff;

  private static final Comparator<SeccompAction> MILDEST_FIRST =
      Comparator.comparing(SeccompAction::kind).thenComparing(SeccompAction::data);

  /** Calls for which something holds; of a rule with conditions these, as text. */
  private record Group(List<SeccompAction> answers, List<String> conditions, Set<String> names) {}

  /** Calls that the two policies answer differently. */
  private record Difference(List<SeccompAction> here, List<SeccompAction> inDefault) {}

  private final SeccompProfile profile;
  private final int instructions;
  private final SeccompAction unknown;
  private final List<Group> groups;
  private final int otherMachines;
  private final Map<Difference, Set<String>> differences = new LinkedHashMap<>();

  private PolicyView(SeccompProfile profile) throws SandboxException {
    this.profile = profile;
    var policy = profile.policy();
    var filter = SeccompFilter.of(policy);
    instructions = filter.program().length / INSTRUCTION_BYTES;
    unknown = filter.verdict(NOBODYS_NUMBER);
    var calls = SeccompPolicy.systemCalls().keySet();
    groups = policy.defaultAction().isPresent() ? byRule(policy, calls) : byAnswer(filter, calls);
    otherMachines = (int) policy.rules().stream().flatMap(rule -> rule.names().stream()).distinct()
        .filter(name -> !calls.contains(name)).count();
    compare(filter, calls);
  }

  static PolicyView of(SeccompProfile profile) throws SandboxException {
    return new PolicyView(profile);
  }

  private static List<SeccompAction> sorted(Set<SeccompAction> answers) {
    return answers.stream().sorted(MILDEST_FIRST).toList();
  }

  /** By action, the rules without conditions first. */
  private static List<Group> byRule(SeccompPolicy policy, Set<String> calls) {
    var found = new LinkedHashMap<List<Object>, Set<String>>();
    var rules = new ArrayList<>(policy.rules());
    rules.sort(Comparator.comparing(SeccompRule::action, MILDEST_FIRST)
        .thenComparing(rule -> !rule.conditions().isEmpty()));
    for (var rule : rules) {
      var names = rule.names().stream().filter(calls::contains).toList();
      var conditions = rule.conditions().stream().map(SeccompCondition::describe).toList();
      if (!names.isEmpty()) {
        found.computeIfAbsent(List.of(rule.action(), conditions), key -> new TreeSet<>()).addAll(names);
      }
    }
    var groups = new ArrayList<Group>();
    found.forEach((key, names) -> {
      @SuppressWarnings("unchecked") // Put in above.
      var conditions = (List<String>) key.get(1);
      groups.add(new Group(List.of((SeccompAction) key.get(0)), conditions, names));
    });
    return groups;
  }

  /** For a policy whose rules are not known here: by what it can answer. */
  private static List<Group> byAnswer(SeccompFilter filter, Set<String> calls) throws SandboxException {
    var found = new LinkedHashMap<List<SeccompAction>, Set<String>>();
    for (var call : calls) {
      found.computeIfAbsent(sorted(filter.verdicts(call)), key -> new TreeSet<>()).add(call);
    }
    return found.entrySet().stream().map(entry -> new Group(entry.getKey(), List.of(), entry.getValue()))
        .sorted(Comparator.comparing((Group group) -> group.answers.size())
            .thenComparing(group -> group.answers.get(0), MILDEST_FIRST))
        .toList();
  }

  private void compare(SeccompFilter filter, Set<String> calls) throws SandboxException {
    var usual = SeccompFilter.of(SeccompPolicy.DEFAULT);
    var found = new TreeMap<String, Map.Entry<Difference, Set<String>>>();
    for (var call : calls) {
      var difference = new Difference(sorted(filter.verdicts(call)), sorted(usual.verdicts(call)));
      if (!difference.here.equals(difference.inDefault)) {
        found.computeIfAbsent(text(difference), key -> Map.entry(difference, new TreeSet<>())).getValue().add(call);
      }
    }
    found.values().forEach(entry -> differences.put(entry.getKey(), entry.getValue()));
  }

  private static String text(Difference difference) {
    return text(difference.here) + ", not " + text(difference.inDefault);
  }

  void print(PrintWriter out) {
    var policy = profile.policy();
    policy.defaultAction().ifPresent(action -> out.println("Default: " + action.describe()));
    out.println("A number without a name: " + unknown.describe());
    out.println("Another ABI (32-bit, x32): kill");
    out.println(instructions + " instructions");
    out.println();
    for (var group : groups) {
      out.println(text(group.answers)
          + (group.answers.size() > 1 ? ", by arguments" : "")
          + (group.conditions.isEmpty() ? "" : " where " + String.join(" and ", group.conditions))
          + " (" + group.names.size() + ")");
      printNames(out, group.names);
    }
    if (otherMachines > 0) {
      out.println("Not on this machine: " + otherMachines + (otherMachines == 1 ? " name" : " names"));
    }
    out.println();
    out.println(differences.isEmpty() ? "Answers as Cordon's default policy does."
        : "What differs from Cordon's default policy");
    differences.forEach((difference, names) -> {
      out.println("  " + text(difference) + " (" + names.size() + ")");
      printNames(out, names);
    });
    if (!profile.warnings().isEmpty()) {
      out.println();
      out.println("Warnings");
      profile.warnings().forEach(warning -> out.println("  " + warning));
    }
  }

  private static void printNames(PrintWriter out, Set<String> names) {
    var line = new StringBuilder();
    for (var name : names) {
      if (line.length() + name.length() > WIDTH) {
        out.println(line);
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "    " : " ").append(name);
    }
    out.println(line);
  }

  Map<String, @Nullable Object> json() {
    var policy = profile.policy();
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("defaultAction", policy.defaultAction().map(SeccompAction::describe).orElse(null));
    json.put("unknownAction", unknown.describe());
    json.put("instructions", instructions);
    json.put("rules", groups.stream().map(group -> {
      var item = new LinkedHashMap<String, @Nullable Object>();
      item.put("actions", describe(group.answers));
      item.put("conditions", group.conditions);
      item.put("names", List.copyOf(group.names));
      return item;
    }).toList());
    json.put("namesOfOtherMachines", otherMachines);
    json.put("differences", differences.entrySet().stream().map(entry -> {
      var item = new LinkedHashMap<String, @Nullable Object>();
      item.put("actions", describe(entry.getKey().here));
      item.put("defaultPolicy", describe(entry.getKey().inDefault));
      item.put("names", List.copyOf(entry.getValue()));
      return item;
    }).toList());
    json.put("warnings", profile.warnings());
    return json;
  }

  /** Answers of which the arguments choose. */
  private static String text(List<SeccompAction> answers) {
    return String.join(" or ", describe(answers));
  }

  private static List<String> describe(List<SeccompAction> answers) {
    return answers.stream().map(SeccompAction::describe).collect(Collectors.toList());
  }
}
