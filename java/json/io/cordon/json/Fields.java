// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The fields of an object that is read. A field that is null is as if it were not there. */
final class Fields {
  private final JsonNode object;
  private final Map<String, JsonNode> fields;

  /** Refuses an object with a field that is none of these. */
  Fields(JsonNode object, List<String> known) {
    this.object = object;
    fields = object.fields(known);
  }

  private Fields(JsonNode object, Map<String, JsonNode> fields) {
    this.object = object;
    this.fields = fields;
  }

  @Nullable JsonNode get(String name) {
    return fields.get(name);
  }

  JsonNode need(String name, String rule) {
    var field = fields.get(name);
    if (field == null) {
      throw object.refuseMissing(name, rule);
    }
    return field;
  }

  /** The fields of an object that is a field; none where it is not there. */
  Fields object(String name, List<String> known) {
    var field = fields.get(name);
    return field == null ? new Fields(object, Map.of()) : new Fields(field, known);
  }

  String text(String name) {
    return need(name, "must be a string").text();
  }

  /** Uses a field that is there; what a value of the API refuses of it is refused at its place. */
  void use(String name, Consumer<JsonNode> use) {
    var field = fields.get(name);
    if (field != null) {
      field.checked(() -> {
        use.accept(field);
        return true;
      });
    }
  }

  void text(String name, Consumer<String> use) {
    use(name, field -> use.accept(field.text()));
  }

  <T> T read(String name, Function<JsonNode, T> read, T otherwise) {
    var field = fields.get(name);
    return field == null ? otherwise : field.checked(() -> read.apply(field));
  }

  /** Makes what is read; what a value of the API refuses is refused at the object's place. */
  <T> T make(Supplier<T> make) {
    return object.checked(make);
  }
}
