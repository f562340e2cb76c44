// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import io.cordon.Origin;
import io.cordon.SandboxException;
import io.cordon.Step;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What failed. The first fields are those of a result's error; a whole one has all that the exception has. */
final class ErrorJson {
  static final Words<Step> STEP = Words.names(Step.class);
  static final Words<Origin> ORIGIN = Words.names(Origin.class);
  static final Words<SandboxException.Kind> KIND = Words.names(SandboxException.Kind.class);

  private static final List<String> FIELDS = List.of("step", "errno", "errnoName", "index", "detail", "message",
      "origin", "kind", "property", "detailTruncated");

  private ErrorJson() {}

  static Map<String, @Nullable Object> summary(SandboxException failure) {
    var error = new LinkedHashMap<String, @Nullable Object>();
    error.put("step", STEP.of(failure.step()));
    error.put("errno", failure.errno());
    error.put("errnoName", failure.errnoName());
    error.put("index", failure.index());
    error.put("detail", failure.detail());
    error.put("message", failure.getMessage());
    error.put("origin", ORIGIN.of(failure.origin()));
    return error;
  }

  /** A failure that has no step: the library cannot be loaded, say. */
  static Map<String, @Nullable Object> summary(String message) {
    var error = new LinkedHashMap<String, @Nullable Object>();
    for (var field : List.of("step", "errno", "errnoName", "index", "detail")) {
      error.put(field, null);
    }
    error.put("message", message);
    error.put("origin", ORIGIN.of(Origin.HOST));
    return error;
  }

  static Map<String, @Nullable Object> tree(SandboxException failure) {
    var error = summary(failure);
    error.put("kind", KIND.of(failure.kind()));
    error.put("property", failure.property().orElse(null));
    error.put("detailTruncated", failure.detailTruncated());
    return error;
  }

  /** One without a step is {@link Step#UNKNOWN}, and its message the detail. */
  static SandboxException read(JsonNode node) {
    var fields = new Fields(node, FIELDS);
    var error = SandboxException.builder(fields.read("step", STEP::read, Step.UNKNOWN));
    fields.use("errno", field -> error.errno((int) field.number(Integer.MIN_VALUE, Integer.MAX_VALUE)));
    fields.use("index", field -> error.index((int) field.number(Integer.MIN_VALUE, Integer.MAX_VALUE)));
    fields.use("origin", field -> error.origin(ORIGIN.read(field)));
    fields.use("kind", field -> error.kind(KIND.read(field)));
    fields.text("property", error::property);
    var text = fields.get(fields.get("step") == null ? "message" : "detail");
    if (text != null) {
      error.detail(text.text().getBytes(StandardCharsets.UTF_8), fields.read("detailTruncated", JsonNode::bool, false));
    }
    return error.build();
  }
}
