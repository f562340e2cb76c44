// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import io.cordon.Cause;
import io.cordon.CordonEvent;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.Status;
import io.cordon.supervisor.SecurityEvent;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Events of sandboxes. All are records: an object has the word for its kind as {@code type}, and a field for each
 * component, of which a time is a number of nanoseconds and has {@code Ns} at its name's end. A new kind of event needs
 * nothing here unless its components have a new type.
 */
final class CordonEventJson {
  private static final String TYPE = "type";

  /** How components of one type are written and read. */
  private record Form<T>(String suffix, boolean isOptional, Function<T, @Nullable Object> write,
      Function<JsonNode, T> read) {}

  private static final Map<String, Form<?>> FORMS = new LinkedHashMap<>();

  static {
    required(String.class, "", text -> text, JsonNode::text);
    required(int.class, "", number -> number, Values::int32);
    required(long.class, "", number -> number, node -> node.number(0, Long.MAX_VALUE));
    required(boolean.class, "", bool -> bool, JsonNode::bool);
    required(Duration.class, "Ns", Duration::toNanos, node -> Duration.ofNanos(node.number(0, Long.MAX_VALUE)));
    required(Status.class, "", ResultJson.STATUS::of, ResultJson.STATUS::read);
    required(Cause.class, "", ResultJson.CAUSE::of, ResultJson.CAUSE::read);
    required(Result.class, "", ResultJson::whole, CordonEventJson::result);
    required(SecurityEvent.class, "", EventJson::tree, EventJson::read);
    optional(String.class, text -> text, JsonNode::text);
    optional(SecurityEvent.class, EventJson::tree, EventJson::read);
  }

  /** The records, by their words. */
  static final Map<String, Class<?>> KINDS = kinds();

  private CordonEventJson() {}

  private static <T> void required(Class<T> type, String suffix, Function<T, @Nullable Object> write,
      Function<JsonNode, T> read) {
    FORMS.put(type.getTypeName(), new Form<>(suffix, false, write, read));
  }

  private static <T> void optional(Class<T> type, Function<T, @Nullable Object> write, Function<JsonNode, T> read) {
    FORMS.put(Optional.class.getTypeName() + "<" + type.getTypeName() + ">", new Form<Optional<T>>("", true,
        value -> value.map(write).orElse(null), node -> Optional.of(read.apply(node))));
  }

  private static Map<String, Class<?>> kinds() {
    var kinds = new LinkedHashMap<String, Class<?>>();
    records(CordonEvent.class).forEach(type -> kinds.put(word(type), type));
    return kinds;
  }

  private static Stream<Class<?>> records(Class<?> type) {
    return type.isRecord() ? Stream.of(type)
        : Arrays.stream(type.getPermittedSubclasses()).flatMap(CordonEventJson::records);
  }

  /** RunFinished is run-finished. */
  private static String word(Class<?> type) {
    return type.getSimpleName().replaceAll("(?<=.)([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  private static Form<?> form(Type type) {
    var form = FORMS.get(type.getTypeName());
    if (form == null) {
      throw new IllegalStateException("no form in JSON for " + type.getTypeName());
    }
    return form;
  }

  static String field(RecordComponent component) {
    return component.getName() + form(component.getGenericType()).suffix;
  }

  static Map<String, @Nullable Object> tree(CordonEvent event) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put(TYPE, word(event.getClass()));
    for (var component : event.getClass().getRecordComponents()) {
      json.put(field(component), tree(component, event));
    }
    return json;
  }

  @SuppressWarnings("unchecked") // The form is that of the component's type.
  private static @Nullable Object tree(RecordComponent component, CordonEvent event) {
    try {
      return ((Form<Object>) form(component.getGenericType())).write.apply(component.getAccessor().invoke(event));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e); // Public records of an exported package.
    }
  }

  static CordonEvent read(JsonNode node) {
    var rule = "must be one of " + KINDS.keySet();
    var type = node.field(TYPE).orElseThrow(() -> node.refuseMissing(TYPE, rule));
    var kind = KINDS.get(type.text());
    if (kind == null) {
      throw type.refuseValue(rule);
    }
    var names = new ArrayList<>(List.of(TYPE));
    Arrays.stream(kind.getRecordComponents()).map(CordonEventJson::field).forEach(names::add);
    var fields = new Fields(node, names);
    var values = Arrays.stream(kind.getRecordComponents()).map(component -> value(component, fields)).toArray();
    return fields.make(() -> make(kind, values));
  }

  private static Object value(RecordComponent component, Fields fields) {
    var form = form(component.getGenericType());
    var field = form.isOptional ? fields.get(field(component)) : fields.need(field(component), "must be there");
    return field == null ? Optional.empty() : field.checked(() -> form.read.apply(field));
  }

  private static CordonEvent make(Class<?> kind, Object[] values) {
    var types = Arrays.stream(kind.getRecordComponents()).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      return (CordonEvent) kind.getDeclaredConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof RuntimeException refusal ? refusal : new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e); // Public records of an exported package.
    }
  }

  private static Result result(JsonNode node) {
    try {
      return ResultJson.read(node);
    } catch (SandboxException e) {
      throw node.refuse("must be the result of a run that was possible");
    }
  }
}
