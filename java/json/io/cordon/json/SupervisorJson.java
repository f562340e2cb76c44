// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import io.cordon.Limit;
import io.cordon.internal.util.Checks;
import io.cordon.supervisor.Decision;
import io.cordon.supervisor.Engine;
import io.cordon.supervisor.FilePolicy;
import io.cordon.supervisor.PortPolicy;
import io.cordon.supervisor.Supervisor;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Supervisors. A handler has no form: it is code. */
final class SupervisorJson {
  static final Words<Engine> ENGINE = Words.lower(Engine.class);
  static final Words<FilePolicy.Scope> SCOPE = Words.lower(FilePolicy.Scope.class);
  static final Words<FilePolicy.Access> ACCESS = Words.lower(FilePolicy.Access.class);

  private static final List<String> FIELDS =
      List.of("engine", "files", "ports", "syscalls", "askTimeout", "record", "audit");

  private SupervisorJson() {}

  static Map<String, @Nullable Object> tree(Supervisor supervisor) {
    if (supervisor.handler().isPresent()) {
      throw Checks.refuse("handler", "a SyscallHandler", "has no form in JSON");
    }
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("engine", ENGINE.of(supervisor.engine()));
    supervisor.files().ifPresent(files -> json.put("files", tree(files)));
    supervisor.ports().ifPresent(ports -> json.put("ports", tree(ports)));
    if (!supervisor.syscalls().isEmpty()) {
      json.put("syscalls", supervisor.syscalls().stream().map(SupervisorJson::tree).toList());
    }
    json.put("askTimeout", Values.limit(Limit.Unit.NANOSECONDS, supervisor.askTimeout().toNanos()));
    json.put("record", supervisor.isRecording());
    json.put("audit", supervisor.isAuditing());
    return json;
  }

  private static Map<String, @Nullable Object> tree(FilePolicy files) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("rules", files.rules().stream().map(rule -> {
      var item = new LinkedHashMap<String, @Nullable Object>();
      item.put("path", rule.path());
      item.put("scope", SCOPE.of(rule.scope()));
      item.put("access", ACCESS.of(rule.access()));
      return item;
    }).toList());
    json.put("outside", Values.decision(files.outside()));
    return json;
  }

  private static Map<String, @Nullable Object> tree(PortPolicy ports) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("bind", ports.bind());
    json.put("connect", ports.connect());
    json.put("udp", ports.udp());
    return json;
  }

  private static Map<String, @Nullable Object> tree(Supervisor.SyscallRule rule) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("syscall", rule.syscall());
    json.put("decision", Values.decision(rule.decision()));
    if (rule.limit() != Supervisor.COUNT_ONLY) {
      json.put("limit", rule.limit());
    }
    return json;
  }

  static Supervisor read(JsonNode node) {
    var fields = new Fields(node, FIELDS);
    var supervisor = Supervisor.builder();
    fields.use("engine", field -> supervisor.engine(ENGINE.read(field)));
    fields.use("files", field -> supervisor.files(files(field)));
    fields.use("ports", field -> supervisor.ports(ports(field)));
    fields.use("syscalls", field -> field.items().forEach(rule -> rule.checked(() -> syscall(rule, supervisor))));
    fields.use("askTimeout", field -> supervisor.askTimeout(timeout(field)));
    fields.use("record", field -> supervisor.record(field.bool()));
    fields.use("audit", field -> supervisor.audit(field.bool()));
    return fields.make(supervisor::build);
  }

  private static Duration timeout(JsonNode node) {
    long nanos = Values.limit(Limit.Unit.NANOSECONDS, node);
    return nanos == Checks.UNLIMITED ? Checks.FOREVER : Duration.ofNanos(nanos);
  }

  private static FilePolicy files(JsonNode node) {
    var fields = new Fields(node, List.of("rules", "outside"));
    var policy = FilePolicy.builder();
    fields.use("outside", field -> policy.outside(Values.decision(field)));
    fields.use("rules", field -> field.items().forEach(rule -> rule.checked(() -> rule(rule, policy))));
    return fields.make(policy::build);
  }

  private static FilePolicy.Builder rule(JsonNode node, FilePolicy.Builder policy) {
    var fields = new Fields(node, List.of("path", "scope", "access"));
    var access = ACCESS.readSet(fields.need("access", "must be an array of strings"));
    return policy.rule(fields.text("path"), fields.read("scope", SCOPE::read, FilePolicy.Scope.TREE),
        access.toArray(FilePolicy.Access[]::new));
  }

  private static PortPolicy ports(JsonNode node) {
    var fields = new Fields(node, List.of("bind", "connect", "udp"));
    var policy = PortPolicy.builder();
    fields.use("bind", field -> field.items().forEach(port -> policy.bind(Values.int32(port))));
    fields.use("connect", field -> field.items().forEach(port -> policy.connect(Values.int32(port))));
    fields.use("udp", field -> policy.udp(field.bool()));
    return fields.make(policy::build);
  }

  private static Supervisor.Builder syscall(JsonNode node, Supervisor.Builder supervisor) {
    var fields = new Fields(node, List.of("syscall", "decision", "limit"));
    var name = fields.text("syscall");
    var decision = Values.decision(fields.need("decision", "must be allow, kill, ask, or an errno such as EPERM"));
    var limit = fields.get("limit");
    if (decision.kind() != Decision.Kind.ALLOW) {
      return supervisor.limit(name, limit == null ? 0 : limit.number(0, Supervisor.COUNT_ONLY - 1), decision);
    }
    if (limit != null) {
      throw limit.refuseValue("goes with another decision than allow");
    }
    return supervisor.count(name);
  }
}
