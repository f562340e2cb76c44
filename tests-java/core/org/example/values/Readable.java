// SPDX-License-Identifier: Apache-2.0
package org.example.values;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Says everything about a value that its public methods tell, down to what is no value of Cordon's. */
@SuppressWarnings("JavaLangClash") // Nothing here is a stream of characters.
final class Readable {
  private static final Set<String> NO_READERS = Set.of("hashCode", "toString", "getClass", "toBuilder", "optional",
      "writable", "noExec", "replacing", "truncated");

  private Readable() {}

  /** By the names of the readers. */
  static Map<String, String> properties(Object value) {
    var all = new TreeMap<String, String>();
    for (var reader : readers(value.getClass())) {
      try {
        all.put(reader.getName(), text(reader.invoke(value)));
      } catch (ReflectiveOperationException e) {
        throw new LinkageError(reader.toString(), e);
      }
    }
    return all;
  }

  private static List<Method> readers(Class<?> type) {
    return Arrays.stream(type.getMethods()).filter(method -> method.getParameterCount() == 0
        && !Modifier.isStatic(method.getModifiers()) && method.getReturnType() != void.class && !method.isSynthetic()
        && !NO_READERS.contains(method.getName())).sorted(Comparator.comparing(Method::getName)).toList();
  }

  private static String text(Object value) {
    if (value instanceof Optional<?> optional) {
      return optional.map(present -> "[" + text(present) + "]").orElse("none");
    }
    if (value instanceof byte[] bytes) {
      return Arrays.toString(bytes);
    }
    if (value instanceof ByteBuffer buffer) {
      var bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return Arrays.toString(bytes);
    }
    if (value instanceof Map<?, ?> map) {
      var entries = map.entrySet().stream().map(entry -> text(entry.getKey()) + "=" + text(entry.getValue()));
      return entries.toList().toString();
    }
    if (value instanceof Collection<?> items) {
      return items.stream().map(Readable::text).collect(Collectors.toList()).toString();
    }
    if (value instanceof String || value instanceof Number || value instanceof Boolean || value instanceof Enum<?>
        || value instanceof Path || value instanceof Duration || value instanceof OptionalInt
        || value instanceof OptionalLong) {
      return value.toString();
    }
    if (!value.getClass().getName().startsWith("io.cordon.") || value.getClass().isHidden()) {
      return "the object " + System.identityHashCode(value); // A caller's own, such as a handler.
    }
    return value.getClass().getSimpleName() + properties(value);
  }
}
