// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.LiveRun;
import io.cordon.Result;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.internal.util.Uninterrupted;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The two ways to bring a run to its end, the same for every runner: on the caller's thread, or by the event thread. A
 * run that asks its caller about system calls has a thread of its own in place of the event thread, which must not
 * wait.
 */
public final class Running {
  /** {@code Thread.isVirtual}, which JDK 17 does not have. */
  private static final @Nullable MethodHandle IS_VIRTUAL = findIsVirtual();

  private Running() {}

  /** Starts a run. */
  public interface Opener {
    RunHandle open() throws SandboxException;
  }

  /** Runs to the end as {@link Runner#run} promises it. On a virtual thread the event thread waits in its place. */
  public static Result run(Opener opener) throws SandboxException {
    if (isVirtual(Thread.currentThread())) {
      return join(add(opener));
    }
    var run = opener.open();
    try {
      return run.await();
    } finally {
      run.free();
    }
  }

  /** Starts a run as {@link Runner#runAsync} promises it. */
  public static CompletableFuture<Result> start(Opener opener) {
    try {
      return add(opener).future();
    } catch (SandboxException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Starts a run as {@link Runner#start} promises it. */
  public static LiveRun live(Opener opener) throws SandboxException {
    var entry = add(opener);
    return new Live(entry.run(), entry.run().streams(), entry.future());
  }

  private static EventLoop.Entry add(Opener opener) throws SandboxException {
    var run = opener.open();
    try {
      return run.asks() ? driveAlone(run) : EventLoop.add(run);
    } catch (SandboxException | RuntimeException | Error e) {
      run.free();
      throw e;
    }
  }

  private static EventLoop.Entry driveAlone(RunHandle run) {
    var entry = new EventLoop.Entry(run, new CompletableFuture<>());
    var thread = new Thread(null, () -> {
      Result result = null;
      Throwable failure = null;
      try {
        result = run.await();
      } catch (Throwable t) {
        failure = t; // Belongs to this run's caller, also an OutOfMemoryError.
      }
      run.free();
      if (failure == null) {
        entry.future().complete(result);
      } else {
        entry.future().completeExceptionally(failure);
      }
    }, "cordon-run", 0, false);
    thread.setDaemon(true);
    // Before the future can be seen, as EventLoop does it.
    entry.future().whenComplete((result, failure) -> run.cancel());
    thread.start();
    return entry;
  }

  /** An interrupt kills the program, and its result still comes. */
  private static Result join(EventLoop.Entry entry) throws SandboxException {
    try {
      return Uninterrupted.await(entry.future()::get, entry.run()::cancel);
    } catch (ExecutionException e) {
      throw Uninterrupted.cause(e, SandboxException.class);
    }
  }

  private static @Nullable MethodHandle findIsVirtual() {
    try {
      return MethodHandles.publicLookup()
          .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  public static boolean isVirtual(Thread thread) {
    try {
      return IS_VIRTUAL != null && (boolean) IS_VIRTUAL.invokeExact(thread);
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }
}
