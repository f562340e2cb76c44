// SPDX-License-Identifier: Apache-2.0
package io.cordon.jmh;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Live heap, every page of it written to, and the programs that the benchmarks run. */
final class LiveHeap {
  private static final int CHUNK_BYTES = 16 << 20;
  private static final int CHUNKS_PER_GIB = (1 << 30) / CHUNK_BYTES;

  private final List<byte[]> chunks = new ArrayList<>();

  LiveHeap(int gib) {
    for (int i = 0; i < gib * CHUNKS_PER_GIB; i++) {
      var chunk = new byte[CHUNK_BYTES];
      Arrays.fill(chunk, (byte) 1);
      chunks.add(chunk);
    }
  }

  static Path programs() {
    return Path.of(Objects.requireNonNullElse(System.getenv("CORDON_TEST_PROGRAMS"), "target/cmake/native/programs"))
        .toAbsolutePath();
  }
}
