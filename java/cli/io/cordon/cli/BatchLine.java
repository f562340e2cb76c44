package io.cordon.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cordon.Command;
import io.cordon.CopyIn;
import io.cordon.CopyOut;
import io.cordon.Input;
import io.cordon.Limits;
import io.cordon.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One line of a batch: an object that describes a command. The fields are in docs/reference/batch.md. */
final class BatchLine {
  private static final Set<String> FIELDS = Set.of("id", "argv", "stdin", "stdinFile", "env", "workDir", "cpuset",
      "limits", "captureBytes", "files", "copyIn", "copyOut", "terminal");

  private static final Set<String> LIMITS = Set.of("cpuTime", "wallTime", "idleTime", "memory", "stack", "processes",
      "outputLimit", "openFiles", "outputTotal", "cpuRate", "cpuWeight");

  private final Map<?, ?> fields;

  private BatchLine(Map<?, ?> fields) {
    this.fields = fields;
  }

  /** Reads a line; what is wrong with it is an {@link IllegalArgumentException}. */
  static BatchLine of(String text) {
    Object read;
    try {
      read = JSON.std.with(JSON.Feature.FAIL_ON_DUPLICATE_MAP_KEYS).anyFrom(text);
    } catch (IOException e) {
      throw new IllegalArgumentException("no JSON: " + firstLine(e), e);
    }
    if (!(read instanceof Map<?, ?> object)) {
      throw new IllegalArgumentException("must be an object");
    }
    known("", object, FIELDS);
    return new BatchLine(object);
  }

  private static String firstLine(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private static void known(String where, Map<?, ?> object, Set<String> names) {
    for (var name : object.keySet()) {
      if (!names.contains(String.valueOf(name))) {
        throw new IllegalArgumentException(where + name + ": is none of " + new TreeSet<>(names));
      }
    }
  }

  /** What the caller calls the line, if anything. */
  @Nullable Object id() {
    return fields.get("id");
  }

  Command command() throws IOException {
    var builder = Command.builder(strings("argv"));
    var directory = text("workDir");
    if (directory != null) {
      builder.workDir(directory);
    }
    var cpus = text("cpuset");
    if (cpus != null) {
      builder.cpuset(cpus);
    }
    var input = text("stdin");
    var inputFile = text("stdinFile");
    if (input != null && inputFile != null) {
      throw new IllegalArgumentException("stdinFile: " + inputFile + ": stdin is given, too");
    }
    builder.stdin(input != null ? Input.text(input) : inputFile != null ? Input.file(Path.of(inputFile)) : Input.none());
    object("env").forEach((name, value) -> builder.env(String.valueOf(name), string("env " + name, value)));
    object("files").forEach((name, value) ->
        builder.copyIn(CopyIn.text(String.valueOf(name), string("files " + name, value))));
    var limits = limits();
    builder.limits(limits).terminal(Boolean.TRUE.equals(fields.get("terminal")));
    if (fields.containsKey("captureBytes")) {
      var output = Output.capture(Values.bytes(String.valueOf(fields.get("captureBytes"))));
      builder.stdout(output).stderr(output);
    }
    copies(builder, limits);
    return builder.build();
  }

  private void copies(Command.Builder builder, Limits limits) throws IOException {
    for (var item : stringsOrNone("copyIn")) {
      var transfer = new FileOptions.CopyInConverter().convert(item);
      if (Files.isDirectory(transfer.host())) {
        builder.copyInDirectory(transfer.host(), transfer.name());
      } else {
        builder.copyIn(CopyIn.file(transfer.host(), transfer.name()));
      }
    }
    for (var item : stringsOrNone("copyOut")) {
      var transfer = new FileOptions.CopyOutConverter().convert(item);
      builder.copyOut(CopyOut.file(transfer.name(), transfer.host()).limitBytes(limits.outputBytes()));
    }
  }

  private Limits limits() {
    var given = object("limits");
    known("limits.", given, LIMITS);
    var limits = Limits.builder();
    given.forEach((name, value) -> limit(limits, String.valueOf(name), String.valueOf(value)));
    return limits.build();
  }

  private static void limit(Limits.Builder limits, String name, String value) {
    try {
      switch (name) {
        case "cpuTime" -> limits.cpuTime(new Values.Time().convert(value));
        case "wallTime" -> limits.wallTime(new Values.Time().convert(value));
        case "idleTime" -> limits.idleTime(new Values.Time().convert(value));
        case "memory" -> limits.memoryBytes(new Values.Size().convert(value));
        case "stack" -> limits.stackBytes(new Values.Size().convert(value));
        case "outputLimit" -> limits.outputBytes(new Values.Size().convert(value));
        case "outputTotal" -> limits.outputTotalBytes(new Values.Size().convert(value));
        case "cpuRate" -> limits.cpuRate(new Values.Rate().convert(value));
        case "cpuWeight" -> limits.cpuWeight(new Values.Weight().convert(value));
        case "processes" -> limits.processes(new Values.Count().convert(value));
        default -> limits.openFiles(new Values.Count().convert(value));
      }
    } catch (picocli.CommandLine.TypeConversionException e) {
      throw new IllegalArgumentException("limits." + name + ": " + e.getMessage(), e);
    }
  }

  private static String string(String field, @Nullable Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException(field + ": " + value + ": must be a string");
  }

  private @Nullable String text(String field) {
    return fields.get(field) == null ? null : string(field, fields.get(field));
  }

  private Map<?, ?> object(String field) {
    var value = fields.get(field);
    if (value == null) {
      return Map.of();
    }
    if (value instanceof Map<?, ?> object) {
      return object;
    }
    throw new IllegalArgumentException(field + ": " + value + ": must be an object");
  }

  private List<String> stringsOrNone(String field) {
    return fields.get(field) == null ? List.of() : strings(field);
  }

  private List<String> strings(String field) {
    if (!(fields.get(field) instanceof List<?> list)) {
      throw new IllegalArgumentException(field + ": " + fields.get(field) + ": must be an array of strings");
    }
    var strings = new ArrayList<String>(list.size());
    for (var item : list) {
      strings.add(string(field, item));
    }
    return strings;
  }
}
