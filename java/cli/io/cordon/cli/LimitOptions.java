// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Limit;
import io.cordon.Limits;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** What a program may use up: an option for each {@link Limit} that has one. */
final class LimitOptions {
  /** {@link OptionRow#complete} puts the options in its place, so that they stand together in the help. */
  static final String PLACE = "--limits";

  @Option(names = PLACE, hidden = true)
  private boolean place;

  private final Map<Limit, OptionSpec> options = new EnumMap<>(Limit.class);

  LimitOptions() {
    for (var limit : Limit.values()) {
      limit.option().ifPresent(name -> options.put(limit, option(limit, name)));
    }
  }

  private static OptionSpec option(Limit limit, String name) {
    return OptionSpec.builder(name).paramLabel(limit.unit().placeholder()).type(Long.class)
        .converters(text -> Values.parse(limit.unit()::parse, text))
        .description(OptionRow.help(limit.help(), false, limit.usualText())).build();
  }

  List<OptionSpec> options() {
    return List.copyOf(options.values());
  }

  /** Sets what was given, and leaves the rest. */
  Limits limits(Limits.Builder limits) {
    options.forEach((limit, option) -> {
      Long value = option.getValue();
      if (value != null) {
        limits.set(limit, value);
      }
    });
    return limits.build();
  }
}
