// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.Boundary;
import io.cordon.Captured;
import io.cordon.Command;
import io.cordon.CopiedFile;
import io.cordon.CopyIn;
import io.cordon.CopyOut;
import io.cordon.Input;
import io.cordon.Layer;
import io.cordon.Limit;
import io.cordon.Limits;
import io.cordon.Mount;
import io.cordon.Output;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.internal.jni.Syscalls;
import io.cordon.internal.wire.ReplyReader;
import io.cordon.internal.wire.RequestWriter;
import io.cordon.internal.wire.WireError;
import io.cordon.internal.wire.WireException;
import io.cordon.supervisor.Decision;
import io.cordon.supervisor.Engine;
import io.cordon.supervisor.FilePolicy;
import io.cordon.supervisor.PortPolicy;
import io.cordon.supervisor.SecurityEvent;
import io.cordon.supervisor.Supervisor;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes a sandbox's configuration and a command as requests, and reads the reply. The order of the fields is that of
 * {@code csrc/jni/format.h}.
 */
public final class RunCodec {
  /** The least that an entry of the reply's list of fetched files takes: an error, no bytes, size, cut, no files. */
  private static final int COPIED_BYTES = WireError.BYTES + 2 * Long.BYTES + 2 * Integer.BYTES;

  /** The same for a file of a pattern: an empty name, an error, absent bytes, size, cut. */
  private static final int COPIED_FILE_BYTES = Integer.BYTES + 1 + WireError.BYTES + 2 * Long.BYTES + Integer.BYTES;

  /** {@code enum cordon_stdio_kind}. */
  private static final int STREAM_NULL = 0;

  private static final int STREAM_FD = 1;
  private static final int STREAM_FILE = 2;
  private static final int STREAM_BYTES = 3;
  private static final int STREAM_CAPTURE = 4;
  private static final int STREAM_FORWARD = 5;
  private static final int STREAM_STDOUT = 6;
  private static final int STREAM_LIVE = 7;

  /** {@code enum cordon_port_access}. */
  private static final int PORT_BIND = 1;

  private static final int PORT_CONNECT = 1 << 1;

  /** {@code enum cordon_copy_flag}. */
  private static final int COPY_OPTIONAL = 1;

  private static final int COPY_REPLACE = 1 << 1;
  private static final int COPY_TRUNCATE = 1 << 2;
  private static final int COPY_PATTERN = 1 << 3;

  private static final FilePolicy NO_FILES = FilePolicy.builder().build();

  private static final Limit[] LIMITS = Limit.values();

  private static final SortedMap<String, Long> NO_COUNTS = Collections.emptySortedMap();

  private static final List<Boundary> PROCESS = List.of(Boundary.PROCESS);
  private static final List<Boundary> NAMESPACES = List.of(Boundary.NAMESPACES, Boundary.PROCESS);

  private RunCodec() {}

  /** The request of {@code runOpen}. */
  static void write(RequestWriter out, SandboxSpec spec, CompiledPolicy policy, Command command, Streams streams) {
    write(out, spec, policy, false);
    writeCommand(out, command, streams);
  }

  /** The request of {@code containerOpen}. */
  public static void write(RequestWriter out, SandboxSpec spec, CompiledPolicy policy, boolean shared) {
    out.u32(RequestWriter.VERSION);
    writeSpec(out, spec, policy, shared);
  }

  /** The request of {@code containerRunOpen}. */
  static void write(RequestWriter out, Command command, Streams streams) {
    out.u32(RequestWriter.VERSION);
    writeCommand(out, command, streams);
  }

