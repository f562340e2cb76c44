// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.Captured;
import io.cordon.Cause;
import io.cordon.Command;
import io.cordon.Input;
import io.cordon.Output;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.Status;
import io.cordon.Step;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.util.Errno;
import io.cordon.internal.wire.Buffers;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The host's end of a command's terminal: types the input, keeps what appears.
 *
 * <p>Two daemon threads per run, one for each direction, because neither may hold up the other: a program that never
 * reads blocks who types, and a program that never stops writing blocks who does not read. Both end when the last
 * process of the run has closed the terminal: the kernel then fails their calls with EIO.
 */
final class Terminal {
  private static final int CHUNK_BYTES = 16 << 10;
  private static final long POLL_NANOS = 1_000_000;

  /** Ends the input at the start of a line, as ^D does; in the middle of one it first ends the line. */
  private static final byte END_OF_FILE = 4;

  /** What is still in the terminal when the run is over takes far less. */
  private static final long PATIENCE_MILLIS = 1000;

  private final Command command;
  private final long limitBytes;
  private final int master;
  private final int slave;
  private final Thread reader = new Thread(null, this::read, "cordon-terminal-out", 0, false);
  private final Thread writer = new Thread(null, this::write, "cordon-terminal-in", 0, false);

  /** Guarded by itself, as the two counters. */
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

  private long total;
  private boolean overLimit;

  /** No process has the terminal open any more. */
  private volatile boolean over;
  private @Nullable RunHandle run;

  private Terminal(Command command, int master, int slave) {
    this.command = command;
    limitBytes = command.stdout() instanceof Output.Capture capture ? capture.limitBytes() : 0;
    this.master = master;
    this.slave = slave;
  }

  static Terminal open(Command command) throws SandboxException {
    var fds = ByteBuffer.allocateDirect(2 * Integer.BYTES).order(ByteOrder.nativeOrder());
    int rc = Natives.fdTerminal(fds);
    if (rc < 0) {
      throw SandboxException.of(Step.TERMINAL, -rc, "/dev/ptmx");
    }
    return new Terminal(command, fds.getInt(0), fds.getInt(Integer.BYTES));
  }

  /** The terminal as all three streams. */
  Streams streams() {
    return new Streams(Input.descriptor(slave), Output.descriptor(slave), Output.descriptor(slave));
  }

  /** Says that the program has its own copies of the terminal, or that there is none (null). */
  void started(@Nullable RunHandle opened) {
    Natives.fdClose(slave);
    if (opened == null) {
      Natives.fdClose(master);
      return;
    }
    run = opened;
    for (var thread : new Thread[] {reader, writer}) {
      thread.setDaemon(true);
      thread.setContextClassLoader(Terminal.class.getClassLoader());
    }
    writer.start();
    reader.start();
  }

  /**
   * Waits until the program's session has the terminal: a ^C that is typed before would reach no process. It waits one
   * step more, because the session has it a moment before the exec, and a signal in between would end the helper.
   */
  private boolean awaitSession() {
    boolean ready = false;
    while (!over && !ready) {
      ready = Natives.fdTerminalSession(master) > 0;
      LockSupport.parkNanos(POLL_NANOS);
    }
    return ready;
  }

  private void write() {
    if (!awaitSession()) {
      return;
    }
    var data = command.stdin() instanceof Input.Bytes bytes ? bytes.bytes() : new byte[0];
    boolean inLine = data.length > 0 && data[data.length - 1] != '\n';
    var buffer = Buffers.take(CHUNK_BYTES);
    try {
      boolean open = true;
      for (int at = 0; open && at < data.length; at += CHUNK_BYTES) {
        open = write(buffer, data, at, Math.min(CHUNK_BYTES, data.length - at));
      }
      var end = new byte[] {END_OF_FILE, END_OF_FILE};
      if (open) {
        write(buffer, end, 0, inLine ? 2 : 1);
      }
    } finally {
      Buffers.give(buffer);
    }
  }

  private boolean write(ByteBuffer buffer, byte[] data, int from, int length) {
    int done = 0;
    while (done < length) {
      buffer.clear().put(data, from + done, length - done);
      int rc = Natives.fdWrite(master, buffer, length - done);
      if (rc < 0 && rc != -Errno.EINTR) {
        return false; // No process has the terminal open any more.
      }
      done += Math.max(rc, 0);
    }
    return true;
  }

  private void read() {
    var buffer = Buffers.take(CHUNK_BYTES);
    try {
      int rc = 1;
      while (rc > 0 || rc == -Errno.EINTR) {
        rc = Natives.fdRead(master, buffer, CHUNK_BYTES);
        if (rc > 0) {
          keep(buffer, rc);
        }
      }
      over = true;
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      Buffers.give(buffer);
      Natives.fdClose(master);
    }
  }

  private void keep(ByteBuffer buffer, int length) {
    boolean over;
    synchronized (kept) {
      int room = (int) Math.min(length, limitBytes - kept.size());
      var data = new byte[room];
      buffer.get(0, data);
      kept.write(data, 0, room);
      total += length;
      over = !overLimit && total > Math.min(command.limits().outputBytes(), command.limits().outputTotalBytes());
      overLimit |= over;
    }
    var running = run;
    if (over && running != null) {
      running.cancel();
    }
  }

  /** The result of a run that is done, with what appeared on the terminal as its standard output. */
  Result finish(Result result) {
    try {
      reader.join(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // The result has what was read so far.
    }
    synchronized (kept) {
      var captured = new Captured(kept.toByteArray(), total > kept.size(), total);
      var all = result.toBuilder().stdout(captured);
      if (overLimit && result.status() == Status.CANCELLED) {
        all.status(Status.OUTPUT_LIMIT_EXCEEDED).cause(Cause.STDOUT);
      }
      return all.build();
    }
  }
}
