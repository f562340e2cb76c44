// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cordon.SandboxException;
import io.cordon.json.SeccompProfiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A profile as it stands in its file: {@link SeccompProfiles} says whether it is one, and what it means on a machine.
 * Here are the groups as they were written, with their comments.
 *
 * @param defaultAction for calls in no group
 */
record ProfileFile(String defaultAction, List<Group> groups) {
  /** Fields that only say something to people, or are in the group's own. */
  private static final List<String> PLAIN = List.of("names", "name", "action", "errnoRet", "comment");

  /**
   * Calls with one action.
   *
   * @param action with its errno, as {@link #action} writes it
   * @param comment empty where there is none
   * @param condition what else must hold, as JSON; empty: nothing
   */
  record Group(String action, List<String> names, String comment, String condition) {}

  /**
   * Reads a file.
   *
   * @throws io.cordon.SeccompProfileException where it is no profile
   */
  static ProfileFile read(Path file) throws IOException, SandboxException {
    SeccompProfiles.read(file); // From here on, types and names are what they should be.
    var json = JSON.std.mapFrom(Files.readString(file));
    var groups = new ArrayList<Group>();
    if (json.get("syscalls") instanceof List<?> all) {
      for (var one : all) {
        groups.add(group((Map<?, ?>) one));
      }
    }
    return new ProfileFile(action(json.get("defaultAction"), json.get("defaultErrnoRet")), List.copyOf(groups));
  }

  private static Group group(Map<?, ?> json) throws IOException {
    var names = new ArrayList<String>();
    if (json.get("names") instanceof List<?> list) {
      list.forEach(name -> names.add(String.valueOf(name)));
    }
    if (json.get("name") instanceof String name && !name.isEmpty()) {
      names.add(name);
    }
    var rest = new LinkedHashMap<String, @Nullable Object>();
    json.forEach((field, value) -> {
      boolean empty = value == null || (value instanceof List<?> list && list.isEmpty())
          || (value instanceof Map<?, ?> map && map.isEmpty());
      if (!PLAIN.contains(String.valueOf(field)) && !empty) {
        rest.put(String.valueOf(field), value);
      }
    });
    var comment = json.get("comment");
    return new Group(action(json.get("action"), json.get("errnoRet")), List.copyOf(names),
        comment == null ? "" : comment.toString(), rest.isEmpty() ? "" : Json.text(rest));
  }

  /** {@code SCMP_ACT_ERRNO 1}; the errno is EPERM where the file has none. */
  static String action(@Nullable Object name, @Nullable Object errno) {
    return "SCMP_ACT_ERRNO".equals(name) ? name + " " + (errno == null ? "1" : errno) : String.valueOf(name);
  }

  /** What is written of every call, in the file's order where there is more than one thing. */
  SortedMap<String, String> meanings() {
    var all = new TreeMap<String, String>();
    for (var group : groups) {
      var meaning = group.condition.isEmpty() ? group.action : group.action + " where " + group.condition;
      group.names.forEach(
          name -> all.merge(name, meaning, (one, other) -> one.equals(other) ? one : one + "; " + other));
    }
    return all;
  }
}
