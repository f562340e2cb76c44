// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import io.cordon.internal.util.Escape;

/**
 * A text that is not what it should be. The message has the place, the field, the value and the rule: {@code
 * name:line:column: field: value: rule}.
 *
 * @since 0.1.0
 */
public sealed class InvalidJsonException extends IllegalArgumentException permits SeccompProfileException {
  private static final long serialVersionUID = 1L;

  /** See {@link #line()}. */
  private final int line;

  /** See {@link #column()}. */
  private final int column;

  InvalidJsonException(String name, int line, int column, String message) {
    super(place(name, line, column) + message);
    this.line = line;
    this.column = column;
  }

  static String place(String name, int line, int column) {
    return Escape.printable(name) + ":" + line + ":" + column + ": ";
  }

  /**
   * Returns where it is wrong.
   *
   * @return the line, counted from 1
   */
  public int line() {
    return line;
  }

  /**
   * Returns where it is wrong.
   *
   * @return the column, counted from 1
   */
  public int column() {
    return column;
  }
}
