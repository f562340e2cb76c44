// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Cause;
import io.cordon.Command;
import io.cordon.CopiedFile;
import io.cordon.CopyIn;
import io.cordon.CopyOut;
import io.cordon.Input;
import io.cordon.Layer;
import io.cordon.Limits;
import io.cordon.Measure;
import io.cordon.Mount;
import io.cordon.Network;
import io.cordon.Origin;
import io.cordon.Output;
import io.cordon.PtraceRunner;
import io.cordon.Resource;
import io.cordon.Result;
import io.cordon.Rlimit;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.Source;
import io.cordon.Status;
import io.cordon.Step;
import io.cordon.UnshareRunner;
import io.cordon.internal.jni.Syscalls;
import io.cordon.internal.wire.ReplyReader;
import io.cordon.internal.wire.RequestWriter;
import io.cordon.internal.wire.WireError;
import io.cordon.internal.wire.WireException;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.supervisor.Decision;
import io.cordon.supervisor.Engine;
import io.cordon.supervisor.FilePolicy;
import io.cordon.supervisor.FilePolicyState;
import io.cordon.supervisor.PortPolicy;
import io.cordon.supervisor.SecurityEvent;
import io.cordon.supervisor.Supervisor;
import io.cordon.supervisor.SyscallQuestion;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RunCodecTest {
  private static final UnshareRunner RUNNER = UnshareRunner.builder()
      .mounts(List.of(Mount.bind(Path.of("/usr"), "/usr").optional(),
          Mount.tmpfs("/w").sizeBytes(5).inodes(6).mode(0700)))
      .network(Network.LOOPBACK).hostname("h").user(7, 8).hostUser(9, 10).require(Layer.CGROUP_MEMORY)
      .prefer(Layer.LANDLOCK, Layer.SECCOMP).build();

  private static final Command COMMAND = Command.builder("p", "a").env(Map.of("K", "V")).workDir("/d").cpuset("0-1,3")
      .stdin(Input.bytes(new byte[] {1})).stdout(Output.file(Path.of("/o"))).stderr(Output.toStdout())
      .descriptor(20, 5).execFd(11).rlimit(new Rlimit(Resource.NOFILE, 3, Limits.UNLIMITED))
      .copyIn(CopyIn.text("in", "x").mode(0755).replacing()).copyOut(CopyOut.keep("out").optional().truncated())
      .copyOut(CopyOut.matching("m*", Path.of("/m")).most(7).replacing())
      .sync(pid -> true)
      .limits(Limits.builder().wallTime(Limits.FOREVER).outputTotalBytes(7).cpuRate(1.2345).cpuWeight(300).build())
      .supervisor(Supervisor.builder().engine(Engine.PTRACE).record(true).audit(true).askTimeout(Duration.ofMillis(5))
          .handler(question -> Decision.allow())
          .files(FilePolicy.builder().read("/usr").execute("/usr/").deny("/usr/x")
              .rule("/", FilePolicy.Scope.ONLY, FilePolicy.Access.STAT).outside(Decision.kill()).build())
          .deny("socket", 97).limit("clone", 3).count("read").ask("connect")
          .ports(PortPolicy.builder().bind(0).connect(443, 80).udp(true).build()).build())
      .build();

  private static CompiledPolicy policy(SandboxSpec spec) throws SandboxException {
    return CompiledPolicy.of(spec.seccomp());
  }

  @Test
  void theRequestHasEveryFieldInItsPlace() throws SandboxException {
    try (var out = new RequestWriter()) {
      RunCodec.write(out, RUNNER.spec(), policy(RUNNER.spec()), COMMAND, Streams.of(COMMAND));
      var in = new ReplyReader(out.buffer(), out.length());
      assertEquals(RequestWriter.VERSION, in.i32());
      readSandbox(in);
      assertEquals(List.of("p", "a"), strings(in));
      assertEquals(List.of("K=V"), strings(in));
      readProgram(in);
      in.end();
    }
  }

  @Test
  void aContainerIsSentItsConfigurationAndItsCommandsApart() throws SandboxException {
    var spec = SandboxSpec.builder().mounts(List.of()).controlGroups(false).seccomp(SeccompPolicy.NONE)
        .initCommand("/sbin/ip", "up").build();
    try (var out = new RequestWriter(); var command = new RequestWriter()) {
      RunCodec.write(out, spec, policy(spec), true);
      var in = new ReplyReader(out.buffer(), out.length());
      assertEquals(RequestWriter.VERSION, in.i32());
      assertEquals(0, in.i32());
      assertEquals(0, in.i32());
      assertNull(in.str());
      assertNull(in.str());
      for (int id : new int[] {1000, 1000, 0, 0, 1}) {
        assertEquals(id, in.i32());
      }
      assertNull(in.bytes());
      assertEquals(0, in.i64());
      in.i64();
      assertEquals(List.of("/sbin/ip", "up"), strings(in));
      assertEquals(1, in.i32());
      assertEquals(0, in.i32());
      assertEquals(1, in.i32());
      assertNull(in.str());
      assertNull(in.str());
      in.end();
      RunCodec.write(command, COMMAND, Streams.of(COMMAND));
      in = new ReplyReader(command.buffer(), command.length());
      assertEquals(RequestWriter.VERSION, in.i32());
      assertEquals(List.of("p", "a"), strings(in));
      assertEquals(List.of("K=V"), strings(in));
      readProgram(in);
      in.end();
    }
  }

  private static void readProgram(ReplyReader in) {
    assertEquals(11, in.i32());
    assertEquals(1, in.i32());
    assertEquals(0, in.i32());
    assertEquals("/d", in.str());
    assertEquals("0-1,3", in.str());
    readStreams(in);
    readLists(in);
    readLimits(in);
    readSupervisor(in);
  }

  private static void readSupervisor(ReplyReader in) {
    readNumbers(in, 1, 2, 31, 2, 0);
    assertEquals(5_000_000, in.i64());
    assertEquals(3, in.i32());
    readRule(in, "/usr", 0, 9);
    readRule(in, "/usr/x", 0, 0);
    readRule(in, "/", 2, 4);
    assertEquals(4, in.i32());
    readSyscall(in, "socket", 1, 97, 0);
    readSyscall(in, "clone", 2, 0, 3);
    readSyscall(in, "read", 0, 0, -1);
    readSyscall(in, "connect", 3, 0, 0);
    readNumbers(in, 3, 0, 1, 80, 2, 443, 2);
  }

  private static void readNumbers(ReplyReader in, int... numbers) {
    for (int number : numbers) {
      assertEquals(number, in.i32());
    }
  }

  private static void readRule(ReplyReader in, String path, int scope, int access) {
    assertEquals(path, in.str());
    assertEquals(scope, in.i32());
    assertEquals(access, in.i32());
  }

  private static void readSyscall(ReplyReader in, String name, int decision, int error, long limit) {
    assertEquals(name, in.str());
    assertEquals(decision, in.i32());
    assertEquals(error, in.i32());
    assertEquals(limit, in.i64());
  }

  @Test
  void withoutNamespacesTheCallersWorldIsSent() throws SandboxException {
    var runner = PtraceRunner.builder().apparmorProfile("judged").selinuxLabel("a:b:c").build();
    try (var out = new RequestWriter(); var command = new RequestWriter()) {
      RunCodec.write(out, runner.spec(), policy(runner.spec()), false);
      var in = new ReplyReader(out.buffer(), out.length());
      in.i32();
      assertEquals(0, in.i32());
      assertEquals(0, in.i32()); // Network.NONE.
      assertNull(in.str());
      assertNull(in.str());
      for (int id : new int[] {1000, 1000, 0, 0, 0}) {
        assertEquals(id, in.i32());
      }
      assertNull(in.bytes());
      assertEquals(0, in.i64());
      assertEquals(1 << 9 | 1 << 11, in.i64());
      for (int number : new int[] {0, 0, 1, 0}) {
        assertEquals(number, in.i32());
      }
      assertEquals("judged", in.str());
      assertEquals("a:b:c", in.str());
      in.end();
      RunCodec.write(command, Command.of("p"), Streams.of(Command.of("p")));
      assertEquals(0, command.buffer().getInt(command.length() - 4)); // No supervisor.
    }
  }

  private static List<String> strings(ReplyReader in) {
    var strings = new String[in.count(5)];
    for (int i = 0; i < strings.length; i++) {
      strings[i] = in.str();
    }
    return List.of(strings);
  }

  private static void readSandbox(ReplyReader in) {
    assertEquals(2, in.i32());
    readMount(in, 1, 4, "/usr", "/usr", 0, 0, 0);
    readMount(in, 2, 0, null, "/w", 5, 6, 0700);
    assertEquals(1, in.i32());
    assertEquals("h", in.str());
    assertNull(in.str());
    for (int id : new int[] {7, 8, 9, 10}) {
      assertEquals(id, in.i32());
    }
    assertEquals(0, in.i32());
    assertNull(in.bytes());
    assertEquals(0, in.i64());
    // The C header's CORDON_LAYERS_DEFAULT, net-ns (3), seccomp (11) and what was required (14).
    assertEquals(0b111_1111 | 1 << 7 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 14, in.i64());
    assertEquals(0, in.i32());
    assertEquals(0, in.i32());
    assertEquals(0, in.i32());
    assertEquals(0, in.i32());
    assertNull(in.str());
    assertNull(in.str());
  }

  private static void readMount(
      ReplyReader in, int type, int flags, String source, String target, long size, long inodes, int mode) {
    assertEquals(type, in.i32());
    assertEquals(flags, in.i32());
    assertEquals(source, in.str());
    assertEquals(target, in.str());
    assertEquals(size, in.i64());
    assertEquals(inodes, in.i64());
    assertEquals(mode, in.i32());
  }

  private static void readStreams(ReplyReader in) {
    readStream(in, 3, null, new byte[] {1});
    readStream(in, 2, "/o", null);
    readStream(in, 6, null, null);
  }

  private static void readStream(ReplyReader in, int kind, String path, byte[] data) {
    assertEquals(kind, in.i32());
    assertEquals(-1, in.i32());
    assertEquals(path, in.str());
    assertArrayEquals(data, in.bytes());
    assertEquals(0, in.i64());
  }

  private static void readLists(ReplyReader in) {
    assertEquals(1, in.i32());
    assertEquals(20, in.i32());
    assertEquals(5, in.i32());
    assertEquals(1, in.i32());
    assertEquals(7, in.i32());
    assertEquals(3, in.i64());
    assertEquals(-1, in.i64());
    assertEquals(1, in.i32());
    assertEquals("in", in.str());
    assertNull(in.str());
    assertArrayEquals(new byte[] {'x'}, in.bytes());
    assertEquals(0755, in.i32());
    assertEquals(2, in.i32());
    assertEquals(2, in.i32());
    assertEquals("out", in.str());
    assertNull(in.str());
    assertEquals(CopyOut.DEFAULT_KEEP_BYTES, in.i64());
    assertEquals(1 | 4, in.i32());
    assertEquals(0, in.i32());
    assertEquals("m*", in.str());
    assertEquals("/m", in.str());
    assertEquals(CopyOut.DEFAULT_FILE_BYTES, in.i64());
    assertEquals(2 | 8, in.i32());
    assertEquals(7, in.i32());
  }

  private static void readLimits(ReplyReader in) {
    long[] limits = {10_000_000_000L, -1, -1, 256 << 20, 256 << 20, 64, 64 << 20, 256, 0, 7, 1235, 300, 0};
    assertEquals(limits.length, in.i32());
    for (long limit : limits) {
      assertEquals(limit, in.i64());
    }
  }

  private static ByteBuffer error(int err, int step, int origin, int index, String detail) {
    var bytes = ByteBuffer.allocate(WireError.BYTES).order(ByteOrder.nativeOrder());
    var text = detail.getBytes(StandardCharsets.UTF_8);
    bytes.putInt(err).putShort((short) step).put((byte) origin).put((byte) 0);
    bytes.putInt(index).putInt(text.length).put(text);
    return bytes.rewind();
  }

  private static final long SINCE = Duration.ofSeconds(5).toNanos();

  private static ByteBuffer event(int kind, int syscall, int error, int pathLength) {
    var out = ByteBuffer.allocate(EventCodec.BYTES).order(ByteOrder.nativeOrder());
    out.putInt(kind).putInt(syscall).putInt(error).putInt(7).putLong(System.nanoTime() - SINCE).putLong(-9);
    for (long i = 0; i < 6; i++) {
      out.putLong(-i);
    }
    out.putInt(Syscalls.AUDIT_ARCH_X86_64).putInt(pathLength).put("/etc/\u001b".getBytes(StandardCharsets.UTF_8));
    return out.rewind();
  }

  private static ByteBuffer reply(ByteBuffer copiedError, int status, long wallTime) {
    return reply(copiedError, status, wallTime, -1, List.of(), new long[0]);
  }

  /** Where the numbers of a reply start, behind its error and their count. */
  private static final int NUMBERS = WireError.BYTES + Integer.BYTES;

  /** What became of the pattern: a file whose name is no UTF-8, and one that may not have been fetched. */
  private static void putMatched(ByteBuffer out, boolean fetched) {
    out.put(error(0, 0, 0, -1, "")).putLong(-1).putLong(5).putInt(1).putInt(2);
    out.putInt(2).put(new byte[] {'m', (byte) 0xff, 0}).put(error(0, 0, 0, -1, ""));
    out.putLong(1).put(new byte[] {'x'}).putLong(3).putInt(1);
    out.putInt(2).put(new byte[] {'m', '2', 0}).put(error(40, fetched ? 0 : Codes.STEP.of(Step.COPY_OUT), 1, 1, ""));
    out.putLong(-1).putLong(0).putInt(0);
  }

  private static ByteBuffer reply(ByteBuffer copiedError, int status, long wallTime, int violation,
      List<ByteBuffer> events, long[] counts) {
    var out = ByteBuffer.allocateDirect(2048).order(ByteOrder.nativeOrder());
    out.put(error(0, 0, 0, -1, ""));
    long throttled = status == 4 ? 2 : 0;
    long[] numbers = {status, 1, -1, 9, 1, 2, 3, wallTime, 5, 6, 1, 3, 2, -1, 1 << 11 | 1 << 8, 21, 22, 23, 24, 25, 26,
      3, status, status == 4 ? 1 : 0, 28, throttled, 2, 1, 100, 29, throttled};
    out.putInt(numbers.length);
    for (long number : numbers) {
      out.putLong(number);
    }
    out.putLong(10).putInt(1).putLong(2).put(new byte[] {'h', 'i'});
    out.putLong(0).putInt(0).putLong(-1);
    out.putInt(2).put(copiedError).putLong(-1).putLong(0).putInt(0).putInt(0);
    putMatched(out, status != 9);
    out.putInt(violation).putInt(events.size());
    events.forEach(out::put);
    out.putInt(counts.length / 2);
    for (long count : counts) {
      out.putLong(count);
    }
    return out.flip();
  }

  private static Result read(ByteBuffer reply) throws SandboxException {
    return RunCodec.read(reply, reply.limit(), RUNNER.spec(), COMMAND, null);
  }

  @Test
  void theReplyBecomesAResult() throws SandboxException {
    var result = read(reply(error(0, 0, 0, -1, ""), 4, 4));
    assertEquals(Status.TIME_LIMIT_EXCEEDED, result.status());
    assertEquals("TLE", result.status().code());
    assertEquals(Cause.CPU, result.cause());
    assertEquals(OptionalInt.empty(), result.exitCode());
    assertEquals(OptionalInt.of(9), result.signal());
    assertEquals("SIGKILL", result.signalName().orElseThrow());
    assertEquals(Duration.ofNanos(4), result.wallTime());
    assertEquals(6, result.memoryPeakBytes().orElseThrow());
    assertEquals(Source.CGROUP_V1, result.memorySource());
    assertEquals(Source.RUSAGE, result.cpuSource());
    assertEquals(2, result.oomKills());
    assertEquals(Set.of(Layer.PROC, Layer.SECCOMP), result.layers());
    assertEquals(Set.of(Layer.LANDLOCK), result.missing());
    var usage = Result.builder(Status.OK).set(Measure.VOLUNTARY_SWITCHES, 21).set(Measure.INVOLUNTARY_SWITCHES, 22)
        .set(Measure.MINOR_FAULTS, 23).set(Measure.MAJOR_FAULTS, 24).set(Measure.READ_BYTES, 25)
        .set(Measure.WRITTEN_BYTES, 26).set(Measure.IO_SOURCE, Source.RUSAGE.ordinal()).set(Measure.PROCESS_PEAK, 4)
        .set(Measure.PROCESS_SOURCE, Source.CGROUP_V1.ordinal()).set(Measure.THROTTLED_TIME, 28)
        .set(Measure.THROTTLED_SOURCE, Source.CGROUP_V2.ordinal()).set(Measure.PROCESS_REFUSALS, 29)
        .set(Measure.REFUSAL_SOURCE, Source.CGROUP_V2.ordinal()).build().usage();
    assertEquals(usage, result.usage());
    assertEquals(Source.RUSAGE, result.usage().ioSource());
    assertEquals(Source.CGROUP_V1, result.source(Measure.PROCESS_PEAK));
    assertEquals(Optional.of(Duration.ofNanos(28)), result.usage().throttledTime());
    assertEquals(OptionalLong.of(29), result.usage().processRefusals());
    assertEquals(Source.CGROUP_V2, result.usage().refusalSource());
    assertEquals("hi", result.stdout().text());
    assertTrue(result.stdout().truncated());
    assertEquals(10, result.stdout().totalBytes());
    assertEquals(0, result.stderr().bytes().length);
    assertTrue(result.error().isEmpty());
    assertFalse(result.isOk());
  }

  @Test
  void whatPoliciesNoticedIsInTheResult() throws SandboxException {
    var events = List.of(event(0, 41, 97, 0), event(1, 257, -1, 6), event(2, -1, 0, 0));
    var result = read(reply(error(0, 0, 0, -1, ""), 8, 4, 1, events, new long[0]));
    assertEquals(FilePolicyState.ENFORCED, result.filePolicy());
    assertEquals(Engine.NOTIFY, result.engine().orElseThrow());
    assertEquals(100, result.eventsTotal());
    assertEquals(3, result.events().size());
    assertEquals(Decision.errno("EAFNOSUPPORT"), result.events().get(0).outcome());
    assertEquals(Decision.allow(), result.events().get(2).outcome());
    assertEquals(OptionalInt.empty(), result.events().get(2).syscall());
    assertEquals("privilege: ALLOW", result.events().get(2).describe());
    var violation = result.violation().orElseThrow();
    assertSame(result.events().get(1), violation);
    assertEquals(SecurityEvent.Kind.PATH, violation.kind());
    assertEquals(Decision.kill(), violation.outcome());
    assertEquals("/etc/\u001b", violation.path().orElseThrow());
    assertEquals(7, violation.pid());
    assertEquals(-9, violation.instructionPointer());
    assertEquals(List.of(0L, -1L, -2L, -3L, -4L, -5L), violation.args());
    var ago = Duration.between(violation.time(), Instant.now());
    assertTrue(ago.compareTo(Duration.ofSeconds(4)) > 0 && ago.compareTo(Duration.ofSeconds(60)) < 0, ago.toString());
    assertTrue(result.syscallCounts().isEmpty());
    var later = result.toBuilder().status(Status.OK).cause(Cause.NONE).build();
    assertEquals(result.violation(), later.violation());
  }

  @Test
  void whatNobodyCountedIsAbsent() throws SandboxException {
    var usage = read(reply(error(0, 0, 0, -1, ""), 1, 4)).usage();
    assertEquals(OptionalLong.empty(), usage.processPeak());
    assertEquals(Optional.empty(), usage.throttledTime());
    assertEquals(OptionalLong.empty(), usage.processRefusals());
    assertEquals(21, usage.voluntarySwitches());
  }

  @Test
  void countsHaveNames() throws SandboxException {
    var result = read(reply(error(0, 0, 0, -1, ""), 1, 4, -1, List.of(), new long[] {3, 0, 0, 8}));
    var names = List.of(Syscalls.nameOrNumber(0), Syscalls.nameOrNumber(1));
    assertEquals(Map.of(names.get(0), 3L), result.syscallCounts());
    assertEquals(Map.of(names.get(1), 8L), result.setupCounts());
    assertTrue(result.violation().isEmpty());
  }

  @Test
  void damagedEventsAreAProtocolError() {
    var ok = error(0, 0, 0, -1, "");
    for (var event : List.of(event(99, 1, 1, 0), event(0, 1, 4096, 0), event(0, 1, -2, 0), event(0, 1, 1, 185))) {
      assertEquals(Step.PROTOCOL, assertThrows(SandboxException.class,
          () -> read(reply(ok.rewind(), 1, 1, 0, List.of(event), new long[0]))).step());
    }
    assertEquals(Step.PROTOCOL, assertThrows(SandboxException.class,
        () -> read(reply(ok.rewind(), 1, 1, 1, List.of(event(0, 1, 1, 0)), new long[0]))).step());
  }

  @Test
  void aQuestionIsReadInItsOrder() {
    var out = ByteBuffer.allocateDirect(256).order(ByteOrder.nativeOrder());
    out.putInt(257).putInt(3);
    for (long i = 1; i <= 6; i++) {
      out.putLong(i);
    }
    out.putLong(9).putInt(6).putInt(2);
    out.putInt(2).put(new byte[] {'/', 'a', 0}).putInt(1).put(new byte[] {(byte) 0xff, 0});
    int length = out.position();
    var question = EventCodec.question(new ReplyReader(out, length));
    assertEquals(new SyscallQuestion(257, 3, List.of(1L, 2L, 3L, 4L, 5L, 6L), 9,
        Set.of(FilePolicy.Access.WRITE, FilePolicy.Access.STAT), List.of("/a", "\ufffd")), question);
    for (int cut = 0; cut < length; cut++) {
      var reader = new ReplyReader(out, cut);
      assertThrows(WireException.class, () -> EventCodec.question(reader), "cut at " + cut);
    }
    out.putInt(68, 3);
    assertThrows(WireException.class, () -> EventCodec.question(new ReplyReader(out, length)));
  }

  @Test
  void aFileThatWasNotFetchedHasItsError() throws SandboxException {
    var result = read(reply(error(2, Codes.STEP.of(Step.COPY_OUT), 1, 0, "out"), 9, 4));
    var error = result.copiedOut().get("out").error().orElseThrow();
    assertEquals(Step.COPY_OUT, error.step());
    assertSame(error, result.error().orElseThrow());
  }

  @Test
  void filesThatMatchedHaveResultsOfTheirOwn() throws SandboxException {
    var matched = read(reply(error(0, 0, 0, -1, ""), 9, 4)).copiedOut().get("m*");
    assertEquals(List.of("m\ufffd", "m2"), List.copyOf(matched.files().keySet()));
    var cut = matched.files().get("m\ufffd");
    assertArrayEquals(new byte[] {'x'}, cut.bytes().orElseThrow());
    assertTrue(cut.isTruncated() && matched.isTruncated());
    assertEquals(3, cut.size());
    assertEquals(Optional.of(CopiedFile.Reason.LINK), matched.files().get("m2").reason());
    assertEquals(Optional.of(CopiedFile.Reason.LINK), matched.reason());
    assertThrows(UnsupportedOperationException.class, () -> matched.files().clear());
  }

  @Test
  void anErrorBecomesAnExceptionWithoutLoss() {
    var thrown = assertThrows(SandboxException.class, () -> read(direct(error(2, 21, 1, 0, "/no\n\u001b[1m"))));
    assertEquals(Step.MOUNT_SOURCE, thrown.step());
    assertEquals(2, thrown.errno());
    assertEquals("ENOENT", thrown.errnoName());
    assertEquals(0, thrown.index());
    assertEquals("/no\n\u001b[1m", thrown.detail());
    assertEquals(Origin.INIT, thrown.origin());
    assertEquals("MOUNT_SOURCE[0] failed in cordon-init: ENOENT (No such file or directory): /no\\x0a\\x1b[1m",
        thrown.getMessage());
  }

  @Test
  void aWideNumberThatMustFitAnIntIsRefusedWhereItDoesNot() throws SandboxException {
    int exitCode = NUMBERS + 2 * Long.BYTES;
    var reply = reply(error(0, 0, 0, -1, ""), 1, 4);
    assertEquals(Integer.MAX_VALUE, read(reply.putLong(exitCode, Integer.MAX_VALUE)).exitCode().orElseThrow());
    for (long number : new long[] {Integer.MIN_VALUE, -1}) {
      assertEquals(OptionalInt.empty(), read(reply.putLong(exitCode, number)).exitCode());
    }
    for (long number : new long[] {Integer.MIN_VALUE - 1L, Integer.MAX_VALUE + 1L, Long.MIN_VALUE}) {
      var thrown = assertThrows(SandboxException.class, () -> read(reply.putLong(exitCode, number)));
      assertEquals(Step.PROTOCOL, thrown.step());
      assertEquals("exitCode: " + number + " is too large", thrown.detail());
    }
  }

  @Test
  void anUnknownStepKeepsTheRest() {
    var thrown = assertThrows(SandboxException.class, () -> read(direct(error(1, 999, 2, -1, ""))));
    assertEquals(Step.UNKNOWN, thrown.step());
    assertEquals("UNKNOWN failed before exec: EPERM (Operation not permitted)", thrown.getMessage());
  }

  @Test
  void aDamagedReplyIsAProtocolError() {
    var ok = error(0, 0, 0, -1, "");
    assertEquals(Step.PROTOCOL, assertThrows(SandboxException.class, () -> read(reply(ok, 99, 4))).step());
    assertEquals(Step.PROTOCOL, assertThrows(SandboxException.class, () -> read(reply(ok.rewind(), 4, -4))).step());
    for (int length = 0; length < 300; length++) {
      var reply = reply(ok.rewind(), 1, 1);
      int cut = Math.min(length, reply.limit() - 1);
      assertThrows(SandboxException.class, () -> RunCodec.read(reply, cut, RUNNER.spec(), COMMAND, null),
          "cut at " + cut);
    }
  }

  private static ByteBuffer direct(ByteBuffer bytes) {
    return ByteBuffer.allocateDirect(bytes.capacity()).order(ByteOrder.nativeOrder()).put(bytes).flip();
  }
}
