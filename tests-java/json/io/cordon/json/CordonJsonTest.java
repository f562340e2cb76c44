// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Captured;
import io.cordon.Command;
import io.cordon.CopyIn;
import io.cordon.CopyOut;
import io.cordon.CordonEvent;
import io.cordon.Input;
import io.cordon.Limits;
import io.cordon.Measure;
import io.cordon.Mount;
import io.cordon.Output;
import io.cordon.PtraceRunner;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.Status;
import io.cordon.Step;
import io.cordon.UnshareRunner;
import io.cordon.seccomp.SeccompAction;
import io.cordon.seccomp.SeccompCondition;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.supervisor.Decision;
import io.cordon.supervisor.FilePolicy;
import io.cordon.supervisor.Supervisor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What is written is read as the same. */
class CordonJsonTest {
  private static String refused(Executable made) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, made).getMessage());
  }

  private static Command command(String text) throws Exception {
    return CordonJson.readCommand("c", text);
  }

  private static SandboxSpec sandbox(String text) throws SandboxException {
    var warnings = new ArrayList<String>();
    var spec = CordonJson.readSandbox("s", text, warnings::add);
    assertEquals(List.of(), warnings);
    return spec;
  }

  @Test
  void limits() {
    var text = CordonJson.write(Samples.limits());
    assertEquals(Samples.limits(), CordonJson.readLimits("l", text));
    assertTrue(
        text.startsWith("{\"cpuTime\":\"1500.000001ms\",\"wallTime\":\"unlimited\",\"idleTime\":\"3s\",\"memory\":1000,"
            + "\"stack\":\"1g\",\"processes\":\"unlimited\",\"outputLimit\":\"5k\",\"openFiles\":9,\"core\":1,"
            + "\"outputTotal\":7,\"cpuRate\":1.235,\"cpuWeight\":300"),
        text);
    assertEquals(Limits.defaults(), CordonJson.readLimits("l", "{}"));
    assertEquals(Limits.defaults(), CordonJson.readLimits("l", CordonJson.write(Limits.defaults())));
    assertEquals(Limits.builder().memoryBytes(4096).build(), CordonJson.readLimits("l", "{\"memory\": 4096}"));
  }

  @Test
  void commands() throws Exception {
    var command = Samples.command();
    var read = command(CordonJson.write(command));
    assertEquals(CordonJson.write(command), CordonJson.write(read));
    assertEquals(command.args(), read.args());
    assertEquals(command.label(), read.label());
    assertEquals(command.env(), read.env());
    assertEquals(command.workDir(), read.workDir());
    assertEquals(command.cpuset(), read.cpuset());
    assertEquals(command.limits(), read.limits());
    assertEquals(command.stdout(), read.stdout());
    assertEquals(command.stderr(), read.stderr());
    assertEquals(command.rlimits(), read.rlimits());
    assertEquals(command.copyOut(), read.copyOut());
    assertArrayEquals(Samples.BYTES, ((Input.Bytes) read.stdin()).bytes());
    assertEquals(List.of("a", "b", "/c/d"), read.copyIn().stream().map(CopyIn::name).toList());
    assertEquals(Samples.TEXT, new String(((CopyIn.Bytes) read.copyIn().get(0)).bytes(), StandardCharsets.UTF_8));
    assertEquals(0755, read.copyIn().get(0).mode().orElseThrow());
    assertArrayEquals(Samples.BYTES, ((CopyIn.Bytes) read.copyIn().get(1)).bytes());
    assertEquals(Path.of("/etc/passwd"), ((CopyIn.HostFile) read.copyIn().get(2)).path());
    assertEquals(command.supervisor().orElseThrow().syscalls(), read.supervisor().orElseThrow().syscalls());
  }

  @Test
  void whatIsNotSetStaysSo() throws Exception {
    var text = CordonJson.write(Command.of("p"));
    var read = command(text);
    assertEquals(text, CordonJson.write(read));
    assertEquals(Optional.empty(), read.ownWorkDir());
    assertEquals("/x", read.toBuilder().usualWorkDir("/x").build().env().get("HOME"));
    assertEquals(Command.of("p").env(), read.env());
    assertEquals(Map.of(), command("{\"argv\": [\"p\"], \"defaultEnv\": false}").env());
    assertEquals("x", command("{\"argv\": [\"p\"], \"env\": {\"LANG\": \"x\"}}").env().get("LANG"));
  }

  @Test
  void shortForms(@TempDir Path directory) throws Exception {
    Files.writeString(Files.createDirectory(directory.resolve("d")).resolve("f"), "x");
    var read = command(
        """
        {"argv": ["p"], "stdin": "in", "captureBytes": "1k", "stderr": {"file": "/e"}, "limits": {"outputLimit": "2k"},
         "files": {"t": "text"}, "copyIn": ["%s/d", "/etc/passwd:q"], "copyOut": ["o:/h", "d/*.o:/k", "**"], "terminal": null}"""
            .formatted(directory));
    assertEquals("in", new String(((Input.Bytes) read.stdin()).bytes(), StandardCharsets.UTF_8));
    assertEquals(Output.capture(1024), read.stdout());
    assertEquals(Output.file(Path.of("/e")), read.stderr());
    assertEquals(List.of("t", "d/f", "q"), read.copyIn().stream().map(CopyIn::name).toList());
    assertEquals(List.of(CopyOut.file("o", Path.of("/h")).limitBytes(2048),
        CopyOut.matching("d/*.o", Path.of("/k")).limitBytes(2048).replacing(),
        CopyOut.matching("**", Path.of("").toAbsolutePath()).limitBytes(2048)), read.copyOut());
    assertEquals(Input.file(Path.of("/i")), command("{\"argv\": [\"p\"], \"stdinFile\": \"/i\"}").stdin());
    assertEquals(Output.discard(), command("{\"argv\": [\"p\"], \"stdout\": \"discard\"}").stdout());
    assertTrue(command("{\"argv\": [\"p\"], \"terminal\": true}").terminal());
  }

  @Test
  void whatBelongsToThisProcessIsNotWritten() {
    for (var entry : Map.of("stdin", Command.builder("p").stdin(Input.descriptor(0)), "stdout",
        Command.builder("p").stdout(Output.forward(1)), "stderr", Command.builder("p").stderr(Output.descriptor(2)),
        "descriptors", Command.builder("p").descriptor(5, 6), "execFd", Command.builder("p").execFd(7), "sync",
        Command.builder("p").sync(pid -> true)).entrySet()) {
      assertEquals(entry.getKey() + ": given: has no form in JSON: it belongs to this process",
          refused(() -> CordonJson.write(entry.getValue().build())));
    }
    var asking = Supervisor.builder().ask("socket").handler(question -> Decision.allow()).build();
    assertEquals("handler: a SyscallHandler: has no form in JSON", refused(() -> CordonJson.write(asking)));
  }

  @Test
  void supervisors() {
    var supervisor = Samples.supervisor();
    var read = CordonJson.readSupervisor("s", CordonJson.write(supervisor));
    assertEquals(supervisor.engine(), read.engine());
    assertEquals(supervisor.files().orElseThrow().rules(), read.files().orElseThrow().rules());
    assertEquals(supervisor.files().orElseThrow().outside(), read.files().orElseThrow().outside());
    assertEquals(supervisor.ports().orElseThrow().bind(), read.ports().orElseThrow().bind());
    assertEquals(supervisor.ports().orElseThrow().connect(), read.ports().orElseThrow().connect());
    assertTrue(read.ports().orElseThrow().udp());
    assertEquals(supervisor.syscalls(), read.syscalls());
    assertEquals(supervisor.askTimeout(), read.askTimeout());
    assertTrue(read.isRecording() && read.isAuditing());
    assertEquals(CordonJson.write(Supervisor.builder().build()),
        CordonJson.write(CordonJson.readSupervisor("s", "{}")));
    assertEquals(FilePolicy.Scope.TREE, CordonJson.readSupervisor("s", """
        {"files": {"rules": [{"path": "/a", "access": ["read"]}], "outside": "kill"}}""").files().orElseThrow().rules()
        .get(0).scope());
  }

  @Test
  void sandboxes() throws SandboxException {
    var spec = Samples.sandbox();
    var read = sandbox(CordonJson.write(spec));
    assertEquals(CordonJson.write(spec), CordonJson.write(read));
    assertEquals(spec.mounts().toString(), read.mounts().toString());
    assertEquals(spec.network(), read.network());
    assertEquals(spec.hostname(), read.hostname());
    assertEquals(List.of(7, 8, 9, 10), List.of(read.uid(), read.gid(), read.hostUid().orElseThrow(),
        read.hostGid().orElseThrow()));
    assertEquals(spec.required(), read.required());
    assertEquals(spec.preferred(), read.preferred());
    assertEquals(spec.initCommand(), read.initCommand());
    assertEquals(spec.seccomp().rules(), read.seccomp().rules());
    assertEquals(spec.apparmorProfile(), read.apparmorProfile());
    assertEquals(spec.selinuxLabel(), read.selinuxLabel());
    assertEquals(spec.supervisor().orElseThrow().syscalls(), read.supervisor().orElseThrow().syscalls());
  }

  @Test
  void sandboxesWithOtherPoliciesAndWithoutNamespaces() throws SandboxException {
    assertEquals(CordonJson.write(SandboxSpec.defaults()), CordonJson.write(sandbox("{}")));
    assertEquals(CordonJson.write(SandboxSpec.defaults()),
        CordonJson.write(sandbox(CordonJson.write(SandboxSpec.defaults()))));
    for (var policy : List.of(SeccompPolicy.DEFAULT, SeccompPolicy.NONE, SeccompPolicy.bpf(new byte[16]))) {
      var spec = UnshareRunner.builder().seccomp(policy).controlGroups(false).build().spec();
      var read = sandbox(CordonJson.write(spec));
      assertEquals(policy.kind(), read.seccomp().kind());
      assertEquals(policy.bpf(), read.seccomp().bpf());
      assertEquals(spec.required(), read.required());
    }
    var spec = PtraceRunner.builder().apparmorProfile("a").build().spec();
    assertEquals(CordonJson.write(spec), CordonJson.write(sandbox(CordonJson.write(spec))));
    var plan = sandbox("{\"addMounts\": [{\"type\": \"tmpfs\", \"target\": \"/x\"}]}").mounts();
    assertEquals(Mount.defaults().size() + 1, plan.size());
    assertEquals("/x", plan.get(plan.size() - 1).target());
  }

  @Test
  void policiesThatNoProfileCanSay() throws SandboxException {
    var arg = SeccompCondition.arg(5);
    var policy = SeccompPolicy.builder().defaultAction(SeccompAction.errno(0)).unknown(SeccompAction.errno(4000))
        .errno(0, "read").rule(new SeccompAction(SeccompAction.Kind.TRAP, 7), List.of("open", "openat"))
        .rule(SeccompAction.trace(65535), List.of("close"), arg.greaterThan(-1), arg.lessThan(3), arg.notEqualTo(0))
        .killThread("a").kill("b").log("c").notify("d").allow("e").build();
    var read = sandbox(CordonJson.write(SandboxSpec.builder().seccomp(policy).build())).seccomp();
    assertEquals(policy.rules(), read.rules());
    assertEquals(policy.defaultAction(), read.defaultAction());
    assertEquals(policy.unknownAction(), read.unknownAction());
    var profile = sandbox("{\"seccomp\": {\"defaultAction\": \"SCMP_ACT_LOG\"}}").seccomp();
    assertEquals(Optional.of(SeccompAction.log()), profile.defaultAction());
  }

  @Test
  void whatAProfileMeansElsewhereIsTold() throws SandboxException {
    var warnings = new ArrayList<String>();
    CordonJson.readSandbox("s", "{\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"name\":"
        + " \"opne\", \"action\": \"SCMP_ACT_KILL\"}]}}", warnings::add);
    assertEquals(List.of("s:1:71: seccomp.syscalls[0].name: \"opne\": no system call that is known; left out"),
        warnings);
  }

  @Test
  void results() throws SandboxException {
    var result = Samples.result();
    var text = CordonJson.write(result);
    var read = CordonJson.readResult("r", text);
    assertEquals(text, CordonJson.write(read));
    assertEquals(result.status(), read.status());
    assertEquals(result.cause(), read.cause());
    for (var measure : Measure.values()) {
      assertEquals(result.get(measure), read.get(measure), measure.name());
    }
    assertEquals(result.usage(), read.usage());
    assertEquals(result.layers(), read.layers());
    assertEquals(result.missing(), read.missing());
    assertEquals(result.boundaries(), read.boundaries());
    assertSame(result.stdout(), read.stdout());
    assertSame(result.stderr(), read.stderr());
    assertEquals(List.copyOf(result.copiedOut().keySet()), List.copyOf(read.copiedOut().keySet()));
    assertArrayEquals(Samples.BYTES, read.copiedOut().get("bytes").bytes().orElseThrow());
    assertEquals(Optional.empty(), read.copiedOut().get("host").bytes());
    assertArrayEquals(Samples.BYTES, read.copiedOut().get("g*").files().get("g1").bytes().orElseThrow());
    assertTrue(read.copiedOut().get("h/**").files().get("h/1").error().isPresent());
    assertTrue(read.copiedOut().get("h/**").error().isPresent());
    assertEquals(Step.COPY_OUT, read.error().orElseThrow().step());
    assertEquals(result.events(), read.events());
    assertEquals(result.violation(), read.violation());
    assertEquals(result.syscallCounts(), read.syscallCounts());
    assertEquals(result.setupCounts(), read.setupCounts());
    assertEquals(result.label(), read.label());
    assertEquals(result.engine(), read.engine());
  }

  private static void assertSame(Captured expected, Captured found) {
    assertArrayEquals(expected.bytes(), found.bytes());
    assertEquals(expected.truncated(), found.truncated());
    assertEquals(expected.totalBytes(), found.totalBytes());
  }

  @Test
  void anEmptyResult() throws SandboxException {
    var text = CordonJson.write(Result.builder(Status.OK).build());
    assertEquals(text, CordonJson.write(CordonJson.readResult("r", text)));
    assertEquals(Status.OK, CordonJson.readResult("r", "{\"status\": \"OK\"}").status());
  }

  @Test
  void summariesAreRead() throws SandboxException {
    var result = Samples.result();
    var summary = CordonJson.summary(result);
    var read = CordonJson.readResult("r", summary);
    assertEquals(result.cpuTime(), read.cpuTime());
    assertTrue(read.stdout().truncated());
    assertEquals(result.violation().orElseThrow().path(), read.violation().orElseThrow().path());
    assertEquals(result.error().orElseThrow().getMessage(), read.error().orElseThrow().getMessage());
    assertEquals(result.label(), read.label());
    var failed = assertThrows(SandboxException.class,
        () -> CordonJson.readResult("r", CordonJson.summary(Samples.error(), Optional.of("l"))));
    assertEquals(Samples.error().getMessage(), failed.getMessage());
    failed = assertThrows(SandboxException.class,
        () -> CordonJson.readResult("r", CordonJson.summary("no library", Optional.empty())));
    assertEquals(Step.UNKNOWN, failed.step());
    assertEquals("no library", failed.detail());
  }

  @Test
  void theLabelStandsBeforeTheBoundaries() {
    var labelled = Result.builder(Status.OK).label("l").build();
    assertTrue(
        CordonJson.summary(labelled).endsWith("\"violation\":null,\"label\":\"l\",\"boundaries\":[],\"error\":null}"));
    assertTrue(CordonJson.summary("x", Optional.of("l")).contains("\"label\":\"l\",\"boundaries\":null,\"error\":{"));
  }

  @Test
  void errors() {
    var error = Samples.error();
    var read = CordonJson.readError("e", CordonJson.write(error));
    assertEquals(error.getMessage(), read.getMessage());
    assertEquals(error.kind(), read.kind());
    assertEquals(error.property(), read.property());
    assertEquals(error.origin(), read.origin());
    assertEquals(CordonJson.write(error), CordonJson.write(read));
    var truncated = SandboxException.builder(Step.EXECVE).detail("x".getBytes(StandardCharsets.UTF_8), true).build();
    assertTrue(CordonJson.readError("e", CordonJson.write(truncated)).detailTruncated());
  }

  @Test
  void events() {
    assertEquals(Samples.event(), CordonJson.readSecurityEvent("e", CordonJson.write(Samples.event())));
    for (var event : Samples.events()) {
      var read = CordonJson.readEvent("e", CordonJson.write(event));
      assertEquals(CordonJson.write(event), CordonJson.write(read));
      if (!(event instanceof CordonEvent.RunFinished)) {
        assertEquals(event, read);
      }
    }
    assertEquals(CordonEventJson.KINDS.values().stream().collect(Collectors.toSet()),
        Samples.events().stream().map(Object::getClass).collect(Collectors.toSet()));
    assertEquals("{\"type\":\"container-opened\",\"id\":\"7\",\"pool\":null,\"timeNs\":8}",
        CordonJson.write(Samples.events().get(6)));
  }

  @Test
  void batches() throws Exception {
    var line = BatchLine.of("b", 3, "{\"id\": {\"x\": [1, 2.5, null, true]}, \"argv\": [\"p\"], \"label\": \"l\"}");
    assertEquals("l", line.command().label().orElseThrow());
    var result =
        Result.builder(Status.OK).label("l").stdout(new Captured("out".getBytes(StandardCharsets.UTF_8), false, 3))
            .build();
    var text = line.result(result);
    assertTrue(text.startsWith("{\"line\":3,\"id\":{\"x\":[1,2.5,null,true]},\"status\":\"OK\","), text);
    assertTrue(text.endsWith("\"error\":null,\"stdout\":\"out\",\"stderr\":\"\"}"), text);
    var read = BatchResult.read("b", text);
    assertEquals(3, read.line());
    assertEquals(line.id(), read.id());
    assertEquals("out", read.result().orElseThrow().stdout().text());
    var failed = BatchResult.read("b", line.failure(Samples.error()));
    assertEquals(Samples.error().getMessage(), failed.error().orElseThrow().getMessage());
    assertEquals(Optional.empty(), failed.result());
    var wrong = BatchLine.of("b", 4, "nonsense");
    assertTrue(wrong.failure("x").startsWith("{\"line\":4,\"id\":null,\"status\":\"SANDBOX_ERROR\","));
    assertEquals("b:4:1: no JSON: Unrecognized token 'nonsense': was expecting (JSON String, Number, Array, Object or"
        + " token 'null', 'true' or 'false')", assertThrows(InvalidJsonException.class, wrong::command).getMessage());
    assertNull(BatchLine.of("b", 1, "{\"id\": null, \"argv\": [\"p\"]}").id().orElse(null));
  }
}
