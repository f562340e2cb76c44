package io.cordon;

import io.cordon.internal.wire.ReplyReader;
import io.cordon.internal.wire.RequestWriter;
import io.cordon.internal.wire.WireError;
import io.cordon.internal.wire.WireException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes a sandbox's configuration and a command as requests, and reads the reply. The order of the fields is that of
 * {@code csrc/jni/format.h}.
 */
final class RunCodec {
  /** The least that one entry of the reply's list of fetched files takes: an error, and absent bytes. */
  private static final int COPIED_BYTES = WireError.BYTES + Long.BYTES;

  /** The rows of the C library's limits.def. */
  private static final int LIMITS = 13;

  /** The rows of its result.def. */
  private static final int NUMBERS = 29;

  private RunCodec() {}

  static void write(RequestWriter out, SandboxConfig config, Command command) {
    out.u32(RequestWriter.VERSION);
    writeConfig(out, config);
    writeCommand(out, command);
  }

  /** The request of {@code containerOpen}. */
  static void write(RequestWriter out, SandboxConfig config) {
    out.u32(RequestWriter.VERSION);
    writeConfig(out, config);
  }

  /** The request of {@code containerRunOpen}. */
  static void write(RequestWriter out, Command command) {
    out.u32(RequestWriter.VERSION);
    writeCommand(out, command);
  }

  private static void writeConfig(RequestWriter out, SandboxConfig config) {
    out.count(config.mounts().size());
    for (var mount : config.mounts()) {
      out.u32(mount.type.number).u32(mount.flags).str(mount.source).str(mount.target);
      out.u64(mount.sizeBytes).u64(mount.inodes).u32(mount.mode);
    }
    out.u32(config.network().number()).str(config.hostname()).str(config.domainname());
    out.u32(config.uid()).u32(config.gid()).u32(config.hostUid()).u32(config.hostGid());
    out.u32(config.seccomp().kind).bytes(config.seccomp().program).u64(config.seccomp().handle());
    out.u64(Layer.bits(config.required()));
    out.count(config.initCommand().size());
    config.initCommand().forEach(out::str);
    out.u32(config.controlGroups() ? 0 : 1).u32(config.namespaces() ? 0 : 1);
    out.str(config.apparmorProfile()).str(config.selinuxLabel());
  }

  private static void writeCommand(RequestWriter out, Command command) {
    writeProgram(out, command);
    writeInput(out, command.stdin());
    writeOutput(out, command.stdout());
    writeOutput(out, command.stderr());
    out.count(command.descriptors().size());
    command.descriptors().forEach((target, fd) -> out.u32(fd).u32(target));
    out.count(command.rlimits().size());
    for (var rlimit : command.rlimits()) {
      out.u32(rlimit.resource().number()).u64(Checks.wire(rlimit.soft())).u64(Checks.wire(rlimit.hard()));
    }
    out.count(command.copyIn().size());
    for (var item : command.copyIn()) {
      out.str(item.name).str(text(item.path)).bytes(item.data).u32(item.mode);
    }
    out.count(command.copyOut().size());
    for (var item : command.copyOut()) {
      out.str(item.name).str(text(item.path)).u64(Checks.wire(item.limitBytes)).u32(item.flags);
    }
    writeLimits(out, command.limits());
    writeSupervisor(out, command.supervisor());
  }

  private static void writeProgram(RequestWriter out, Command command) {
    out.count(command.args().size());
    command.args().forEach(out::str);
    out.count(command.env().size());
    command.env().forEach((name, value) -> out.str(name + "=" + value));
    out.u32(command.execFd()).u32(command.syncAction() == null ? 0 : 1).u32(command.terminal() ? 1 : 0);
    out.str(command.workDir()).str(command.cpuset().orElse(null));
  }

  private static void writeInput(RequestWriter out, Input input) {
    out.u32(input.kind).u32(input.fd).str(text(input.path)).bytes(input.data).u64(0);
  }

  private static void writeOutput(RequestWriter out, Output output) {
    out.u32(output.kind).u32(output.fd).str(text(output.path)).bytes(null).u64(output.limitBytes);
  }

