// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

/**
 * A profile that is none. The message has the place and says what was expected there.
 *
 * @since 0.1.0
 */
public final class SeccompProfileException extends InvalidJsonException {
  private static final long serialVersionUID = 1L;

  SeccompProfileException(String name, int line, int column, String message) {
    super(name, line, column, message);
  }
}
