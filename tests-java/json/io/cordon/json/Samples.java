// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import io.cordon.Boundary;
import io.cordon.Captured;
import io.cordon.Cause;
import io.cordon.Command;
import io.cordon.CopiedFile;
import io.cordon.CopyIn;
import io.cordon.CopyOut;
import io.cordon.CordonEvent;
import io.cordon.Input;
import io.cordon.Layer;
import io.cordon.Limits;
import io.cordon.Measure;
import io.cordon.Mount;
import io.cordon.Network;
import io.cordon.Origin;
import io.cordon.Output;
import io.cordon.Resource;
import io.cordon.Result;
import io.cordon.Rlimit;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.Status;
import io.cordon.Step;
import io.cordon.seccomp.SeccompAction;
import io.cordon.seccomp.SeccompCondition;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.supervisor.Decision;
import io.cordon.supervisor.Engine;
import io.cordon.supervisor.FilePolicy;
import io.cordon.supervisor.FilePolicyState;
import io.cordon.supervisor.PortPolicy;
import io.cordon.supervisor.SecurityEvent;
import io.cordon.supervisor.Supervisor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/** A value of each kind in which no property has its default. */
final class Samples {
  /** What is not UTF-8, and what is with all that JSON must escape. */
  static final byte[] BYTES = {0, (byte) 0xff, '"', '\\', '\n'};

  static final String TEXT = "a\"\\\n\u0000\u001b\u00e4\ud83d\ude00";

  private Samples() {}

  static Supervisor supervisor() {
    return Supervisor.builder().engine(Engine.PTRACE).record(true).audit(true).askTimeout(Duration.ofMillis(1500))
        .files(FilePolicy.builder().read("/usr").execute("/usr/").deny("/usr/x")
            .rule("/", FilePolicy.Scope.ENTRIES, FilePolicy.Access.STAT).outside(Decision.errno(4000)).build())
        .deny("socket", 97).limit("clone", 3).kill("ptrace").count("read")
        .ports(PortPolicy.builder().bind(0).connect(443, 80).udp(true).build()).build();
  }

  static Limits limits() {
    return Limits.builder().cpuTime(Duration.ofNanos(1_500_000_001)).wallTime(Limits.FOREVER)
        .idleTime(Duration.ofSeconds(3)).memoryBytes(1000).stackBytes(1 << 30).processes(Limits.UNLIMITED)
        .outputBytes(5 << 10).openFiles(9).coreBytes(1).outputTotalBytes(7).cpuRate(1.235).cpuWeight(300)
        .nice(4).build();
  }

  static Command command() {
    return Command.builder("p", "", TEXT.replace("\0", "")).label("submission " + TEXT.replace("\0", ""))
        .env(Map.of("K", "V=\u00e4")).workDir("/d").cpuset("0-1,3").limits(limits()).stdin(Input.bytes(BYTES))
        .stdout(Output.capture(5)).stderr(Output.toStdout())
        .copyIn(CopyIn.text("a", TEXT).mode(0755)).copyIn(CopyIn.bytes("b", BYTES).replacing())
        .copyIn(CopyIn.file(Path.of("/etc/passwd"), "/c/d")).copyOut(CopyOut.keep("e").limitBytes(6).optional())
        .copyOut(CopyOut.file("f", Path.of("/tmp/f")).limitBytes(Limits.UNLIMITED).truncated())
        .copyOut(CopyOut.matching("g*").most(7).optional())
        .copyOut(CopyOut.matching("h/**", Path.of("/tmp/h")).limitBytes(8).truncated().replacing())
        .rlimit(new Rlimit(Resource.NOFILE, 0, Limits.UNLIMITED)).supervisor(supervisor()).build();
  }

