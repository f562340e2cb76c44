package io.cordon.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cordon.Cause;
import io.cordon.Layer;
import io.cordon.ResourceUsage;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.Source;
import io.cordon.supervisor.Engine;
import io.cordon.supervisor.SecurityEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The object that {@code --result} writes. The names are fixed: docs/reference/result.md. Absent values are null. */
final class ResultJson {
  private static final List<String> FIELDS = List.of("status", "cause", "exitCode", "signal", "cpuTimeNs",
      "userTimeNs", "systemTimeNs", "wallTimeNs", "setupTimeNs", "memoryPeakBytes", "memorySource", "cpuSource",
      "voluntarySwitches", "involuntarySwitches", "minorFaults", "majorFaults", "readBytes", "writtenBytes", "ioSource",
      "processPeak", "processSource", "throttledTimeNs", "throttledSource", "outputTruncated", "syscall", "syscallName",
      "layers", "filePolicy", "engine", "eventsTotal", "violation", "error");

  private ResultJson() {}

  static String of(Result result) throws IOException {
    return text(fields(result));
  }

  /** A line of {@code cordon batch}: what it is about, the result, and what was kept of the streams. */
  static String withOutput(Map<String, @Nullable Object> head, Result result) throws IOException {
    var json = new LinkedHashMap<>(head);
    json.putAll(fields(result));
    json.put("stdout", result.stdout().text());
    json.put("stderr", result.stderr().text());
    return text(json);
  }

  private static Map<String, @Nullable Object> fields(Result result) {
    var json = empty(result.status().name());
    json.put("cause", result.cause() == Cause.NONE ? null : result.cause().name());
    json.put("exitCode", boxed(result.exitCode()));
    json.put("signal", boxed(result.signal()));
    json.put("cpuTimeNs", result.cpuTime().toNanos());
    json.put("userTimeNs", result.userTime().toNanos());
    json.put("systemTimeNs", result.systemTime().toNanos());
    json.put("wallTimeNs", result.wallTime().toNanos());
    json.put("setupTimeNs", result.setupTime().toNanos());
    json.put("memoryPeakBytes", result.memoryPeakBytes().isPresent() ? result.memoryPeakBytes().getAsLong() : null);
    json.put("memorySource", result.memoryPeakBytes().isPresent() ? result.memorySource().label() : null);
    json.put("cpuSource", label(result.cpuSource()));
    usage(json, result.usage());
    json.put("outputTruncated", result.stdout().truncated() || result.stderr().truncated());
    json.put("syscall", boxed(result.syscall()));
    json.put("syscallName", result.syscallName().orElse(null));
    json.put("layers", result.layers().stream().map(Layer::label).toList());
    json.put("filePolicy", result.filePolicy().label());
    json.put("engine", result.engine().map(Engine::label).orElse(null));
    json.put("eventsTotal", result.eventsTotal());
    json.put("violation", result.violation().map(ResultJson::event).orElse(null));
    json.put("error", result.error().map(ResultJson::error).orElse(null));
    return json;
  }

  private static void usage(Map<String, @Nullable Object> json, ResourceUsage usage) {
    json.put("voluntarySwitches", usage.voluntarySwitches());
    json.put("involuntarySwitches", usage.involuntarySwitches());
    json.put("minorFaults", usage.minorFaults());
    json.put("majorFaults", usage.majorFaults());
    json.put("readBytes", usage.readBytes());
    json.put("writtenBytes", usage.writtenBytes());
    json.put("ioSource", label(usage.ioSource()));
    json.put("processPeak", usage.processPeak().isPresent() ? usage.processPeak().getAsLong() : null);
    json.put("processSource", label(usage.processSource()));
    json.put("throttledTimeNs", usage.throttledTime().map(Duration::toNanos).orElse(null));
    json.put("throttledSource", label(usage.throttledSource()));
  }

  private static @Nullable String label(Source source) {
    return source == Source.NONE ? null : source.label();
  }

  private static Map<String, @Nullable Object> event(SecurityEvent event) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("kind", event.kind().label());
    json.put("syscall", boxed(event.syscall()));
    json.put("syscallName", event.syscallName().orElse(null));
    json.put("path", event.path().orElse(null));
    json.put("pid", event.pid());
    return json;
  }

  static String of(SandboxException failure) throws IOException {
    return failed(Map.of(), error(failure));
  }

  static String of(Map<String, @Nullable Object> head, SandboxException failure) throws IOException {
    return failed(head, error(failure));
  }

  private static String failed(Map<String, @Nullable Object> head, Map<String, @Nullable Object> error)
      throws IOException {
    var json = new LinkedHashMap<>(head);
    json.putAll(empty("SANDBOX_ERROR"));
    json.put("error", error);
    return text(json);
  }

  /** A failure that has no step: the library cannot be loaded, say. */
  static String ofMessage(String message) throws IOException {
    return ofMessage(Map.of(), message);
  }

  static String ofMessage(Map<String, @Nullable Object> head, String message) throws IOException {
    var error = new LinkedHashMap<String, @Nullable Object>();
    for (var field : List.of("step", "errno", "errnoName", "index", "detail")) {
      error.put(field, null);
    }
    error.put("message", message);
    error.put("origin", "HOST");
    return failed(head, error);
  }

  static String text(Object json) throws IOException {
    return JSON.std.with(JSON.Feature.WRITE_NULL_PROPERTIES).asString(json);
  }

  private static Map<String, @Nullable Object> empty(String status) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    for (var field : FIELDS) {
      json.put(field, null);
    }
    json.put("status", status);
    return json;
  }

  private static Map<String, @Nullable Object> error(SandboxException failure) {
    var error = new LinkedHashMap<String, @Nullable Object>();
    error.put("step", failure.step().name());
    error.put("errno", failure.errno());
    error.put("errnoName", failure.errnoName());
    error.put("index", failure.index());
    error.put("detail", failure.detail());
    error.put("message", failure.getMessage());
    error.put("origin", failure.origin().name());
    return error;
  }

  private static @Nullable Integer boxed(OptionalInt value) {
    return value.isPresent() ? Integer.valueOf(value.getAsInt()) : null;
  }
}
