// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.Step;
import io.cordon.internal.jni.NativeLibrary;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.util.Errno;
import io.cordon.internal.wire.Buffers;
import io.cordon.internal.wire.WireError;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Drives all asynchronous runs of the JVM on one daemon thread, {@code cordon-events}, which starts with the first of
 * them and ends when there was none for some seconds: while it lives it keeps the class loader. The thread waits in the
 * library's epoll set and holds nothing per run but its map entry.
 *
 * <ul>
 *   <li>I1: a run is in {@link #runs} before the native loop knows it, so its event always finds it.
 *   <li>I2: it is taken out before it is freed, since the library may give its number to the next run; and it is freed
 *       only when the native loop has returned it as done, and so forgotten it, or is not asked any more.
 *   <li>I3: every run that was added is completed, also when the thread fails.
 *   <li>I4: only {@link #instance} takes runs or is told to end, under the lock; a loop is freed by its thread when it
 *       is that no more, so nobody else uses it.
 * </ul>
 */
final class EventLoop {
  /** A run and the future that its result goes to. */
  record Entry(RunHandle run, CompletableFuture<Result> future) {}

  /** Starting the thread again costs less than a run. */
  private static final long IDLE_NANOS = 5_000_000_000L;

  private static final ReentrantLock LOCK = new ReentrantLock();

  private static @Nullable EventLoop instance;

  /** Counts the waits; no token is given twice. Guarded by the lock. */
  private static long lastToken;

  private final long loop;
  private final Map<Long, Entry> runs = new ConcurrentHashMap<>();

  /** Of descriptors that somebody waits for: who, by token, and the token, by descriptor. Guarded by the lock. */
  private final Map<Long, Runnable> waiters = new HashMap<>();

  private final Map<Integer, Long> tokens = new HashMap<>();
  private final Thread thread = new Thread(null, this::serve, "cordon-events", 0, false);

  /** Guarded by the lock. */
  private boolean ending;

  private EventLoop(long loop) {
    this.loop = loop;
  }

  /** Takes over a run that was just opened, and frees it in the end; where it throws, the run is still the caller's. */
  static Entry add(RunHandle run) throws SandboxException {
    var entry = new Entry(run, new CompletableFuture<>());
    // Before the future can be seen: whoever completes it from outside no longer wants the program. After the regular
    // completion this finds the run freed and does nothing.
    entry.future.whenComplete((result, failure) -> run.cancel());
    LOCK.lock();
    try {
      var events = instance == null ? open() : instance;
      instance = events;
      events.take(run.number(), entry);
      return entry;
    } finally {
      LOCK.unlock();
    }
  }

  /**
   * Calls {@code ready} once on this thread, which it must not hold up, when a descriptor can be read, or written to,
   * or has failed. One wait at a time for a descriptor.
   */
  static void watch(int fd, boolean toWrite, Runnable ready) throws IOException {
    LOCK.lock();
    try {
      var events = instance == null ? open() : instance;
      instance = events;
      long token = ++lastToken;
      int rc = Natives.loopWatch(events.loop, fd, toWrite ? 1 : 0, token);
      if (rc < 0) {
        throw new IOException("event loop: " + Errno.name(-rc));
      }
      events.waiters.put(token, ready);
      events.tokens.put(fd, token);
    } catch (SandboxException e) {
      throw new IOException(e);
    } finally {
      LOCK.unlock();
    }
  }

  /** Ends the wait for a descriptor before it is closed. Returns who waited for it, if anybody, and was not called. */
  static @Nullable Runnable unwatch(int fd) {
    LOCK.lock();
    try {
      var events = instance;
      var token = events == null ? null : events.tokens.remove(fd);
      if (events == null || token == null) {
        return null;
      }
      Natives.loopUnwatch(events.loop, fd);
      return events.waiters.remove(token);
    } finally {
      LOCK.unlock();
    }
  }

  private void ready(long token) {
    Runnable waiter;
    LOCK.lock();
    try {
      waiter = waiters.remove(token);
    } finally {
      LOCK.unlock();
    }
    if (waiter != null) {
      waiter.run();
    }
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
      events.start();
      return events;
    } finally {
      Buffers.give(error);
    }
  }

  private void start() {
    thread.setDaemon(true);
    // It would keep the class loader of whoever happened to run something first.
    thread.setContextClassLoader(EventLoop.class.getClassLoader());
    try {
      thread.start();
    } catch (Error e) {
      Natives.loopFree(loop); // No thread is to be had.
      throw e;
    }
  }

  private void take(long number, Entry entry) throws SandboxException {
    runs.put(number, entry);
    int rc = Natives.loopAdd(loop, number);
    if (rc < 0) {
      runs.remove(number);
      throw SandboxException.of(Step.WAIT, -rc, "event loop");
    }
  }

  /** Ends the thread, which serves no run, and returns it, for who wants to wait; null where there is none. */
  static @Nullable Thread end() {
    LOCK.lock();
    try {
      var events = instance;
      if (events == null) {
        return null;
      }
      instance = null;
      events.ending = true;
      Natives.loopClose(events.loop);
      return events.thread;
    } finally {
      LOCK.unlock();
    }
  }

  private void serve() {
    try {
      do {
        for (long number = next(); number != 0; number = next()) {
          if (number > 0) {
            handle(number);
          } else {
            ready(-number);
          }
        }
      } while (!leave(false));
    } catch (Throwable t) {
      leave(true);
      LoggerFactory.getLogger(EventLoop.class).error("the event thread failed; its runs are ended", t);
    } finally {
      runs.keySet().forEach(number -> finish(number, new IllegalStateException("Cordon's event thread has ended")));
      left().forEach(Runnable::run);
      Natives.loopFree(loop);
    }
  }

  private long next() {
    return Natives.loopNext(loop, IDLE_NANOS);
  }

  /** Takes no more runs. Returns false where one came in this moment, and nothing says that the thread must end. */
  private boolean leave(boolean must) {
    LOCK.lock();
    try {
      boolean leaves = must || ending || (runs.isEmpty() && waiters.isEmpty());
      if (leaves && instance == this) {
        instance = null;
      }
      return leaves;
    } finally {
      LOCK.unlock();
    }
  }

  /** Who still waits, when the thread ends: they wait with the next one. */
  private List<Runnable> left() {
    LOCK.lock();
    try {
      return List.copyOf(waiters.values());
    } finally {
      LOCK.unlock();
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
