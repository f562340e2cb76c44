// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Limit;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How values are written on the command line. */
final class Values {
  private Values() {}

  /** Uses a parser whose refusal has the text and the rule. */
  static <T> T parse(Function<String, T> parser, String text) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }

  /** A whole number above zero; or {@code unlimited}. */
  static final class Count implements ITypeConverter<Long> {
    @Override
    public Long convert(String value) {
      return parse(Limit.Unit.COUNT::parse, value);
    }
  }

  /** {@code UID:GID}. */
  record Ids(int uid, int gid) {}

  static final class IdsConverter implements ITypeConverter<Ids> {
    @Override
    public Ids convert(String value) {
      var parts = value.split(":", -1);
      if (parts.length != 2 || !parts[0].matches("[0-9]{1,9}") || !parts[1].matches("[0-9]{1,9}")) {
        throw refuse(value, "must be UID:GID, both numbers");
      }
      return new Ids(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }
  }

  static TypeConversionException refuse(String value, String rule) {
    return new TypeConversionException("\"" + value + "\" " + rule);
  }
}
