// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.util;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * How times, sizes and numbers are written, by users and in JSON. What is not written so is an {@link
 * IllegalArgumentException} with the text in quotes and the rule.
 */
public final class Texts {
  /** In nanoseconds. */
  private static final BigInteger UNLIMITED = BigInteger.valueOf(Checks.UNLIMITED);
  private static final String SIZE_UNITS = "kmg";
  private static final int SIZE_SHIFT = 10;
  private static final int THOUSANDTHS = 3;

  private Texts() {}

  public static IllegalArgumentException refuse(String value, String rule) {
    return new IllegalArgumentException("\"" + Escape.printable(value) + "\" " + rule);
  }

  /** {@code 500ms}, {@code 1.5s}, {@code 2m}: the unit is required, since 5 could be anything. */
  public static long nanos(String value) {
    var unit = value.endsWith("ms") ? "ms" : value.endsWith("s") ? "s" : value.endsWith("m") ? "m" : "";
    var digits = value.substring(0, value.length() - unit.length());
    if (unit.isEmpty() || !digits.matches("[0-9]{1,19}(\\.[0-9]{1,9})?")) {
      throw refuse(value, "must be a number with ms, s or m, for example 500ms or 1.5s, or \"unlimited\"");
    }
    var nanos = new BigDecimal(digits).multiply(BigDecimal.valueOf(nanosOf(unit)));
    if (nanos.compareTo(BigDecimal.ONE) < 0 || nanos.compareTo(new BigDecimal(UNLIMITED)) >= 0) {
      throw refuse(value, "must be above zero and below 292 years");
    }
    return nanos.longValue();
  }

  private static long nanosOf(String unit) {
    return switch (unit) {
      case "ms" -> 1_000_000L;
      case "s" -> 1_000_000_000L;
      case "m" -> 60_000_000_000L;
      default -> throw new IllegalArgumentException(unit);
    };
  }

  /** The shortest of seconds and milliseconds that is exact. */
  public static String ofNanos(long nanos) {
    var unit = nanos % nanosOf("s") == 0 ? "s" : "ms";
    return plain(BigDecimal.valueOf(nanos).divide(BigDecimal.valueOf(nanosOf(unit)))) + unit;
  }

  /** {@code 64m}, {@code 1g}, {@code 4096}: binary units. */
  public static long bytes(String value) {
    int shift = value.isEmpty() ? 0
        : SIZE_SHIFT * (SIZE_UNITS.indexOf(Character.toLowerCase(value.charAt(value.length() - 1))) + 1);
    var digits = shift == 0 ? value : value.substring(0, value.length() - 1);
    if (!digits.matches("[0-9]{1,19}")) {
      throw refuse(value, "must be a number of bytes, with k, m or g for binary units, for example 256m");
    }
    var bytes = new BigInteger(digits).shiftLeft(shift);
    if (bytes.signum() == 0 || bytes.compareTo(UNLIMITED) >= 0) {
      throw refuse(value, "must be above zero and below 8 EiB");
    }
    return bytes.longValue();
  }

  /** The largest unit that is exact. */
  public static String ofBytes(long bytes) {
    int unit = Math.min(SIZE_UNITS.length(), Long.numberOfTrailingZeros(bytes) / SIZE_SHIFT);
    return bytes == 0 || unit == 0 ? Long.toString(bytes)
        : (bytes >> (unit * SIZE_SHIFT)) + SIZE_UNITS.substring(unit - 1, unit);
  }

  /** A whole number above zero. */
  public static long count(String value) {
    var number = value.matches("[0-9]{1,19}") ? new BigInteger(value) : BigInteger.ZERO;
    if (number.signum() == 0 || number.compareTo(UNLIMITED) >= 0) {
      throw refuse(value, "must be a whole number above zero, or \"unlimited\"");
    }
    return number.longValue();
  }

  /** Thousandths of CPUs: {@code 1}, {@code 0.5}. */
  public static long milliCpus(String value) {
    if (!value.matches("[0-9]{1,4}(\\.[0-9]{1,3})?")) {
      throw refuse(value, "must be a number of CPUs such as 1 or 0.5, or \"unlimited\"");
    }
    return new BigDecimal(value).movePointRight(THOUSANDTHS).longValueExact();
  }

  public static String ofMilliCpus(long thousandths) {
    return plain(BigDecimal.valueOf(thousandths, THOUSANDTHS));
  }

  private static String plain(BigDecimal number) {
    return number.stripTrailingZeros().toPlainString();
  }
}
