// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import io.cordon.SandboxException;
import io.cordon.internal.util.Errno;
import io.cordon.seccomp.SeccompAction;
import io.cordon.seccomp.SeccompCondition;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.seccomp.SeccompRule;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Seccomp policies. Those with rules have a form that says exactly what the policy does. A profile of a container
 * runtime is read as well; such a runtime adds rules of its own.
 */
final class PolicyJson {
  static final Words<SeccompCondition.Op> OP = Words.lower(SeccompCondition.Op.class);

  private static final Map<String, SeccompAction.Kind> ACTIONS = Arrays.stream(SeccompAction.Kind.values())
      .collect(Collectors.toMap(SeccompAction.Kind::label, Function.identity()));

  private static final String RULE =
      "must be \"default\", \"none\", {\"bpf\": BASE64}, {\"rules\": [...]}, or a profile";
  private static final String ACTION_RULE = "must be an action such as allow, kill or errno EPERM";
  private static final String RULES = "rules";
  private static final String BPF = "bpf";
  private static final int LAST_ARG = 5;

  private PolicyJson() {}

  static Object tree(SeccompPolicy policy) {
    return switch (policy.kind()) {
      case DEFAULT -> "default";
      case NONE -> "none";
      case BPF -> Map.of(BPF, Values.base64(bytes(policy.bpf().orElseThrow())));
      case RULES -> rules(policy);
    };
  }

  private static byte[] bytes(ByteBuffer buffer) {
    var bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static Map<String, @Nullable Object> rules(SeccompPolicy policy) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("default", word(policy.defaultAction().orElseThrow()));
    json.put("unknown", word(policy.unknownAction().orElseThrow()));
    json.put(RULES, policy.rules().stream().map(PolicyJson::tree).toList());
    return json;
  }

  private static Map<String, @Nullable Object> tree(SeccompRule rule) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("action", word(rule.action()));
    json.put("names", rule.names());
    if (!rule.conditions().isEmpty()) {
      json.put("conditions", rule.conditions().stream().map(PolicyJson::tree).toList());
    }
    return json;
  }

  private static Map<String, @Nullable Object> tree(SeccompCondition condition) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("arg", condition.index());
    json.put("op", OP.of(condition.op()));
    json.put("value", Values.bits(condition.value()));
    if (condition.op() == SeccompCondition.Op.MASKED_EQUAL) {
      json.put("valueTwo", Values.bits(condition.valueTwo()));
    }
    return json;
  }

  /** The kind and its data: {@code errno EPERM}, {@code trace 5}, {@code kill}. */
  private static String word(SeccompAction action) {
    boolean named = action.kind() == SeccompAction.Kind.ERRNO && Errno.find(Errno.name(action.data())).isPresent();
    return action.kind().highestData() == 0 ? action.kind().label()
        : action.kind().label() + " " + (named ? Errno.name(action.data()) : action.data());
  }

  /**
   * Reads a policy.
   *
   * @param warnings gets what of a profile is left out or means something else here
   */
  static SeccompPolicy read(JsonNode node, Consumer<String> warnings) throws SandboxException {
    if (node.isText()) {
      return switch (node.text()) {
        case "default" -> SeccompPolicy.DEFAULT;
        case "none" -> SeccompPolicy.NONE;
        default -> throw node.refuseValue(RULE);
      };
    }
    if (!node.isObject()) {
      throw node.refuseValue(RULE);
    }
    if (node.field(BPF).isPresent()) {
      var bpf = new Fields(node, List.of(BPF)).need(BPF, "must be base64");
      return bpf.checked(() -> SeccompPolicy.bpf(Values.base64(bpf)));
    }
    if (node.field(RULES).isPresent()) {
      return rules(node);
    }
    var profile = new ProfileReader(SeccompProfiles.Context.machine()).read(node);
    profile.warnings().forEach(warnings);
    return profile.policy();
  }

  private static SeccompPolicy rules(JsonNode node) {
    var fields = new Fields(node, List.of("default", "unknown", RULES));
    var policy = SeccompPolicy.builder();
    fields.use("default", field -> policy.defaultAction(action(field)));
    fields.use("unknown", field -> policy.unknown(action(field)));
    fields.use(RULES, field -> field.items().forEach(rule -> policy.rule(rule.checked(() -> rule(rule)))));
    return policy.build();
  }

  private static SeccompRule rule(JsonNode node) {
    var fields = new Fields(node, List.of("action", "names", "conditions"));
    var conditions = fields.read("conditions", field -> field.items().stream()
        .map(condition -> condition.checked(() -> condition(condition))).toList(), List.<SeccompCondition>of());
    return new SeccompRule(action(fields.need("action", ACTION_RULE)),
        fields.need("names", "must be an array of strings").texts(), conditions);
  }

  private static SeccompCondition condition(JsonNode node) {
    var fields = new Fields(node, List.of("arg", "op", "value", "valueTwo"));
    var value = Values.bits(fields.need("value", "must be a string"));
    return new SeccompCondition((int) fields.need("arg", "must be a number").number(0, LAST_ARG),
        OP.read(fields.need("op", "must be one of " + OP.all())), value, fields.read("valueTwo", Values::bits, 0L));
  }

  private static SeccompAction action(JsonNode node) {
    var words = node.text().split(" ", 2);
    var kind = ACTIONS.get(words[0]);
    boolean hasData = words.length > 1;
    if (kind == null || hasData != kind.highestData() > 0) {
      throw node.refuseValue(ACTION_RULE);
    }
    return new SeccompAction(kind, hasData ? data(kind, words[1]).orElseThrow(() -> node.refuseValue(ACTION_RULE)) : 0);
  }

  private static OptionalInt data(SeccompAction.Kind kind, String word) {
    return word.matches("[0-9]{1,5}") ? OptionalInt.of(Integer.parseInt(word))
        : kind == SeccompAction.Kind.ERRNO ? Errno.find(word) : OptionalInt.empty();
  }
}
