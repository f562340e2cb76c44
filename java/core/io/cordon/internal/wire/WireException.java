// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.wire;

/**
 * A reply that does not fit its own description: the library and these classes are not of the same build, or memory
 * was damaged. {@code io.cordon} turns it into a {@code SandboxException} of the step PROTOCOL.
 */
public final class WireException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates one.
   *
   * @param message which field, and what is wrong with it
   */
  public WireException(String message) {
    super(message);
  }
}
