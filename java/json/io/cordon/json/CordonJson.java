// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import io.cordon.Command;
import io.cordon.CordonEvent;
import io.cordon.Limits;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.supervisor.SecurityEvent;
import io.cordon.supervisor.Supervisor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads and writes the JSON form of what Cordon takes and gives. {@link #schema} is the form's JSON Schema; {@code
 * docs/reference/json.md} shows each form by an example.
 *
 * <p>What is written is read as the same value. What belongs to this process has no form, and a value that holds it is
 * refused with an {@link IllegalArgumentException}, by the name of the property: descriptors, a sync action, a handler
 * of a supervisor.
 *
 * <p>All readers refuse a text with {@link InvalidJsonException} where it is no JSON, is larger than {@link
 * #MAX_CHARS}, has a field that does not exist or is there twice, or a value of another type than the field's or one
 * that the API refuses; the message has the place. A field that is null is as if it were not there. Each text is one
 * value, written in one line.
 *
 * @since 0.1.0
 */
public final class CordonJson {
  /** The most that a text may have. */
  public static final int MAX_CHARS = 1 << 26;

  private static final String SCHEMA = "cordon.schema.json";

  private CordonJson() {}

  /**
   * Returns the JSON Schema, draft 2020-12. Its {@code $defs} are the forms: {@code command}, {@code batchLine}, {@code
   * limits}, {@code sandbox}, {@code supervisor}, {@code result}, {@code batchResult}, {@code batchEvent}, {@code
   * error}, {@code securityEvent}, {@code event}.
   *
   * @return the schema
   */
  public static String schema() {
    try (var in = Objects.requireNonNull(CordonJson.class.getResourceAsStream(SCHEMA), SCHEMA)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // Beside this class.
    }
  }

  static JsonNode parse(String name, int firstLine, String text) {
    if (text.length() > MAX_CHARS) {
      throw new InvalidJsonException(name, firstLine, 1, "must have at most " + MAX_CHARS + " characters");
    }
    return JsonNode.parse(JsonNode.CORDON, name, firstLine, text);
  }

  private static JsonNode parse(String name, String text) {
    return parse(name, 1, text);
  }

  /**
   * Writes a command.
   *
   * @param command one without descriptors, sync action and handler
   * @return a JSON object
   */
  public static String write(Command command) {
    return JsonText.of(CommandJson.tree(command));
  }

  /**
   * Reads a command.
   *
   * @param name what messages call the text
   * @param text a JSON object
   * @return the command
   * @throws InvalidJsonException where it is none
   * @throws IOException where a directory of the host that is to be copied in cannot be read
   */
  public static Command readCommand(String name, String text) throws IOException {
    return CommandJson.read(new Fields(parse(name, text), CommandJson.FIELDS));
  }

  /**
   * Writes limits.
   *
   * @param limits the limits
   * @return a JSON object with all of them
   */
  public static String write(Limits limits) {
    return JsonText.of(LimitsJson.tree(limits));
  }

  /**
   * Reads limits.
   *
   * @param name what messages call the text
   * @param text a JSON object; what is not there has its default
   * @return the limits
   * @throws InvalidJsonException where it is none
   */
  public static Limits readLimits(String name, String text) {
    return LimitsJson.read(parse(name, text));
  }

  /**
   * Writes a sandbox's description.
   *
   * @param spec one whose supervisor has no handler
   * @return a JSON object
   */
  public static String write(SandboxSpec spec) {
    return JsonText.of(SandboxJson.tree(spec));
  }

  /**
   * Reads a sandbox's description.
   *
   * @param name what messages call the text
   * @param text a JSON object
   * @param warnings gets what of a seccomp profile in it is left out or means something else here ({@link
   *     SeccompProfile#warnings}), one line each
   * @return the description
   * @throws InvalidJsonException where it is none
   * @throws SandboxException where the library lacks memory
   */
  public static SandboxSpec readSandbox(String name, String text, Consumer<String> warnings) throws SandboxException {
    return SandboxJson.read(parse(name, text), warnings);
  }

  /**
   * Writes a supervisor.
   *
   * @param supervisor one without a handler
   * @return a JSON object
   */
  public static String write(Supervisor supervisor) {
    return JsonText.of(SupervisorJson.tree(supervisor));
  }

  /**
   * Reads a supervisor.
   *
   * @param name what messages call the text
   * @param text a JSON object; one that asks is refused, as it needs a handler
   * @return the supervisor
   * @throws InvalidJsonException where it is none
   */
  public static Supervisor readSupervisor(String name, String text) {
    return SupervisorJson.read(parse(name, text));
  }

  /**
   * Writes a result, whole: with its output, files, events and counts.
   *
   * @param result the result
   * @return a JSON object
   */
  public static String write(Result result) {
    return JsonText.of(ResultJson.whole(result));
  }

  /**
   * Writes the summary of a result, as {@code cordon run --result} does.
   *
   * @param result the result
   * @return a JSON object; all fields but {@code label} are always there
   */
  public static String summary(Result result) {
    return JsonText.of(ResultJson.summary(result));
  }

  /**
   * Writes the summary of a run without a result.
   *
   * @param failure why there is none
   * @param label the command's label
   * @return a JSON object with the fields of a result's summary, and the status {@code SANDBOX_ERROR}
   */
  public static String summary(SandboxException failure, Optional<String> label) {
    return JsonText.of(ResultJson.failed(ErrorJson.summary(failure), label));
  }

  /**
   * Writes the same for a failure that has no step.
   *
   * @param failure what failed
   * @param label the command's label
   * @return a JSON object
   */
  public static String summary(String failure, Optional<String> label) {
    return JsonText.of(ResultJson.failed(ErrorJson.summary(failure), label));
  }

  /**
   * Reads a result, whole or a summary.
   *
   * <p>A summary does not tell everything: of two streams standard output is taken for the truncated one; the time and
   * arguments of an event are the epoch and 0.
   *
   * @param name what messages call the text
   * @param text a JSON object
   * @return the result
   * @throws SandboxException what there is instead of a result: the status is {@code SANDBOX_ERROR}
   * @throws InvalidJsonException where it is none
   */
  public static Result readResult(String name, String text) throws SandboxException {
    return ResultJson.read(parse(name, text));
  }

  /**
   * Writes an exception.
   *
   * @param failure the exception; its cause is not written
   * @return a JSON object
   */
  public static String write(SandboxException failure) {
    return JsonText.of(ErrorJson.tree(failure));
  }

  /**
   * Reads an exception.
   *
   * @param name what messages call the text
   * @param text a JSON object; one without a step becomes {@link io.cordon.Step#UNKNOWN} with the message as detail
   * @return the exception
   * @throws InvalidJsonException where it is none
   */
  public static SandboxException readError(String name, String text) {
    return ErrorJson.read(parse(name, text));
  }

  /**
   * Writes what a policy noticed.
   *
   * @param event the event
   * @return a JSON object
   */
  public static String write(SecurityEvent event) {
    return JsonText.of(EventJson.tree(event));
  }

  /**
   * Reads what a policy noticed.
   *
   * @param name what messages call the text
   * @param text a JSON object
   * @return the event
   * @throws InvalidJsonException where it is none
   */
  public static SecurityEvent readSecurityEvent(String name, String text) {
    return EventJson.read(parse(name, text));
  }

  /**
   * Writes an event of {@link io.cordon.SecurityEvents}.
   *
   * @param event the event
   * @return a JSON object whose {@code type} is the event's kind
   */
  public static String write(CordonEvent event) {
    return JsonText.of(CordonEventJson.tree(event));
  }

  /**
   * Reads an event of {@link io.cordon.SecurityEvents}.
   *
   * @param name what messages call the text
   * @param text a JSON object
   * @return the event
   * @throws InvalidJsonException where it is none
   */
  public static CordonEvent readEvent(String name, String text) {
    return CordonEventJson.read(parse(name, text));
  }
}
