// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import io.cordon.SandboxException;
import io.cordon.SeccompFilter;
import io.cordon.internal.util.Checks;
import io.cordon.internal.util.Errno;
import io.cordon.internal.util.Escape;
import io.cordon.seccomp.SeccompAction;
import io.cordon.seccomp.SeccompCondition;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.seccomp.SeccompRule;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes a policy of a profile, as Docker's daemon and runc do it: conditions for the machine first, then the rules.
 *
 * <ul>
 *   <li>A rule whose action is the default one is left out (runc: {@code matchCall}).
 *   <li>Conditions of which two are on one argument hold each for itself (the same).
 *   <li>Unknown names are left out.
 *   <li>Calls newer than every one that the profile names get ENOSYS (runc: {@code patchbpf}). runc goes by number
 *       alone. Here that begins where numbers of all CPUs are the same and in the order of time, so that a short list
 *       of old calls means the same on each.
 * </ul>
 */
final class ProfileReader {
  private static final Map<String, SeccompAction.Kind> ACTIONS = new HashMap<>();

  static {
    for (var kind : SeccompAction.Kind.values()) {
      ACTIONS.put(kind.profileName(), kind);
    }
    // libseccomp's older name.
    ACTIONS.put("SCMP_ACT_KILL", SeccompAction.Kind.KILL_THREAD);
  }

  private static final Map<String, SeccompCondition.Op> OPERATORS = Arrays.stream(SeccompCondition.Op.values())
      .collect(Collectors.toMap(SeccompCondition.Op::profileName, Function.identity()));

  /** The kernel's and libseccomp's names of this machine's architecture. */
  private static final Map<String, String> NATIVE =
      Map.of("amd64", "SCMP_ARCH_X86_64", "arm64", "SCMP_ARCH_AARCH64");

