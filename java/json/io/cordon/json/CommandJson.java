// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import io.cordon.Command;
import io.cordon.CopyIn;
import io.cordon.CopyOut;
import io.cordon.Input;
import io.cordon.Limit;
import io.cordon.Limits;
import io.cordon.Output;
import io.cordon.Resource;
import io.cordon.Rlimit;
import io.cordon.internal.util.Checks;
import io.cordon.internal.util.Transfer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Commands. Descriptors and actions have no form: they belong to this process. */
final class CommandJson {
  static final Words<Resource> RESOURCE = Words.lower(Resource.class);

  static final List<String> FIELDS = List.of("argv", "label", "env", "defaultEnv", "workDir", "cpuset", "limits",
      "stdin", "stdinFile", "stdinBase64", "stdout", "stderr", "captureBytes", "files", "copyIn", "copyOut", "rlimits",
      "terminal", "supervisor");

  private static final String OUTPUT_RULE = "must be \"discard\", {\"captureBytes\": SIZE} or {\"file\": PATH}";

  private CommandJson() {}

  static Map<String, @Nullable Object> tree(Command command) {
    refuse("descriptors", command.descriptors().isEmpty());
    refuse("execFd", command.execFd().isEmpty());
    refuse("sync", command.sync().isEmpty());
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("argv", command.args());
    Values.put(json, "label", command.label());
    if (!command.ownEnv().isEmpty()) {
      json.put("env", command.ownEnv());
    }
    if (!command.hasDefaultEnv()) {
      json.put("defaultEnv", false);
    }
    Values.put(json, "workDir", command.ownWorkDir());
    Values.put(json, "cpuset", command.cpuset());
    json.put("limits", LimitsJson.tree(command.limits()));
    putInput(json, command.stdin());
    putOutput(json, "stdout", command.stdout());
    putOutput(json, "stderr", command.stderr());
    putLists(json, command);
    if (command.terminal()) {
      json.put("terminal", true);
    }
    command.supervisor().ifPresent(supervisor -> json.put("supervisor", SupervisorJson.tree(supervisor)));
    return json;
  }

  private static void putLists(Map<String, @Nullable Object> json, Command command) {
    if (!command.copyIn().isEmpty()) {
      json.put("copyIn", command.copyIn().stream().map(CommandJson::tree).toList());
    }
    if (!command.copyOut().isEmpty()) {
      json.put("copyOut", command.copyOut().stream().map(CommandJson::tree).toList());
    }
    if (!command.rlimits().isEmpty()) {
      json.put("rlimits", command.rlimits().stream().map(CommandJson::tree).toList());
    }
  }

  private static void refuse(String property, boolean isAbsent) {
    if (!isAbsent) {
      throw Checks.refuse(property, "given", "has no form in JSON: it belongs to this process");
    }
  }

  private static void putInput(Map<String, @Nullable Object> json, Input input) {
    refuse("stdin", !(input instanceof Input.Descriptor));
    if (input instanceof Input.HostFile file) {
      json.put("stdinFile", file.path().toString());
    } else if (input instanceof Input.Bytes bytes) {
      Values.putBytes(json, "stdin", "stdinBase64", bytes.bytes());
    }
  }

  private static void putOutput(Map<String, @Nullable Object> json, String stream, Output output) {
    refuse(stream, !(output instanceof Output.Descriptor || output instanceof Output.Forward));
    if (output instanceof Output.HostFile file) {
      json.put(stream, Map.of("file", file.path().toString()));
    } else if (!(output instanceof Output.Capture capture)) {
      json.put(stream, output instanceof Output.ToStdout ? "stdout" : "discard");
    } else if (!capture.equals(Output.capture())) {
      json.put(stream, Map.of("captureBytes", capture.limitBytes()));
    }
  }

