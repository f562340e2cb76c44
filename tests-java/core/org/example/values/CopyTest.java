// SPDX-License-Identifier: Apache-2.0
package org.example.values;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Command;
import io.cordon.CopyIn;
import io.cordon.CopyOut;
import io.cordon.Input;
import io.cordon.Layer;
import io.cordon.Limit;
import io.cordon.Limits;
import io.cordon.Mount;
import io.cordon.Network;
import io.cordon.Output;
import io.cordon.Resource;
import io.cordon.Rlimit;
import io.cordon.SandboxSpec;
import io.cordon.seccomp.SeccompAction;
import io.cordon.seccomp.SeccompCondition;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.supervisor.Decision;
import io.cordon.supervisor.Engine;
import io.cordon.supervisor.FilePolicy;
import io.cordon.supervisor.FilePolicy.Access;
import io.cordon.supervisor.FilePolicy.Scope;
import io.cordon.supervisor.PortPolicy;
import io.cordon.supervisor.Supervisor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a runner of another package reads is all there is: from it an equal command or description can be made. */
class CopyTest {
  /** Every property is another one than the default; those that exclude each other are in two commands. */
  private static Command everything() {
    return Command.builder("program", "argument").env(Map.of("A", "b", "C", "")).workDir("/x").label("label")
        .cpuset("0-1").stdin(Input.bytes(new byte[] {1, 2})).stdout(Output.capture(7)).stderr(Output.toStdout())
        .descriptor(5, 9).descriptor(6, 10).execFd(4).limits(limits()).rlimit(new Rlimit(Resource.CORE, 1, 2))
        .copyIn(CopyIn.file(Path.of("/etc/passwd"), "a").mode(0700)).copyIn(CopyIn.text("b", "text").replacing())
        .copyOut(CopyOut.keep("c").limitBytes(3).optional()).copyOut(CopyOut.file("d", Path.of("/tmp/d")).truncated())
        .copyOut(CopyOut.matching("e*").most(7).optional())
        .copyOut(CopyOut.matching("f/**", Path.of("/tmp/f")).replacing().truncated().limitBytes(9))
        .sync(pid -> true).terminal(true).supervisor(supervisor()).build();
  }

  private static Limits limits() {
    var limits = Limits.builder();
    for (var limit : Limit.values()) {
      limits.set(limit, Math.min(10 + limit.ordinal(), limit.unit().most()));
    }
    return limits.build();
  }

  private static Supervisor supervisor() {
    var files = FilePolicy.builder().read("/usr").rule("/w", Scope.ENTRIES, Access.WRITE, Access.STAT).deny("/usr/x")
        .outside(Decision.errno(1)).build();
    var ports = PortPolicy.builder().bind(1).connect(2).udp(true).build();
    return Supervisor.builder().engine(Engine.PTRACE).files(files).ports(ports)
        .deny("socket", 5).kill("ptrace").limit("clone", 3).count("read").ask("openat")
        .handler(question -> Decision.allow()).askTimeout(Duration.ofSeconds(3)).record(true).audit(true).build();
  }

  private static SandboxSpec description() {
    var seccomp = SeccompPolicy.builder().defaultAction(SeccompAction.errno(9)).unknown(SeccompAction.kill())
        .allow("read", "write").rule(SeccompAction.trap(), List.of("kill"), SeccompCondition.arg(1).masked(3, 1))
        .build();
    var mounts = List.of(Mount.bind(Path.of("/usr"), "/usr").writable().noExec().optional(),
        Mount.tmpfs("/t").sizeBytes(1).inodes(2).mode(0700), Mount.proc("/proc"), Mount.dev("/dev"), Mount.mask("/m"),
        Mount.symlink("/l", "t"));
    return SandboxSpec.builder().mounts(mounts).addMount(Mount.tmpfs("/added")).network(Network.LOOPBACK).hostname("h")
        .domainname("d").user(1, 2).hostUser(3, 4).seccomp(seccomp).require(Layer.PROC).prefer(Layer.LANDLOCK)
        .controlGroups(false).apparmorProfile("a").selinuxLabel("s").initCommand("i", "j").supervisor(supervisor())
        .build();
  }

  private static SandboxSpec plainDescription() {
    return SandboxSpec.builder().namespaces(false).network(Network.HOST).seccomp(SeccompPolicy.NONE)
        .require(Layer.NO_NEW_PRIVS)
        .prefer(Layer.CGROUP_CPU).build();
  }

  private static void same(Object expected, Object copy) {
    assertEquals(Readable.properties(expected), Readable.properties(copy));
  }