  private static void writeSpec(RequestWriter out, SandboxSpec spec, CompiledPolicy policy, boolean shared) {
    out.count(spec.mounts().size());
    for (var mount : spec.mounts()) {
      out.u32(Codes.MOUNT_TYPE.of(mount.type())).u32(flags(mount)).str(mount.source().orElse(null)).str(mount.target());
      out.u64(mount.sizeBytes().orElse(0)).u64(mount.inodes().orElse(0)).u32(mount.mode().orElse(0));
    }
    out.u32(Codes.NETWORK.of(spec.network())).str(spec.hostname().orElse(null)).str(spec.domainname().orElse(null));
    out.u32(spec.uid()).u32(spec.gid()).u32(spec.hostUid().orElse(0)).u32(spec.hostGid().orElse(0));
    out.u32(spec.seccomp().kind().ordinal()).bytes(spec.seccomp().bpf().orElse(null)).u64(policy.handle());
    out.u64(Codes.LAYER.bits(RequiredLayers.of(spec)));
    out.count(spec.initCommand().size());
    spec.initCommand().forEach(out::str);
    out.u32(spec.controlGroups() ? 0 : 1).u32(spec.namespaces() ? 0 : 1).u32(shared ? 1 : 0);
    out.str(spec.apparmorProfile().orElse(null)).str(spec.selinuxLabel().orElse(null));
  }

  private static int flags(Mount mount) {
    return (mount.isWritable() ? 1 : 0) | (mount.isNoExec() ? 1 << 1 : 0) | (mount.isOptional() ? 1 << 2 : 0);
  }

  private static void writeCommand(RequestWriter out, Command command, Streams streams) {
    writeProgram(out, command);
    writeInput(out, streams.stdin());
    writeOutput(out, streams.stdout());
    writeOutput(out, streams.stderr());
    out.count(command.descriptors().size());
    command.descriptors().forEach((target, fd) -> out.u32(fd).u32(target));
    out.count(command.rlimits().size());
    for (var rlimit : command.rlimits()) {
      out.u32(Codes.RESOURCE.of(rlimit.resource())).u64(limit(rlimit.soft())).u64(limit(rlimit.hard()));
    }
    out.count(command.copyIn().size());
    command.copyIn().forEach(item -> writeCopyIn(out, item));
    out.count(command.copyOut().size());
    command.copyOut().forEach(item -> writeCopyOut(out, item));
    out.count(LIMITS.length);
    for (var limit : LIMITS) {
      out.u64(limit(command.limits().get(limit)));
    }
    writeSupervisor(out, command.supervisor().orElse(null));
  }

  private static void writeCopyOut(RequestWriter out, CopyOut item) {
    int flags = (item.isOptional() ? COPY_OPTIONAL : 0) | (item.isTruncated() ? COPY_TRUNCATE : 0);
    int most = 0;
    Path path = null;
    if (item instanceof CopyOut.Matching matching) {
      flags |= COPY_PATTERN | (matching.isReplacing() ? COPY_REPLACE : 0);
      most = matching.most();
      path = matching.directory().orElse(null);
    } else if (item instanceof CopyOut.ToHost file) {
      path = file.path();
    }
    out.str(item.name()).str(path == null ? null : path.toString()).u64(limit(item.limitBytes())).u32(flags).u32(most);
  }

  private static void writeProgram(RequestWriter out, Command command) {
    out.count(command.args().size());
    command.args().forEach(out::str);
    out.count(command.env().size());
    command.env().forEach((name, value) -> out.str(name + "=" + value));
    out.u32(command.execFd().orElse(-1)).u32(command.sync().isPresent() ? 1 : 0).u32(command.terminal() ? 1 : 0);
    out.str(command.workDir()).str(command.cpuset().orElse(null));
  }

  private static void writeInput(RequestWriter out, Input input) {
    if (input instanceof Input.HostFile file) {
      stream(out, STREAM_FILE, -1, file.path(), null, 0);
    } else if (input instanceof Input.Bytes bytes) {
      stream(out, STREAM_BYTES, -1, null, bytes.buffer(), 0);
    } else if (input instanceof Input.Descriptor descriptor) {
      stream(out, STREAM_FD, descriptor.fd(), null, null, 0);
    } else {
      stream(out, input instanceof Input.Stream ? STREAM_LIVE : STREAM_NULL, -1, null, null, 0);
    }
  }