  private static void writeLimits(RequestWriter out, Limits limits) {
    out.count(LIMITS);
    out.u64(Checks.wire(limits.cpuTime())).u64(Checks.wire(limits.wallTime())).u64(Checks.wire(limits.idleTime()));
    out.u64(Checks.wire(limits.memoryBytes())).u64(Checks.wire(limits.stackBytes()));
    out.u64(Checks.wire(limits.processes())).u64(Checks.wire(limits.outputBytes()));
    out.u64(Checks.wire(limits.openFiles())).u64(Checks.wire(limits.coreBytes()));
    out.u64(Checks.wire(limits.outputTotalBytes())).u64(Checks.wireRate(limits.cpuRate()));
    out.u64(limits.cpuWeight()).u64(0); // No nice value.
  }

  private static void writeSupervisor(RequestWriter out, @Nullable Supervisor supervisor) {
    if (supervisor == null) {
      out.u32(0);
      return;
    }
    var files = supervisor.files() == null ? FilePolicy.builder().build() : supervisor.files();
    out.u32(1).u32(supervisor.engine().number()).u32(supervisor.flags());
    out.u32(files.outside().kind().number).u32(files.outside().error()).u64(supervisor.askTimeout().toNanos());
    out.count(files.rules().size());
    for (var rule : files.rules()) {
      out.str(rule.path()).u32(rule.scope().number).u32(FilePolicy.Access.bits(rule.access()));
    }
    out.count(supervisor.syscalls().size());
    for (var rule : supervisor.syscalls()) {
      out.str(rule.syscall()).u32(rule.decision().kind().number).u32(rule.decision().error()).u64(rule.limit());
    }
    var ports = supervisor.ports() == null ? List.<PortPolicy.Rule>of() : supervisor.ports().rules();
    out.count(ports.size());
    for (var rule : ports) {
      out.u32(rule.port()).u32(rule.access());
    }
  }

  private static @Nullable String text(@Nullable Path path) {
    return path == null ? null : path.toString();
  }

  /** Reads the error that a native method left at the buffer's beginning. */
  static SandboxException readError(ByteBuffer buffer) {
    try {
      return SandboxException.of(new ReplyReader(buffer, WireError.BYTES).error(), null);
    } catch (WireException e) {
      return SandboxException.of(e);
    }
  }

  /**
   * Reads a reply.
   *
   * @param syncFailure what the sync action threw, which becomes the cause of an error
   */
  static Result read(
      ByteBuffer buffer, long length, SandboxConfig config, Command command, @Nullable Throwable syncFailure)
      throws SandboxException {
    try {
      var in = new ReplyReader(buffer, length);
      var error = in.error();
      if (error.step() != 0) {
        throw SandboxException.of(error, syncFailure);
      }
      var result = readResult(in, config, command);
      in.end();
      return result;
    } catch (WireException e) {
      throw SandboxException.of(e);
    }
  }

  private static Result readResult(ReplyReader in, SandboxConfig config, Command command) {
    int numbers = in.count(Long.BYTES);
    if (numbers != NUMBERS) {
      throw new WireException("numbers: " + numbers + ", not " + NUMBERS);
    }
    var status = Status.of(in.narrow());
    var cause = Cause.of(in.narrow());
    int exitCode = in.narrow();
    int signal = in.narrow();
    var cpuTime = Duration.ofNanos(in.u64());
    var userTime = Duration.ofNanos(in.u64());
    var systemTime = Duration.ofNanos(in.u64());
    var wallTime = Duration.ofNanos(in.u64());
    var setupTime = Duration.ofNanos(in.u64());
    long memoryPeak = in.u64();
    var memorySource = Source.of(in.narrow());
    var cpuSource = Source.of(in.narrow());
    int oomKills = in.narrow();
    int syscall = in.narrow();
    var layers = Layer.setOf(in.i64());
    var usage = readUsage(in);
    var filePolicy = FilePolicyState.of(in.narrow());
    var engine = Engine.of(in.narrow());
    long eventsTotal = in.u64();
    var stdout = readOutput(in);
    var stderr = readOutput(in);
    var copied = readCopied(in, command);
    int violation = in.i32();
    var events = readEvents(in);
    var counts = readCounts(in);
    return new Result(status, cause, notNegative(exitCode), signal > 0 ? OptionalInt.of(signal) : OptionalInt.empty(),
        cpuTime, userTime, systemTime, wallTime, setupTime,
        memorySource == Source.NONE ? OptionalLong.empty() : OptionalLong.of(memoryPeak), memorySource, cpuSource,
        oomKills, notNegative(syscall), layers, missing(config, layers), stdout, stderr, copied,
        filePolicy, engine == Engine.AUTO ? Optional.empty() : Optional.of(engine), events, eventsTotal,
        violation(events, violation), counts.get(0), counts.get(1), usage);
  }

