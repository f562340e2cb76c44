// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import io.cordon.supervisor.Decision;
import io.cordon.supervisor.SecurityEvent;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What policies noticed. The first fields are those of a result's violation; a whole event has all of them. */
final class EventJson {
  static final Words<SecurityEvent.Kind> KIND = Words.lower(SecurityEvent.Kind.class);

  private static final List<String> FIELDS = List.of("kind", "syscall", "syscallName", "path", "pid", "outcome", "time",
      "instructionPointer", "args", "arch");

  private static final List<Long> NO_ARGS = List.of(0L, 0L, 0L, 0L, 0L, 0L);
  private static final String ARGS_RULE = "must be an array of 6 strings";
  private static final long HIGHEST_ARCH = 0xffff_ffffL;

  private EventJson() {}

  static Map<String, @Nullable Object> summary(SecurityEvent event) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("kind", KIND.of(event.kind()));
    json.put("syscall", Values.boxed(event.syscall()));
    json.put("syscallName", event.syscallName().orElse(null));
    json.put("path", event.path().orElse(null));
    json.put("pid", event.pid());
    return json;
  }

  static Map<String, @Nullable Object> tree(SecurityEvent event) {
    var json = summary(event);
    json.put("outcome", Values.decision(event.outcome()));
    json.put("time", event.time().toString());
    json.put("instructionPointer", Values.bits(event.instructionPointer()));
    json.put("args", event.args().stream().map(Values::bits).toList());
    json.put("arch", Integer.toUnsignedLong(event.arch()));
    return json;
  }

  /** A summary tells neither time nor arguments: they are the epoch and 0 then, and the program was ended. */
  static SecurityEvent read(JsonNode node) {
    var fields = new Fields(node, FIELDS);
    var kind = KIND.read(fields.need("kind", "must be one of " + KIND.all()));
    var syscall = fields.read("syscall", field -> OptionalInt.of(Values.int32(field)), OptionalInt.empty());
    var path = fields.read("path", field -> Optional.of(field.text()), Optional.<String>empty());
    int pid = Values.int32(fields.need("pid", "must be a number"));
    return new SecurityEvent(kind, syscall, fields.read("outcome", Values::decision, Decision.kill()), pid,
        fields.read("time", Values::instant, Instant.EPOCH), fields.read("instructionPointer", Values::bits, 0L),
        fields.read("args", EventJson::args, NO_ARGS),
        fields.read("arch", field -> (int) field.number(0, HIGHEST_ARCH), 0), path);
  }

  private static List<Long> args(JsonNode node) {
    var numbers = node.items(ARGS_RULE).stream().map(Values::bits).toList();
    if (numbers.size() != NO_ARGS.size()) {
      throw node.refuseValue(ARGS_RULE);
    }
    return numbers;
  }
}
