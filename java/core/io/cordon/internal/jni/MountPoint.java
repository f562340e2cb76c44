// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.jni;

import java.nio.file.Path;
import java.util.List;

/** Reads {@code /proc/self/mountinfo}, proc(5), as far as a message about a file needs it. */
final class MountPoint {
  private static final int PATH_FIELD = 4;
  private static final int OPTIONS_FIELD = 5;

  private MountPoint() {}

  /** The mount that holds {@code folder}, an absolute path without links: "on PATH, OPTIONS". */
  static String holding(Path folder, List<String> mountinfo) {
    String text = "mount unknown";
    int depth = -1;
    for (String line : mountinfo) {
      String[] fields = line.split(" ");
      Path path = fields.length > OPTIONS_FIELD ? Path.of(unescape(fields[PATH_FIELD])) : null;
      // A later mount at the same place covers the earlier one.
      if (path != null && folder.startsWith(path) && path.getNameCount() >= depth) {
        depth = path.getNameCount();
        text = "on " + path + ", " + fields[OPTIONS_FIELD];
      }
    }
    return text;
  }

  /** Space, tab, line feed and backslash come as three octal digits. */
  private static String unescape(String field) {
    return field.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\");
  }
}