  private static ResourceUsage readUsage(ReplyReader in) {
    long voluntarySwitches = in.u64();
    long involuntarySwitches = in.u64();
    long minorFaults = in.u64();
    long majorFaults = in.u64();
    long readBytes = in.u64();
    long writtenBytes = in.u64();
    var ioSource = Source.of(in.narrow());
    int processPeak = in.narrow();
    var processSource = Source.of(in.narrow());
    var throttledTime = Duration.ofNanos(in.u64());
    var throttledSource = Source.of(in.narrow());
    return new ResourceUsage(voluntarySwitches, involuntarySwitches, minorFaults, majorFaults, readBytes, writtenBytes,
        ioSource, processSource == Source.NONE ? OptionalLong.empty() : OptionalLong.of(processPeak), processSource,
        throttledSource == Source.NONE ? Optional.empty() : Optional.of(throttledTime), throttledSource);
  }

  private static List<SecurityEvent> readEvents(ReplyReader in) {
    int count = in.count(SecurityEvent.BYTES);
    var events = new ArrayList<SecurityEvent>(count);
    for (int i = 0; i < count; i++) {
      events.add(SecurityEvent.read(in));
    }
    return List.copyOf(events);
  }

  private static Optional<SecurityEvent> violation(List<SecurityEvent> events, int index) {
    if (index >= events.size()) {
      throw new WireException("violation: event " + index + " of " + events.size());
    }
    return index < 0 ? Optional.empty() : Optional.of(events.get(index));
  }

  /** Those of the program, and those of its set-up. */
  private static List<SortedMap<String, Long>> readCounts(ReplyReader in) {
    int numbers = in.count(2 * Long.BYTES);
    var both = List.of(new TreeMap<String, Long>(), new TreeMap<String, Long>());
    for (var counts : both) {
      for (int i = 0; i < numbers; i++) {
        long count = in.u64();
        if (count > 0) {
          counts.put(Syscalls.nameOrNumber(i), count);
        }
      }
    }
    return List.of(Collections.unmodifiableSortedMap(both.get(0)), Collections.unmodifiableSortedMap(both.get(1)));
  }

  private static OptionalInt notNegative(int value) {
    return value >= 0 ? OptionalInt.of(value) : OptionalInt.empty();
  }

  private static Set<Layer> missing(SandboxConfig config, Set<Layer> active) {
    var missing = EnumSet.noneOf(Layer.class);
    missing.addAll(config.preferred());
    missing.removeAll(active);
    return Collections.unmodifiableSet(missing);
  }

  private static Captured readOutput(ReplyReader in) {
    long total = in.u64();
    boolean truncated = in.u32() != 0;
    var data = in.bytes();
    return new Captured(data == null ? new byte[0] : data, truncated, total);
  }

  private static Map<String, CopiedFile> readCopied(ReplyReader in, Command command) {
    int count = in.count(COPIED_BYTES);
    if (count != command.copyOut().size()) {
      throw new WireException("copied: " + count + " items for " + command.copyOut().size());
    }
    var copied = new LinkedHashMap<String, CopiedFile>();
    for (var item : command.copyOut()) {
      var error = in.error();
      var data = in.bytes();
      copied.put(item.name, new CopiedFile(data, error.step() == 0 ? null : SandboxException.of(error, null)));
    }
    return Collections.unmodifiableMap(copied);
  }
}
