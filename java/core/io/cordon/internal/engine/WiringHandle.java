// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.Captured;
import io.cordon.Limits;
import io.cordon.PipeOptions;
import io.cordon.SandboxException;
import io.cordon.Step;
import io.cordon.internal.jni.NativeLibrary;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.wire.Buffers;
import io.cordon.internal.wire.WireError;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.List;

/** The library's wiring. The thread that made it uses it. */
public final class WiringHandle implements AutoCloseable {
  private final long handle;
  private final int size;

  private WiringHandle(long handle, int size) {
    this.handle = handle;
    this.size = size;
  }

  /** Makes one for so many runs. */
  public static WiringHandle open(int size) throws SandboxException {
    NativeLibrary.ensureLoaded();
    var error = Buffers.take(WireError.BYTES);
    try {
      long handle = Natives.wiringOpen(size, error);
      if (handle == 0) {
        throw Errors.read(error);
      }
      return new WiringHandle(handle, size);
    } finally {
      Buffers.give(error);
    }
  }

  /** The two ends of a pipe, in this process. */
  public record Ends(int writer, int reader) {}

  /** Makes the next pipe; the ends stay the wiring's. */
  public Ends pipe(int fromRun, int fromFd, int toRun, int toFd, PipeOptions options) throws SandboxException {
    var error = Buffers.take(WireError.BYTES);
    var fds = Buffers.take(2 * Integer.BYTES);
    try {
      long limit = options.limitBytes() == Limits.UNLIMITED ? -1 : options.limitBytes();
      if (Natives.wiringPipe(handle, fromRun, fromFd, toRun, toFd, limit, options.recordingBytes(),
          options.isProxy() ? Natives.PIPE_PROXY : 0, fds, error) < 0) {
        throw Errors.read(error);
      }
      return new Ends(fds.getInt(0), fds.getInt(Integer.BYTES));
    } finally {
      Buffers.give(fds);
      Buffers.give(error);
    }
  }

  /** Ends what was started, before all were: a container can be used again only when its run is over. */
  public void abandon(List<RunHandle> runs) throws SandboxException {
    runs.forEach(RunHandle::cancel);
    await(runs);
  }

  /**
   * Waits until all are done; an interrupt cancels all. Those that are missing at the end of the list were not started.
   * Returns the indices in the order in which they ended.
   */
  public int[] await(List<RunHandle> runs) throws SandboxException {
    Natives.wiringStarted(handle);
    var numbers = Buffers.take(size * Long.BYTES);
    var order = Buffers.take(size * Integer.BYTES);
    try {
      for (int i = 0; i < size; i++) {
        numbers.putLong(i * Long.BYTES, i < runs.size() ? runs.get(i).number() : 0);
      }
      int rc = new Waiting(runs).await(() -> Natives.wiringWait(handle, numbers, size, order));
      if (rc < 0) {
        throw SandboxException.of(Step.WAIT, -rc, "wiring");
      }
      var indices = new int[size];
      order.asIntBuffer().get(indices);
      return indices;
    } finally {
      Buffers.give(order);
      Buffers.give(numbers);
    }
  }

  private interface Wait {
    int run();
  }

  /** The JDK's hook for an interrupt is an interruptible channel, as in RunHandle. */
  private static final class Waiting extends AbstractInterruptibleChannel {
    private final List<RunHandle> runs;

    Waiting(List<RunHandle> runs) {
      this.runs = runs;
    }

    int await(Wait wait) {
      int rc = 1;
      try {
        begin();
        rc = wait.run();
      } finally {
        try {
          end(rc <= 0);
        } catch (AsynchronousCloseException e) {
          // The interrupt has cancelled all; the thread's flag is still set, and the statuses will say CANCELLED.
          rc = Math.min(rc, 0);
        }
      }
      return rc;
    }

    @Override
    protected void implCloseChannel() {
      runs.forEach(RunHandle::cancel);
    }
  }

  /** What went through a pipe, after {@link #await}: its beginning, where it was recorded, and how much it was. */
  public Captured recording(int pipe, int recordingBytes) throws SandboxException {
    var buffer = Buffers.take(recordingBytes);
    try {
      long length = Natives.wiringRecord(handle, pipe, buffer);
      long total = Natives.wiringTotal(handle, pipe);
      if (length < 0 || length > recordingBytes || total < length) {
        throw SandboxException.of(Step.PROTOCOL, 0, "record: " + length + " bytes of " + total);
      }
      var data = new byte[(int) length];
      buffer.get(0, data);
      return new Captured(data, total > length, total);
    } finally {
      Buffers.give(buffer);
    }
  }

  /** How much of it was not passed on. */
  public long dropped(int pipe) {
    return Natives.wiringDropped(handle, pipe);
  }

  @Override
  public void close() {
    Natives.wiringFree(handle);
  }
}
