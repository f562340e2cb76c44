// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cordon.Cause;
import io.cordon.KernelFeature;
import io.cordon.Layer;
import io.cordon.Limit;
import io.cordon.Limits;
import io.cordon.Measure;
import io.cordon.Source;
import io.cordon.Status;
import io.cordon.Step;
import io.cordon.internal.jni.NativeLibrary;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.jni.Syscalls;
import io.cordon.supervisor.SecurityEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The enums of Java are those of C: the same constants with the same numbers, and no more on either side. */
class NativeNamesTest {
  private static final int BEYOND_ALL = 300;

  private static Map<Integer, String> names(int table) {
    NativeLibrary.ensureLoaded();
    var names = new TreeMap<Integer, String>();
    var buffer = ByteBuffer.allocateDirect(256);
    for (int number = 0; number < BEYOND_ALL; number++) {
      int length = Natives.names(table, number, buffer);
      if (length >= 0) {
        var text = new byte[length];
        buffer.get(0, text);
        names.put(number, new String(text, StandardCharsets.US_ASCII));
      }
    }
    return names;
  }

  @Test
  void steps() {
    var expected = Stream.of(Step.values()).filter(step -> step != Step.UNKNOWN)
        .collect(Collectors.toMap(Codes.STEP::of, Step::name));
    expected.put(0, "NONE");
    assertEquals(expected, names(Natives.NAMES_STEP));
  }

  @Test
  void statuses() {
    var expected = Stream.of(Status.values()).collect(Collectors.toMap(Codes.STATUS::of, Status::name));
    expected.put(0, "NONE");
    assertEquals(expected, names(Natives.NAMES_STATUS));
  }

  @Test
  void causes() {
    assertEquals(Stream.of(Cause.values()).collect(Collectors.toMap(Codes.CAUSE::of, Cause::name)),
        names(Natives.NAMES_CAUSE));
  }

  @Test
  void sources() {
    assertEquals(Stream.of(Source.values()).collect(Collectors.toMap(Codes.SOURCE::of, Source::label)),
        names(Natives.NAMES_SOURCE));
  }

  @Test
  void layers() {
    assertEquals(Stream.of(Layer.values()).collect(Collectors.toMap(Codes.LAYER::of, Layer::label)),
        names(Natives.NAMES_LAYER));
  }

  @Test
  void eventKinds() {
    var expected = Stream.of(SecurityEvent.Kind.values())
        .collect(Collectors.toMap(Codes.EVENT_KIND::of, SecurityEvent.Kind::label));
    assertEquals(expected, names(Natives.NAMES_EVENT_KIND));
  }

  /** CPU_TIME is cpuTime in C. */
  private static String camelCase(Limit limit) {
    var text = new StringBuilder();
    for (var word : limit.name().toLowerCase(Locale.ROOT).split("_")) {
      text.append(text.isEmpty() ? word : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
    }
    return text.toString();
  }

  private static long unlimited(long value) {
    return value == Limits.UNLIMITED ? -1 : value;
  }

  /** In the order in which a request has them. */
  @Test
  void limits() {
    assertEquals(Stream.of(Limit.values()).map(NativeNamesTest::camelCase).toList(),
        List.copyOf(names(Natives.NAMES_LIMIT).values()));
    for (var limit : Limit.values()) {
      int number = limit.ordinal();
      var unit = limit.unit();
      assertEquals(unlimited(Limits.defaults().get(limit)), Natives.numbers(Natives.NUMBERS_LIMIT_USUAL, number),
          limit.name());
      assertEquals(unit.least(), Natives.numbers(Natives.NUMBERS_LIMIT_LEAST, number), limit.name());
      long most = Natives.numbers(Natives.NUMBERS_LIMIT_MOST, number);
      // All that Java can say, where C has a bound above every number of Java.
      assertEquals(unit.most(), most < 0 || most == Limits.UNLIMITED - 1 ? Limits.UNLIMITED : most, limit.name());
    }
    assertEquals(Natives.NO_NUMBER, Natives.numbers(Natives.NUMBERS_LIMIT_USUAL, Limit.values().length));
    assertEquals(Natives.NO_NUMBER, Natives.numbers(Natives.NUMBERS_LIMIT_USUAL, -1));
  }

  /** In the order in which a reply has them. */
  @Test
  void resultNumbers() {
    var names = List.copyOf(names(Natives.NAMES_RESULT).values());
    var measures = Stream.of(Measure.values()).map(Measure::key).toList();
    assertEquals(measures, names.stream().filter(measures::contains).toList());
    assertEquals(List.of("status", "cause", "exitCode", "signal", "syscall", "layers", "filePolicy", "engine",
        "eventsTotal"), names.stream().filter(name -> !measures.contains(name)).toList());
  }

  @Test
  void systemCalls() {
    assertEquals("openat", Syscalls.name(257, Syscalls.X86_64).orElseThrow());
    assertEquals("openat", Syscalls.name(56, Syscalls.AARCH64).orElseThrow());
    assertEquals("openat", Syscalls.nameOfAudit(56, Syscalls.AUDIT_ARCH_AARCH64).orElseThrow());
    assertEquals(Optional.empty(), Syscalls.nameOfAudit(5, 0x40000003)); // i386
    assertEquals("99999", Syscalls.nameOrNumber(99999));
    var name = ByteBuffer.allocateDirect(64).put("openat".getBytes(StandardCharsets.US_ASCII));
    assertEquals(257, Natives.syscallNumber(name, 6, Syscalls.X86_64));
    assertEquals(2, Natives.syscallNumber(name, 4, Syscalls.X86_64));
    assertEquals(-1, Natives.syscallNumber(name, 4, Syscalls.AARCH64));
    assertEquals(-1, Natives.syscallNumber(name, 0, Syscalls.X86_64));
    assertEquals(-1, Natives.syscallNumber(name, 7, Syscalls.X86_64)); // Ends with a NUL byte.
    assertEquals(-1, Natives.syscallNumber(name, 65, Syscalls.X86_64));
  }

  @Test
  void kernelFeatures() {
    var expected = Stream.of(KernelFeature.values())
        .collect(Collectors.toMap(Codes.KERNEL_FEATURE::of, KernelFeature::label));
    assertEquals(expected, names(Natives.NAMES_KERNEL_FEATURE));
  }
}
