// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.util;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** The rules for single values, and the form in which their refusal reads: {@code field: value: rule}. */
public final class Checks {
  /** No limit, as a number. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** No limit, as a time. */
  public static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  private Checks() {}

  public static IllegalArgumentException refuse(String field, Object value, String rule) {
    return new IllegalArgumentException(field + ": " + Escape.printable(String.valueOf(value)) + ": " + rule);
  }

  /** Text that can become a C string: no NUL, and UTF-16 that has a UTF-8 form. */
  public static String text(String field, String value) {
    if (value.indexOf('\0') >= 0) {
      throw refuse(field, value, "must not hold a NUL character");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
      throw refuse(field, value, "must not hold half a surrogate pair");
    }
    return value;
  }

  public static String filled(String field, String value) {
    if (value.isEmpty()) {
      throw refuse(field, value, "must not be empty");
    }
    return text(field, value);
  }

  /** A path inside the sandbox that starts at its root. */
  public static String inside(String field, String value) {
    filled(field, value);
    if (!value.startsWith("/")) {
      throw refuse(field, value, "must be absolute");
    }
    return noDots(field, value);
  }

  /** A path inside the sandbox, absolute or relative to the work directory. */
  public static String noDots(String field, String value) {
    for (var part : value.split("/")) {
      if (part.equals(".") || part.equals("..")) {
        throw refuse(field, value, "must not hold \".\" or \"..\"");
      }
    }
    return value;
  }

  /** A file of the host, made absolute against the JVM's own directory. */
  public static Path host(String field, Path value) {
    text(field, value.toString());
    return value.toAbsolutePath();
  }

  public static Duration time(String field, Duration value) {
    if (value.equals(FOREVER)) {
      return value;
    }
    if (value.isZero() || value.isNegative()) {
      throw refuse(field, value, "must be above zero");
    }
    if (value.compareTo(LONGEST) >= 0) {
      throw refuse(field, value, "must be below 292 years, or Limits.FOREVER");
    }
    return value;
  }

  public static long positive(String field, long value) {
    if (value <= 0) {
      throw refuse(field, value, "must be above zero");
    }
    return value;
  }

  /** A list of CPUs as in {@code 0-1,3}; which of them there are is the kernel's to say. */
  public static String cpuset(String field, String value) {
    if (!value.matches("[0-9]{1,4}(-[0-9]{1,4})?(,[0-9]{1,4}(-[0-9]{1,4})?)*")) {
      throw refuse(field, value, "must be CPUs as in 0-1,3");
    }
    return value;
  }

  public static long notNegative(String field, long value) {
    if (value < 0) {
      throw refuse(field, value, "must not be negative");
    }
    return value;
  }

  public static int range(String field, int value, int low, int high) {
    if (value < low || value > high) {
      throw refuse(field, value, "must be from " + low + " to " + high);
    }
    return value;
  }

  public static int descriptor(String field, int value) {
    return (int) notNegative(field, value);
  }

  /** Permission bits; 0 is not one of them, since it stands for the default in a request. */
  public static int mode(String field, int value, int highest) {
    if (value < 1 || value > highest) {
      throw refuse(field, "0" + Integer.toOctalString(value), "must be from 01 to 0" + Integer.toOctalString(highest));
    }
    return value;
  }
}
