// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import io.cordon.Boundary;
import io.cordon.Captured;
import io.cordon.Cause;
import io.cordon.CopiedFile;
import io.cordon.Measure;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.Source;
import io.cordon.Status;
import io.cordon.Step;
import io.cordon.supervisor.FilePolicyState;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Results, in three forms of which each has the fields of the one before: the summary, with the output as text, and
 * whole. A summary has its fields in every case; what does not apply is null. Only the label is left out where there is
 * none.
 */
final class ResultJson {
  static final Words<Boundary> BOUNDARY = Words.lower(Boundary.class);
  static final Words<Cause> CAUSE = Words.names(Cause.class);
  static final Words<FilePolicyState> FILE_POLICY = Words.lower(FilePolicyState.class);
  static final Words<Source> SOURCE = Words.lower(Source.class);
  static final Words<Status> STATUS = Words.names(Status.class);

  /** The status of what is no result but an error. */
  static final String FAILED = "SANDBOX_ERROR";

  static final String LABEL = "label";

  private static final List<String> FIRST = List.of("status", "cause", "exitCode", "signal");

  private static final List<String> LAST = List.of("outputTruncated", "syscall", "syscallName", "layers", "filePolicy",
      "engine", "eventsTotal", "violation", LABEL, "boundaries", "error");

  private static final List<String> OUTPUT = List.of("stdout", "stderr");

  private static final List<String> WHOLE =
      List.of("missing", "output", "copiedOut", "events", "syscallCounts", "setupCounts");

  private static final List<String> ALL = Stream.of(FIRST, keys(false), LAST, OUTPUT, keys(true), WHOLE)
      .flatMap(List::stream).distinct().toList();

  private ResultJson() {}

  /** The names of what is measured. */
  private static List<String> keys(boolean all) {
    return Arrays.stream(Measure.values()).filter(measure -> all || measure.isInSummary()).map(Measure::key).toList();
  }

  static Map<String, @Nullable Object> summary(Result result) {
    var json = empty(STATUS.of(result.status()), result.label());
    json.put("cause", result.cause() == Cause.NONE ? null : CAUSE.of(result.cause()));
    json.put("exitCode", Values.boxed(result.exitCode()));
    json.put("signal", Values.boxed(result.signal()));
    for (var measure : Measure.values()) {
      if (measure.isInSummary()) {
        json.put(measure.key(), measured(result, measure));
      }
    }
    json.put("outputTruncated", result.stdout().truncated() || result.stderr().truncated());
    json.put("syscall", Values.boxed(result.syscall()));
    json.put("syscallName", result.syscallName().orElse(null));
    json.put("layers", SandboxJson.LAYER.of(result.layers()));
    json.put("filePolicy", FILE_POLICY.of(result.filePolicy()));
    json.put("engine", result.engine().map(SupervisorJson.ENGINE::of).orElse(null));
    json.put("eventsTotal", result.eventsTotal());
    json.put("violation", result.violation().map(EventJson::summary).orElse(null));
    json.put("boundaries", BOUNDARY.of(result.boundaries()));
    json.put("error", result.error().map(ErrorJson::summary).orElse(null));
    return json;
  }

  private static @Nullable Object measured(Result result, Measure measure) {
    if (measure.unit() != Measure.Unit.SOURCE) {
      return Values.boxed(result.get(measure));
    }
    var source = result.source(measure);
    return source == Source.NONE ? null : SOURCE.of(source);
  }

  static Map<String, @Nullable Object> withOutput(Result result) {
    var json = summary(result);
    json.put("stdout", result.stdout().text());
    json.put("stderr", result.stderr().text());
    return json;
  }

  static Map<String, @Nullable Object> whole(Result result) {
    var json = withOutput(result);
    json.put("violation", result.violation().map(EventJson::tree).orElse(null));
    json.put("error", result.error().map(ErrorJson::tree).orElse(null));
    for (var measure : Measure.values()) {
      json.putIfAbsent(measure.key(), measured(result, measure));
    }
    json.put("missing", SandboxJson.LAYER.of(result.missing()));
    var output = new LinkedHashMap<String, @Nullable Object>();
    output.put("stdout", tree(result.stdout()));
    output.put("stderr", tree(result.stderr()));
    json.put("output", output);
    var copied = new LinkedHashMap<String, @Nullable Object>();
    result.copiedOut().forEach((name, file) -> copied.put(name, tree(file)));
    json.put("copiedOut", copied);
    json.put("events", result.events().stream().map(EventJson::tree).toList());
    json.put("syscallCounts", result.syscallCounts());
    json.put("setupCounts", result.setupCounts());
    return json;
  }