  private static void writeOutput(RequestWriter out, Output output) {
    if (output instanceof Output.HostFile file) {
      stream(out, STREAM_FILE, -1, file.path(), null, 0);
    } else if (output instanceof Output.Capture capture) {
      stream(out, STREAM_CAPTURE, -1, null, null, capture.limitBytes());
    } else if (output instanceof Output.Descriptor descriptor) {
      stream(out, STREAM_FD, descriptor.fd(), null, null, 0);
    } else if (output instanceof Output.Forward forward) {
      stream(out, STREAM_FORWARD, forward.fd(), null, null, 0);
    } else if (output instanceof Output.Stream) {
      stream(out, STREAM_LIVE, -1, null, null, 0);
    } else {
      stream(out, output instanceof Output.ToStdout ? STREAM_STDOUT : STREAM_NULL, -1, null, null, 0);
    }
  }

  private static void stream(RequestWriter out, int kind, int fd, @Nullable Path path, @Nullable ByteBuffer data,
      long limitBytes) {
    out.u32(kind).u32(fd).str(path == null ? null : path.toString()).bytes(data).u64(limitBytes);
  }

  private static void writeCopyIn(RequestWriter out, CopyIn item) {
    var path = item instanceof CopyIn.HostFile file ? file.path().toString() : null;
    var data = item instanceof CopyIn.Bytes bytes ? bytes.buffer() : null;
    out.str(item.name()).str(path).bytes(data).u32(item.mode().orElse(0)).u32(item.isReplacing() ? COPY_REPLACE : 0);
  }

  private static void writeSupervisor(RequestWriter out, @Nullable Supervisor supervisor) {
    if (supervisor == null) {
      out.u32(0);
      return;
    }
    var files = supervisor.files().orElse(NO_FILES);
    out.u32(1).u32(Codes.ENGINE.of(supervisor.engine())).u32(flags(supervisor));
    write(out, files.outside()).u64(supervisor.askTimeout().toNanos());
    out.count(files.rules().size());
    for (var rule : files.rules()) {
      out.str(rule.path()).u32(Codes.SCOPE.of(rule.scope())).u32((int) Codes.ACCESS.bits(rule.access()));
    }
    out.count(supervisor.syscalls().size());
    for (var rule : supervisor.syscalls()) {
      write(out.str(rule.syscall()), rule.decision()).u64(limit(rule.limit()));
    }
    var bind = supervisor.ports().map(PortPolicy::bind).orElse(List.of());
    var connect = supervisor.ports().map(PortPolicy::connect).orElse(List.of());
    out.count(bind.size() + connect.size());
    bind.forEach(port -> out.u32(port).u32(PORT_BIND));
    connect.forEach(port -> out.u32(port).u32(PORT_CONNECT));
  }

  private static RequestWriter write(RequestWriter out, Decision decision) {
    return out.u32(Codes.DECISION.of(decision.kind())).u32(decision.error());
  }

  private static int flags(Supervisor supervisor) {
    return (supervisor.files().isPresent() ? 1 : 0) | (supervisor.isRecording() ? 1 << 1 : 0)
        | (supervisor.isAuditing() ? 1 << 2 : 0) | (supervisor.ports().isPresent() ? 1 << 3 : 0)
        | (supervisor.ports().map(PortPolicy::udp).orElse(false) ? 1 << 4 : 0);
  }

  /** The bits that stand for a limit. */
  private static long limit(long limit) {
    return limit == Limits.UNLIMITED ? -1 : limit;
  }

  /**
   * Reads a reply.
   *
   * @param syncFailure what the sync action threw, which becomes the cause of an error
   */
  static Result read(
      ByteBuffer buffer, long length, SandboxSpec spec, Command command, @Nullable Throwable syncFailure)
      throws SandboxException {
    try {
      var in = new ReplyReader(buffer, length);
      var error = in.error();
      if (error.step() != 0) {
        throw Errors.of(error, syncFailure);
      }
      var result = readResult(in, spec, command);
      in.end();
      return result;
    } catch (WireException e) {
      throw Errors.of(e);
    }
  }

