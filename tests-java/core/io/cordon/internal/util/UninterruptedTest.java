// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.util;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class UninterruptedTest {
  @Test
  void anInterruptIsToldAndTheWaitGoesOn() throws Exception {
    var told = new AtomicInteger();
    var future = new CompletableFuture<String>();
    Thread.currentThread().interrupt();
    assertEquals("done", Uninterrupted.await(future::get, () -> {
      told.incrementAndGet();
      future.complete("done");
    }));
    assertTrue(Thread.interrupted());
    assertEquals(1, told.get());
  }

  @Test
  void withoutAnInterruptNothingIsTold() throws Exception {
    assertEquals("done", Uninterrupted.await(CompletableFuture.completedFuture("done")::get, () -> assertTrue(false)));
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @Test
  void theFlagIsSetWhereTheWaitFails() {
    Thread.currentThread().interrupt();
    var future = new CompletableFuture<String>();
    var failure = new IOException("x");
    var thrown = assertThrows(ExecutionException.class,
        () -> Uninterrupted.await(future::get, () -> future.completeExceptionally(failure)));
    assertTrue(Thread.interrupted());
    assertSame(failure, Uninterrupted.cause(thrown, IOException.class));
  }

  @Test
  void aCauseOfAnotherKindIsThrown() {
    var unchecked = new IllegalArgumentException("x");
    assertSame(unchecked, assertThrows(IllegalArgumentException.class,
        () -> Uninterrupted.cause(new ExecutionException(unchecked), IOException.class)));
    var error = new AssertionError("x");
    assertSame(error, assertThrows(AssertionError.class,
        () -> Uninterrupted.cause(new ExecutionException(error), IOException.class)));
    var checked = new Exception("x");
    assertSame(checked, assertThrows(IllegalStateException.class,
        () -> Uninterrupted.cause(new ExecutionException(checked), IOException.class)).getCause());
  }
}
