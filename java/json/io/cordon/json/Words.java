// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The words for the constants of an enum.
 *
 * @param <E> the enum
 */
final class Words<E extends Enum<E>> {
  private final Class<E> type;
  private final Function<E, String> word;
  private final Map<String, E> constants = new LinkedHashMap<>();

  private Words(Class<E> type, Function<E, String> word) {
    this.type = type;
    this.word = word;
    Arrays.stream(type.getEnumConstants()).forEach(constant -> constants.put(word.apply(constant), constant));
  }

  /** USER_NS is user-ns, as in all labels of the API. */
  static <E extends Enum<E>> Words<E> lower(Class<E> type) {
    return new Words<>(type, constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }

  /** The constants' own names. */
  static <E extends Enum<E>> Words<E> names(Class<E> type) {
    return new Words<>(type, Enum::name);
  }

  String of(E constant) {
    return word.apply(constant);
  }

  List<String> of(Iterable<E> some) {
    var words = new ArrayList<String>();
    some.forEach(constant -> words.add(of(constant)));
    return words;
  }

  List<String> all() {
    return List.copyOf(constants.keySet());
  }

  E read(JsonNode node) {
    var constant = constants.get(node.text());
    if (constant == null) {
      throw node.refuseValue("must be one of " + constants.keySet());
    }
    return constant;
  }

  List<E> readAll(JsonNode node) {
    return node.items("must be an array of strings").stream().map(this::read).toList();
  }

  Set<E> readSet(JsonNode node) {
    var set = EnumSet.noneOf(type);
    set.addAll(readAll(node));
    return set;
  }
}
