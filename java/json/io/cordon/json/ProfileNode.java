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
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A value of a JSON text with its place, for messages. */
final class ProfileNode {
  /** A profile has six levels. */
  private static final int MAX_NESTING = 16;

  private static final int MAX_DIGITS = 64;

  private static final JsonFactory JSON = JsonFactory.builder()
      .streamReadConstraints(
          StreamReadConstraints.builder().maxNestingDepth(MAX_NESTING).maxNumberLength(MAX_DIGITS).build())
      .build();

  /** What a text may hold of values and fields; a few thousand is usual. */
  private static final int MAX_VALUES = 1 << 18;

  /** What all values of a text share. */
  private static final class Source {
    private final String name;
    private int values;

    Source(String name) {
      this.name = name;
    }
  }

  /** A field of an object: its name, which is what is wrong with an unknown one, and its value. */
  private record Field(ProfileNode name, ProfileNode value) {}

  private final Source source;
  private final @Nullable ProfileNode parent;

  /**
   * The field or index in the parent. Paths are put together only for messages: a name may be long, and its items
   * many.
   */
  private final Object label;

  private final int line;
  private final int column;

  /** A Map, List, String, BigInteger, Boolean; Double for a number that is no whole one; null. */
  private @Nullable Object value;

  private ProfileNode(Source source, @Nullable ProfileNode parent, Object label, JsonLocation at) {
    this.source = source;
    this.parent = parent;
    this.label = label;
    line = at.getLineNr();
    column = at.getColumnNr();
    if (++source.values > MAX_VALUES) {
      throw refuse("is one value too many: at most " + MAX_VALUES);
    }
  }

  /**
   * Parses a text.
   *
   * @param name what the text is called in messages
   */
  static ProfileNode parse(String name, String text) {
    try (var parser = JSON.createParser(text)) {
      parser.nextToken();
      var root = read(parser, new Source(name), null, "");
      if (parser.nextToken() != null) {
        var at = parser.currentTokenLocation();
        throw new SeccompProfileException(name, at.getLineNr(), at.getColumnNr(),
            "must be the end: one object is a profile");
      }
      return root;
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      var what = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
      throw new SeccompProfileException(name, at == null ? 1 : Math.max(1, at.getLineNr()),
          at == null ? 1 : Math.max(1, at.getColumnNr()), "no JSON: " + Escape.printable(what));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // The text is in memory.
    }
  }

  private static ProfileNode read(JsonParser parser, Source source, @Nullable ProfileNode parent, Object label)
      throws IOException {
    var token = parser.currentToken();
    if (token == null) {
      throw new SeccompProfileException(source.name, 1, 1, "no JSON: the text is empty");
    }
    var node = new ProfileNode(source, parent, label, parser.currentTokenLocation());
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
      var name = new ProfileNode(source, this, field, parser.currentTokenLocation());
      parser.nextToken();
      if (fields.put(field, new Field(name, read(parser, source, this, field))) != null) {
        throw name.refuse("is there twice");
      }
    }
    return fields;
  }

  private List<ProfileNode> readArray(JsonParser parser) throws IOException {
    var items = new ArrayList<ProfileNode>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(read(parser, source, this, items.size()));
    }
    return items;
  }

  /** A text for what is wrong here: {@code file:line:column: field: rule}. */
  SeccompProfileException refuse(String rule) {
    return new SeccompProfileException(source.name, line, column, field() + rule);
  }

  /** The same with the value. */
  SeccompProfileException refuseValue(String rule) {
    return refuse(shown() + ": " + rule);
  }

  String warning(String text) {
    return SeccompProfileException.place(source.name, line, column) + field() + text;
  }

  private String field() {
    var path = path();
    return path.isEmpty() ? "" : Escape.printable(path) + ": ";
  }

  /** For example {@code syscalls[3].args[0].op}. */
  private String path() {
    var before = parent == null ? "" : parent.path();
    return label instanceof Integer ? before + "[" + label + "]" : before.isEmpty() ? label.toString() : before + "."
        + label;
  }

  private String shown() {
    if (value instanceof String text) {
      return "\"" + Escape.printable(text) + "\"";
    }
    return value instanceof Map ? "an object" : value instanceof List ? "an array" : String.valueOf(value);
  }

  boolean isNull() {
    return value == null;
  }

  String text() {
    if (value instanceof String text) {
      return text;
    }
    throw refuseValue("must be a string");
  }

  /** A whole number within bounds. */
  BigInteger number(BigInteger low, BigInteger high) {
    if (value instanceof BigInteger number && number.compareTo(low) >= 0 && number.compareTo(high) <= 0) {
      return number;
    }
    throw refuseValue("must be a whole number from " + low + " to " + high);
  }

  List<ProfileNode> items() {
    if (!(value instanceof List<?> list)) {
      throw refuseValue("must be an array");
    }
    return list.stream().map(ProfileNode.class::cast).toList();
  }

  /** The fields, of which none is another than these. Those that are null are as if they were not there. */
  Map<String, ProfileNode> fields(String... known) {
    if (!(value instanceof Map<?, ?> map)) {
      throw refuseValue("must be an object");
    }
    var names = Arrays.asList(known);
    var fields = new LinkedHashMap<String, ProfileNode>();
    map.forEach((key, item) -> {
      var field = (Field) item;
      if (!names.contains(key)) {
        throw field.name.refuse("is none of " + new TreeSet<>(names));
      }
      if (!field.value.isNull()) {
        fields.put((String) key, field.value);
      }
    });
    return fields;
  }
}
