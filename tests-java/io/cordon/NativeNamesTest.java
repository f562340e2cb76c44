package io.cordon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cordon.internal.jni.NativeLibrary;
import io.cordon.internal.jni.Natives;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
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
        .collect(Collectors.toMap(Step::number, Step::name));
    expected.put(0, "NONE");
    assertEquals(expected, names(Natives.NAMES_STEP));
  }

  @Test
  void statuses() {
    var expected = Stream.of(Status.values()).collect(Collectors.toMap(Status::number, Status::name));
    expected.put(0, "NONE");
    assertEquals(expected, names(Natives.NAMES_STATUS));
  }

  @Test
  void causes() {
    assertEquals(Stream.of(Cause.values()).collect(Collectors.toMap(Cause::number, Cause::name)),
        names(Natives.NAMES_CAUSE));
  }

  @Test
  void sources() {
    assertEquals(Stream.of(Source.values()).collect(Collectors.toMap(Source::number, Source::label)),
        names(Natives.NAMES_SOURCE));
  }

  @Test
  void layers() {
    assertEquals(Stream.of(Layer.values()).collect(Collectors.toMap(Layer::number, Layer::label)),
        names(Natives.NAMES_LAYER));
  }

  @Test
  void eventKinds() {
    var expected = Stream.of(SecurityEvent.Kind.values())
        .collect(Collectors.toMap(SecurityEvent.Kind::number, SecurityEvent.Kind::label));
    assertEquals(expected, names(Natives.NAMES_EVENT_KIND));
  }

  /** In the order in which a request has them. */
  @Test
  void limits() {
    var usual = Limits.builder().build();
    assertEquals(List.of("cpuTime", "wallTime", "idleTime", "memory", "stack", "processes", "output", "openFiles",
        "core", "outputTotal", "cpuRate", "cpuWeight", "nice"), List.copyOf(names(Natives.NAMES_LIMIT).values()));
    var defaults = new long[] {usual.cpuTime().toNanos(), usual.wallTime().toNanos(), -1, usual.memoryBytes(),
        usual.stackBytes(), usual.processes(), usual.outputBytes(), usual.openFiles(), usual.coreBytes(), -1, -1,
        usual.cpuWeight(), 0};
    for (int number = 0; number < defaults.length; number++) {
      assertEquals(defaults[number], Natives.numbers(Natives.NUMBERS_LIMIT_USUAL, number), "limit " + number);
    }
    assertEquals(Natives.NO_NUMBER, Natives.numbers(Natives.NUMBERS_LIMIT_USUAL, defaults.length));
    assertEquals(Natives.NO_NUMBER, Natives.numbers(Natives.NUMBERS_LIMIT_USUAL, -1));
    assertEquals(10000, Natives.numbers(Natives.NUMBERS_LIMIT_MOST, 11));
  }

  /** In the order in which a reply has them. */
  @Test
  void resultNumbers() {
    assertEquals(List.of("status", "cause", "exitCode", "signal", "cpuTimeNs", "userTimeNs", "systemTimeNs",
        "wallTimeNs", "setupTimeNs", "memoryPeakBytes", "memorySource", "cpuSource", "oomKills", "syscall", "layers",
        "voluntarySwitches", "involuntarySwitches", "minorFaults", "majorFaults", "readBytes", "writtenBytes",
        "ioSource", "processPeak", "processSource", "throttledTimeNs", "throttledSource", "filePolicy", "engine",
        "eventsTotal"), List.copyOf(names(Natives.NAMES_RESULT).values()));
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
        .collect(Collectors.toMap(KernelFeature::number, KernelFeature::label));
    assertEquals(expected, names(Natives.NAMES_KERNEL_FEATURE));
  }
}
