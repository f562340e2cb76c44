// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8ChunksTest {
  /** Of characters of each length, cut at every place. */
  @Test
  void eachChunkOfATextIsAText() {
    var text = "a\u00e9\u20ac\ud83d\ude00b\ud83d\ude00".repeat(3);
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int size = 1; size < bytes.length; size++) {
      var chunks = new Utf8Chunks();
      var all = new StringBuilder();
      for (int at = 0; at < bytes.length; at += size) {
        all.append(new String(chunks.add(Arrays.copyOfRange(bytes, at, Math.min(at + size, bytes.length))),
            StandardCharsets.UTF_8));
      }
      assertEquals(0, chunks.rest().length);
      assertEquals(text, all.toString(), "chunks of " + size);
    }
  }

  @Test
  void otherBytesAreAllThere() {
    var random = new Random(1);
    var bytes = new byte[10_000];
    random.nextBytes(bytes);
    var chunks = new Utf8Chunks();
    var all = new ByteArrayOutputStream();
    for (int at = 0; at < bytes.length;) {
      int end = Math.min(bytes.length, at + random.nextInt(5));
      all.writeBytes(chunks.add(Arrays.copyOfRange(bytes, at, end)));
      at = end;
    }
    all.writeBytes(chunks.rest());
    assertArrayEquals(bytes, all.toByteArray());
  }

  @Test
  void aCharacterThatHasNoEndComesAtTheEnd() {
    var chunks = new Utf8Chunks();
    assertArrayEquals(new byte[] {'a'}, chunks.add(new byte[] {'a', (byte) 0xe2, (byte) 0x82}));
    assertArrayEquals(new byte[] {(byte) 0xe2, (byte) 0x82}, chunks.rest());
    assertEquals(0, chunks.rest().length);
  }
}
