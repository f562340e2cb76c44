// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds out which parts of the host a program needs to run.
 *
 * <p>Only the directories of programs and libraries are taken whole. Of /etc, which holds secrets and names of the
 * host, single entries are: the loader's cache, the links of the alternatives system (/usr/bin/java is one), the time
 * zone, and the configuration without which a JVM or Python does not start. Everything is optional: a host without
 * /lib64 is fine.
 */
final class DefaultRoot {
  private static final List<String> SYSTEM = List.of("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32");

  private static final List<String> ETC = List.of("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives",
      "localtime", "nsswitch.conf");

  /** Entries of /etc by the beginning of their names: musl's loader paths, /etc/java-17-openjdk, /etc/python3.11. */
  private static final List<String> ETC_PREFIXES = List.of("ld-musl-", "java-", "python3");

  /** What /proc and /sys tell about the host or let one change; the list that container runtimes mask. */
  private static final List<String> MASKS = List.of("/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys",
      "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
      "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/sys/firmware");

  private static final long TMPFS_BYTES = 64L << 20;
  private static final long TMPFS_INODES = 65536;

  private DefaultRoot() {}

  static List<Mount> mounts() {
    var mounts = new ArrayList<Mount>();
    for (var directory : SYSTEM) {
      addSystem(mounts, Path.of(directory));
    }
    for (var path : etc()) {
      addEtc(mounts, path);
    }
    mounts.add(Mount.dev("/dev"));
    mounts.add(Mount.proc("/proc").optional());
    mounts.add(Mount.tmpfs("/tmp").mode(01777).sizeBytes(TMPFS_BYTES).inodes(TMPFS_INODES));
    mounts.add(Mount.tmpfs(Command.DEFAULT_WORK_DIR).sizeBytes(TMPFS_BYTES).inodes(TMPFS_INODES));
    for (var target : MASKS) {
      mounts.add(Mount.mask(target));
    }
    return List.copyOf(mounts);
  }

  /** With a merged /usr, /bin is a link into it; a bind mount instead would hide that both are one. */
  private static void addSystem(List<Mount> mounts, Path path) {
    if (Files.isSymbolicLink(path)) {
      try {
        var text = Files.readSymbolicLink(path);
        if (path.resolveSibling(text).normalize().startsWith("/usr")) {
          mounts.add(Mount.symlink(path.toString(), text.toString()));
          return;
        }
      } catch (IOException e) {
        return; // It went away between the two calls, as if it had never been there.
      }
    }
    if (Files.isDirectory(path)) {
      mounts.add(Mount.bind(path, path.toString()).optional());
    }
  }

  private static List<Path> etc() {
    var found = new ArrayList<Path>();
    for (var name : ETC) {
      found.add(Path.of("/etc", name));
    }
    try (var entries = Files.newDirectoryStream(Path.of("/etc"), DefaultRoot::isWantedPrefix)) {
      entries.forEach(found::add);
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      return found; // A host whose /etc cannot be listed has nothing there that a program could use.
    }
    found.sort(null);
    return found;
  }

  /** The entries of the host's /etc whose names begin so. */
  static List<String> etc(String prefix) {
    return etc().stream().map(Path::toString).filter(path -> path.startsWith("/etc/" + prefix)).toList();
  }

  private static boolean isWantedPrefix(Path path) {
    var name = String.valueOf(path.getFileName());
    return ETC_PREFIXES.stream().anyMatch(name::startsWith);
  }

  /** The real file is bound: /etc/localtime is usually a link, and its text may lead where the sandbox has nothing. */
  private static void addEtc(List<Mount> mounts, Path path) {
    try {
      mounts.add(Mount.bind(path.toRealPath(), path.toString()).optional());
    } catch (IOException e) {
      return; // Not there, or a dangling link.
    }
  }
}
