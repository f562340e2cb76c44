package io.cordon.json;

import io.cordon.internal.util.Escape;

/** A profile that is none. The message has the place and says what was expected there. */
public final class SeccompProfileException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final int line;
  private final int column;

  SeccompProfileException(String name, int line, int column, String message) {
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