  private static final Pattern ARCHITECTURE = Pattern.compile("SCMP_ARCH_[A-Z0-9_]{1,20}");
  private static final Pattern KERNEL = Pattern.compile("(\\d{1,6})\\.(\\d{1,6})(?:\\.(\\d{1,6}))?.*", Pattern.DOTALL);
  private static final Pattern MIN_KERNEL = Pattern.compile("\\d{1,6}\\.\\d{1,6}(\\.\\d{1,6})?");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]{1,63}");
  private static final List<String> FLAGS = List.of("SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG",
      "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");

  private static final int ARGS = 6;

  /** The last number before those that all CPUs share, Linux 5.1. */
  private static final int LAST_OLD_NUMBER = 423;

  private static final BigInteger HIGHEST = BigInteger.ONE.shiftLeft(Long.SIZE).subtract(BigInteger.ONE);

  private final SeccompProfiles.Context context;
  private final List<String> warnings = new ArrayList<>();
  private final Map<String, Boolean> known = new HashMap<>();
  private final Map<String, Integer> numbers = SeccompPolicy.systemCalls();
  private int newest = LAST_OLD_NUMBER;

  ProfileReader(SeccompProfiles.Context context) {
    this.context = context;
  }

  SeccompProfile read(JsonNode root) throws SandboxException {
    var fields = root.fields("defaultAction", "defaultErrnoRet", "defaultErrno", "architectures", "archMap", "syscalls",
        "flags", "listenerPath", "listenerMetadata");
    checkArchitectures(root, fields);
    checkListener(fields);
    var action = need(root, fields, "defaultAction");
    var defaultAction = action(action, fields.get("defaultErrnoRet"), fields.get("defaultErrno"));
    if (defaultAction.kind() == SeccompAction.Kind.NOTIFY) {
      throw action.refuseValue("cannot be the default action");
    }
    var policy = SeccompPolicy.builder().defaultAction(defaultAction);
    for (var group : items(fields.get("syscalls"))) {
      readGroup(group, defaultAction, policy);
    }
    addNewer(defaultAction, policy);
    return new SeccompProfile(policy.build(), warnings);
  }

  private void addNewer(SeccompAction defaultAction, SeccompPolicy.Builder policy) {
    var absent = SeccompPolicy.unknownFor(defaultAction);
    var names = numbers.entrySet().stream().filter(call -> call.getValue() > newest).map(Map.Entry::getKey).toList();
    if (!absent.equals(defaultAction) && !names.isEmpty()) {
      policy.rule(absent, names);
    }
  }

  private void warn(JsonNode at, String text) {
    warnings.add(at.warning(text));
  }

  private static JsonNode need(JsonNode object, Map<String, JsonNode> fields, String name) {
    var field = fields.get(name);
    if (field == null) {
      throw object.refuse("must have " + name);
    }
    return field;
  }

  private static List<JsonNode> items(@Nullable JsonNode array) {
    return array == null ? List.of() : array.items();
  }

  private static List<String> texts(@Nullable JsonNode array) {
    return items(array).stream().map(JsonNode::text).toList();
  }

  /** A filter is for this machine's own ABI in every case; the lists are checked, and else tell nothing. */
  private void checkArchitectures(JsonNode root, Map<String, JsonNode> fields) {
    var list = fields.get("architectures");
    var map = fields.get("archMap");
    var named = new HashSet<String>();
    for (var item : items(list)) {
      named.add(architecture(item));
    }
    for (var item : items(map)) {
      var entry = item.fields("architecture", "subArchitectures");
      named.add(architecture(need(item, entry, "architecture")));
      items(entry.get("subArchitectures")).forEach(ProfileReader::architecture);
    }
    if (list != null && map != null && !list.items().isEmpty() && !map.items().isEmpty()) {
      throw map.refuse("must not be there beside architectures");
    }
    var own = NATIVE.get(context.arch());
    if (!named.isEmpty() && own != null && !named.contains(own)) {
      warn(list != null && !list.items().isEmpty() ? list : map == null ? root : map,
          "does not name this machine's " + own + "; the rules hold for it all the same");
    }
  }

  private static String architecture(JsonNode node) {
    var text = node.text();
    if (!ARCHITECTURE.matcher(text).matches()) {
      throw node.refuseValue("must be an architecture such as SCMP_ARCH_X86_64");
    }
    return text;
  }

  private void checkListener(Map<String, JsonNode> fields) {
    for (var name : List.of("listenerPath", "listenerMetadata")) {
      var field = fields.get(name);
      if (field != null && !field.text().isEmpty()) {
        throw field.refuse("a listener of the profile's own cannot be had; use a supervisor");
      }
    }
    for (var flag : items(fields.get("flags"))) {
      if (!FLAGS.contains(flag.text())) {
        throw flag.refuseValue("must be one of " + FLAGS);
      }
      warn(flag, flag.text() + " is not used");
    }
  }

  private static SeccompAction action(JsonNode node, @Nullable JsonNode number, @Nullable JsonNode name) {
    var kind = ACTIONS.get(node.text());
    if (kind == null) {
      throw node.refuseValue("must be one of " + ACTIONS.keySet().stream().sorted().toList());
    }
    boolean takes = kind == SeccompAction.Kind.ERRNO || kind == SeccompAction.Kind.TRACE;
    var given = number != null ? number : name;
    if (!takes) {
      if (given != null) {
        throw given.refuse("goes with SCMP_ACT_ERRNO and SCMP_ACT_TRACE only, not with " + node.text());
      }
      return new SeccompAction(kind, 0);
    }
    int data = number == null ? Errno.EPERM
        : number.number(BigInteger.ZERO, BigInteger.valueOf(kind.highestData())).intValue();
    if (name != null) {
      int named = errno(name);
      if (number != null && named != data) {
        throw name.refuseValue("is another errno than " + data);
      }
      data = named;
    }
    return new SeccompAction(kind, data);
  }

  /** The field that Podman's profile has beside the number. */
  private static int errno(JsonNode node) {
    var number = Errno.find(node.text());
    if (number.isEmpty()) {
      throw node.refuseValue("must be an errno such as EPERM");
    }
    return number.getAsInt();
  }

  private void readGroup(JsonNode group, SeccompAction defaultAction, SeccompPolicy.Builder policy)
      throws SandboxException {
    var fields = group.fields("names", "name", "action", "errnoRet", "errno", "args", "comment", "includes",
        "excludes");
    var action = action(need(group, fields, "action"), fields.get("errnoRet"), fields.get("errno"));
    var names = names(group, fields);
    var conditions = conditions(fields.get("args"));
    if (fields.containsKey("comment")) {
      fields.get("comment").text();
    }
    boolean included = holds(fields.get("includes"), true);
    boolean excluded = holds(fields.get("excludes"), false);
    if (!included || excluded) {
      return;
    }
    var here = new ArrayList<String>();
    for (var name : names) {
      if (isKnown(name)) {
        here.add(name.text());
        newest = Math.max(newest, numbers.getOrDefault(name.text(), 0));
      }
    }
    if (!here.isEmpty() && !action.equals(defaultAction)) {
      addRules(policy, action, here, conditions, fields.get("args"));
    }
  }

  private void addRules(SeccompPolicy.Builder policy, SeccompAction action, List<String> names,
      List<SeccompCondition> conditions, @Nullable JsonNode args) {
    if (SeccompCondition.areOfDistinctArguments(conditions)) {
      policy.rule(new SeccompRule(action, names, conditions));
      return;
    }
    if (args != null) {
      warn(args, "two conditions are on one argument: each of them is enough, as in Docker's runtime");
    }
    conditions.forEach(condition -> policy.rule(action, names, condition));
  }

  private static List<JsonNode> names(JsonNode group, Map<String, JsonNode> fields) {
    var names = fields.get("names");
    var name = fields.get("name");
    var one = name != null && !name.text().isEmpty() ? name : null;
    var many = items(names);
    many.forEach(JsonNode::text);
    if (one != null && !many.isEmpty()) {
      throw one.refuse("must not be there beside names");
    }
    if (one == null && names == null) {
      throw group.refuse("must have names");
    }
    return one != null ? List.of(one) : many;
  }

  private boolean isKnown(JsonNode name) throws SandboxException {
    var text = name.text();
    var answer = known.get(text);
    if (answer == null) {
      answer = NAME.matcher(text).matches() && SeccompFilter.knows(text);
      known.put(text, answer);
    }
    if (!answer) {
      warn(name, "\"" + Escape.printable(text) + "\": no system call that is known; left out");
    }
    return answer;
  }

  /** Whether the conditions for the machine hold: all of them, or any. Without one all hold and none of them does. */
  private boolean holds(@Nullable JsonNode filter, boolean all) {
    if (filter == null) {
      return all;
    }
    var fields = filter.fields("caps", "arches", "minKernel");
    var caps = texts(fields.get("caps"));
    var arches = texts(fields.get("arches"));
    var minKernel = Optional.ofNullable(fields.get("minKernel")).filter(node -> !node.text().isEmpty());
    boolean isNewer = minKernel.map(this::isKernelAtLeast).orElse(all);
    if (all) {
      return context.capabilities().containsAll(caps) && (arches.isEmpty() || arches.contains(context.arch()))
          && isNewer;
    }
    return caps.stream().anyMatch(context.capabilities()::contains) || arches.contains(context.arch()) || isNewer;
  }

  private boolean isKernelAtLeast(JsonNode node) {
    if (!MIN_KERNEL.matcher(node.text()).matches()) {
      throw node.refuseValue("must be a kernel version such as 4.8");
    }
    return Arrays.compare(version(context.kernel()), version(node.text())) >= 0;
  }

  private static int[] version(String release) {
    var match = KERNEL.matcher(release);
    if (!match.matches()) {
      throw Checks.refuse("kernel", release, "must be a release such as 6.1.0-13-amd64");
    }
    return new int[] {Integer.parseInt(match.group(1)), Integer.parseInt(match.group(2)),
      match.group(3) == null ? 0 : Integer.parseInt(match.group(3))};
  }

  private static List<SeccompCondition> conditions(@Nullable JsonNode args) {
    var conditions = items(args).stream().map(ProfileReader::condition).toList();
    if (args != null && conditions.size() > ARGS) {
      throw args.refuse("must hold at most 6 conditions");
    }
    return conditions;
  }

  private static SeccompCondition condition(JsonNode node) {
    var fields = node.fields("index", "value", "valueTwo", "op");
    int index = need(node, fields, "index").number(BigInteger.ZERO, BigInteger.valueOf(ARGS - 1)).intValue();
    long value = need(node, fields, "value").number(BigInteger.ZERO, HIGHEST).longValue();
    var second = fields.get("valueTwo");
    long valueTwo = second == null ? 0 : second.number(BigInteger.ZERO, HIGHEST).longValue();
    var op = need(node, fields, "op");
    var operator = OPERATORS.get(op.text());
    if (operator == null) {
      throw op.refuseValue("must be one of " + OPERATORS.keySet().stream().sorted().toList());
    }
    // Of the other operators libseccomp ignores it.
    return new SeccompCondition(index, operator, value, operator == SeccompCondition.Op.MASKED_EQUAL ? valueTwo : 0);
  }
}
