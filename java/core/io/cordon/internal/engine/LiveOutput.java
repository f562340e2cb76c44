// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/** A program's input as a blocking stream. */
final class LiveOutput extends OutputStream {
  private final LiveStream stream;

  LiveOutput(LiveStream stream) {
    this.stream = stream;
  }

  @Override
  public void write(int value) throws IOException {
    stream.write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] data, int from, int length) throws IOException {
    Objects.checkFromIndexSize(from, length, data.length);
    stream.write(data, from, length);
  }

  @Override
  public void close() throws IOException {
    try {
      stream.end();
    } finally {
      stream.close();
    }
  }
}
