// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.cordon.internal.util.Escape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A value of a JSON text with its place, for messages. */
final class JsonNode {
  /** Profiles of container runtimes have six levels. */
  static final Form PROFILE = new Form(16, 64, 1 << 22, true, SeccompProfileException::new);

  /** Cordon's own form has ten levels; the id of a batch's line is any value. */
  static final Form CORDON = new Form(64, 1000, CordonJson.MAX_CHARS, false, InvalidJsonException::new);

  /** What a text may hold of values and fields; a few thousand is usual. */
  private static final int MAX_VALUES = 1 << 18;

  /** How many items of an array a message shows. */
  private static final int SHOWN_ITEMS = 16;

  private interface Refusal {
    InvalidJsonException of(String name, int line, int column, String message);
  }

  /** What a text may be, and what is said of one that is wrong. */
  static final class Form {
    private final JsonFactory json;
    private final boolean quotes;
    private final Refusal refusal;

    private Form(int nesting, int digits, int chars, boolean quotes, Refusal refusal) {
      json = JsonFactory.builder().streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(nesting)
          .maxNumberLength(digits).maxStringLength(chars).build()).build();
      this.quotes = quotes;
      this.refusal = refusal;
    }
  }

  /** What all values of a text share. */
  private static final class Source {
    private final Form form;
    private final String name;
    private final int firstLine;
    private int values;

    Source(Form form, String name, int firstLine) {
      this.form = form;
      this.name = name;
      this.firstLine = firstLine;
    }

    InvalidJsonException refuse(@Nullable JsonLocation at, String message) {
      return form.refusal.of(name, line(at), at == null ? 1 : Math.max(1, at.getColumnNr()), message);
    }

    int line(@Nullable JsonLocation at) {
      return firstLine + (at == null ? 0 : Math.max(1, at.getLineNr()) - 1);
    }
  }

  /** A field of an object: its name, which is what is wrong with an unknown one, and its value. */
  private record Field(JsonNode name, JsonNode value) {}

  private final Source source;
  private final @Nullable JsonNode parent;

  /**
   * The field or index in the parent. Paths are put together only for messages: a name may be long, and its items
   * many.
   */
  private final Object label;

  private final int line;
  private final int column;

  /** A Map, List, String, BigInteger, Boolean; Double for a number that is no whole one; null. */
  private @Nullable Object value;

  /** Whether the names of its fields are the caller's own. */
  private boolean isMap;

  private JsonNode(Source source, @Nullable JsonNode parent, Object label, JsonLocation at) {
    this.source = source;
    this.parent = parent;
    this.label = label;
    line = source.line(at);
    column = at.getColumnNr();
    if (++source.values > MAX_VALUES) {
      throw refuse("is one value too many: at most " + MAX_VALUES);
    }
  }

  /**
   * Parses a text.
   *
   * @param name what the text is called in messages
   * @param firstLine the number of its first line there
   */
  static JsonNode parse(Form form, String name, int firstLine, String text) {
    var source = new Source(form, name, firstLine);
    try (var parser = form.json.createParser(text)) {
      parser.nextToken();
      var root = read(parser, source, null, "");
      if (parser.nextToken() != null) {
        throw source.refuse(parser.currentTokenLocation(), "must be the end: there is one value in a text");
      }
      return root;
    } catch (JsonProcessingException e) {
      var what = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
      throw source.refuse(e.getLocation(), "no JSON: " + Escape.printable(what));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // The text is in memory.
    }
  }

  private static JsonNode read(JsonParser parser, Source source, @Nullable JsonNode parent, Object label)
      throws IOException {
    var token = parser.currentToken();
    if (token == null) {
      throw source.refuse(null, "no JSON: the text is empty");
    }
    var node = new JsonNode(source, parent, label, parser.currentTokenLocation());
    node.value = switch (token) {
      case START_OBJECT -> node.readObject(parser);
      case START_ARRAY -> node.readArray(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> parser.getBigIntegerValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE, VALUE_FALSE -> parser.getBooleanValue();
      default -> null;
    };
    return node;
  }

  private Map<String, Field> readObject(JsonParser parser) throws IOException {
    var fields = new LinkedHashMap<String, Field>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      var field = parser.currentName();
      var name = new JsonNode(source, this, field, parser.currentTokenLocation());
      parser.nextToken();
      if (fields.put(field, new Field(name, read(parser, source, this, field))) != null) {
        throw name.refuse("is there twice: no JSON object");
      }
    }
    return fields;
  }

  private List<JsonNode> readArray(JsonParser parser) throws IOException {
    var items = new ArrayList<JsonNode>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(read(parser, source, this, items.size()));
    }
    return items;
  }

  /** A text for what is wrong here: {@code file:line:column: field: rule}. */
  InvalidJsonException refuse(String rule) {
    return refuseWhole(field() + rule);
  }

  /** The same with the value. */
  InvalidJsonException refuseValue(String rule) {
    return refuse(shown() + ": " + rule);
  }

  /** For a message that names the field itself. */
  private InvalidJsonException refuseWhole(String message) {
    return source.form.refusal.of(source.name, line, column, message);
  }

  /** For a field of this object that is not there. */
  InvalidJsonException refuseMissing(String field, String rule) {
    var path = path();
    return refuseWhole((path.isEmpty() ? "" : Escape.printable(path) + ".") + field + ": null: " + rule);
  }

  /** What a value of the API refuses is wrong here. */
  <T> T checked(Supplier<T> use) {
    try {
      return use.get();
    } catch (InvalidJsonException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw refuseWhole(String.valueOf(e.getMessage()));
    }
  }

  /** The same for what does not name the field. */
  <T> T checkedValue(Supplier<T> use) {
    try {
      return use.get();
    } catch (InvalidJsonException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw refuse(String.valueOf(e.getMessage()));
    }
  }

  String warning(String text) {
    return InvalidJsonException.place(source.name, line, column) + field() + text;
  }

  private String field() {
    var path = path();
    return path.isEmpty() ? "" : Escape.printable(path) + ": ";
  }

  /** For example {@code syscalls[3].args[0].op}. */
  private String path() {
    var before = parent == null ? "" : parent.path();
    return label instanceof Integer ? before + "[" + label + "]" : before.isEmpty() ? label.toString()
        : before + (parent != null && parent.isMap ? " " : ".") + label;
  }

  private String shown() {
    if (value instanceof String text) {
      return source.form.quotes ? "\"" + Escape.printable(text) + "\"" : Escape.printable(text);
    }
    if (value instanceof List<?> && !source.form.quotes) {
      return items("").stream().limit(SHOWN_ITEMS).map(JsonNode::shown).collect(Collectors.joining(", ", "[", "]"));
    }
    return value instanceof Map ? "an object" : value instanceof List ? "an array" : String.valueOf(value);
  }

  boolean isNull() {
    return value == null;
  }

  boolean isText() {
    return value instanceof String;
  }

  boolean isObject() {
    return value instanceof Map;
  }

  /** The field of that name, where this is an object that has it and it is not null. */
  Optional<JsonNode> field(String name) {
    return value instanceof Map<?, ?> map && map.get(name) instanceof Field field && !field.value.isNull()
        ? Optional.of(field.value) : Optional.empty();
  }

  String text() {
    if (value instanceof String text) {
      return text;
    }
    throw refuseValue("must be a string");
  }

  /** A string, or a number as it is written. */
  String scalar() {
    if (value instanceof String || value instanceof Number) {
      return value.toString();
    }
    throw refuseValue("must be a string or a number");
  }

  /** A whole number within bounds. */
  BigInteger number(BigInteger low, BigInteger high) {
    if (value instanceof BigInteger number && number.compareTo(low) >= 0 && number.compareTo(high) <= 0) {
      return number;
    }
    throw refuseValue("must be a whole number from " + low + " to " + high);
  }

  long number(long low, long high) {
    return number(BigInteger.valueOf(low), BigInteger.valueOf(high)).longValue();
  }

  boolean bool() {
    if (value instanceof Boolean bool) {
      return bool;
    }
    throw refuseValue("must be true or false");
  }

  List<JsonNode> items() {
    return items("must be an array");
  }

  List<JsonNode> items(String rule) {
    if (!(value instanceof List<?> list)) {
      throw refuseValue(rule);
    }
    return list.stream().map(JsonNode.class::cast).toList();
  }

  List<String> texts() {
    return items("must be an array of strings").stream().map(JsonNode::text).toList();
  }

  /** The fields, of which none is another than these. Those that are null are as if they were not there. */
  Map<String, JsonNode> fields(String... known) {
    return fields(List.of(known));
  }

  Map<String, JsonNode> fields(List<String> known) {
    var fields = new LinkedHashMap<String, JsonNode>();
    object().forEach((key, item) -> {
      var field = (Field) item;
      if (!known.contains(key)) {
        throw field.name.refuse("is none of " + new TreeSet<>(known));
      }
      if (!field.value.isNull()) {
        fields.put((String) key, field.value);
      }
    });
    return fields;
  }

  /** The fields of an object whose names are the caller's own. */
  Map<String, JsonNode> entries() {
    isMap = true;
    var entries = new LinkedHashMap<String, JsonNode>();
    object().forEach((key, item) -> entries.put((String) key, ((Field) item).value));
    return entries;
  }

  private Map<?, ?> object() {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw refuseValue("must be an object");
  }

  /** The value without places: Map, List, String, BigInteger, Double, Boolean, null. */
  @Nullable Object plain() {
    if (value instanceof Map<?, ?> map) {
      var fields = new LinkedHashMap<String, @Nullable Object>();
      map.forEach((key, item) -> fields.put((String) key, ((Field) item).value.plain()));
      return fields;
    }
    if (value instanceof List<?>) {
      var items = new ArrayList<@Nullable Object>();
      items().forEach(item -> items.add(item.plain()));
      return items;
    }
    return value;
  }
}
