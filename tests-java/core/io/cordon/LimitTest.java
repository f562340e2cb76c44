// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cordon.Limit.Unit;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LimitTest {
  @ParameterizedTest
  @CsvSource({"1ms,1000000", "1.5s,1500000000", "2m,120000000000", "0.000000001s,1", "9000000000s,9000000000000000000"})
  void times(String text, long nanos) {
    assertEquals(nanos, Unit.NANOSECONDS.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "s", "1", "1h", "-1s", "1..5s", ".5s", "0ms", "0.0000000001s", "9300000000s", "1S",
    "1 s"})
  void timesThatAreNone(String text) {
    assertThrows(IllegalArgumentException.class, () -> Unit.NANOSECONDS.parse(text));
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1k,1024", "64M,67108864", "2g,2147483648", "8589934591g,9223372035781033984"})
  void sizes(String text, long bytes) {
    assertEquals(bytes, Unit.BYTES.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "k", "0", "0k", "-1", "1.5m", "1t", "1kb", "8589934592g", "99999999999999999999"})
  void sizesThatAreNone(String text) {
    assertThrows(IllegalArgumentException.class, () -> Unit.BYTES.parse(text));
  }

  @Test
  void unlimitedIsSaidInFull() {
    assertEquals(Limits.UNLIMITED, Unit.NANOSECONDS.parse("unlimited"));
    assertEquals(Limits.UNLIMITED, Unit.BYTES.parse("unlimited"));
    assertEquals(Limits.UNLIMITED, Unit.COUNT.parse("unlimited"));
    assertEquals(Limits.FOREVER, Limits.builder().set(Limit.IDLE_TIME, Limits.UNLIMITED).build().idleTime());
    assertThrows(IllegalArgumentException.class, () -> Unit.WEIGHT.parse("unlimited"));
  }

  @ParameterizedTest
  @CsvSource({"NANOSECONDS,10000000000,10s", "NANOSECONDS,90500000000,90500ms", "NANOSECONDS,1,0.000001ms",
    "BYTES,268435456,256m", "BYTES,1073741824,1g", "BYTES,1099511627776,1024g", "BYTES,1000,1000", "BYTES,1536,1536",
    "BYTES_OR_NONE,0,0", "COUNT,64,64", "MILLI_CPUS,500,0.5", "MILLI_CPUS,1235,1.235", "MILLI_CPUS,2000000,2000",
    "WEIGHT,100,100"})
  void aValueIsWrittenAsItIsRead(Unit unit, long value, String text) {
    assertEquals(text, unit.format(value));
    assertEquals(value, unit.parse(text));
  }

  /** The bounds, what is between them, and no limit at all. */
  @ParameterizedTest
  @EnumSource(Limit.class)
  void everyValueOfEveryLimitIsWrittenAndReadAgain(Limit limit) {
    var unit = limit.unit();
    long most = Math.min(unit.most(), Limits.UNLIMITED - 1);
    var bounded = Stream.of(unit.least(), unit.least() + 1, 4097L, most / 3, most, limit.usual().orElse(1000L))
        .filter(value -> value >= unit.least() && value <= most);
    for (long value : Stream.concat(bounded, Stream.of(unit.hasUnlimited() ? Limits.UNLIMITED : most)).toList()) {
      assertEquals(value, unit.parse(unit.format(value)), limit + " " + value);
      assertEquals(value, Limits.builder().set(limit, value).build().get(limit));
    }
  }

  @Test
  void defaultsAreTold() {
    assertEquals("10s", Limit.CPU_TIME.usualText());
    assertEquals("unlimited", Limit.CPU_RATE.usualText());
    assertEquals("256m", Limit.MEMORY.usualText());
    assertEquals("as --memory", Limit.STACK.usualText());
    assertEquals(Duration.ofSeconds(10).toNanos(), Limit.CPU_TIME.usual().orElseThrow());
  }
}
