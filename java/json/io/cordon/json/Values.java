// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import io.cordon.Limit;
import io.cordon.internal.util.Checks;
import io.cordon.internal.util.Errno;
import io.cordon.internal.util.Texts;
import io.cordon.supervisor.Decision;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** How single values are read and written. */
final class Values {
  static final String OR_UNLIMITED = "must be a whole number, or \"unlimited\"";

  private static final String UNLIMITED = "unlimited";
  private static final String NUMBER = "-?[0-9]+(\\.[0-9]+)?";
  private static final int OCTAL = 8;

  private Values() {}

  /** A limit as the options write it; what is only a number is one in JSON. */
  static Object limit(Limit.Unit unit, long value) {
    var text = unit.format(value);
    return text.matches(NUMBER) ? new BigDecimal(text) : text;
  }

  static long limit(Limit.Unit unit, JsonNode node) {
    var text = node.scalar();
    return node.checkedValue(() -> unit.parse(text));
  }

  /** A number from 0 whose greatest one is no limit. */
  static Object orUnlimited(long value) {
    return value == Checks.UNLIMITED ? UNLIMITED : value;
  }

  static long orUnlimited(JsonNode node) {
    return !node.isText() ? node.number(0, Checks.UNLIMITED - 1) : unlimited(node);
  }

  private static long unlimited(JsonNode node) {
    if (!node.text().equals(UNLIMITED)) {
      throw node.refuseValue(OR_UNLIMITED);
    }
    return Checks.UNLIMITED;
  }

  /** A size that is not "unlimited". */
  static long bytes(JsonNode node) {
    var text = node.scalar();
    return node.checkedValue(() -> Texts.bytes(text));
  }

  static int int32(JsonNode node) {
    return (int) node.number(0, Integer.MAX_VALUE);
  }

  static Path path(JsonNode node) {
    try {
      return Path.of(Checks.filled("", node.text()));
    } catch (InvalidPathException e) {
      throw node.refuseValue("must be a path");
    } catch (IllegalArgumentException e) {
      throw node.refuseValue("must be a path that is not empty");
    }
  }

  /** Permission bits as chmod(1) takes them. */
  static String mode(int bits) {
    return "0" + Integer.toOctalString(bits);
  }

  static int mode(JsonNode node) {
    if (!node.text().matches("[0-7]{1,6}")) {
      throw node.refuseValue("must be permission bits in octal, such as 0755");
    }
    return Integer.parseInt(node.text(), OCTAL);
  }

  static Instant instant(JsonNode node) {
    try {
      return Instant.parse(node.text());
    } catch (DateTimeException e) {
      throw node.refuseValue("must be a time such as 2026-01-31T12:00:00Z");
    }
  }

  static byte[] base64(JsonNode node) {
    try {
      return Base64.getDecoder().decode(node.text());
    } catch (IllegalArgumentException e) {
      throw node.refuseValue("must be base64");
    }
  }

  static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  /** Text that has a form in UTF-8, as bytes. */
  static byte[] utf8(JsonNode node) {
    var text = node.text();
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw node.refuseValue("must not hold half a surrogate pair");
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Puts bytes as text where they are UTF-8, else as base64. */
  static void putBytes(Map<String, @Nullable Object> json, String text, String base64, byte[] bytes) {
    try {
      json.put(text, StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      json.put(base64, base64(bytes));
    }
  }

  /** Bits that are a number of 64 bits without a sign: as text, since many readers of JSON have 53 bits. */
  static String bits(long bits) {
    return Long.toUnsignedString(bits);
  }

  static long bits(JsonNode node) {
    try {
      return Long.parseUnsignedLong(node.text());
    } catch (NumberFormatException e) {
      throw node.refuseValue("must be a string with a number from 0 to 18446744073709551615");
    }
  }

  /** {@code allow}, {@code kill}, {@code ask}, or an errno by its name, or its number where it has no name. */
  static Object decision(Decision decision) {
    return decision.kind() != Decision.Kind.ERRNO ? decision.kind().name().toLowerCase(Locale.ROOT)
        : Errno.find(Errno.name(decision.error())).isPresent() ? Errno.name(decision.error()) : decision.error();
  }

  static Decision decision(JsonNode node) {
    if (!node.isText()) {
      return Decision.errno((int) node.number(1, Errno.HIGHEST));
    }
    return switch (node.text()) {
      case "allow" -> Decision.allow();
      case "kill" -> Decision.kill();
      case "ask" -> Decision.ask();
      default -> errno(node);
    };
  }

  private static Decision errno(JsonNode node) {
    var error = Errno.find(node.text());
    if (error.isEmpty()) {
      throw node.refuseValue("must be allow, kill, ask, or an errno such as EPERM");
    }
    return Decision.errno(error.getAsInt());
  }

  static void put(Map<String, @Nullable Object> json, String field, Optional<?> value) {
    value.ifPresent(given -> json.put(field, given));
  }

  static void put(Map<String, @Nullable Object> json, String field, OptionalLong value) {
    value.ifPresent(given -> json.put(field, given));
  }

  static @Nullable Integer boxed(OptionalInt value) {
    return value.isPresent() ? Integer.valueOf(value.getAsInt()) : null;
  }

  static @Nullable Long boxed(OptionalLong value) {
    return value.isPresent() ? Long.valueOf(value.getAsLong()) : null;
  }
}
