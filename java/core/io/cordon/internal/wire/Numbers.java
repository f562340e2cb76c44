// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.wire;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * The numbers that the C API has for the constants of an enum: the constants stand in the order of the numbers, without
 * a gap. A set of constants is a word with the bit of each number. Immutable.
 *
 * @param <E> the enum
 */
public final class Numbers<E extends Enum<E>> {
  private final String what;
  private final Class<E> type;
  private final E[] constants;
  private final int first;

  /**
   * Makes the numbers of an enum.
   *
   * @param what what it is, for messages
   * @param type the enum
   * @param first the number of its first constant
   */
  public Numbers(String what, Class<E> type, int first) {
    this.what = what;
    this.type = type;
    this.first = first;
    constants = type.getEnumConstants();
  }

  /**
   * Returns a constant's number.
   *
   * @param constant the constant
   * @return its number
   */
  public int of(E constant) {
    return constant.ordinal() + first;
  }

  /**
   * Returns the constant that has a number.
   *
   * @param number the number
   * @return the constant
   * @throws WireException where no constant has it
   */
  public E constant(int number) {
    int at = number - first;
    if (at < 0 || at >= constants.length) {
      throw new WireException(what + ": no constant has the number " + number);
    }
    return constants[at];
  }

  /**
   * Returns the word that stands for a set.
   *
   * @param set the set
   * @return a bit for each constant
   */
  public long bits(Set<E> set) {
    long bits = 0;
    for (var constant : set) {
      bits |= 1L << of(constant);
    }
    return bits;
  }

  /**
   * Returns the set that a word stands for.
   *
   * @param bits a bit for each constant; those that none has are left out
   * @return an immutable set
   */
  public Set<E> set(long bits) {
    var set = EnumSet.noneOf(type);
    for (var constant : constants) {
      if ((bits & 1L << of(constant)) != 0) {
        set.add(constant);
      }
    }
    return Collections.unmodifiableSet(set);
  }
}
