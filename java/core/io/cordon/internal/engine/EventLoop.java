package io.cordon.internal.engine;

import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.Step;
import io.cordon.internal.jni.NativeLibrary;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.wire.Buffers;
import io.cordon.internal.wire.WireError;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Drives all asynchronous runs of the JVM on one daemon thread, {@code cordon-events}, which starts with the first of
 * them and stays. The thread waits in the library's epoll set and holds nothing per run but its map entry.
 *
 * <ul>
 *   <li>I1: a run is in {@link #runs} before the native loop knows it, so its event always finds it.
 *   <li>I2: it is taken out before it is freed, since the library may give its number to the next run; and it is freed
 *       only when the native loop has returned it as done, and so forgotten it, or is not asked any more.
 *   <li>I3: every run that was added is completed, also when the thread fails.
 * </ul>
 */
final class EventLoop {
  /** A run and the future that its result goes to. */
  record Entry(RunHandle run, CompletableFuture<Result> future) {}

  private static @Nullable EventLoop instance;

  private final long loop;
  private final Map<Long, Entry> runs = new ConcurrentHashMap<>();
  private volatile boolean closed;

  private EventLoop(long loop) {
    this.loop = loop;
  }

  static synchronized EventLoop get() throws SandboxException {
    if (instance == null || instance.closed) {
      instance = open();
    }
    return instance;
  }

  private static EventLoop open() throws SandboxException {
    NativeLibrary.ensureLoaded();
    var error = Buffers.take(WireError.BYTES);
    try {
      long loop = Natives.loopOpen(error);
      if (loop == 0) {
        throw Errors.read(error);
      }
      var events = new EventLoop(loop);
      var thread = new Thread(null, events::serve, "cordon-events", 0, false);
      thread.setDaemon(true);
      // It would keep the class loader of whoever happened to run something first.
      thread.setContextClassLoader(EventLoop.class.getClassLoader());
      thread.start();
      return events;
    } finally {
      Buffers.give(error);
    }
  }

  /** Takes over a run that was just opened, and frees it in the end. */
  Entry add(RunHandle run) throws SandboxException {
    var entry = new Entry(run, new CompletableFuture<>());
    // Before the future can be seen: whoever completes it from outside no longer wants the program. After the regular
    // completion this finds the run freed and does nothing.
    entry.future.whenComplete((result, failure) -> run.cancel());
    long number = run.number();
    runs.put(number, entry);
    int rc = closed ? -1 : Natives.loopAdd(loop, number);
    if (rc < 0) {
      runs.remove(number);
      run.free();
      throw SandboxException.of(Step.WAIT, -rc, "event loop");
    }
    return entry;
  }

  private void serve() {
    try {
      for (long number = Natives.loopNext(loop); number > 0; number = Natives.loopNext(loop)) {
        handle(number);
      }
    } catch (Throwable t) {
      LoggerFactory.getLogger(EventLoop.class).error("the event thread failed; its runs are ended", t);
    } finally {
      closed = true;
      runs.keySet().forEach(number -> finish(number, new IllegalStateException("Cordon's event thread has ended")));
    }
  }

  private void handle(long number) {
    var entry = runs.get(number);
    if (entry == null) {
      LoggerFactory.getLogger(EventLoop.class).error("an event for a run that is not known");
      return;
    }
    if (entry.run.isAtSync()) {
      // Whatever the action does, the run stays: the loop still has it and returns it again when it is done.
      entry.run.release();
      // An action that was interrupted has set the flag of this thread, which serves others too.
      Thread.interrupted();
    } else {
      finish(number, null);
    }
  }

  /** Frees a run and completes its future: with its reply, or with a failure that was met before. */
  private void finish(long number, @Nullable Throwable failure) {
    var entry = runs.remove(number);
    if (entry == null) {
      return;
    }
    Result result = null;
    var outcome = failure;
    try {
      result = failure == null ? entry.run.reply() : null;
    } catch (Throwable t) {
      // Also an OutOfMemoryError for a large reply belongs to this run's caller and not to the thread.
      outcome = t;
    }
    entry.run.free();
    // A listener may have set the flag of this thread, which serves others too.
    Thread.interrupted();
    if (outcome == null) {
      entry.future.complete(result);
    } else {
      entry.future.completeExceptionally(outcome);
    }
  }
}
