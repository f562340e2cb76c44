// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import io.cordon.Features.Controller;
import io.cordon.Sandbox;
import io.cordon.SandboxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What this process holds of that which a run could leave behind, one line for each thing. */
final class Leftovers {
  private static final Path PROC = Path.of("/proc");
  private static final Path OWN_DESCRIPTORS = PROC.resolve("self/fd");

  /** Threads of the JDK and of JUnit that come and go as they like, and Cordon's that serves all asynchronous runs. */
  private static final List<String> OTHER_THREADS = List.of("ForkJoinPool", "CompletableFuture", "process reaper",
      "Common-Cleaner", "Cleaner-", "junit-", "VirtualThread-", "JFR", "Attach Listener", "cordon-events");

  /** Where Cordon makes its control groups; found once, as a probe starts processes. */
  private static final List<Path> GROUP_HOMES = groupHomes();

  private Leftovers() {}

  /** Names what is there now. */
  static Set<String> now(Tier tier) throws Exception {
    var all = new TreeSet<String>();
    addChildren(all);
    addGroups(all);
    addThreads(all);
    Files.readAllLines(PROC.resolve("self/mountinfo")).forEach(line -> all.add("mount " + line));
    tier.held().forEach(thing -> all.add("of the tier: " + thing));
    addDescriptors(all); // Last: the first file that is read makes the JDK open a socket, which it keeps.
    return all;
  }

  /** Names what is there now and was not there before. */
  static Set<String> since(Set<String> before, Tier tier) throws Exception {
    var all = now(tier);
    all.removeAll(before);
    return all;
  }

  /** Those of the JVM's own (JARs, random numbers) are left out. */
  private static void addDescriptors(Set<String> all) {
    names(OWN_DESCRIPTORS).forEach(number -> {
      var target = link(OWN_DESCRIPTORS.resolve(number)).orElse("");
      boolean jvms = target.endsWith(".jar") || target.endsWith("/lib/modules") || target.startsWith("/dev/");
      // Empty: the one that listed the directory.
      if (!target.isEmpty() && !jvms) {
        all.add("descriptor " + number + " " + target);
      }
    });
  }

  /** Zombies as well. */
  private static void addChildren(Set<String> all) {
    var self = String.valueOf(ProcessHandle.current().pid());
    pids().filter(pid -> parent(pid).filter(self::equals).isPresent()).forEach(pid -> all.add("child " + pid));
  }

  private static void addGroups(Set<String> all) {
    var prefix = "cordon." + ProcessHandle.current().pid() + ".";
    for (var home : GROUP_HOMES) {
      names(home).filter(name -> name.startsWith(prefix))
          .forEach(name -> all.add("control group " + home + "/" + name));
    }
  }

  private static void addThreads(Set<String> all) {
    Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> OTHER_THREADS.stream().noneMatch(thread.getName()::startsWith))
        .forEach(thread -> all.add("thread " + thread.getName() + " " + thread.getId()));
  }

  /** Finds the processes of this machine that have a mark among their arguments. */
  static List<String> marked(String mark) {
    return pids().filter(pid -> arguments(pid).contains(mark)).toList();
  }

  /** None for a process that has ended, also where it was not waited for yet. */
  private static List<String> arguments(String pid) {
    try {
      var bytes = Files.readAllBytes(PROC.resolve(pid + "/cmdline"));
      return List.of(new String(bytes, StandardCharsets.UTF_8).split("\0"));
    } catch (IOException e) {
      return List.of();
    }
  }

  private static Stream<String> pids() {
    return names(PROC).filter(name -> name.matches("[0-9]+"));
  }

  /** From /proc/PID/stat the second field behind the name, which may hold anything, but for its last ")". */
  private static Optional<String> parent(String pid) {
    try {
      var text = Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
      return Optional.of(text.substring(text.lastIndexOf(')') + 2).split(" ")[1]);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> link(Path path) {
    try {
      return Optional.of(Files.readSymbolicLink(path).toString());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** None where the directory is not there (any more). */
  private static Stream<String> names(Path directory) {
    var names = directory.toFile().list();
    return names == null ? Stream.of() : Arrays.stream(names);
  }

  private static List<Path> groupHomes() {
    try {
      var features = Sandbox.probe();
      return Stream.of(features.memory(), features.pids(), features.cpu()).map(Controller::path)
          .filter(path -> !path.isEmpty()).distinct().map(Path::of).toList();
    } catch (SandboxException | LinkageError e) {
      return List.of(); // Without the library there are none of its groups.
    }
  }
}
