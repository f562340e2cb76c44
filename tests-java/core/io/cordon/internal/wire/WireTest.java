// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WireTest {
  private static ReplyReader read(RequestWriter written) {
    return new ReplyReader(written.buffer(), written.length());
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  @Test
  void fieldsComeBackInOrder() {
    try (var out = new RequestWriter()) {
      out.u32(-7).u64(Long.MIN_VALUE).str("h\u00e9llo \ud83d\ude00").str(null).bytes(ByteBuffer.wrap(new byte[] {1, 2}))
          .bytes(null);
      out.str("").bytes(ByteBuffer.wrap(new byte[0])).count(0);
      var in = read(out);
      assertEquals(-7, in.i32());
      assertEquals(Long.MIN_VALUE, in.i64());
      assertEquals("h\u00e9llo \ud83d\ude00", in.str());
      assertNull(in.str());
      assertArrayEquals(new byte[] {1, 2}, in.bytes());
      assertNull(in.bytes());
      assertEquals("", in.str());
      assertArrayEquals(new byte[0], in.bytes());
      assertEquals(0, in.count(1));
      in.end();
    }
  }

  @Test
  void stringsAreFollowedByOneNulByte() {
    try (var out = new RequestWriter()) {
      out.str("ab");
      assertEquals(7, out.length());
      assertEquals(2, out.buffer().getInt(0));
      assertEquals(0, out.buffer().get(6));
    }
  }

  @Test
  void theBufferGrowsAndKeepsWhatIsInIt() {
    var large = new byte[3 << 20];
    new Random(1).nextBytes(large);
    try (var out = new RequestWriter()) {
      out.u32(42).bytes(ByteBuffer.wrap(large)).u32(43);
      var in = read(out);
      assertEquals(42, in.i32());
      assertArrayEquals(large, in.bytes());
      assertEquals(43, in.i32());
      in.end();
    }
  }

  @Test
  void largeBuffersAreNotKept() {
    Buffers.give(Buffers.take(8 << 20));
    assertTrue(Buffers.take(0).capacity() <= Buffers.KEEP_BYTES);
  }

  @Test
  void aNulCharacterIsRefused() {
    try (var out = new RequestWriter()) {
      assertThrows(IllegalArgumentException.class, () -> out.str("a\0b"));
    }
  }

  @Test
  void aClosedRequestIsRefused() {
    var out = new RequestWriter();
    out.close();
    out.close();
    assertThrows(IllegalStateException.class, () -> out.u32(1));
  }

  @Test
  void readingBeyondTheEndIsRefused() {
    assertThrows(WireException.class, () -> new ReplyReader(buffer(16), 3).i32());
    assertThrows(WireException.class, () -> new ReplyReader(buffer(16), 7).i64());
    assertThrows(WireException.class, () -> new ReplyReader(buffer(256), 127).error());
    assertThrows(WireException.class, () -> new ReplyReader(buffer(16), 17));
    assertThrows(WireException.class, () -> new ReplyReader(buffer(16), -1));
    assertThrows(WireException.class, () -> new ReplyReader(buffer(16), 1).end());
  }

  @Test
  void lengthsAreCheckedBeforeAnythingIsAllocated() {
    for (int length : new int[] {12, 13, Integer.MAX_VALUE, Integer.MIN_VALUE, -2}) {
      var in = buffer(16);
      in.putInt(0, length);
      assertThrows(WireException.class, () -> new ReplyReader(in, 16).str(), "str " + length);
      assertThrows(WireException.class, () -> new ReplyReader(in, 16).count(2), "count " + length);
    }
    for (long length : new long[] {9, Long.MAX_VALUE, Long.MIN_VALUE, -2}) {
      var in = buffer(16);
      in.putLong(0, length);
      assertThrows(WireException.class, () -> new ReplyReader(in, 16).bytes(), "bytes " + length);
    }
  }

  @Test
  void aStringWithoutNulAtItsEndIsRefused() {
    var in = buffer(16);
    in.putInt(0, 2).put(6, (byte) 1);
    assertThrows(WireException.class, () -> new ReplyReader(in, 16).str());
  }

  @Test
  void unsignedNumbersThatJavaCannotHoldAreRefused() {
    var in = buffer(16);
    in.putLong(0, -1);
    assertThrows(WireException.class, () -> new ReplyReader(in, 16).u32());
    assertThrows(WireException.class, () -> new ReplyReader(in, 16).u64());
  }

  @Test
  void errorsAreReadFieldByField() {
    var in = buffer(WireError.BYTES);
    in.putInt(13).putShort((short) 23).put((byte) 1).put((byte) 1).putInt(4).putInt(3).put(new byte[] {'a', -1, 'b'});
    var error = new ReplyReader(in, WireError.BYTES).error();
    assertEquals(13, error.err());
    assertEquals(23, error.step());
    assertEquals(1, error.origin());
    assertEquals(1, error.flags());
    assertEquals(4, error.index());
    assertArrayEquals(new byte[] {'a', -1, 'b'}, error.detail());
  }

  @Test
  void anErrorWithAnImpossibleDetailIsRefused() {
    for (int length : new int[] {113, -1, Integer.MIN_VALUE}) {
      var in = buffer(WireError.BYTES);
      in.putInt(12, length);
      assertThrows(WireException.class, () -> new ReplyReader(in, WireError.BYTES).error(), "detail " + length);
    }
  }

  @Test
  void randomBytesNeverDoMoreThanBeRefused() {
    var random = new Random(2);
    for (int round = 0; round < 20_000; round++) {
      var noise = new byte[random.nextInt(200)];
      random.nextBytes(noise);
      Arrays.fill(noise, 0, random.nextInt(noise.length + 1), (byte) 0);
      var in = buffer(200);
      in.put(0, noise);
      var reader = new ReplyReader(in, noise.length);
      try {
        while (true) {
          switch (random.nextInt(5)) {
            case 0 -> reader.i32();
            case 1 -> reader.count(8);
            case 2 -> reader.str();
            case 3 -> reader.bytes();
            default -> reader.error();
          }
        }
      } catch (WireException e) {
        assertTrue(e.getMessage().length() > 5);
      }
    }
  }
}