  /** What of a stream the text does not tell. */
  private static Map<String, @Nullable Object> tree(Captured stream) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("truncated", stream.truncated());
    json.put("totalBytes", stream.totalBytes());
    if (!Arrays.equals(stream.text().getBytes(StandardCharsets.UTF_8), stream.bytes())) {
      json.put("base64", Values.base64(stream.bytes()));
    }
    return json;
  }

  private static Map<String, @Nullable Object> tree(CopiedFile file) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    file.bytes().ifPresent(bytes -> Values.putBytes(json, "text", "base64", bytes));
    file.error().ifPresent(error -> json.put("error", ErrorJson.tree(error)));
    if (!file.files().isEmpty()) {
      var files = new LinkedHashMap<String, @Nullable Object>();
      file.files().forEach((name, matched) -> files.put(name, tree(matched)));
      json.put("files", files);
    }
    return json;
  }

  /** What there is instead of a result. */
  static Map<String, @Nullable Object> failed(Map<String, @Nullable Object> error, Optional<String> label) {
    var json = empty(FAILED, label);
    json.put("error", error);
    return json;
  }

  private static Map<String, @Nullable Object> empty(String status, Optional<String> label) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    Stream.of(FIRST, keys(false), LAST).flatMap(List::stream).forEach(field -> json.put(field, null));
    json.put("status", status);
    if (label.isPresent()) {
      json.put(LABEL, label.get());
    } else {
      json.remove(LABEL);
    }
    return json;
  }

  /** Reads any of the forms, or throws what there is instead of a result. */
  static Result read(JsonNode node) throws SandboxException {
    return read(new Fields(node, ALL));
  }

  /** The same of an object with further fields. */
  static Result read(JsonNode node, List<String> others) throws SandboxException {
    return read(new Fields(node, Stream.concat(others.stream(), ALL.stream()).toList()));
  }

  private static Result read(Fields fields) throws SandboxException {
    var status = fields.need("status", "must be one of " + STATUS.all());
    var error = fields.get("error");
    if (status.isText() && status.text().equals(FAILED)) {
      throw error == null ? SandboxException.of(Step.UNKNOWN, 0, "") : ErrorJson.read(error);
    }
    var result = Result.builder(STATUS.read(status));
    fields.use("cause", field -> result.cause(CAUSE.read(field)));
    fields.use("exitCode", field -> result.exitCode(Values.int32(field)));
    fields.use("signal", field -> result.signal(Values.int32(field)));
    for (var measure : Measure.values()) {
      fields.use(measure.key(), field -> result.set(measure, measure.unit() == Measure.Unit.SOURCE
          ? SOURCE.read(field).ordinal() : field.number(0, Long.MAX_VALUE)));
    }
    fields.use("syscall", field -> result.syscall(Values.int32(field)));
    fields.text(LABEL, result::label);
    readWalls(fields, result);
    readOutput(fields, result);
    readEvents(fields, result);
    result.copiedOut(fields.read("copiedOut", ResultJson::copied, Map.of()));
    if (error != null && fields.get("copiedOut") == null) {
      var failure = ErrorJson.read(error);
      result.copiedOut(Map.of(failure.detail(), CopiedFile.failed(failure)));
    }
    return result.build();
  }

  private static void readWalls(Fields fields, Result.Builder result) {
    fields.use("layers", field -> result.layers(SandboxJson.LAYER.readSet(field)));
    fields.use("missing", field -> result.missing(SandboxJson.LAYER.readSet(field)));
    fields.use("boundaries", field -> result.boundaries(BOUNDARY.readAll(field)));
    fields.use("filePolicy", field -> result.filePolicy(FILE_POLICY.read(field)));
    fields.use("engine", field -> result.engine(SupervisorJson.ENGINE.read(field)));
  }

  /** The short form does not tell which stream was truncated; it is said of standard output. */
  private static void readOutput(Fields fields, Result.Builder result) {
    boolean truncated = fields.read("outputTruncated", JsonNode::bool, false);
    var output = fields.object("output", OUTPUT);
    result.stdout(captured(fields, output, "stdout", truncated));
    result.stderr(captured(fields, output, "stderr", false));
  }

  private static Captured captured(Fields fields, Fields output, String stream, boolean truncated) {
    var text = fields.read(stream, Values::utf8, new byte[0]);
    var more = output.object(stream, List.of("truncated", "totalBytes", "base64"));
    var bytes = more.read("base64", Values::base64, text);
    return new Captured(bytes, more.read("truncated", JsonNode::bool, truncated),
        more.read("totalBytes", node -> node.number(0, Long.MAX_VALUE), (long) bytes.length));
  }

  private static Map<String, CopiedFile> copied(JsonNode node) {
    var copied = new LinkedHashMap<String, CopiedFile>();
    node.entries().forEach((name, file) -> copied.put(name, copiedFile(file)));
    return copied;
  }

  private static CopiedFile copiedFile(JsonNode node) {
    var fields = new Fields(node, List.of("text", "base64", "error", "files"));
    var error = fields.get("error");
    var files = fields.get("files");
    if (files != null) {
      return CopiedFile.matched(copied(files), false, error == null ? null : ErrorJson.read(error));
    }
    if (error != null) {
      return CopiedFile.failed(ErrorJson.read(error));
    }
    var text = fields.read("text", field -> CopiedFile.of(Values.utf8(field)), CopiedFile.elsewhere());
    return fields.read("base64", field -> CopiedFile.of(Values.base64(field)), text);
  }

  private static void readEvents(Fields fields, Result.Builder result) {
    fields.use("eventsTotal", field -> result.eventsTotal(field.number(0, Long.MAX_VALUE)));
    fields.use("events", field -> result.events(field.items().stream().map(EventJson::read).toList()));
    fields.use("violation", field -> result.violation(EventJson.read(field)));
    fields.use("syscallCounts", field -> result.syscallCounts(counts(field)));
    fields.use("setupCounts", field -> result.setupCounts(counts(field)));
  }

  private static SortedMap<String, Long> counts(JsonNode node) {
    var counts = new TreeMap<String, Long>();
    node.entries().forEach((name, count) -> counts.put(name, count.number(0, Long.MAX_VALUE)));
    return counts;
  }
}
