package io.cordon;

import io.cordon.internal.wire.WireException;
import java.util.function.ToIntFunction;

/** Finds the constant of an enum by the number that the native library uses for it. */
final class Numbers {
  private Numbers() {}

  /**
   * Returns the constant with that number.
   *
   * @param what the enum's name for the message
   * @throws WireException where there is none: both sides are of one build, so the reply is damaged
   */
  static <E extends Enum<E>> E find(String what, E[] values, ToIntFunction<E> number, int wanted) {
    for (var value : values) {
      if (number.applyAsInt(value) == wanted) {
        return value;
      }
    }
    throw new WireException(what + ": no constant has the number " + wanted);
  }
}
