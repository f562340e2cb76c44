// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.SandboxException;
import io.cordon.Step;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class TurnTest {
  private final Turn turn = new Turn();

  @Test
  void itIsGivenInTheOrderOfAsking() throws SandboxException {
    assertTrue(turn.ask(false).isDone());
    var second = turn.ask(false);
    var third = turn.ask(false);
    turn.pass();
    assertTrue(second.isDone());
    assertFalse(third.isDone());
    turn.pass();
    assertTrue(third.isDone());
    turn.pass();
    assertTrue(turn.ask(true).isDone());
  }

  @Test
  void whoDoesNotWantToWaitIsRefused() throws SandboxException {
    turn.take(true);
    var refused = assertThrows(SandboxException.class, () -> turn.ask(true));
    assertEquals(Step.WAIT, refused.step());
    assertEquals("EBUSY", refused.errnoName());
  }

  @Test
  void whoGaveUpIsPassedOver() throws SandboxException {
    turn.take(false);
    var impatient = turn.ask(false);
    var patient = turn.ask(false);
    impatient.cancel(false);
    turn.pass();
    assertTrue(patient.isDone());
  }

  @Test
  void anInterruptEndsTheWaitAndKeepsTheFlag() throws Exception {
    turn.take(false);
    var taken = new CompletableFuture<Boolean>();
    var thread = new Thread(() -> {
      try {
        taken.complete(turn.takeUnlessInterrupted(false) || !Thread.currentThread().isInterrupted());
      } catch (SandboxException e) {
        taken.completeExceptionally(e);
      }
    });
    thread.start();
    thread.interrupt();
    assertFalse(taken.get(10, TimeUnit.SECONDS));
    turn.pass();
    assertTrue(turn.ask(true).isDone());
  }

  @Test
  void aFreeTurnIsGivenToAnInterruptedThread() throws SandboxException {
    Thread.currentThread().interrupt();
    assertTrue(turn.takeUnlessInterrupted(false));
    assertTrue(Thread.interrupted());
  }

  @Test
  void closingRefusesWhoWaitsAndAwaitsWhoHasIt() throws Exception {
    turn.take(false);
    var waiting = turn.ask(false);
    assertTrue(turn.close());
    assertFalse(turn.close());
    assertTrue(waiting.isCompletedExceptionally());
    assertThrows(SandboxException.class, () -> turn.ask(false));
    var passed = CompletableFuture.runAsync(turn::awaitPassed);
    assertFalse(passed.isDone());
    turn.pass();
    passed.get(10, TimeUnit.SECONDS);
  }
}
