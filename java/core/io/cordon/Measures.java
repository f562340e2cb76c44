// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Checks;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.function.Predicate;

/** The numbers of a result, by {@link Measure#ordinal}. Immutable but for {@link #set}, which a builder calls. */
final class Measures {
  private static final long UNKNOWN = -1;

  /** The values of a result of which nothing was measured. */
  private static final long[] NOTHING =
      Arrays.stream(Measure.values()).mapToLong(measure -> measure.mayBeUnknown() ? UNKNOWN : 0).toArray();

  private static final int SOURCES = Source.values().length;

  private final long[] values;

  Measures() {
    this(NOTHING.clone());
  }

  private Measures(long[] values) {
    this.values = values;
  }

  Measures copy() {
    return new Measures(values.clone());
  }

  void set(Measure measure, long value) {
    long most = measure.unit() == Measure.Unit.SOURCE ? SOURCES - 1 : Long.MAX_VALUE;
    if (value < 0 || value > most) {
      throw Checks.refuse(measure.property(), value, "must be from 0 to " + most);
    }
    values[measure.ordinal()] = value;
  }

  void setAll(Measures other, Predicate<Measure> which) {
    Arrays.stream(Measure.values()).filter(which).map(Measure::ordinal)
        .forEach(place -> values[place] = other.values[place]);
  }

  OptionalLong get(Measure measure) {
    long value = values[measure.ordinal()];
    return value == UNKNOWN ? OptionalLong.empty() : OptionalLong.of(value);
  }

  /** For one that is never unknown. */
  long number(Measure measure) {
    return values[measure.ordinal()];
  }

  Duration time(Measure measure) {
    return Duration.ofNanos(number(measure));
  }

  Source source(Measure measure) {
    return measure.unit() == Measure.Unit.SOURCE ? Source.values()[(int) number(measure)]
        : measure.source().map(this::source).orElse(Source.NONE);
  }
}