  /** A new property must be set above, or its copy is not tested. */
  private static void hasNoDefault(Object value, Object usual) {
    var left = new TreeMap<>(Readable.properties(value));
    var defaults = Readable.properties(usual);
    left.entrySet().removeIf(property -> !property.getValue().equals(defaults.get(property.getKey())));
    assertEquals(Map.of(), left);
  }

  @Test
  void theCommandAndTheDescriptionHaveEverything() {
    hasNoDefault(everything(), Command.of("p"));
    hasNoDefault(limits(), Limits.defaults());
    var described = description();
    assertTrue(described.namespaces()); // Without, most of the others cannot be given.
    var usual = new TreeMap<>(Readable.properties(SandboxSpec.defaults()));
    usual.remove("namespaces");
    var left = new TreeMap<>(Readable.properties(described));
    left.entrySet().removeIf(property -> !property.getValue().equals(usual.get(property.getKey())));
    assertEquals(Map.of(), left);
  }

  @Test
  void byTheirBuilders() {
    var command = everything();
    same(command, command.toBuilder().build());
    var described = description();
    same(described, described.toBuilder().build());
    same(SandboxSpec.defaults(), SandboxSpec.defaults().toBuilder().build());
    var plain = plainDescription();
    same(plain, plain.toBuilder().build());
    same(command.supervisor().orElseThrow(), command.supervisor().orElseThrow().toBuilder().build());
    same(limits(), limits().toBuilder().build());
  }

  @Test
  void byHand() {
    var command = everything();
    same(command, copy(command));
    same(Command.of("p"), copy(Command.of("p")));
    var placed = Command.builder("p").env("A", "b").usualWorkDir("/usual").build();
    same(placed, copy(placed));
    var described = description();
    same(described, copy(described));
    same(SandboxSpec.defaults(), copy(SandboxSpec.defaults()));
    var plain = plainDescription();
    same(plain, copy(plain));
  }

  @Test
  void everyKindOfStream() {
    for (var input : List.of(Input.none(), Input.bytes(new byte[] {3}), Input.text("x"), Input.file(Path.of("f")),
        Input.descriptor(8))) {
      same(input, copy(input));
    }
    for (var output : List.of(Output.discard(), Output.capture(), Output.file(Path.of("f")), Output.descriptor(1),
        Output.forward(2), Output.toStdout())) {
      same(output, copy(output));
    }
  }

  // ---- copies, part by part ----

  private static Command copy(Command from) {
    var to = Command.builder(from.args()).usualWorkDir(from.workDir()).stdin(copy(from.stdin()))
        .stdout(copy(from.stdout())).stderr(copy(from.stderr())).limits(copy(from.limits())).terminal(from.terminal());
    from.ownWorkDir().ifPresent(to::workDir);
    if (from.hasDefaultEnv()) {
      from.ownEnv().forEach(to::env);
    } else {
      to.env(from.env());
    }
    from.cpuset().ifPresent(to::cpuset);
    from.label().ifPresent(to::label);
    from.descriptors().forEach((target, fd) -> to.descriptor(fd, target));
    from.execFd().ifPresent(to::execFd);
    from.rlimits().forEach(rlimit -> to.rlimit(new Rlimit(rlimit.resource(), rlimit.soft(), rlimit.hard())));
    from.copyIn().forEach(item -> to.copyIn(copy(item)));
    from.copyOut().forEach(item -> to.copyOut(copy(item)));
    from.sync().ifPresent(to::sync);
    from.supervisor().ifPresent(supervisor -> to.supervisor(copy(supervisor)));
    return to.build();
  }

  private static Input copy(Input from) {
    if (from instanceof Input.Bytes bytes) {
      return Input.bytes(bytes.bytes());
    }
    if (from instanceof Input.HostFile file) {
      return Input.file(file.path());
    }
    return from instanceof Input.Descriptor descriptor ? Input.descriptor(descriptor.fd()) : Input.none();
  }

  private static Output copy(Output from) {
    if (from instanceof Output.Capture capture) {
      return Output.capture(capture.limitBytes());
    }
    if (from instanceof Output.HostFile file) {
      return Output.file(file.path());
    }
    if (from instanceof Output.Descriptor descriptor) {
      return Output.descriptor(descriptor.fd());
    }
    if (from instanceof Output.Forward forward) {
      return Output.forward(forward.fd());
    }
    return from instanceof Output.ToStdout ? Output.toStdout() : Output.discard();
  }

  private static Limits copy(Limits from) {
    var to = Limits.builder();
    for (var limit : Limit.values()) {
      to.set(limit, from.get(limit));
    }
    return to.build();
  }

  private static CopyIn copy(CopyIn from) {
    var to = from instanceof CopyIn.Bytes bytes ? CopyIn.bytes(from.name(), bytes.bytes())
        : CopyIn.file(((CopyIn.HostFile) from).path(), from.name());
    to = from.isReplacing() ? to.replacing() : to;
    return from.mode().isPresent() ? to.mode(from.mode().getAsInt()) : to;
  }

