package io.cordon.cli;

import io.cordon.Limits;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How durations, sizes, counts and ids are written on the command line. */
final class Values {
  /** What stands for no limit. */
  static final String UNLIMITED = "unlimited";

  private static final BigDecimal NANOS_PER_MILLI = BigDecimal.valueOf(1_000_000);
  private static final BigDecimal LONGEST_NANOS = BigDecimal.valueOf(Long.MAX_VALUE);

  private Values() {}

  /** {@code 500ms}, {@code 1.5s}, {@code 2m}; or {@code unlimited}. The unit is required: 5 could be anything. */
  static final class Time implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String value) {
      if (value.equals(UNLIMITED)) {
        return Limits.FOREVER;
      }
      var unit = value.endsWith("ms") ? "ms" : value.endsWith("s") ? "s" : value.endsWith("m") ? "m" : "";
      var number = number(value, value.substring(0, value.length() - unit.length()), unit.isEmpty());
      int millis = unit.equals("ms") ? 1 : unit.equals("s") ? 1000 : 60_000;
      var nanos = number.multiply(BigDecimal.valueOf(millis)).multiply(NANOS_PER_MILLI);
      if (nanos.compareTo(BigDecimal.ONE) < 0 || nanos.compareTo(LONGEST_NANOS) >= 0) {
        throw refuse(value, "must be above zero and below 292 years");
      }
      return Duration.ofNanos(nanos.longValue());
    }

    private static BigDecimal number(String value, String digits, boolean unitless) {
      if (unitless || !digits.matches("[0-9]{1,19}(\\.[0-9]{1,9})?")) {
        throw refuse(value, "must be a number with ms, s or m, for example 500ms or 1.5s, or \"unlimited\"");
      }
      return new BigDecimal(digits);
    }
  }

  /** {@code 64m}, {@code 1g}, {@code 4096}: binary units; or {@code unlimited}. */
  static final class Size implements ITypeConverter<Long> {
    @Override
    public Long convert(String value) {
      return value.equals(UNLIMITED) ? Limits.UNLIMITED : bytes(value);
    }
  }

  /** A whole number; or {@code unlimited}. */
  static final class Count implements ITypeConverter<Long> {
    @Override
    public Long convert(String value) {
      if (value.equals(UNLIMITED)) {
        return Limits.UNLIMITED;
      }
      if (!value.matches("[0-9]{1,18}") || Long.parseLong(value) == 0) {
        throw refuse(value, "must be a whole number above zero, or \"unlimited\"");
      }
      return Long.parseLong(value);
    }
  }

  /** A number of CPUs: {@code 1}, {@code 0.5}; or {@code unlimited}. */
  static final class Rate implements ITypeConverter<Double> {
    @Override
    public Double convert(String value) {
      if (value.equals(UNLIMITED)) {
        return Limits.FULL_RATE;
      }
      if (!value.matches("[0-9]{1,4}(\\.[0-9]{1,3})?")) {
        throw refuse(value, "must be a number of CPUs such as 1 or 0.5, or \"unlimited\"");
      }
      return Double.valueOf(value);
    }
  }

  /** A weight of the cpu controller. */
  static final class Weight implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      if (!value.matches("[1-9][0-9]{0,4}")) {
        throw refuse(value, "must be a whole number from 1 to 10000");
      }
      return Integer.valueOf(value);
    }
  }

  /** {@code UID:GID}. */
  record Ids(int uid, int gid) {}

  static final class IdsConverter implements ITypeConverter<Ids> {
    @Override
    public Ids convert(String value) {
      var parts = value.split(":", -1);
      if (parts.length != 2 || !parts[0].matches("[0-9]{1,9}") || !parts[1].matches("[0-9]{1,9}")) {
        throw refuse(value, "must be UID:GID, both numbers");
      }
      return new Ids(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }
  }

  static long bytes(String value) {
    var lower = value.toLowerCase(Locale.ROOT);
    int shift = lower.endsWith("k") ? 10 : lower.endsWith("m") ? 20 : lower.endsWith("g") ? 30 : 0;
    var digits = shift == 0 ? lower : lower.substring(0, lower.length() - 1);
    if (!digits.matches("[0-9]{1,18}")) {
      throw refuse(value, "must be a number of bytes, with k, m or g for binary units, for example 256m");
    }
    long number = Long.parseLong(digits);
    if (number == 0 || number > Limits.UNLIMITED - 1 >> shift) {
      throw refuse(value, "must be above zero and below 8 EiB");
    }
    return number << shift;
  }

  static TypeConversionException refuse(String value, String rule) {
    return new TypeConversionException("\"" + value + "\" " + rule);
  }
}
