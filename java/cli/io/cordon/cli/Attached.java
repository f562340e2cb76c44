// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Command;
import io.cordon.Input;
import io.cordon.LiveRun;
import io.cordon.Output;
import io.cordon.Result;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.internal.util.Uninterrupted;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A run with the caller's standard streams. Each direction has a thread, which reads on when the other side has taken
 * what was read, so that a slow reader slows who writes.
 */
final class Attached {
  private static final int CHUNK_BYTES = 64 << 10;

  /** The end of the input, as it is typed. */
  private static final int END_OF_FILE = 4;

  /** Once the caller wants the end, output that is not taken holds up nothing any more. */
  private static final long PATIENCE_MILLIS = 1000;

  private final LiveRun run;
  private final List<Thread> outputs = new ArrayList<>();

  /** 0: for ever. */
  private long patienceMillis;

  private Attached(LiveRun run) {
    this.run = run;
  }

  /** Runs a command whose streams are given as such. An interrupt ends the program; its result still comes. */
  static Result run(Runner runner, Command command) throws SandboxException, IOException {
    return command.terminal() ? onTerminal(runner, command) : hold(runner, command, null);
  }

  /** The size is there before the program is. */
  private static Result onTerminal(Runner runner, Command command) throws SandboxException, IOException {
    var started = new CompletableFuture<LiveRun>();
    try (var terminal = CallersTerminal.take((columns, rows) -> resize(started.join(), columns, rows))) {
      var sized = command.toBuilder().sync(pid -> {
        terminal.tellSize();
        return true;
      }).build();
      return hold(runner, sized, started);
    }
  }

  /** The caller's terminal is watched a moment longer than the program's is open. */
  private static void resize(LiveRun run, int columns, int rows) {
    try {
      run.resize(columns, rows);
    } catch (IllegalStateException e) {
      return; // The run is closed.
    }
  }

  private static Result hold(Runner runner, Command command, @Nullable CompletableFuture<LiveRun> started)
      throws SandboxException {
    try (var run = runner.start(command)) {
      if (started != null) {
        started.complete(run);
      }
      var attached = new Attached(run);
      attached.connect(command);
      return attached.await();
    }
  }

  private void connect(Command command) {
    if (command.stdin() instanceof Input.Stream) {
      var stdin = run.stdin();
      boolean keys = command.terminal() && !CallersTerminal.is(CallersTerminal.STANDARD_INPUT);
      start("cordon-stdin", () -> type(stdin, keys));
    }
    if (command.stdout() instanceof Output.Stream) {
      var stdout = run.stdout();
      outputs.add(start("cordon-stdout", () -> pass(stdout, new FileOutputStream(FileDescriptor.out))));
    }
    if (command.stderr() instanceof Output.Stream && !command.terminal()) {
      var stderr = run.stderr();
      outputs.add(start("cordon-stderr", () -> pass(stderr, new FileOutputStream(FileDescriptor.err))));
    }
  }

  private static Thread start(String name, Runnable body) {
    var thread = new Thread(body, name);
    thread.setDaemon(true); // One that reads the caller's input cannot be woken.
    thread.start();
    return thread;
  }

  /** A program's terminal stays open without input: its size may still change. */
  private static void type(OutputStream stdin, boolean withoutInput) {
    try {
      if (withoutInput) {
        stdin.write(END_OF_FILE);
      } else {
        try (stdin) {
          copy(new FileInputStream(FileDescriptor.in), stdin);
        }
      }
    } catch (IOException e) {
      return; // The program does not read any more, or there is nothing more to read.
    }
  }

  /** A reader that has left is one for the program, too: it gets SIGPIPE. */
  private static void pass(InputStream from, OutputStream to) {
    try (from) {
      copy(from, to);
    } catch (IOException e) {
      return; // Closed on one side.
    }
  }

  private static void copy(InputStream from, OutputStream to) throws IOException {
    var chunk = new byte[CHUNK_BYTES];
    for (int got = from.read(chunk); got >= 0; got = from.read(chunk)) {
      to.write(chunk, 0, got);
    }
  }

  private Result await() throws SandboxException {
    try {
      return Uninterrupted.await(this::awaitOnce, () -> {
        patienceMillis = PATIENCE_MILLIS;
        run.cancel();
      });
    } catch (ExecutionException e) {
      throw Uninterrupted.cause(e, SandboxException.class);
    }
  }

  private Result awaitOnce() throws InterruptedException, ExecutionException {
    var result = run.result().get();
    for (var output : outputs) {
      output.join(patienceMillis);
    }
    return result;
  }
}
