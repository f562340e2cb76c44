// SPDX-License-Identifier: Apache-2.0
package io.cordon.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which module needs which, as Maven has resolved it for an application that names all modules. */
final class Tree {
  /** "|  +- group:artifact:...", or in parentheses where it stands elsewhere with all that it needs. */
  private static final Pattern LINE = Pattern.compile("((?:[| ]  )*)[+\\\\]- \\(?[^:]+:([^:]+):.*");

  private static final int INDENT = 3;

  private final Map<String, Set<String>> needs = new HashMap<>();

  private Tree() {}

  static Tree read() throws IOException {
    var tree = new Tree();
    List<String> open = new ArrayList<>();
    for (String line : Files.readAllLines(Jars.OUTPUT.resolve("tree.txt"))) {
      Matcher match = LINE.matcher(line);
      if (match.matches()) {
        int depth = match.group(1).length() / INDENT;
        open.subList(depth, open.size()).clear();
        if (depth > 0) {
          tree.needs.computeIfAbsent(open.get(depth - 1), name -> new TreeSet<>()).add(match.group(2));
        }
        open.add(match.group(2));
      }
    }
    return tree;
  }

  /** All that comes with an artifact, but for modules of ours. */
  Set<String> libraries(String artifact) {
    var found = new TreeSet<String>();
    collect(artifact, found);
    found.removeIf(name -> name.startsWith("cordon-"));
    return found;
  }

  private void collect(String artifact, Set<String> found) {
    for (String needed : needs.getOrDefault(artifact, Set.of())) {
      if (found.add(needed)) {
        collect(needed, found);
      }
    }
  }
}
