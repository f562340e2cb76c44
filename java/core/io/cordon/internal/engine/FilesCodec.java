// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.Command;
import io.cordon.SandboxException;
import io.cordon.Step;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.wire.Buffers;
import io.cordon.internal.wire.ReplyReader;
import io.cordon.internal.wire.RequestWriter;
import io.cordon.internal.wire.WireError;
import io.cordon.internal.wire.WireException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens, deletes and links files in a container: FILES and FILES REPLY of {@code csrc/jni/format.h}. */
public final class FilesCodec {
  public static final int OPEN = 0;
  public static final int DELETE = 1;
  public static final int SYMLINK = 2;

  public static final int CREATE = 1;
  public static final int TREE = 2;
  public static final int REPLACE = 4;
  public static final int DIRECTORY = 8;

  /** {@code CORDON_ITEMS_MAX}: what one message takes. */
  static final int MOST = 200;

  private static final int ANSWER_BYTES = Integer.BYTES + WireError.BYTES;

  private FilesCodec() {}

  public record Item(String name, @Nullable String text, int flags, int mode) {}

  public record Answer(int fd, @Nullable SandboxException error) {}

  /**
   * Does all of them, in as many commands as it takes; descriptors that were got before a command failed are closed.
   */
  public static List<Answer> run(long container, int op, List<Item> items) throws SandboxException {
    var answers = new ArrayList<Answer>(items.size());
    try {
      for (int from = 0; from < items.size(); from += MOST) {
        runSome(container, op, items.subList(from, Math.min(items.size(), from + MOST)), answers);
      }
    } catch (SandboxException e) {
      answers.stream().filter(answer -> answer.fd() >= 0).forEach(answer -> Natives.fdClose(answer.fd()));
      throw e;
    }
    return answers;
  }

  private static void runSome(long container, int op, List<Item> items, List<Answer> answers) throws SandboxException {
    var reply = Buffers.take(WireError.BYTES + items.size() * ANSWER_BYTES);
    try (var request = new RequestWriter()) {
      write(request, items);
      int length = Natives.containerFiles(container, op, request.buffer(), request.length(), reply);
      if (length < 0) {
        throw SandboxException.of(Step.PROTOCOL, -length, "files");
      }
      read(reply, length, items.size(), answers);
    } finally {
      Buffers.give(reply);
    }
  }

  static void write(RequestWriter out, List<Item> items) {
    out.u32(RequestWriter.VERSION).count(items.size());
    for (var item : items) {
      out.str(absolute(item.name())).str(item.text()).u32(item.flags()).u32(item.mode());
    }
  }

  static void read(ByteBuffer reply, int length, int items, List<Answer> answers) throws SandboxException {
    try {
      var in = new ReplyReader(reply, length);
      var failure = in.error();
      if (failure.step() != 0) {
        throw Errors.of(failure, null);
      }
      for (int i = 0; i < items; i++) {
        int fd = in.i32();
        var error = in.error();
        answers.add(new Answer(fd, error.step() == 0 ? null : Errors.of(error, null)));
      }
      in.end();
    } catch (WireException e) {
      throw Errors.of(e);
    }
  }

  private static String absolute(String name) {
    return name.startsWith("/") ? name : Command.DEFAULT_WORK_DIR + "/" + name;
  }
}