  private static Result readResult(ReplyReader in, SandboxSpec spec, Command command) {
    var numbers = ReplyNumbers.read(in);
    var result = Result.builder(Codes.STATUS.constant(numbers.narrow(ReplyNumbers.STATUS)));
    result.cause(Codes.CAUSE.constant(numbers.narrow(ReplyNumbers.CAUSE)));
    ifNotNegative(numbers.narrow(ReplyNumbers.EXIT_CODE), result::exitCode);
    int signal = numbers.narrow(ReplyNumbers.SIGNAL);
    if (signal > 0) {
      result.signal(signal);
    }
    numbers.measures(result);
    ifNotNegative(numbers.narrow(ReplyNumbers.SYSCALL), result::syscall);
    var layers = Codes.LAYER.set(numbers.bits(ReplyNumbers.LAYERS));
    result.layers(layers).missing(missing(spec, layers)).boundaries(spec.namespaces() ? NAMESPACES : PROCESS);
    result.filePolicy(Codes.FILE_POLICY.constant(numbers.narrow(ReplyNumbers.FILE_POLICY)));
    var engine = Codes.ENGINE.constant(numbers.narrow(ReplyNumbers.ENGINE));
    if (engine != Engine.AUTO) {
      result.engine(engine);
    }
    result.eventsTotal(numbers.unsigned(ReplyNumbers.EVENTS_TOTAL));
    result.stdout(readOutput(in)).stderr(readOutput(in)).copiedOut(readCopied(in, command));
    readNoticed(in, result);
    command.label().ifPresent(result::label);
    return result.build();
  }

  private static void readNoticed(ReplyReader in, Result.Builder result) {
    int violation = in.i32();
    var events = readEvents(in);
    if (violation >= events.size()) {
      throw new WireException("violation: event " + violation + " of " + events.size());
    }
    result.events(events);
    if (violation >= 0) {
      result.violation(events.get(violation));
    }
    int numbers = in.count(2 * Long.BYTES);
    result.syscallCounts(readCounts(in, numbers)).setupCounts(readCounts(in, numbers));
  }

  private static void ifNotNegative(int value, IntConsumer setter) {
    if (value >= 0) {
      setter.accept(value);
    }
  }

  private static List<SecurityEvent> readEvents(ReplyReader in) {
    int count = in.count(EventCodec.BYTES);
    var events = new ArrayList<SecurityEvent>(count);
    for (int i = 0; i < count; i++) {
      events.add(EventCodec.event(in));
    }
    return List.copyOf(events);
  }

  private static SortedMap<String, Long> readCounts(ReplyReader in, int numbers) {
    if (numbers == 0) {
      return NO_COUNTS;
    }
    var counts = new TreeMap<String, Long>();
    for (int i = 0; i < numbers; i++) {
      long count = in.u64();
      if (count > 0) {
        counts.put(Syscalls.nameOrNumber(i), count);
      }
    }
    return counts;
  }

  private static Set<Layer> missing(SandboxSpec spec, Set<Layer> active) {
    var missing = EnumSet.noneOf(Layer.class);
    missing.addAll(spec.preferred());
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
      copied.put(item.name(), readCopied(in, item));
    }
    return Collections.unmodifiableMap(copied);
  }

  private static CopiedFile readCopied(ReplyReader in, CopyOut item) {
    var error = in.error();
    var data = in.bytes();
    long size = in.u64();
    boolean truncated = in.u32() != 0;
    var files = new LinkedHashMap<String, CopiedFile>();
    for (int left = in.count(COPIED_FILE_BYTES); left > 0; left--) {
      var name = Objects.requireNonNull(in.str(), "name");
      var failure = in.error();
      files.put(name, copied(in.bytes(), in.u64(), in.u32() != 0, failure));
    }
    return item instanceof CopyOut.Matching
        ? CopiedFile.matched(files, truncated, error.step() == 0 ? null : Errors.of(error, null))
        : copied(data, size, truncated, error);
  }

  private static CopiedFile copied(byte @Nullable [] data, long size, boolean truncated, WireError error) {
    if (error.step() != 0) {
      return CopiedFile.failed(Errors.of(error, null));
    }
    return data == null ? CopiedFile.elsewhere(size, truncated) : CopiedFile.of(data, size);
  }
}
