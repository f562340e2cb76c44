// SPDX-License-Identifier: Apache-2.0
package io.cordon.seccomp;

import io.cordon.internal.util.Checks;
import java.util.List;

/**
 * A condition on one argument of a system call; numbers are unsigned and have 64 bits. Immutable.
 *
 * <p>If an argument is an {@code int}, the kernel looks at its low 32 bits only, and a program may set the others: use
 * {@link Argument#masked} with {@code 0xffffffffL} for it.
 *
 * @param index which argument, from 0 to 5
 * @param op how it is compared
 * @param value what it is compared with; for {@link Op#MASKED_EQUAL} the mask
 * @param valueTwo for {@link Op#MASKED_EQUAL} what the masked argument must be, else 0
 * @since 0.1.0
 */
public record SeccompCondition(int index, Op op, long value, long valueTwo) {
  /** The comparisons. The constants are those of {@code enum cordon_seccomp_op}. */
  public enum Op {
    /** The argument is another number. */
    NOT_EQUAL("!=", "NE"),

    /** The argument is less. */
    LESS("<", "LT"),

    /** The argument is less or equal. */
    LESS_OR_EQUAL("<=", "LE"),

    /** The argument is the number. */
    EQUAL("==", "EQ"),

    /** The argument is greater or equal. */
    GREATER_OR_EQUAL(">=", "GE"),

    /** The argument is greater. */
    GREATER(">", "GT"),

    /** The argument's bits under the mask have the given values. */
    MASKED_EQUAL("==", "MASKED_EQ");

    private final String sign;
    private final String shortName;

    Op(String sign, String shortName) {
      this.sign = sign;
      this.shortName = shortName;
    }

    /**
     * Returns the name that profiles of container runtimes have for it.
     *
     * @return for example {@code SCMP_CMP_NE}
     */
    public String profileName() {
      return "SCMP_CMP_" + shortName;
    }
  }

  /** Numbers below are shown as such, others in hexadecimal. */
  private static final long SMALL = 4096;

  private static final int HIGHEST_INDEX = 5;

  /**
   * Checks the values; the static methods are shorter.
   *
   * @param index the argument, 0 to 5
   * @param op how it is compared
   * @param value what it is compared with; for {@link Op#MASKED_EQUAL} the mask
   * @param valueTwo for {@link Op#MASKED_EQUAL} what the masked argument must be, else 0
   * @throws IllegalArgumentException where the index is not in 0 to 5, or {@code valueTwo} is not 0 for another
   *     comparison
   */
  public SeccompCondition {
    Checks.range("seccomp argument", index, 0, HIGHEST_INDEX);
    if (op != Op.MASKED_EQUAL && valueTwo != 0) {
      throw Checks.refuse("seccomp valueTwo", valueTwo, "must be 0 but for a masked comparison");
    }
  }

  /** An argument that waits for its comparison. */
  public static final class Argument {
    private final int index;

    private Argument(int index) {
      this.index = Checks.range("seccomp argument", index, 0, HIGHEST_INDEX);
    }

    private SeccompCondition is(Op op, long value) {
      return new SeccompCondition(index, op, value, 0);
    }

    /**
     * Holds where the argument is this number.
     *
     * @param value the number
     * @return the condition
     */
    public SeccompCondition equalTo(long value) {
      return is(Op.EQUAL, value);
    }

    /**
     * Holds where the argument is another number.
     *
     * @param value the number
     * @return the condition
     */
    public SeccompCondition notEqualTo(long value) {
      return is(Op.NOT_EQUAL, value);
    }

    /**
     * Holds where the argument is less.
     *
     * @param value the number
     * @return the condition
     */
    public SeccompCondition lessThan(long value) {
      return is(Op.LESS, value);
    }

    /**
     * Holds where the argument is less or equal.
     *
     * @param value the number
     * @return the condition
     */
    public SeccompCondition lessOrEqual(long value) {
      return is(Op.LESS_OR_EQUAL, value);
    }

    /**
     * Holds where the argument is greater or equal.
     *
     * @param value the number
     * @return the condition
     */
    public SeccompCondition greaterOrEqual(long value) {
      return is(Op.GREATER_OR_EQUAL, value);
    }

    /**
     * Holds where the argument is greater.
     *
     * @param value the number
     * @return the condition
     */
    public SeccompCondition greaterThan(long value) {
      return is(Op.GREATER, value);
    }

    /**
     * Holds where {@code (argument & mask) == value}.
     *
     * @param mask the bits that count
     * @param value what they must be
     * @return the condition
     */
    public SeccompCondition masked(long mask, long value) {
      return new SeccompCondition(index, Op.MASKED_EQUAL, mask, value);
    }
  }

  /**
   * Starts a condition.
   *
   * @param index which argument, from 0 to 5
   * @return the argument, to be compared
   */
  public static Argument arg(int index) {
    return new Argument(index);
  }

  /**
   * Whether no two of them are on one argument.
   *
   * @param conditions the conditions of one rule; may be empty
   * @return {@code true} where each is on an argument of its own
   */
  public static boolean areOfDistinctArguments(List<SeccompCondition> conditions) {
    return conditions.stream().map(SeccompCondition::index).distinct().count() == conditions.size();
  }

  /**
   * Describes the condition as C would write it.
   *
   * @return for example {@code arg0 & 0x7e020000 == 0}
   */
  public String describe() {
    var text = "arg" + index;
    return op == Op.MASKED_EQUAL ? text + " & " + number(value) + " == " + number(valueTwo)
        : text + " " + op.sign + " " + number(value);
  }

  private static String number(long value) {
    return value >= 0 && value < SMALL ? Long.toString(value) : "0x" + Long.toHexString(value);
  }
}
