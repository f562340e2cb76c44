// SPDX-License-Identifier: Apache-2.0
package io.cordon.json;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A line of what {@code cordon batch --events} writes. Immutable.
 *
 * @since 0.1.0
 */
public sealed interface BatchEvent {
  /** One of a program's streams. */
  enum Stream {
    /** Standard output; on a terminal, all that appears there. */
    STDOUT,
    /** Standard error. */
    STDERR
  }

  /**
   * The program runs.
   *
   * @param line the number of the command's line, from 1
   * @param id what the caller calls it
   */
  record Started(long line, Optional<Object> id) implements BatchEvent {}

  /**
   * The program has written something.
   *
   * @param line the number of the command's line, from 1
   * @param id what the caller calls it
   * @param stream where to
   * @param bytes what
   */
  record Output(long line, Optional<Object> id, Stream stream, ByteBuffer bytes) implements BatchEvent {
    /**
     * Keeps a read-only view of the bytes.
     *
     * @param line the number of the command's line, from 1
     * @param id what the caller calls it
     * @param stream where to
     * @param bytes what
     */
    public Output {
      bytes = bytes.asReadOnlyBuffer();
    }

    /**
     * Returns what the program has written.
     *
     * @return a read-only buffer of the caller's
     */
    @Override
    public ByteBuffer bytes() {
      return bytes.duplicate();
    }
  }

  /**
   * The command is over, or could not be run.
   *
   * @param result what it came to
   */
  record Finished(BatchResult result) implements BatchEvent {
    @Override
    public long line() {
      return result.line();
    }

    @Override
    public Optional<Object> id() {
      return result.id();
    }
  }

  /**
   * Returns the number of the command's line.
   *
   * @return from 1
   */
  long line();

  /**
   * Returns what the caller calls the line.
   *
   * @return a Map, List, String, BigInteger, Double or Boolean; empty where there is none
   */
  Optional<Object> id();

  /**
   * Reads a line.
   *
   * @param name what messages call it
   * @param text one JSON object
   * @return what it says
   * @throws InvalidJsonException where it is wrong
   */
  static BatchEvent read(String name, String text) {
    return BatchEventJson.read(CordonJson.parse(name, 1, text));
  }
}
