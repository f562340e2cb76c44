// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.Measure;
import io.cordon.Result;
import io.cordon.Source;
import io.cordon.internal.jni.NativeLibrary;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.wire.ReplyReader;
import io.cordon.internal.wire.WireException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** The numbers at the start of a reply, by the names that the library has for them: {@code cordon/result.def}. */
final class ReplyNumbers {
  private static final int NAME_BYTES = 64;

  /** Where each name stands. */
  private static final Map<String, Integer> PLACES = places();

  /** The same for measures, by {@link Measure#ordinal}. */
  private static final int[] MEASURES =
      Arrays.stream(Measure.values()).mapToInt(measure -> place(measure.key())).toArray();

  // Where the others stand, looked up once: a result has no time for a search by name.

  static final int STATUS = place("status");
  static final int CAUSE = place("cause");
  static final int EXIT_CODE = place("exitCode");
  static final int SIGNAL = place("signal");
  static final int SYSCALL = place("syscall");
  static final int LAYERS = place("layers");
  static final int FILE_POLICY = place("filePolicy");
  static final int ENGINE = place("engine");
  static final int EVENTS_TOTAL = place("eventsTotal");

  private static final Measure[] ALL = Measure.values();

  private final long[] numbers;

  private ReplyNumbers(long[] numbers) {
    this.numbers = numbers;
  }

  private static Map<String, Integer> places() {
    NativeLibrary.ensureLoaded();
    var places = new LinkedHashMap<String, Integer>();
    var buffer = ByteBuffer.allocateDirect(NAME_BYTES);
    for (int length = name(0, buffer); length >= 0; length = name(places.size(), buffer)) {
      var name = new byte[length];
      buffer.get(0, name);
      places.put(new String(name, StandardCharsets.US_ASCII), places.size());
    }
    return places;
  }

  private static int name(int number, ByteBuffer buffer) {
    return Natives.names(Natives.NAMES_RESULT, number, buffer);
  }

  private static int place(String name) {
    var place = PLACES.get(name);
    if (place == null) {
      throw new IllegalStateException("the library has no number " + name + " of a result");
    }
    return place;
  }

  static ReplyNumbers read(ReplyReader in) {
    var numbers = new long[in.count(Long.BYTES)];
    if (numbers.length != PLACES.size()) {
      throw new WireException("numbers: " + numbers.length + ", not " + PLACES.size());
    }
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = in.i64();
    }
    return new ReplyNumbers(numbers);
  }

  /** All 64 bits of what stands at a place. */
  long bits(int place) {
    return numbers[place];
  }

  /** One that has a meaning only in 32 bits. */
  int narrow(int place) {
    long value = numbers[place];
    if (value != (int) value) {
      throw new WireException(name(place) + ": " + value + " is too large");
    }
    return (int) value;
  }

  /** One that is never negative. */
  long unsigned(int place) {
    long value = numbers[place];
    if (value < 0) {
      throw new WireException(name(place) + ": " + Long.toUnsignedString(value) + " is too large");
    }
    return value;
  }

  private static String name(int place) {
    return PLACES.entrySet().stream().filter(entry -> entry.getValue() == place).findFirst().orElseThrow().getKey();
  }

  /** Sets all that was measured. A number that may be unknown is left unknown where it was not counted. */
  void measures(Result.Builder result) {
    for (var measure : ALL) {
      var source = measure.mayBeUnknown() ? measure.source().orElse(null) : null;
      if (source == null || number(source) != Source.NONE.ordinal()) {
        result.set(measure, number(measure));
      }
    }
  }

  private long number(Measure measure) {
    int place = MEASURES[measure.ordinal()];
    return measure.unit() == Measure.Unit.SOURCE ? Codes.SOURCE.constant(narrow(place)).ordinal() : unsigned(place);
  }
}
