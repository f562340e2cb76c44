// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cordon.Features.Controller;
import io.cordon.Sandbox;
import io.cordon.SandboxException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a process holds of that which a run could leave behind.
 *
 * @param descriptors open ones; those of the JVM's own (JARs, random numbers) come and go and are left out
 * @param children pids, also of zombies
 * @param mounts lines of mountinfo
 * @param groups control groups that Cordon made for the process
 */
record Held(Set<String> descriptors, Set<Long> children, Set<String> mounts, Set<String> groups) {
  private static final Path PROC = Path.of("/proc");

  /** Where Cordon makes its groups; found once, as a probe starts processes. */
  private static final List<Path> HOMES = homes();

  static Held now() throws IOException {
    long self = ProcessHandle.current().pid();
    var mounts = new TreeSet<>(Files.readAllLines(PROC.resolve("self/mountinfo")));
    return new Held(openDescriptors(), childrenOf(self), mounts, groupsOf(self));
  }

  /** What is here and not there. */
  private Held without(Held other) {
    return new Held(difference(descriptors, other.descriptors), difference(children, other.children),
        difference(mounts, other.mounts), difference(groups, other.groups));
  }

  private static <T> Set<T> difference(Set<T> all, Set<T> less) {
    var rest = new TreeSet<>(all);
    rest.removeAll(less);
    return rest;
  }

  /** Waits until nothing is held that was not held before; some threads of the JVM clean up later. */
  static void assertNothingNew(Held before) throws IOException {
    var nothing = new Held(Set.of(), Set.of(), Set.of(), Set.of());
    if (!Live.becomes(Live.PATIENCE, () -> newSince(before).equals(nothing))) {
      assertEquals(nothing, newSince(before));
    }
  }

  private static Held newSince(Held before) {
    try {
      return now().without(before);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> openDescriptors() {
    var all = new TreeSet<String>();
    Live.names(PROC.resolve("self/fd")).forEach(number -> {
      var target = link(PROC.resolve("self/fd").resolve(number)).orElse("");
      boolean jvms = target.endsWith(".jar") || target.endsWith("/lib/modules") || target.startsWith("/dev/");
      // Empty: the one that listed the directory.
      if (!target.isEmpty() && !jvms) {
        all.add(number + " " + target);
      }
    });
    return all;
  }

  private static Optional<String> link(Path path) {
    try {
      return Optional.of(Files.readSymbolicLink(path).toString());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** From /proc/PID/stat the fields from the state on: the name before it may hold anything, but for its last ")". */
  private static Optional<String[]> stat(long pid) {
    try {
      var text = Files.readString(PROC.resolve(pid + "/stat"));
      return Optional.of(text.substring(text.lastIndexOf(')') + 2).split(" "));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static Set<Long> childrenOf(long parent) {
    return Live.names(PROC).filter(name -> name.matches("[0-9]+")).map(Long::valueOf)
        .filter(pid -> stat(pid).filter(fields -> fields[1].equals(String.valueOf(parent))).isPresent())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  static Set<Long> descendantsOf(long ancestor) {
    var all = new TreeSet<Long>();
    for (long child : childrenOf(ancestor)) {
      all.add(child);
      all.addAll(descendantsOf(child));
    }
    return all;
  }

  /** A process that is none of the dead, the unreaped included: who reaps an orphan is not Cordon's business. */
  static boolean isRunning(long pid) {
    return stat(pid).filter(fields -> !fields[0].equals("Z") && !fields[0].equals("X")).isPresent();
  }

  static Set<String> groupsOf(long pid) {
    return HOMES.stream().flatMap(home -> Live.names(home).filter(name -> name.startsWith("cordon." + pid + "."))
        .map(name -> home + "/" + name)).collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<Path> homes() {
    try {
      var features = Sandbox.probe();
      return Stream.of(features.memory(), features.pids(), features.cpu()).map(Controller::path)
          .filter(path -> !path.isEmpty()).distinct().map(Path::of).toList();
    } catch (SandboxException e) {
      throw new IllegalStateException(e);
    }
  }
}