  private static CopyOut copy(CopyOut.Matching from) {
    var to = from.directory().map(directory -> CopyOut.matching(from.name(), directory))
        .orElseGet(() -> CopyOut.matching(from.name()));
    to = to.limitBytes(from.limitBytes()).most(from.most());
    to = from.isTruncated() ? to.truncated() : to;
    to = from.isReplacing() ? to.replacing() : to;
    return from.isOptional() ? to.optional() : to;
  }

  private static CopyOut copy(CopyOut from) {
    if (from instanceof CopyOut.Matching matching) {
      return copy(matching);
    }
    var to = from instanceof CopyOut.ToHost file ? CopyOut.file(from.name(), file.path()) : CopyOut.keep(from.name());
    to = to.limitBytes(from.limitBytes());
    to = from.isTruncated() ? to.truncated() : to;
    return from.isOptional() ? to.optional() : to;
  }

  private static Supervisor copy(Supervisor from) {
    var to = Supervisor.builder().engine(from.engine()).askTimeout(from.askTimeout()).record(from.isRecording())
        .audit(from.isAuditing());
    from.files().ifPresent(files -> {
      var policy = FilePolicy.builder().outside(files.outside());
      files.rules().forEach(rule -> policy.rule(rule.path(), rule.scope(), rule.access().toArray(Access[]::new)));
      to.files(policy.build());
    });
    from.ports().ifPresent(ports -> to.ports(PortPolicy.builder().udp(ports.udp())
        .bind(ports.bind().stream().mapToInt(Integer::intValue).toArray())
        .connect(ports.connect().stream().mapToInt(Integer::intValue).toArray()).build()));
    for (var rule : from.syscalls()) {
      if (rule.limit() == Supervisor.COUNT_ONLY) {
        to.count(rule.syscall());
      } else {
        to.limit(rule.syscall(), rule.limit(), rule.decision());
      }
    }
    from.handler().ifPresent(to::handler);
    return to.build();
  }

  private static SandboxSpec copy(SandboxSpec from) {
    var to = SandboxSpec.builder().namespaces(from.namespaces()).network(from.network()).seccomp(copy(from.seccomp()))
        .controlGroups(from.controlGroups()).initCommand(from.initCommand().toArray(String[]::new))
        .require(from.required().toArray(Layer[]::new)).prefer(from.preferred().toArray(Layer[]::new));
    if (from.namespaces()) {
      to.mounts(from.mounts().stream().map(CopyTest::copy).toList()).user(from.uid(), from.gid());
    }
    from.hostname().ifPresent(to::hostname);
    from.domainname().ifPresent(to::domainname);
    from.hostUid().ifPresent(uid -> to.hostUser(uid, from.hostGid().orElseThrow()));
    from.apparmorProfile().ifPresent(to::apparmorProfile);
    from.selinuxLabel().ifPresent(to::selinuxLabel);
    from.supervisor().ifPresent(supervisor -> to.supervisor(copy(supervisor)));
    return to.build();
  }

  private static Mount copy(Mount from) {
    var to = switch (from.type()) {
      case BIND -> Mount.bind(Path.of(from.source().orElseThrow()), from.target());
      case TMPFS -> Mount.tmpfs(from.target());
      case PROC -> Mount.proc(from.target());
      case DEV -> Mount.dev(from.target());
      case MASK -> Mount.mask(from.target());
      case SYMLINK -> Mount.symlink(from.target(), from.source().orElseThrow());
    };
    to = from.isWritable() ? to.writable() : to;
    to = from.isNoExec() ? to.noExec() : to;
    to = from.isOptional() ? to.optional() : to;
    to = from.sizeBytes().isPresent() ? to.sizeBytes(from.sizeBytes().getAsLong()) : to;
    to = from.inodes().isPresent() ? to.inodes(from.inodes().getAsLong()) : to;
    return from.mode().isPresent() ? to.mode(from.mode().getAsInt()) : to;
  }

  private static SeccompPolicy copy(SeccompPolicy from) {
    return switch (from.kind()) {
      case DEFAULT -> SeccompPolicy.DEFAULT;
      case NONE -> SeccompPolicy.NONE;
      case BPF -> {
        var program = new byte[from.bpf().orElseThrow().remaining()];
        from.bpf().orElseThrow().get(program);
        yield SeccompPolicy.bpf(program);
      }
      case RULES -> {
        var to = SeccompPolicy.builder().defaultAction(from.defaultAction().orElseThrow())
            .unknown(from.unknownAction().orElseThrow());
        from.rules().forEach(to::rule);
        yield to.build();
      }
    };
  }
}
