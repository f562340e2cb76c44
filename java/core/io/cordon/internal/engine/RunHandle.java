// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.Command;
import io.cordon.Input;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.SecurityEvents;
import io.cordon.Step;
import io.cordon.internal.jni.NativeLibrary;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.util.Errno;
import io.cordon.internal.util.Uninterrupted;
import io.cordon.internal.wire.Buffers;
import io.cordon.internal.wire.ReplyReader;
import io.cordon.internal.wire.RequestWriter;
import io.cordon.internal.wire.WireError;
import io.cordon.internal.wire.WireException;
import io.cordon.supervisor.SyscallQuestion;
import java.lang.ref.Reference;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * One native run: opened by {@link #open}, driven by one thread (the caller's or the event thread), freed exactly once.
 *
 * <p>It is an interruptible channel because that is the JDK's only hook that is called <em>when</em> a thread is
 * interrupted; a thread inside a native method does not notice by itself.
 *
 * <ul>
 *   <li>I1: {@code runCancel} is called only under {@link #lock} while {@link #handle} is not 0. Any thread may try.
 *   <li>I2: {@link #free} sets the handle to 0 under the lock before {@code runFree}, so no cancel can follow it.
 *   <li>I3: all other natives are called only by the thread that drives the run, and it is also the one that frees.
 * </ul>
 */
public final class RunHandle extends AbstractInterruptibleChannel {
  /** The states that {@code runWait} returns; the numbers are those of {@code enum cordon_run_state}. */
  static final int SYNC = 1;

  static final int DONE = 2;
  static final int ASK = 3;

  /** Two paths of 4096 bytes and some numbers. */
  private static final int QUESTION_BYTES = 16 << 10;

  private final SandboxSpec spec;
  private final Command command;

  /** Held as long as the native run may use it. */
  private final @Nullable CompiledPolicy policy;

  private final @Nullable Terminal terminal;
  private final Runnable afterFree;
  private final @Nullable Asker asker;
  private final LiveStreams streams;
  private final CountDownLatch freed = new CountDownLatch(1);
  private final Object lock = new Object();
  private long handle;

  /** Written and read by the thread that drives the run. */
  private @Nullable Throwable syncFailure;

  /** Written and read by the thread that drives the run. */
  private @Nullable Result result;

  private RunHandle(Setting setting, Command command, @Nullable Terminal terminal, Runnable afterFree, long handle,
      LiveStreams streams) {
    spec = setting.spec;
    policy = setting.policy;
    this.command = command;
    this.terminal = terminal;
    this.afterFree = afterFree;
    this.handle = handle;
    this.streams = streams;
    asker = command.supervisor().flatMap(supervisor -> supervisor.handler()
        .map(handler -> new Asker(handler, supervisor.askTimeout()))).orElse(null);
  }

  /** Writes the request of a run. */
  private interface Writer {
    void accept(RequestWriter request, Command command, Streams streams);
  }

  /** The native that starts a run from a request: a handle, or 0 with an error. */
  interface Starter {
    long start(RequestWriter request, ByteBuffer error);
  }

  /** What a run is in; a container's own policy is held by the container. */
  private record Setting(SandboxSpec spec, @Nullable CompiledPolicy policy) {}

  /** Starts a run in a sandbox of its own, whose caller does not hold its streams. */
  public static RunHandle open(SandboxSpec spec, Command command) throws SandboxException {
    refuseStreams(command);
    return openLive(spec, command);
  }

  /** The same for a caller who holds its streams. */
  public static RunHandle openLive(SandboxSpec spec, Command command) throws SandboxException {
    NativeLibrary.ensureLoaded();
    var use = Kept.use();
    use.lock();
    try {
      var policy = CompiledPolicy.of(spec.seccomp());
      return open(new Setting(spec, policy), command, () -> {},
          (request, supervised, streams) -> RunCodec.write(request, spec, policy, supervised, streams),
          (request, error) -> Natives.runOpen(request.buffer(), request.length(), error));
    } finally {
      use.unlock();
    }
  }

  /** Refuses a command with streams that no caller would hold. */
  public static void refuseStreams(Command command) throws SandboxException {
    LiveStreams.refuse(command);
  }

  /** Starts a run in a container, of which the caller has the turn; {@code afterFree} gives it on. */
  public static RunHandle open(SandboxSpec spec, long container, Command command, int flags, Runnable afterFree)
      throws SandboxException {
    return open(new Setting(spec, null), command, afterFree, RunCodec::write,
        (request, error) -> Natives.containerRunOpen(container, request.buffer(), request.length(), flags, error));
  }

  private static RunHandle open(Setting setting, Command given, Runnable afterFree,
      Writer writer, Starter starter) throws SandboxException {
    NativeLibrary.ensureLoaded();
    var command = setting.spec.complete(given);
    var error = Buffers.take(WireError.BYTES);
    var terminal = command.terminal() && !(command.stdin() instanceof Input.Stream) ? Terminal.open(command) : null;
    RunHandle opened = null;
    try (var request = new RequestWriter()) {
      writer.accept(request, command, terminal == null ? Streams.of(command) : terminal.streams());
      long handle = starter.start(request, error);
      if (handle == 0) {
        throw Errors.read(error);
      }
      opened = new RunHandle(setting, command, terminal, afterFree, handle, LiveStreams.take(handle, command));
    } catch (BufferOverflowException e) {
      throw SandboxException.of(Step.VALIDATE, 0, "request: over 2 GiB: use files for large inputs");
    } finally {
      Buffers.give(error);
      if (terminal != null) {
        terminal.started(opened);
      }
    }
    return opened;
  }

  public long number() {
    synchronized (lock) {
      return handle;
    }
  }

  /** Whether it must be driven by a thread of its own, which may wait for the caller's answers. */
  boolean asks() {
    return asker != null;
  }

  /** Kills the program, if the run is not over. Any thread; returns at once. */
  public void cancel() {
    synchronized (lock) {
      if (handle != 0) {
        Natives.runCancel(handle);
      }
    }
    if (asker != null) {
      asker.refuse();
    }
  }

  /** Those that the command gave, for {@link Running#live}. */
  LiveStreams streams() {
    return streams;
  }

  /** Sends a signal to the program's first process, if it runs. Any thread; returns at once. */
  void signal(int number) {
    synchronized (lock) {
      if (handle != 0) {
        Natives.runSignal(handle, number);
      }
    }
  }

  /** Stops or continues the run. Any thread. */
  void pause(boolean pause) throws SandboxException {
    if (pause && !spec.namespaces()) {
      throw SandboxException.unsupported("pause", true, "needs namespaces");
    }
    var error = Buffers.take(WireError.BYTES);
    try {
      synchronized (lock) {
        if (handle != 0 && Natives.runPause(handle, pause ? 1 : 0, error) < 0) {
          throw Errors.read(error);
        }
      }
    } finally {
      Buffers.give(error);
    }
  }

  /** Waits until nothing of the run is left. An interrupt does not end the wait. */
  void awaitFreed() {
    Uninterrupted.await(() -> {
      freed.await();
      return true;
    }, () -> {});
  }

  /** Called by the JDK when the waiting thread is interrupted, on the interrupting thread. */
  @Override
  protected void implCloseChannel() {
    cancel();
  }

  /** Blocks until the run is done, and reads its reply. An interrupt cancels the run and does not end the wait. */
  Result await() throws SandboxException {
    for (int state = await(number()); state != DONE; state = await(number())) {
      if (state == SYNC) {
        release();
      } else {
        answer();
      }
    }
    return reply();
  }

  private int await(long run) throws SandboxException {
    int state = 0;
    try {
      begin();
      state = Natives.runWait(run);
    } finally {
      try {
        end(state > 0);
      } catch (AsynchronousCloseException e) {
        // The interrupt has cancelled the run; the thread's flag is still set, and the status will say CANCELLED.
        state = Math.max(state, 0);
      }
    }
    return check(state);
  }

  /**
   * Tells whether the event loop has just returned the run because it waits at its sync point; else it is done. Nothing
   * but the loop's thread changes that, so a cancel that came meanwhile is seen only when the loop steps the run again.
   */
  boolean isAtSync() {
    return Natives.runPid(number()) != 0;
  }

  private static int check(int state) throws SandboxException {
    if (state != SYNC && state != DONE && state != ASK) {
      throw SandboxException.of(Step.WAIT, Math.max(0, -state), "run state " + state);
    }
    return state;
  }

  /** Lets the sync action decide whether the program runs. */
  void release() {
    boolean go = false;
    long run = number();
    try {
      var action = command.sync().orElse(null);
      go = action == null || action.beforeExec(Natives.runPid(run));
    } catch (Throwable t) {
      // Whatever it is, the program must not run, and the caller gets it as the cause of the exception.
      syncFailure = t;
      if (t instanceof InterruptedException) {
        // As everywhere in a run: the flag stays set, and the status becomes CANCELLED.
        cancel();
        Thread.currentThread().interrupt();
      }
    } finally {
      Natives.runRelease(run, go ? 1 : 0);
    }
  }

  /** Lets the handler decide about the call that waits. Whatever happens here, it is answered. */
  private void answer() throws SandboxException {
    long run = number();
    var decision = Asker.REFUSED;
    try {
      var question = question(run);
      if (asker != null && question != null) {
        decision = asker.ask(question);
      }
    } catch (InterruptedException e) {
      // As everywhere in a run: the flag stays set, and the status becomes CANCELLED.
      cancel();
      Thread.currentThread().interrupt();
    } finally {
      Natives.runAnswer(run, Codes.DECISION.of(decision.kind()), decision.error());
    }
  }

  /** Null where it is not open any more. */
  private static @Nullable SyscallQuestion question(long run) throws SandboxException {
    var buffer = Buffers.take(QUESTION_BYTES);
    try {
      int length = Natives.runQuestion(run, buffer);
      if (length == -Errno.ENOENT) {
        return null;
      }
      if (length < 0) {
        throw SandboxException.of(Step.PROTOCOL, -length, "question");
      }
      return EventCodec.question(new ReplyReader(buffer, length));
    } catch (WireException e) {
      throw Errors.of(e);
    } finally {
      Buffers.give(buffer);
    }
  }

  /** Reads the reply of a run that is done. */
  public Result reply() throws SandboxException {
    long run = number();
    long length = Natives.runReplyLength(run);
    if (length < 0 || length > Integer.MAX_VALUE) {
      throw SandboxException.of(Step.PROTOCOL, 0, "reply: " + length + " bytes");
    }
    var buffer = Buffers.take((int) length);
    try {
      int rc = Natives.runReply(run, buffer);
      if (rc < 0) {
        throw SandboxException.of(Step.PROTOCOL, -rc, "reply");
      }
      var read = RunCodec.read(buffer, length, spec, command, syncFailure);
      result = terminal == null ? read : terminal.finish(read);
      return result;
    } finally {
      Buffers.give(buffer);
    }
  }

  /** Ends the run if it still runs, frees it, and tells who listens. A second call does nothing. */
  public void free() {
    long run;
    synchronized (lock) {
      run = handle;
      handle = 0;
    }
    if (asker != null) {
      asker.close();
    }
    if (run != 0) {
      Natives.runFree(run);
      afterFree.run();
      freed.countDown();
      tell();
    }
  }

  /** When nothing of the run is left, so that a slow listener holds up this thread only. */
  private void tell() {
    try {
      var done = result;
      if (done != null) {
        SecurityEvents.finished(command, done);
      }
    } finally {
      Reference.reachabilityFence(policy);
    }
  }
}
