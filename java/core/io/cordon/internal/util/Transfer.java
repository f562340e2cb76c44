// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.util;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;

/**
 * A host file or directory, and its name inside, as options and JSON write them. What is not written so is an {@link
 * IllegalArgumentException}.
 *
 * @param host absolute
 * @param name relative to the work directory, or absolute
 */
public record Transfer(Path host, String name) {
  /** {@code HOST[:NAME]}; without NAME it is the file's own. */
  public static Transfer in(String text) {
    int colon = text.lastIndexOf(':');
    var host = absolute(colon < 0 ? text : text.substring(0, colon));
    return new Transfer(host, name(text, colon < 0 ? fileName(text, host) : text.substring(colon + 1)));
  }

  /**
   * {@code NAME[:HOST]}; without HOST it is the file's name, in the current directory. The HOST of a pattern is a
   * directory; without it that is the current one.
   */
  public static Transfer out(String text) {
    int colon = text.indexOf(':');
    var name = name(text, colon < 0 ? text : text.substring(0, colon));
    var own = new Transfer(Path.of("."), name).isPattern() ? "." : fileName(text, Path.of(name));
    return new Transfer(absolute(colon < 0 ? own : text.substring(colon + 1)), name);
  }

  /** Whether the name has a wildcard of glob(7), which may be one that a backslash makes an ordinary character. */
  public boolean isPattern() {
    return name.chars().anyMatch(c -> c == '*' || c == '?' || c == '[');
  }

  /** A path of the host, without "." and "..". */
  public static Path absolute(String path) {
    if (path.isEmpty()) {
      throw Texts.refuse(path, "must not be empty");
    }
    try {
      return Path.of(path).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw Texts.refuse(path, "must be a path");
    }
  }

  private static String fileName(String text, Path path) {
    var name = path.getFileName();
    if (name == null) {
      throw Texts.refuse(text, "has no file name");
    }
    return name.toString();
  }

  /** Drops the "." that a shell user writes, and refuses what would leave the directory. */
  private static String name(String text, String name) {
    var parts = new ArrayList<String>();
    for (var part : name.split("/")) {
      if (part.equals("..")) {
        throw Texts.refuse(text, "must not hold \"..\" in the name inside");
      }
      if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    if (parts.isEmpty()) {
      throw Texts.refuse(text, "must have a name inside");
    }
    return (name.startsWith("/") ? "/" : "") + String.join("/", parts);
  }
}
