// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What was put around this process from outside, as /proc tells it.
 *
 * @param filtered a seccomp filter applies
 * @param confined an AppArmor profile applies
 * @param chrooted the root is certainly not that of the mount namespace; false also where that cannot be seen
 * @param unmapped this user namespace maps no id at all, so nothing can be one of its users
 * @param openFiles the soft limit of open files, as text; empty where it cannot be read
 */
record Surroundings(boolean filtered, boolean confined, boolean chrooted, boolean unmapped, String openFiles) {
  private static final Path SELF = Path.of("/proc/self");
  private static final Path FIRST = Path.of("/proc/1");
  private static final int MOUNT_POINT = 4;

  static Surroundings read() {
    var profile = String.join("", lines(SELF.resolve("attr/current"))).strip();
    return new Surroundings(field(lines(SELF.resolve("status")), "Seccomp:").equals("2"),
        profile.endsWith(")") && !profile.startsWith("unconfined"), chroot(),
        empty(SELF.resolve("uid_map")) || empty(SELF.resolve("gid_map")),
        field(lines(SELF.resolve("limits")), "Max open files"));
  }

  /** The kernel shows the mounts below a process's root, so without a mount at "/" the root is a mere directory. */
  private static boolean chroot() {
    var own = lines(SELF.resolve("mountinfo"));
    if (own.isEmpty()) {
      return false;
    }
    var root = rootMount(own);
    if (root.isEmpty()) {
      return true;
    }
    var first = rootMount(lines(FIRST.resolve("mountinfo")));
    return first.isPresent() && !first.equals(root) && sameNamespace();
  }

  /** The id of the uppermost mount at "/". */
  private static Optional<String> rootMount(List<String> mountinfo) {
    return mountinfo.stream().map(line -> line.split(" ")).filter(fields -> fields.length > MOUNT_POINT
        && fields[MOUNT_POINT].equals("/")).map(fields -> fields[0]).reduce((below, above) -> above);
  }

  private static boolean sameNamespace() {
    try {
      return Files.readSymbolicLink(SELF.resolve("ns/mnt")).equals(Files.readSymbolicLink(FIRST.resolve("ns/mnt")));
    } catch (IOException e) {
      return false; // Another user's: nothing is known of it.
    }
  }

  private static boolean empty(Path file) {
    return Files.isReadable(file) && lines(file).isEmpty();
  }

  private static String field(List<String> lines, String name) {
    return lines.stream().filter(line -> line.startsWith(name))
        .map(line -> line.substring(name.length()).strip().split("\\s+")[0]).findFirst().orElse("");
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of(); // A kernel or a container without the file.
    }
  }
}
