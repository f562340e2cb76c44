// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The rules of {@code java/modules.deps}, and what breaks them. */
final class Dependencies {
  private final Map<String, Set<String>> allowed = new LinkedHashMap<>();

  private Dependencies() {}

  /** Reads one section. */
  static Dependencies of(List<String> lines, String section) {
    var rules = new Dependencies();
    var current = "";
    for (var line : lines) {
      if (line.startsWith("[")) {
        current = line.substring(1, line.indexOf(']'));
      } else if (!line.isBlank() && !line.startsWith("#") && current.equals(section)) {
        int colon = line.indexOf(':');
        var names = new TreeSet<>(List.of(line.substring(colon + 1).strip().split(" +")));
        names.remove("");
        rules.allowed.put(line.substring(0, colon), names);
      }
    }
    return rules;
  }

  Set<String> names() {
    return allowed.keySet();
  }

  /** What one thing uses and may not. */
  Set<String> violations(String name, Collection<String> used) {
    var found = new TreeSet<String>();
    if (!allowed.containsKey(name)) {
      found.add(name + " has no line");
      return found;
    }
    for (var other : used) {
      if (!other.equals(name) && !allowed.get(name).contains(other)) {
        found.add(name + " uses " + other);
      }
    }
    return found;
  }

  /** Pairs that reach each other, by the rules. */
  Set<String> circles() {
    var circles = new TreeSet<String>();
    for (var a : names()) {
      for (var b : names()) {
        if (a.compareTo(b) < 0 && reach(a).contains(b) && reach(b).contains(a)) {
          circles.add(a + " " + b);
        }
      }
    }
    return circles;
  }

  private Set<String> reach(String from) {
    var found = new TreeSet<String>();
    reach(from, found);
    return found;
  }

  private void reach(String from, Set<String> found) {
    for (var next : allowed.getOrDefault(from, Set.of())) {
      if (found.add(next)) {
        reach(next, found);
      }
    }
  }
}
