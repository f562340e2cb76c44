// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Errno;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A runner without any process, over the public interface alone: its output is what it was told to run since the last
 * reset.
 */
public class MemoryRunner implements ReusableRunner {
  private final String id;
  private final List<String> files = new ArrayList<>();

  /** Completed by the test; those of {@code later}. */
  public final ConcurrentLinkedQueue<CompletableFuture<Result>> pending = new ConcurrentLinkedQueue<>();

  public volatile int resets;
  public final AtomicInteger pings = new AtomicInteger();
  public volatile boolean broken;
  public volatile boolean closed;

  /** Where it is set, a reset begins by counting one of them down, and waits for the other. */
  public volatile CountDownLatch resetBegun;

  public volatile CountDownLatch resetMayEnd;

  public MemoryRunner(String id) {
    this.id = id;
  }

  @Override
  public String id() {
    return id;
  }

  private void check() throws SandboxException {
    if (broken || closed) {
      throw SandboxException.of(Step.INIT_GONE, Errno.ECANCELED, id);
    }
  }

  @Override
  public synchronized Result run(Command command) throws SandboxException {
    check();
    files.add(command.args().get(0));
    var text = String.join(" ", files).getBytes(StandardCharsets.UTF_8);
    return Result.builder(Status.OK).stdout(new Captured(text, false, text.length)).build();
  }

  /** Of the program {@code later} the test is to complete it. */
  @Override
  public CompletableFuture<Result> runAsync(Command command) {
    try {
      var result = run(command);
      if (!command.args().get(0).equals("later")) {
        return CompletableFuture.completedFuture(result);
      }
      var later = new CompletableFuture<Result>();
      pending.add(later);
      return later;
    } catch (SandboxException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public void ping() throws SandboxException {
    pings.incrementAndGet();
    check();
  }

  @Override
  public synchronized void reset() throws SandboxException {
    if (resetBegun != null) {
      resetBegun.countDown();
      try {
        resetMayEnd.await();
      } catch (InterruptedException e) {
        throw SandboxException.of(Step.WAIT, Errno.EINTR, id);
      }
    }
    check();
    files.clear();
    resets++;
  }

  @Override
  public void close() {
    closed = true;
  }
}
