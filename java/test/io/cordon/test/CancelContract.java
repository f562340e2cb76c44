// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Cause;
import io.cordon.Command;
import io.cordon.Output;
import io.cordon.Result;
import io.cordon.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A run ends when its caller wants that, and any number go on at once. */
interface CancelContract {
  /** Says "before", then that it is ready, and sleeps. */
  private static Command sleeper(Bench bench, Path ready) throws IOException {
    return bench.command(bench.programs().printAndSleep("before", "ready").stderr(Output.file(ready))).build();
  }

  private static CompletableFuture<Result> running(Bench bench) throws Exception {
    var ready = bench.file("ready");
    return bench.start(sleeper(bench, ready), ready, "ready");
  }

  @Test
  @Uses("stderr.hostFile")
  default void cancellingTheFutureEndsTheProgram(Bench bench) throws Exception {
    assertTrue(running(bench).cancel(true));
    bench.stillWorks();
  }

  @Test
  @Uses("stderr.hostFile")
  default void completingTheFutureEndsTheProgram(Bench bench) throws Exception {
    assertTrue(running(bench).completeExceptionally(new IOException("enough")));
    bench.stillWorks();
  }

  @Test
  @Uses("stderr.hostFile")
  default void aTimeOutOfTheFutureEndsTheProgram(Bench bench) throws Exception {
    var running = running(bench).orTimeout(1, TimeUnit.MILLISECONDS);
    assertThrows(ExecutionException.class, () -> running.get(bench.tier().patience().toSeconds(), TimeUnit.SECONDS));
    bench.stillWorks();
  }

  @Test
  default void cancellingAtOnceEndsTheProgram(Bench bench) throws Exception {
    for (int i = 0; i < Bench.MANY; i++) {
      bench.runner().runAsync(bench.command(bench.programs().printAndSleep("", "")).build()).cancel(true);
    }
    bench.stillWorks();
  }

  @Test
  @Uses({"stderr.hostFile", "program.stubborn"})
  default void aProgramThatIgnoresSignalsCanBeCancelled(Bench bench) throws Exception {
    var ready = bench.file("ready");
    var stubborn = bench.command(bench.programs().stubborn("before", "ready").stderr(Output.file(ready))).build();
    assertTrue(bench.start(stubborn, ready, "ready").cancel(true));
    bench.stillWorks();
  }

  @Test
  @Uses("stderr.hostFile")
  default void interruptingTheThreadEndsTheProgram(Bench bench) throws Exception {
    var ready = bench.file("ready");
    var command = sleeper(bench, ready);
    var runner = bench.runner();
    var result = new CompletableFuture<Result>();
    var flag = new AtomicBoolean();
    var thread = new Thread(() -> {
      try {
        var cancelled = runner.run(command);
        flag.set(Thread.currentThread().isInterrupted());
        result.complete(cancelled);
      } catch (Throwable t) {
        result.completeExceptionally(t);
      }
    }, "contract");
    thread.start();
    try {
      bench.await("the program is ready, or the run has failed", () -> result.isDone() || ready.toFile().length() > 0);
    } finally {
      thread.interrupt();
      thread.join();
    }
    var cancelled = Bench.check(Status.CANCELLED, Cause.NONE, bench.get(result));
    assertEquals("before", cancelled.stdout().text());
    assertTrue(flag.get(), "the thread's interrupt flag stays set");
    bench.stillWorks();
  }

  @Test
  default void aThreadThatIsInterruptedAlreadyRunsNothing(Bench bench) throws Exception {
    var runner = bench.runner();
    var command = bench.command(bench.programs().printAndSleep("", "")).build();
    Thread.currentThread().interrupt();
    try {
      Bench.check(Status.CANCELLED, Cause.NONE, runner.run(command));
    } finally {
      assertTrue(Thread.interrupted(), "the thread's interrupt flag stays set");
    }
    bench.stillWorks();
  }

  @Test
  default void cancellingOneDisturbsNoOther(Bench bench) throws Exception {
    var cancelled = new ArrayList<CompletableFuture<Result>>();
    var others = new ArrayList<CompletableFuture<Result>>();
    for (int i = 0; i < Bench.THREADS; i++) {
      cancelled.add(bench.runner().runAsync(bench.command(bench.programs().printAndSleep("", "")).build()));
      others.add(bench.runner().runAsync(bench.command(bench.programs().print("other " + i, "")).build()));
    }
    cancelled.forEach(future -> future.cancel(true));
    for (int i = 0; i < Bench.THREADS; i++) {
      assertEquals("other " + i, bench.get(others.get(i)).stdout().text());
    }
  }

  @Test
  default void manyThreadsEachGetTheirOwn(Bench bench) throws Exception {
    var runner = bench.runner();
    var all = new ArrayList<CompletableFuture<Void>>();
    for (int i = 0; i < Bench.THREADS; i++) {
      int number = i;
      var done = new CompletableFuture<Void>();
      all.add(done);
      new Thread(() -> {
        try {
          for (int j = 0; j < 4; j++) {
            var own = number + "." + j;
            assertEquals(own, bench.ok(runner, bench.programs().print(own, "")).stdout().text());
          }
          done.complete(null);
        } catch (Throwable t) {
          done.completeExceptionally(t);
        }
      }, "contract " + i).start();
    }
    for (var done : all) {
      done.get(bench.tier().patience().multipliedBy(2).toSeconds(), TimeUnit.SECONDS);
    }
  }

  @Test
  default void manyFuturesEachGetTheirOwn(Bench bench) throws Exception {
    var futures = new ArrayList<CompletableFuture<Result>>();
    for (int i = 0; i < Bench.MANY; i++) {
      futures.add(bench.runner().runAsync(bench.command(bench.programs().print("own " + i, "")).build()));
    }
    for (int i = 0; i < Bench.MANY; i++) {
      var result = bench.get(futures.get(i));
      assertEquals("own " + i, result.stdout().text());
      assertFalse(futures.get(i).isCancelled());
    }
  }
}
