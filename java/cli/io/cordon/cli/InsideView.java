// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Foresees what a path will name inside a sandbox, from its mount plan and the host's files.
 *
 * <p>Only for the decision whether PROGRAM has to be brought in: it is not part of any wall. A wrong guess ends in a
 * program that is not found.
 */
final class InsideView {
  /** As in Linux's path walk. */
  private static final int MAX_LINKS = 40;

  private final List<Mount> plan;

  InsideView(List<Mount> plan) {
    this.plan = List.copyOf(plan);
  }

  /**
   * Returns the host's file behind an absolute path inside, following symbolic links as the sandbox will.
   */
  Optional<Path> resolve(String inside) {
    var todo = new ArrayDeque<>(List.of(inside.split("/")));
    var done = new ArrayList<String>();
    int links = 0;
    while (!todo.isEmpty()) {
      var part = todo.pop();
      if (part.isEmpty() || part.equals(".")) {
        continue;
      }
      if (part.equals("..")) {
        removeLast(done);
        continue;
      }
      done.add(part);
      var link = linkAt(path(done));
      if (link.isPresent()) {
        if (++links > MAX_LINKS) {
          return Optional.empty();
        }
        follow(link.get(), todo, done);
      }
    }
    return behind(path(done)).filter(Files::exists);
  }

  /** The entry of the plan that decides what is at a path: the last one whose target is it or above it. */
  Optional<Mount> covering(String path) {
    for (int i = plan.size() - 1; i >= 0; i--) {
      var mount = plan.get(i);
      boolean there = mount.type() != Mount.Type.BIND || Files.exists(Path.of(mount.source().orElseThrow()));
      if (there && Path.of(path).startsWith(mount.target())) {
        return Optional.of(mount);
      }
    }
    return Optional.empty();
  }

  private static void follow(String text, ArrayDeque<String> todo, List<String> done) {
    removeLast(done);
    if (text.startsWith("/")) {
      done.clear();
    }
    var parts = text.split("/");
    for (int i = parts.length - 1; i >= 0; i--) {
      todo.push(parts[i]);
    }
  }

  private Optional<String> linkAt(String path) {
    var mount = covering(path);
    if (mount.isPresent() && mount.get().type() == Mount.Type.SYMLINK) {
      return mount.get().target().equals(path) ? mount.get().source() : Optional.empty();
    }
    if (mount.isPresent() && mount.get().target().equals(path)) {
      return Optional.empty(); // A bind mount of a link shows the file that the link leads to.
    }
    return behind(path).filter(Files::isSymbolicLink).flatMap(InsideView::readLink);
  }

  private static Optional<String> readLink(Path link) {
    try {
      return Optional.of(Files.readSymbolicLink(link).toString());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Optional<Path> behind(String path) {
    return covering(path).filter(mount -> mount.type() == Mount.Type.BIND).map(mount -> {
      var source = Path.of(mount.source().orElseThrow());
      var rest = Path.of(mount.target()).relativize(Path.of(path)).toString();
      return rest.isEmpty() ? source : source.resolve(rest);
    });
  }

  private static void removeLast(List<String> parts) {
    if (!parts.isEmpty()) {
      parts.remove(parts.size() - 1);
    }
  }

  private static String path(List<String> parts) {
    return "/" + String.join("/", parts);
  }
}