  private static Map<String, @Nullable Object> tree(CopyIn item) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("name", item.name());
    if (item instanceof CopyIn.HostFile file) {
      json.put("file", file.path().toString());
    } else if (item instanceof CopyIn.Bytes bytes) {
      Values.putBytes(json, "text", "base64", bytes.bytes());
    }
    item.mode().ifPresent(bits -> json.put("mode", Values.mode(bits)));
    if (item.isReplacing()) {
      json.put("replace", true);
    }
    return json;
  }

  private static Map<String, @Nullable Object> tree(CopyOut item) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    if (item instanceof CopyOut.Matching matching) {
      json.put("pattern", item.name());
      matching.directory().ifPresent(directory -> json.put("directory", directory.toString()));
      json.put("most", matching.most());
      if (matching.isReplacing()) {
        json.put("replace", true);
      }
    } else {
      json.put("name", item.name());
    }
    if (item instanceof CopyOut.ToHost file) {
      json.put("file", file.path().toString());
    }
    json.put("limitBytes", Values.limit(Limit.Unit.BYTES, item.limitBytes()));
    json.put("optional", item.isOptional());
    if (item.isTruncated()) {
      json.put("truncate", true);
    }
    return json;
  }

  private static Map<String, @Nullable Object> tree(Rlimit limit) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("resource", RESOURCE.of(limit.resource()));
    json.put("soft", Values.orUnlimited(limit.soft()));
    json.put("hard", Values.orUnlimited(limit.hard()));
    return json;
  }

  /** What is read of a directory of the host that copyIn names may fail. */
  static Command read(Fields fields) throws IOException {
    var argv = fields.need("argv", "must be an array of strings");
    var builder = argv.checked(() -> Command.builder(argv.texts()));
    fields.text("label", builder::label);
    readEnv(fields, builder);
    fields.text("workDir", builder::workDir);
    fields.text("cpuset", builder::cpuset);
    var limits = fields.read("limits", LimitsJson::read, Limits.defaults());
    builder.limits(limits);
    readInput(fields, builder);
    readOutputs(fields, builder);
    fields.use("files", field -> field.entries()
        .forEach((name, text) -> text.checked(() -> builder.copyIn(CopyIn.bytes(name, Values.utf8(text))))));
    try {
      fields.use("copyIn", field -> field.items().forEach(item -> item.checked(() -> copyIn(item, builder))));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    fields.use("copyOut", field -> field.items()
        .forEach(item -> item.checked(() -> builder.copyOut(copyOut(item, limits.outputBytes())))));
    fields.use("rlimits", field -> field.items().forEach(item -> builder.rlimit(rlimit(item))));
    fields.use("terminal", field -> builder.terminal(field.bool()));
    fields.use("supervisor", field -> builder.supervisor(SupervisorJson.read(field)));
    return fields.make(builder::build);
  }

  private static void readEnv(Fields fields, Command.Builder builder) {
    fields.use("defaultEnv", field -> {
      if (!field.bool()) {
        builder.env(Map.of());
      }
    });
    fields.use("env",
        field -> field.entries().forEach((name, value) -> value.checked(() -> builder.env(name, value.text()))));
  }

  private static void readInput(Fields fields, Command.Builder builder) {
    String before = null;
    for (var name : List.of("stdin", "stdinFile", "stdinBase64")) {
      var field = fields.get(name);
      if (field != null && before != null) {
        throw field.refuseValue(before + " is given, too");
      }
      before = field == null ? before : name;
    }
    fields.use("stdin", field -> builder.stdin(Input.bytes(Values.utf8(field))));
    fields.use("stdinFile", field -> builder.stdin(Input.file(Values.path(field))));
    fields.use("stdinBase64", field -> builder.stdin(Input.bytes(Values.base64(field))));
  }

  private static void readOutputs(Fields fields, Command.Builder builder) {
    fields.use("captureBytes", field -> {
      var output = Output.capture(Values.bytes(field));
      builder.stdout(output).stderr(output);
    });
    fields.use("stdout", field -> builder.stdout(output(field, OUTPUT_RULE)));
    fields.use("stderr", field -> builder.stderr(field.isText() && field.text().equals("stdout") ? Output.toStdout()
        : output(field, OUTPUT_RULE + ", or \"stdout\"")));
  }

  private static Output output(JsonNode node, String rule) {
    if (!node.isObject()) {
      if (!node.isText() || !node.text().equals("discard")) {
        throw node.refuseValue(rule);
      }
      return Output.discard();
    }
    var fields = new Fields(node, List.of("captureBytes", "file"));
    var capture = fields.get("captureBytes");
    var file = fields.get("file");
    if ((capture == null) == (file == null)) {
      throw node.refuseValue(rule);
    }
    return file != null ? Output.file(Values.path(file))
        : fields.read("captureBytes", size -> Output.capture(Values.bytes(size)), Output.capture());
  }

  private static Command.Builder copyIn(JsonNode node, Command.Builder builder) {
    if (node.isObject()) {
      return builder.copyIn(copyIn(node));
    }
    var transfer = node.checkedValue(() -> Transfer.in(node.text()));
    if (!Files.isDirectory(transfer.host())) {
      return builder.copyIn(CopyIn.file(transfer.host(), transfer.name()));
    }
    try {
      return builder.copyInDirectory(transfer.host(), transfer.name());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CopyIn copyIn(JsonNode node) {
    var fields = new Fields(node, List.of("name", "text", "base64", "file", "mode", "replace"));
    var name = fields.text("name");
    CopyIn item = null;
    for (var kind : List.of("text", "base64", "file")) {
      var field = fields.get(kind);
      if (field != null) {
        if (item != null) {
          throw node.refuse("must have one of text, base64 and file");
        }
        item = switch (kind) {
          case "text" -> CopyIn.bytes(name, Values.utf8(field));
          case "base64" -> CopyIn.bytes(name, Values.base64(field));
          default -> CopyIn.file(Values.path(field), name);
        };
      }
    }
    if (item == null) {
      throw node.refuse("must have one of text, base64 and file");
    }
    item = fields.read("replace", JsonNode::bool, false) ? item.replacing() : item;
    var mode = fields.get("mode");
    return mode == null ? item : item.mode(Values.mode(mode));
  }

  private static CopyOut copyOut(JsonNode node, long usualBytes) {
    if (!node.isObject()) {
      return node.checkedValue(() -> CopyOut.parse(node.text())).limitBytes(usualBytes);
    }
    var fields = new Fields(node, List.of("name", "file", "pattern", "directory", "most", "replace", "limitBytes",
        "optional", "truncate"));
    if (fields.get("pattern") != null) {
      return bounded(fields, matching(node, fields));
    }
    for (var other : List.of("directory", "most", "replace")) {
      if (fields.get(other) != null) {
        throw node.refuse(other + " is for a pattern");
      }
    }
    var file = fields.get("file");
    return bounded(fields, file == null ? CopyOut.keep(fields.text("name"))
        : CopyOut.file(fields.text("name"), Values.path(file)));
  }

  private static CopyOut matching(JsonNode node, Fields fields) {
    if (fields.get("name") != null || fields.get("file") != null) {
      throw node.refuse("must have either name or pattern, and file with name alone");
    }
    var directory = fields.get("directory");
    var item = directory == null ? CopyOut.matching(fields.text("pattern"))
        : CopyOut.matching(fields.text("pattern"), Values.path(directory));
    var most = fields.get("most");
    var counted = most == null ? item
        : most.checkedValue(() -> item.most((int) most.number(1, CopyOut.Matching.HIGHEST_MOST)));
    return fields.read("replace", JsonNode::bool, false) ? counted.replacing() : counted;
  }

  private static CopyOut bounded(Fields fields, CopyOut item) {
    var sized = fields.read("limitBytes", size -> item.limitBytes(Values.limit(Limit.Unit.BYTES, size)), item);
    var cut = fields.read("truncate", JsonNode::bool, false) ? sized.truncated() : sized;
    return fields.read("optional", JsonNode::bool, false) ? cut.optional() : cut;
  }

  private static Rlimit rlimit(JsonNode node) {
    var fields = new Fields(node, List.of("resource", "soft", "hard"));
    var resource = RESOURCE.read(fields.need("resource", "must be one of " + RESOURCE.all()));
    long soft = Values.orUnlimited(fields.need("soft", Values.OR_UNLIMITED));
    long hard = Values.orUnlimited(fields.need("hard", Values.OR_UNLIMITED));
    return fields.make(() -> new Rlimit(resource, soft, hard));
  }
}
