// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cordon.SandboxException;
import io.cordon.Step;
import io.cordon.internal.wire.ReplyReader;
import io.cordon.internal.wire.RequestWriter;
import io.cordon.internal.wire.WireError;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FilesCodecTest {
  @Test
  void relativeNamesAreInTheWorkDirectory() {
    try (var out = new RequestWriter()) {
      FilesCodec.write(out, List.of(new FilesCodec.Item("a/b", null, FilesCodec.CREATE, 0600),
          new FilesCodec.Item("/tmp/l", "text", 0, 0)));
      var in = new ReplyReader(out.buffer(), out.length());
      assertEquals(RequestWriter.VERSION, in.i32());
      assertEquals(2, in.i32());
      assertEquals("/w/a/b", in.str());
      assertNull(in.str());
      assertEquals(1, in.i32());
      assertEquals(0600, in.i32());
      assertEquals("/tmp/l", in.str());
      assertEquals("text", in.str());
      assertEquals(0, in.i64());
      in.end();
    }
  }

  private static void putError(ByteBuffer out, int errno, int step) {
    int start = out.position();
    out.putInt(errno).putShort((short) step).put((byte) 1).put((byte) 0).putInt(-1).putInt(0);
    out.position(start + WireError.BYTES);
  }

  private static ByteBuffer reply(int... errnos) {
    var out = ByteBuffer.allocateDirect(4096).order(ByteOrder.nativeOrder());
    putError(out, 0, 0);
    for (int errno : errnos) {
      out.putInt(errno == 0 ? 9 : -1);
      putError(out, errno, errno == 0 ? 0 : Codes.STEP.of(Step.OPEN_FILE));
    }
    return out.flip();
  }

  @Test
  void eachFileHasItsOwnAnswer() throws SandboxException {
    var reply = reply(0, 2);
    var answers = new ArrayList<FilesCodec.Answer>();
    FilesCodec.read(reply, reply.limit(), 2, answers);
    assertEquals(9, answers.get(0).fd());
    assertNull(answers.get(0).error());
    assertEquals(-1, answers.get(1).fd());
    assertEquals("ENOENT", answers.get(1).error().errnoName());
  }

  @Test
  void aDamagedReplyIsAProtocolError() {
    var reply = reply(0);
    for (int length = 0; length < reply.limit(); length++) {
      int cut = length;
      var e = assertThrows(SandboxException.class, () -> FilesCodec.read(reply, cut, 1, new ArrayList<>()));
      assertEquals(Step.PROTOCOL, e.step());
    }
    assertThrows(SandboxException.class, () -> FilesCodec.read(reply, reply.limit(), 0, new ArrayList<>()));
  }
}
