// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import io.cordon.Result;
import io.cordon.SandboxException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A line of what {@code cordon batch} writes. Immutable.
 *
 * @param line the number of the command's line, from 1
 * @param id what the caller calls it: a Map, List, String, BigInteger, Double or Boolean; empty where there is none
 * @param result what it came to
 * @param error why there is no result; empty where there is one
 * @since 0.1.0
 */
public record BatchResult(long line, Optional<Object> id, Optional<Result> result, Optional<SandboxException> error) {
  /**
   * Reads a line.
   *
   * @param name what messages call it
   * @param text one JSON object
   * @return what it says
   * @throws InvalidJsonException where it is wrong
   */
  public static BatchResult read(String name, String text) {
    return read(CordonJson.parse(name, 1, text), List.of());
  }

  /** The same of an object with further fields. */
  static BatchResult read(JsonNode node, List<String> others) {
    var known = Stream.concat(others.stream(), Stream.of(BatchLine.LINE, BatchLine.ID)).toList();
    var number = node.field(BatchLine.LINE)
        .orElseThrow(() -> node.refuseMissing(BatchLine.LINE, "must be a number"));
    long line = number.number(1, Long.MAX_VALUE);
    var id = node.field(BatchLine.ID).map(JsonNode::plain);
    try {
      return new BatchResult(line, id, Optional.of(ResultJson.read(node, known)), Optional.empty());
    } catch (SandboxException e) {
      return new BatchResult(line, id, Optional.empty(), Optional.of(e));
    }
  }
}
