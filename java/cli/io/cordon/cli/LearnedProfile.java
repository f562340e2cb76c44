// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.SeccompFilter;
import io.cordon.seccomp.SeccompAction;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.supervisor.Decision;
import io.cordon.supervisor.SecurityEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The system calls that a program made, over any number of runs, as a profile that allows no others.
 *
 * <p>What the policy of the recording refused, whatever the arguments, is not allowed either: it gets the same errno,
 * so that the program takes the same way again. So is a call that it refused each time for its arguments. Otherwise
 * nothing is learned by arguments.
 */
final class LearnedProfile {
  private static final String PROGRAM = "the program's own calls: ";
  private static final String REFUSED = "refused by the policy of the recording: ";
  private static final String SETUP = "Cordon's own between the filter's loading and exec, not made by the program: ";

  private static final String ALLOW = "SCMP_ACT_ALLOW";
  private static final Pattern COUNT = Pattern.compile("([a-z0-9_]+)=([0-9]{1,18})");

  private final SortedMap<String, Long> program = new TreeMap<>();
  private final SortedMap<String, Long> setup = new TreeMap<>();

  /** From the action of a call that is not allowed. */
  private final Map<String, SortedMap<String, Long>> refused = new TreeMap<>();

  private final TreeSet<String> byArguments = new TreeSet<>();
  private final TreeSet<String> nameless = new TreeSet<>();

  /**
   * Adds what a recording wrote earlier.
   *
   * @throws IllegalArgumentException where the file has what no recording writes
   */
  void add(ProfileFile file) {
    for (var group : file.groups()) {
      boolean allow = group.action().equals(ALLOW);
      if (!group.condition().isEmpty() || (!allow && !group.action().startsWith("SCMP_ACT_ERRNO "))) {
        throw new IllegalArgumentException("--merge: " + String.join(" ", group.names())
            + ": only groups that allow or have an errno, without conditions, can be merged");
      }
      var counts = counts(group.comment());
      var into = !allow ? refused.computeIfAbsent(group.action(), action -> new TreeMap<>())
          : group.comment().startsWith(SETUP) ? setup : program;
      group.names().forEach(name -> into.merge(name, counts.getOrDefault(name, 0L), Math::addExact));
    }
  }

  private static Map<String, Long> counts(String comment) {
    return COUNT.matcher(comment).results()
        .collect(Collectors.toMap(match -> match.group(1), match -> Long.parseLong(match.group(2)), Math::addExact));
  }

  /**
   * Adds a run.
   *
   * @param policy what held in it
   */
  void add(Result result, SeccompPolicy policy) throws SandboxException {
    for (var call : result.syscallCounts().entrySet()) {
      var refusal = refusal(result, call.getKey(), call.getValue());
      if (refusal.isPresent()) {
        addRefused(refusal.get(), call.getKey(), call.getValue());
      } else {
        add(call.getKey(), call.getValue(), policy);
      }
    }
    result.setupCounts().forEach((name, count) -> setup.merge(name, count, Math::addExact));
  }

  /** The errno that all calls of this name got; the result has the first events only. */
  private static Optional<Integer> refusal(Result result, String name, long count) {
    var errnos = result.events().stream()
        .filter(event -> event.kind() == SecurityEvent.Kind.SYSCALL && event.syscallName().equals(Optional.of(name)))
        .filter(event -> event.outcome().kind() == Decision.Kind.ERRNO).map(event -> event.outcome().error()).toList();
    boolean same = !errnos.isEmpty() && errnos.size() == count && Set.copyOf(errnos).size() == 1;
    return same ? Optional.of(errnos.get(0)) : Optional.empty();
  }

  private void addRefused(int errno, String name, long count) {
    refused.computeIfAbsent(ProfileFile.action("SCMP_ACT_ERRNO", errno), action -> new TreeMap<>())
        .merge(name, count, Math::addExact);
  }

  private void add(String name, long count, SeccompPolicy policy) throws SandboxException {
    if (Character.isDigit(name.charAt(0))) {
      nameless.add(name); // It has no known name; such calls get ENOSYS, also by the profile.
      return;
    }
    var answers = SeccompFilter.of(policy).verdicts(name);
    boolean allowed = answers.stream().anyMatch(LearnedProfile::goesOn);
    if (allowed) {
      program.merge(name, count, Math::addExact);
      if (answers.size() > 1) {
        byArguments.add(name);
      }
      return;
    }
    var errno = answers.stream().filter(answer -> answer.kind() == SeccompAction.Kind.ERRNO)
        .min(Comparator.comparing(SeccompAction::data));
    // What ends the program does so by the default action.
    errno.ifPresent(answer -> addRefused(answer.data(), name, count));
  }

  private static boolean goesOn(SeccompAction answer) {
    return switch (answer.kind()) {
      case ALLOW, LOG, TRACE, NOTIFY -> true;
      case ERRNO, TRAP, KILL_THREAD, KILL_PROCESS -> false;
    };
  }

  /** The distinct calls of the program, with those that were refused. */
  int programCalls() {
    var all = new TreeSet<>(program.keySet());
    refused.values().forEach(counts -> all.addAll(counts.keySet()));
    return all.size();
  }

  /** Those of Cordon alone. */
  int setupCalls() {
    return (int) setup.keySet().stream().filter(name -> !program.containsKey(name)).count();
  }

  /** Calls that the recording's policy allows for some arguments only. The profile allows them for all. */
  List<String> byArguments() {
    return List.copyOf(byArguments);
  }

  /** Calls that have no name here. */
  List<String> nameless() {
    return List.copyOf(nameless);
  }

  String json() throws IOException {
    var groups = new ArrayList<Map<String, Object>>();
    groups.add(group(ALLOW, PROGRAM, program));
    var own = without(setup, program.keySet()::contains);
    refused.forEach((action, counts) -> {
      var rest = without(counts, name -> program.containsKey(name) || own.containsKey(name));
      if (!rest.isEmpty()) {
        groups.add(group(action, REFUSED, rest));
      }
    });
    if (!own.isEmpty()) {
      groups.add(group(ALLOW, SETUP, own));
    }
    groups.removeIf(group -> group.get("names") instanceof List<?> names && names.isEmpty());
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("defaultAction", "SCMP_ACT_KILL_PROCESS");
    json.put("architectures",
        List.of(System.getProperty("os.arch").equals("aarch64") ? "SCMP_ARCH_AARCH64" : "SCMP_ARCH_X86_64"));
    json.put("syscalls", groups);
    return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(json) + "\n";
  }

  private static SortedMap<String, Long> without(SortedMap<String, Long> counts, Predicate<String> left) {
    var rest = new TreeMap<>(counts);
    rest.keySet().removeIf(left);
    return rest;
  }

  private static Map<String, Object> group(String action, String comment, SortedMap<String, Long> counts) {
    var json = new LinkedHashMap<String, Object>();
    json.put("names", List.copyOf(counts.keySet()));
    int space = action.indexOf(' ');
    json.put("action", space < 0 ? action : action.substring(0, space));
    if (space >= 0) {
      json.put("errnoRet", Integer.parseInt(action.substring(space + 1)));
    }
    json.put("comment", comment + counts.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.joining(" ")));
    return json;
  }
}
