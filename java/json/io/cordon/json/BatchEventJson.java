// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Events of a batch. The one of the end is a result with a type before it. */
final class BatchEventJson {
  static final String TYPE = "type";
  static final String STARTED = "started";
  static final String OUTPUT = "output";
  static final String FINISHED = "finished";

  static final Words<BatchEvent.Stream> STREAM = Words.lower(BatchEvent.Stream.class);

  private static final String RULE = "must be one of " + List.of(STARTED, OUTPUT, FINISHED);

  private BatchEventJson() {}

  static Map<String, @Nullable Object> head(String type) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put(TYPE, type);
    return json;
  }

  /** As text where that is the same bytes. */
  static Map<String, @Nullable Object> output(BatchEvent.Stream stream, byte[] bytes) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("stream", STREAM.of(stream));
    Values.putBytes(json, "text", "base64", bytes);
    return json;
  }

  static BatchEvent read(JsonNode node) {
    var type = node.field(TYPE).orElseThrow(() -> node.refuseMissing(TYPE, RULE));
    return switch (type.text()) {
      case STARTED -> started(new Fields(node, List.of(TYPE, BatchLine.LINE, BatchLine.ID)));
      case OUTPUT -> output(new Fields(node, List.of(TYPE, BatchLine.LINE, BatchLine.ID, "stream", "text", "base64")));
      case FINISHED -> new BatchEvent.Finished(BatchResult.read(node, List.of(TYPE)));
      default -> throw type.refuseValue(RULE);
    };
  }

  private static BatchEvent started(Fields fields) {
    return new BatchEvent.Started(line(fields), id(fields));
  }

  private static BatchEvent output(Fields fields) {
    var stream = fields.need("stream", "must be one of " + STREAM.all());
    var text = fields.read("text", Values::utf8, new byte[0]);
    var bytes = fields.read("base64", Values::base64, text);
    return new BatchEvent.Output(line(fields), id(fields), STREAM.read(stream), ByteBuffer.wrap(bytes));
  }

  private static long line(Fields fields) {
    return fields.need(BatchLine.LINE, "must be a number").number(1, Long.MAX_VALUE);
  }

  private static Optional<Object> id(Fields fields) {
    return Optional.ofNullable(fields.get(BatchLine.ID)).map(JsonNode::plain);
  }
}
