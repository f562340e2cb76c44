// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import com.fasterxml.jackson.core.JsonFactory;
import io.cordon.Limit;
import io.cordon.Measure;
import io.cordon.Result;
import io.cordon.supervisor.SecurityEvent;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The JSON Schema. What the code knows is put in from there: limits, measures, words for constants, events. The rest is
 * written by hand.
 */
final class SchemaFile {
  private static final String DEFS = "$defs";
  private static final String PROPERTIES = "properties";
  private static final String REQUIRED = "required";

  private static final JsonFactory JSON = JsonFactory.builder().build();

  private static final Map<String, Words<?>> WORDS = new LinkedHashMap<>();

  static {
    WORDS.put("access", SupervisorJson.ACCESS);
    WORDS.put("boundary", ResultJson.BOUNDARY);
    WORDS.put("cause", ResultJson.CAUSE);
    WORDS.put("engine", SupervisorJson.ENGINE);
    WORDS.put("errorKind", ErrorJson.KIND);
    WORDS.put("filePolicy", ResultJson.FILE_POLICY);
    WORDS.put("layer", SandboxJson.LAYER);
    WORDS.put("mountType", SandboxJson.MOUNT_TYPE);
    WORDS.put("network", SandboxJson.NETWORK);
    WORDS.put("origin", ErrorJson.ORIGIN);
    WORDS.put("outputStream", BatchEventJson.STREAM);
    WORDS.put("resource", CommandJson.RESOURCE);
    WORDS.put("scope", SupervisorJson.SCOPE);
    WORDS.put("seccompOp", PolicyJson.OP);
    WORDS.put("securityEventKind", EventJson.KIND);
    WORDS.put("source", ResultJson.SOURCE);
    WORDS.put("status", ResultJson.STATUS);
    WORDS.put("step", ErrorJson.STEP);
  }

  private SchemaFile() {}

  /** The text as it should be. */
  static String complete(String text) {
    var schema = object(JsonNode.parse(JsonNode.CORDON, "schema", 1, text).plain());
    var defs = object(schema.get(DEFS));
    WORDS.forEach((name, words) -> defs.put(name, Map.of("enum", words.all())));
    object(defs.get("limits")).put(PROPERTIES, limits());
    completeSummary(object(defs.get("summaryFields")));
    completeResult(object(defs.get("result")));
    object(defs.get("event")).put("oneOf",
        CordonEventJson.KINDS.entrySet().stream().map(kind -> event(kind.getKey(), kind.getValue())).toList());
    return pretty(JsonText.of(schema));
  }

  private static String pretty(String text) {
    var pretty = new StringWriter();
    try (var parser = JSON.createParser(text);
        var generator = JSON.createGenerator(pretty).useDefaultPrettyPrinter()) {
      parser.nextToken();
      generator.copyCurrentStructure(parser);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // Both are in memory.
    }
    return pretty + "\n";
  }

  @SuppressWarnings("unchecked")
  private static Map<String, @Nullable Object> object(@Nullable Object value) {
    return (Map<String, @Nullable Object>) value;
  }

  private static Map<String, @Nullable Object> ref(String name) {
    return new LinkedHashMap<>(Map.of("$ref", "#/" + DEFS + "/" + name));
  }

  private static Map<String, @Nullable Object> orNull(Map<String, @Nullable Object> form) {
    return new LinkedHashMap<>(Map.of("anyOf", List.of(Map.of("type", "null"), form)));
  }

  private static Map<String, @Nullable Object> limits() {
    var limits = new LinkedHashMap<String, @Nullable Object>();
    for (var limit : Limit.values()) {
      var form = ref("limitValue");
      form.put("description", limit.help() + " Default: " + limit.usualText() + ".");
      limits.put(limit.key(), form);
    }
    return limits;
  }

  private static Map<String, @Nullable Object> measure(Measure measure) {
    var form = measure.unit() == Measure.Unit.SOURCE ? orNull(ref("source"))
        : new LinkedHashMap<String, @Nullable Object>(Map.of("type", List.of("integer", "null")));
    form.put("description", measure.help().replace("`", ""));
    return form;
  }

  /** In the order in which they are written. */
  private static void completeSummary(Map<String, @Nullable Object> summary) {
    var before = object(summary.get(PROPERTIES));
    var properties = new LinkedHashMap<String, @Nullable Object>();
    var measures = new LinkedHashMap<String, Measure>();
    Arrays.stream(Measure.values()).filter(Measure::isInSummary).forEach(one -> measures.put(one.key(), one));
    for (var field : JsonNode.parse(JsonNode.CORDON, "summary", 1, labelled()).entries().keySet()) {
      properties.put(field, measures.containsKey(field) ? measure(measures.get(field)) : before.get(field));
    }
    summary.put(PROPERTIES, properties);
    summary.put(REQUIRED, properties.keySet().stream().filter(field -> !field.equals(ResultJson.LABEL)).toList());
  }

  private static String labelled() {
    return CordonJson.summary("", Optional.of("label"));
  }

  private static void completeResult(Map<String, @Nullable Object> result) {
    var others = Arrays.stream(Measure.values()).filter(measure -> !measure.isInSummary()).toList();
    var keys = others.stream().map(Measure::key).toList();
    var before = object(result.get(PROPERTIES));
    var properties = new LinkedHashMap<String, @Nullable Object>();
    others.forEach(measure -> properties.put(measure.key(), measure(measure)));
    before.forEach(properties::putIfAbsent);
    result.put(PROPERTIES, properties);
    var required = new ArrayList<Object>(keys);
    ((List<?>) result.get(REQUIRED)).stream().filter(field -> !keys.contains(field)).forEach(required::add);
    result.put(REQUIRED, required);
  }

  private static Map<String, @Nullable Object> event(String word, Class<?> kind) {
    var properties = new LinkedHashMap<String, @Nullable Object>();
    properties.put("type", Map.of("const", word));
    for (var component : kind.getRecordComponents()) {
      properties.put(CordonEventJson.field(component), form(component));
    }
    var form = new LinkedHashMap<String, @Nullable Object>();
    form.put("type", "object");
    form.put(REQUIRED, List.copyOf(properties.keySet()));
    form.put(PROPERTIES, properties);
    form.put("additionalProperties", false);
    return form;
  }

  private static Map<String, @Nullable Object> form(RecordComponent component) {
    var type = component.getGenericType().getTypeName();
    boolean isOptional = type.startsWith(Optional.class.getName());
    var inner = isOptional ? type.substring(type.indexOf('<') + 1, type.length() - 1) : type;
    var form = Stream.of(SecurityEvent.class, Result.class).filter(one -> one.getName().equals(inner)).findFirst()
        .map(
            one -> ref(one.getSimpleName().substring(0, 1).toLowerCase(Locale.ROOT) + one.getSimpleName().substring(1)))
        .orElseGet(() -> simple(inner));
    return isOptional ? orNull(form) : form;
  }

  private static Map<String, @Nullable Object> simple(String type) {
    return switch (type) {
      case "java.lang.String" -> new LinkedHashMap<>(Map.of("type", "string"));
      case "boolean" -> new LinkedHashMap<>(Map.of("type", "boolean"));
      case "int", "long", "java.time.Duration" -> new LinkedHashMap<>(Map.of("type", "integer"));
      case "io.cordon.Status" -> ref("status");
      case "io.cordon.Cause" -> ref("cause");
      default -> throw new IllegalStateException("no form in the schema for " + type);
    };
  }
}
