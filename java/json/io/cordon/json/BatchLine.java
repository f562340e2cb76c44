// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import io.cordon.Command;
import io.cordon.Result;
import io.cordon.SandboxException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A line of {@code cordon batch}: a command, and what the caller calls it; and the line that is written of what it came
 * to, which {@link BatchResult} reads. Immutable.
 *
 * @since 0.1.0
 */
public final class BatchLine {
  static final String LINE = "line";
  static final String ID = "id";

  private static final List<String> FIELDS = fields();

  private final long number;
  private final @Nullable JsonNode line;
  private final @Nullable InvalidJsonException failure;

  private BatchLine(long number, @Nullable JsonNode line, @Nullable InvalidJsonException failure) {
    this.number = number;
    this.line = line;
    this.failure = failure;
  }

  private static List<String> fields() {
    var fields = new ArrayList<>(CommandJson.FIELDS);
    fields.add(ID);
    return fields;
  }

  /**
   * Reads a line. One that is wrong is one all the same, since something must be written of it: {@link #command} says
   * what is wrong.
   *
   * @param name what messages call the file
   * @param number of the line, from 1
   * @param text one JSON object
   * @return the line
   */
  public static BatchLine of(String name, long number, String text) {
    try {
      var line = CordonJson.parse(name, (int) Math.min(number, Integer.MAX_VALUE), text);
      return new BatchLine(number, line, null);
    } catch (InvalidJsonException e) {
      return new BatchLine(number, null, e);
    }
  }

  /**
   * Returns the line's number.
   *
   * @return from 1
   */
  public long number() {
    return number;
  }

  /**
   * Returns what the caller calls the line.
   *
   * @return a Map, List, String, BigInteger, Double or Boolean; empty where there is none
   */
  public Optional<Object> id() {
    return field(ID).map(JsonNode::plain);
  }

  private Optional<String> label() {
    return field(ResultJson.LABEL).filter(JsonNode::isText).map(JsonNode::text);
  }

  private Optional<JsonNode> field(String name) {
    return line == null ? Optional.empty() : line.field(name);
  }

  /**
   * Returns the command.
   *
   * @return the command
   * @throws InvalidJsonException where the line is wrong
   * @throws IOException where a directory of the host that it names cannot be read
   */
  public Command command() throws IOException {
    if (line == null) {
      throw failure != null ? failure : new IllegalStateException("neither a line nor a failure");
    }
    return CommandJson.read(new Fields(line, FIELDS));
  }

  private String text(Map<String, @Nullable Object> json) {
    return text(new LinkedHashMap<>(), json);
  }

  private String event(String type, Map<String, @Nullable Object> json) {
    return text(BatchEventJson.head(type), json);
  }

  private String text(Map<String, @Nullable Object> head, Map<String, @Nullable Object> json) {
    head.put(LINE, number);
    head.put(ID, id().orElse(null));
    head.putAll(json);
    return JsonText.of(head);
  }

  /**
   * Writes what the command came to.
   *
   * @param result the result
   * @return a JSON object in one line: number and id, the summary of the result, and its output as text
   */
  public String result(Result result) {
    return text(ResultJson.withOutput(result));
  }

  /**
   * Writes why there is no result.
   *
   * @param failure what failed
   * @return a JSON object in one line
   */
  public String failure(SandboxException failure) {
    return text(ResultJson.failed(ErrorJson.summary(failure), label()));
  }

  /**
   * Writes why there is no result, for a failure without a step.
   *
   * @param message what failed
   * @return a JSON object in one line
   */
  public String failure(String message) {
    return text(ResultJson.failed(ErrorJson.summary(message), label()));
  }

  /**
   * Writes that the command runs, as {@code cordon batch --events} does; {@link BatchEvent} reads it.
   *
   * @return a JSON object in one line
   */
  public String started() {
    return event(BatchEventJson.STARTED, Map.of());
  }

  /**
   * Writes that the program has written something.
   *
   * @param stream where to
   * @param bytes what
   * @return a JSON object in one line, with the bytes as text where they are UTF-8
   */
  public String output(BatchEvent.Stream stream, byte[] bytes) {
    return event(BatchEventJson.OUTPUT, BatchEventJson.output(stream, bytes));
  }

  /**
   * Writes that the command is over.
   *
   * @param result the result
   * @return a JSON object in one line, with the fields of {@link #result}
   */
  public String finished(Result result) {
    return event(BatchEventJson.FINISHED, ResultJson.withOutput(result));
  }

  /**
   * Writes that there is no result.
   *
   * @param failure what failed
   * @return a JSON object in one line, with the fields of {@link #failure(SandboxException)}
   */
  public String finished(SandboxException failure) {
    return event(BatchEventJson.FINISHED, ResultJson.failed(ErrorJson.summary(failure), label()));
  }

  /**
   * Writes that there is no result, for a failure without a step.
   *
   * @param message what failed
   * @return a JSON object in one line, with the fields of {@link #failure(String)}
   */
  public String finished(String message) {
    return event(BatchEventJson.FINISHED, ResultJson.failed(ErrorJson.summary(message), label()));
  }
}
