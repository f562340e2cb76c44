// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** A program's output as a blocking stream. */
final class LiveInput extends InputStream {
  private final LiveStream stream;

  LiveInput(LiveStream stream) {
    this.stream = stream;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return stream.read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] data, int from, int length) throws IOException {
    Objects.checkFromIndexSize(from, length, data.length);
    return stream.read(data, from, length);
  }

  @Override
  public void close() {
    stream.close();
  }
}
