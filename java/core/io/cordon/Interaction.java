// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.engine.Errors;
import io.cordon.internal.engine.RunHandle;
import io.cordon.internal.engine.Running;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.util.Checks;
import io.cordon.internal.wire.Buffers;
import io.cordon.internal.wire.WireError;
import io.cordon.supervisor.Supervisor;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Connects two programs, for example an interactor and a solution: the standard output of each is the standard input of
 * the other, and each runs in a container of its own.
 *
 * <p>Whatever one program does (floods, never reads, ends or closes its side), the other one goes on: it reads the end
 * of the file, or gets SIGPIPE or EPIPE. Standard input and output of the commands are replaced; their limits, standard
 * error and everything else stay as they are. Immutable; any thread.
 *
 * @since 0.1.0
 */
public final class Interaction {
  private static final int FDS = 4;
  private static final int RECORD_MAX = Integer.MAX_VALUE / 4;

  private final int recordBytes;

  private Interaction(int recordBytes) {
    this.recordBytes = recordBytes;
  }

  /**
   * Returns an interaction that keeps nothing: the programs are connected by two plain pipes.
   *
   * @return the interaction
   */
  public static Interaction create() {
    return new Interaction(0);
  }

  /**
   * Keeps the beginning of what is written in each direction. The host then passes the bytes on.
   *
   * @param bytesEachWay the most that is kept of each direction, above zero, at most 512 MiB
   * @return another interaction
   */
  public Interaction recording(int bytesEachWay) {
    return new Interaction(Checks.range("recording bytesEachWay", bytesEachWay, 1, RECORD_MAX));
  }

  /**
   * The results of both programs.
   *
   * @param first the first command's result; its standard output is what was recorded of it
   * @param second the second command's result; its standard output is what was recorded of it
   * @param firstEndedFirst whether the first command's program ended before the second's
   */
  public record Outcome(Result first, Result second, boolean firstEndedFirst) {}

  /**
   * Runs both commands and waits for both to end. An interrupt kills both programs, as {@link Runner#run} says it. On a
   * virtual thread a platform thread waits in its place.
   *
   * @param firstContainer where the first command runs, when it is its turn
   * @param first a command without sync action, terminal and handler
   * @param secondContainer another container
   * @param second a command without sync action, terminal and handler
   * @return both results
   * @throws SandboxException where one of them could not be run; if neither could, the second's is suppressed
   */
  public Outcome run(Container firstContainer, Command first, Container secondContainer, Command second)
      throws SandboxException {
    if (Running.isVirtual(Thread.currentThread())) {
      return join(start(firstContainer, first, secondContainer, second));
    }
    return runHere(firstContainer, first, secondContainer, second);
  }

  /**
   * Starts both commands; a thread of its own waits for them. Completing the future from outside kills both programs.
   *
   * @param firstContainer where the first command runs, when it is its turn
   * @param first a command without sync action, terminal and handler
   * @param secondContainer another container
   * @param second a command without sync action, terminal and handler
   * @return both results, later
   */
  public CompletableFuture<Outcome> runAsync(
      Container firstContainer, Command first, Container secondContainer, Command second) {
    return start(firstContainer, first, secondContainer, second).outcome;
  }

  private record Started(Thread thread, CompletableFuture<Outcome> outcome) {}

  private Started start(Container firstContainer, Command first, Container secondContainer, Command second) {
    var outcome = new CompletableFuture<Outcome>();
    var thread = new Thread(null, () -> {
      try {
        outcome.complete(runHere(firstContainer, first, secondContainer, second));
      } catch (Throwable t) {
        outcome.completeExceptionally(t);
      }
    }, "cordon-interaction", 0, false);
    thread.setDaemon(true);
    outcome.whenComplete((result, failure) -> thread.interrupt());
    thread.start();
    return new Started(thread, outcome);
  }