  static SandboxSpec sandbox() {
    var policy = SeccompPolicy.builder().defaultAction(SeccompAction.errno(5)).allow("read").kill("ptrace")
        .rule(SeccompAction.allow(), List.of("clone"), SeccompCondition.arg(0).masked(0x7e020000, 1L << 63)).build();
    return SandboxSpec.builder().mounts(List.of(Mount.bind(Path.of("/usr"), "/usr").writable().noExec().optional(),
        Mount.tmpfs("/w").sizeBytes(5).inodes(6).mode(0700), Mount.proc("/proc").optional(), Mount.dev("/dev"),
        Mount.mask("/m"), Mount.symlink("/bin", "usr/bin")))
        .network(Network.LOOPBACK).hostname("h").domainname("d").user(7, 8).hostUser(9, 10).seccomp(policy)
        .require(Layer.CGROUP_MEMORY).prefer(Layer.LANDLOCK).initCommand("/sbin/ip", "up")
        .apparmorProfile("judged").selinuxLabel("a:b:c").supervisor(supervisor()).build();
  }

  static SandboxException error() {
    return SandboxException.builder(Step.COPY_OUT).errno(2).index(3).detail(TEXT).origin(Origin.CHILD)
        .kind(SandboxException.Kind.BUG).property("limits.cpuTime").build();
  }

  static SecurityEvent event() {
    return new SecurityEvent(SecurityEvent.Kind.PATH, OptionalInt.of(257), Decision.errno("EACCES"), 7,
        Instant.parse("2026-01-31T12:00:00.123456789Z"), -9, List.of(0L, -1L, -2L, 3L, 4L, Long.MIN_VALUE), 0xc000003e,
        Optional.of("/etc/\u001b"));
  }

  static Result result() {
    var copied = new LinkedHashMap<String, CopiedFile>();
    copied.put("text", CopiedFile.of("x".getBytes(StandardCharsets.UTF_8)));
    copied.put("bytes", CopiedFile.of(BYTES));
    copied.put("host", CopiedFile.elsewhere());
    copied.put("lost", CopiedFile.failed(error()));
    copied.put("g*", CopiedFile.matched(Map.of("g1", CopiedFile.of(BYTES)), false, null));
    copied.put("h/**", CopiedFile.matched(Map.of("h/1", CopiedFile.failed(error())), false, null));
    var result = Result.builder(Status.OUTPUT_LIMIT_EXCEEDED).cause(Cause.OUTPUT_TOTAL).exitCode(3).signal(11)
        .syscall(41).layers(EnumSet.of(Layer.USER_NS, Layer.SECCOMP)).missing(Set.of(Layer.LANDLOCK))
        .boundaries(List.of(Boundary.VM, Boundary.USER_KERNEL)).stdout(new Captured(BYTES, false, 99))
        .stderr(new Captured(TEXT.getBytes(StandardCharsets.UTF_8), true, 100)).copiedOut(copied)
        .filePolicy(FilePolicyState.ENFORCED).engine(Engine.NOTIFY).events(List.of(event(), event())).eventsTotal(12)
        .violation(event()).syscallCounts(new TreeMap<>(Map.of("read", 3L)))
        .setupCounts(new TreeMap<>(Map.of("execve", 1L))).label(TEXT);
    for (var measure : Measure.values()) {
      result.set(measure, measure.unit() == Measure.Unit.SOURCE ? 1 + measure.ordinal() % 3 : 1000 + measure.ordinal());
    }
    return result.build();
  }

  static List<CordonEvent> events() {
    return List.of(new CordonEvent.RunFinished("p", result()),
        new CordonEvent.Violation("p", Optional.of("l"), Status.ACCESS_DENIED, Optional.of("open"),
            Optional.of(event())),
        new CordonEvent.Violation("p", Optional.empty(), Status.DISALLOWED_SYSCALL, Optional.empty(), Optional.empty()),
        new CordonEvent.Refusal("p", Optional.of("l"), event()),
        new CordonEvent.PrivilegeChange("p", Optional.empty(), event()),
        new CordonEvent.LimitHit("p", Optional.of("l"), Status.TIME_LIMIT_EXCEEDED, Cause.WALL),
        new CordonEvent.ContainerOpened("7", Optional.empty(), Duration.ofNanos(8)),
        new CordonEvent.ContainerBroken("7", Optional.of("pool-1"), TEXT),
        new CordonEvent.LeaseLeaked("7", Optional.of("pool-1")),
        new CordonEvent.PoolAcquired("pool-1", Duration.ofNanos(9)));
  }
}
