// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import io.cordon.Limit;
import io.cordon.Limits;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Limits by their names in {@link Limit}, each written as its option is. */
final class LimitsJson {
  private static final List<String> FIELDS = Arrays.stream(Limit.values()).map(Limit::key).toList();

  private LimitsJson() {}

  static Map<String, @Nullable Object> tree(Limits limits) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    for (var limit : Limit.values()) {
      json.put(limit.key(), Values.limit(limit.unit(), limits.get(limit)));
    }
    return json;
  }

  static Limits read(JsonNode node) {
    var fields = new Fields(node, FIELDS);
    var limits = Limits.builder();
    for (var limit : Limit.values()) {
      fields.use(limit.key(), value -> limits.set(limit, Values.limit(limit.unit(), value)));
    }
    return limits.build();
  }
}
