// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.internal.util.Errno;
import io.cordon.supervisor.Decision;
import io.cordon.supervisor.SyscallHandler;
import io.cordon.supervisor.SyscallQuestion;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Puts the questions of one run to its handler, on a daemon thread that starts with the first of them.
 *
 * <ul>
 *   <li>I1: {@link #ask} is called by one thread at a time, the one that drives the run, and returns within the
 *       time-out whatever the handler does.
 *   <li>I2: there is one thread, so a handler that never comes back costs one, however often the program asks.
 *   <li>I3: only that thread is interrupted, so that no other run's handler is.
 * </ul>
 */
final class Asker {
  /** What stands for an answer that does not come. */
  static final Decision REFUSED = Decision.errno(Errno.EPERM);

  private record Question(SyscallQuestion question, CompletableFuture<Decision> answer) {}

  private final SyscallHandler handler;
  private final Duration timeout;
  private final SynchronousQueue<Question> questions = new SynchronousQueue<>();
  private @Nullable Thread thread;
  private volatile @Nullable CompletableFuture<Decision> pending;
  private volatile boolean closed;

  /** The first failure is logged, not every one: how many there are is the program's choice. */
  private boolean logged;

  Asker(SyscallHandler handler, Duration timeout) {
    this.handler = handler;
    this.timeout = timeout;
  }

  /** The handler's decision, or the refusal that stands for it. */
  Decision ask(SyscallQuestion question) throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    var answer = new CompletableFuture<Decision>();
    pending = answer;
    if (closed) {
      return REFUSED; // Refused here, or by refuse() which sees pending: one of both comes second.
    }
    var worker = start();
    try {
      if (!questions.offer(new Question(question, answer), timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        return REFUSED; // The handler is not back from an earlier question.
      }
      return answer.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      worker.interrupt();
      return REFUSED;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // decide() catches everything.
    } finally {
      pending = null;
    }
  }

  /** Answers what is asked now and later with a refusal: the run is to end. Any thread. */
  void refuse() {
    closed = true;
    var waiting = pending;
    if (waiting != null) {
      waiting.complete(REFUSED);
    }
  }

  /** Ends the thread; by the one that drives the run. */
  void close() {
    refuse();
    if (thread != null) {
      thread.interrupt();
    }
  }

  private Thread start() {
    var started = thread;
    if (started == null) {
      started = new Thread(null, this::serve, "cordon-ask", 0, false);
      started.setDaemon(true);
      started.start();
      thread = started;
    }
    return started;
  }

  private void serve() {
    while (!closed) {
      try {
        var next = questions.take();
        Thread.interrupted(); // It was for the question before.
        next.answer.complete(decide(next.question));
      } catch (InterruptedException e) {
        // Late by a moment, or closed.
      }
    }
  }

  private Decision decide(SyscallQuestion question) {
    try {
      var decision = handler.decide(question);
      if (decision != null && decision.kind() != Decision.Kind.ASK) {
        return decision;
      }
      log("returned " + decision, null);
    } catch (Throwable t) {
      log("threw", t);
    }
    return REFUSED;
  }

  private void log(String what, @Nullable Throwable failure) {
    if (!logged && !closed) {
      logged = true;
      LoggerFactory.getLogger(SyscallHandler.class).warn("a handler {}: its call was refused", what, failure);
    }
  }
}
