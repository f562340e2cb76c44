// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Makes ^C, SIGTERM and SIGHUP end the run before they end the JVM: a shutdown hook interrupts the thread that waits
 * for the program, and lets the JVM go only when that thread has cleaned up and written the result.
 *
 * <p>The JVM then exits with 128 + the signal's number, as a shell expects it.
 */
final class StopOnSignal {
  /** Far more than the end of a run takes; after that the JVM's death ends the sandbox. */
  private static final int PATIENCE_SECONDS = 10;

  private final Thread running = Thread.currentThread();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stop, "cordon-stop");

  StopOnSignal() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void stop() {
    running.interrupt();
    try {
      if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("cordon: the run did not end in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Says that nothing of the run is left. */
  void over() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // The JVM is on its way down, and the hook is what holds it.
    }
  }
}