  /** An interrupt kills both programs, and their results still come. */
  private static Outcome join(Started started) throws SandboxException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return started.outcome.get();
        } catch (InterruptedException e) {
          interrupted = true;
          started.thread.interrupt();
        }
      }
    } catch (ExecutionException e) {
      throw Running.unwrap(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void check(Command command) {
    if (command.terminal()) {
      throw Checks.refuse("interaction", "terminal", "is for a program alone");
    }
    if (command.sync().isPresent()) {
      throw Checks.refuse("interaction", "sync", "is for a program alone");
    }
    if (command.supervisor().flatMap(Supervisor::handler).isPresent()) {
      throw Checks.refuse("interaction", "supervisor", "must have no handler");
    }
  }

  private Outcome runHere(Container firstContainer, Command first, Container secondContainer, Command second)
      throws SandboxException {
    check(first);
    check(second);
    if (firstContainer == secondContainer) {
      throw Checks.refuse("interaction", "container", "each command needs one of its own");
    }
    takeBoth(firstContainer, secondContainer);
    boolean secondTaken = true;
    RunHandle firstRun = null;
    RunHandle secondRun = null;
    try (var pair = new Pair(recordBytes, firstContainer)) {
      firstRun = pair.start(firstContainer, first, 0);
      secondTaken = false; // From here on, the container itself passes its turn on.
      secondRun = pair.start(secondContainer, second, 2);
      pair.started();
      boolean firstEndedFirst = new Runs(firstRun, secondRun).await(pair);
      var firstResult = reply(firstRun);
      var secondResult = reply(secondRun);
      return new Outcome(pair.recorded(result(firstResult, secondResult), 0),
          pair.recorded(result(secondResult, firstResult), 1), firstEndedFirst);
    } finally {
      free(firstRun);
      free(secondRun);
      if (secondTaken) {
        secondContainer.pass();
      }
    }
  }

  private static void free(@Nullable RunHandle run) {
    if (run != null) {
      run.free();
    }
  }

  /** In one order for all, so that two interactions with the same containers do not wait for each other. */
  private static void takeBoth(Container a, Container b) throws SandboxException {
    var earlier = a.order() < b.order() ? a : b;
    var later = earlier == a ? b : a;
    earlier.take();
    boolean taken = false;
    try {
      later.take();
      taken = true;
    } finally {
      if (!taken) {
        earlier.pass();
      }
    }
  }

  private static Object reply(RunHandle run) {
    try {
      return run.reply();
    } catch (SandboxException e) {
      return e;
    }
  }

  private static Result result(Object mine, Object other) throws SandboxException {
    if (mine instanceof Result result) {
      return result;
    }
    var failure = (SandboxException) mine;
    if (other instanceof SandboxException also) {
      failure.addSuppressed(also);
    }
    throw failure;
  }

  /** Both runs. An interrupt cancels them; the JDK's hook for that is an interruptible channel, as in RunHandle. */
  private static final class Runs extends AbstractInterruptibleChannel {
    private final RunHandle first;
    private final RunHandle second;

    Runs(RunHandle first, RunHandle second) {
      this.first = first;
      this.second = second;
    }

    boolean await(Pair pair) {
      int ended = -1;
      try {
        begin();
        ended = Natives.pairWait(pair.handle, first.number(), second.number());
      } finally {
        try {
          end(ended >= 0);
        } catch (AsynchronousCloseException e) {
          // The interrupt has cancelled both; the thread's flag is still set, and the statuses will say CANCELLED.
          ended = Math.max(ended, 0);
        }
      }
      return ended == 0;
    }

    @Override
    protected void implCloseChannel() {
      first.cancel();
      second.cancel();
    }
  }

  /** The library's pair. The thread that made it uses it. */
  private static final class Pair implements AutoCloseable {
    private final int recordBytes;
    private final int[] fds = new int[FDS];
    private final long handle;

    /** Passes the turn of the first container on where it fails, as {@link #start} would. */
    Pair(int recordBytes, Container first) throws SandboxException {
      this.recordBytes = recordBytes;
      var error = Buffers.take(WireError.BYTES);
      var ends = Buffers.take(FDS * Integer.BYTES);
      try {
        handle = Natives.pairOpen(recordBytes, ends, error);
        if (handle == 0) {
          first.pass();
          throw Errors.read(error);
        }
        for (int i = 0; i < FDS; i++) {
          fds[i] = ends.getInt(i * Integer.BYTES);
        }
      } finally {
        Buffers.give(ends);
        Buffers.give(error);
      }
    }

    /** Starts one of them, with the descriptors from that index on. */
    RunHandle start(Container container, Command command, int index) throws SandboxException {
      return container.start(command.toBuilder().stdin(Input.descriptor(fds[index]))
          .stdout(Output.descriptor(fds[index + 1])).build(), 0);
    }

    void started() {
      Natives.pairStarted(handle);
    }

    /** The result with what its program said. */
    Result recorded(Result result, int direction) throws SandboxException {
      if (recordBytes == 0) {
        return result;
      }
      var buffer = Buffers.take(recordBytes);
      try {
        long length = Natives.pairRecord(handle, direction, buffer);
        long total = Natives.pairRecordTotal(handle, direction);
        if (length < 0 || length > recordBytes || total < length) {
          throw SandboxException.of(Step.PROTOCOL, 0, "record: " + length + " bytes of " + total);
        }
        var said = new byte[(int) length];
        buffer.get(0, said);
        return result.toBuilder().stdout(new Captured(said, total > length, total)).build();
      } finally {
        Buffers.give(buffer);
      }
    }

    @Override
    public void close() {
      Natives.pairFree(handle);
    }
  }
}
