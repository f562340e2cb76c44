// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.LiveRun;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.internal.util.Checks;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** A run with the streams that it was given. */
final class Live implements LiveRun {
  private static final int MOST_SIGNAL = 64;
  private static final int MOST_CELLS = 0xffff;

  /** What the futures' own async methods use: the common pool, or a thread each where that has none. */
  private static final Executor EXECUTOR = new CompletableFuture<Void>().defaultExecutor();

  private final RunHandle run;
  private final CompletableFuture<Result> result;
  private final Use<OutputStream, Flow.Subscriber<ByteBuffer>> stdin;
  private final Use<InputStream, Flow.Publisher<ByteBuffer>> stdout;
  private final Use<InputStream, Flow.Publisher<ByteBuffer>> stderr;

  /** The two ways to use a stream, of which the first use chooses one. */
  private abstract static class Use<B, C> {
    private final String name;
    private final @Nullable LiveStream stream;
    private @Nullable B blocking;
    private @Nullable C callbacks;

    Use(String name, @Nullable LiveStream stream) {
      this.name = name;
      this.stream = stream;
    }

    abstract B blocking(LiveStream stream);

    abstract C callbacks(LiveStream stream);

    private LiveStream stream() {
      if (stream == null) {
        throw new IllegalStateException(name + ": the command did not give it as a stream");
      }
      return stream;
    }

    synchronized B asStream() {
      if (callbacks != null) {
        throw new IllegalStateException(name + ": is used by callbacks");
      }
      var made = blocking == null ? blocking(stream()) : blocking;
      blocking = made;
      return made;
    }

    synchronized C asCallbacks() {
      if (blocking != null) {
        throw new IllegalStateException(name + ": is used as a stream");
      }
      var made = callbacks == null ? callbacks(stream()) : callbacks;
      callbacks = made;
      return made;
    }

    boolean resize(int columns, int rows) {
      return stream != null && stream.resize(columns, rows);
    }

    void close() {
      if (stream != null) {
        stream.close();
      }
    }
  }

  private static final class InputUse extends Use<OutputStream, Flow.Subscriber<ByteBuffer>> {
    InputUse(@Nullable LiveStream stream) {
      super("stdin", stream);
    }

    @Override
    OutputStream blocking(LiveStream stream) {
      return new LiveOutput(stream);
    }

    @Override
    Flow.Subscriber<ByteBuffer> callbacks(LiveStream stream) {
      return new LiveSubscriber(stream, EXECUTOR);
    }
  }

  private static final class OutputUse extends Use<InputStream, Flow.Publisher<ByteBuffer>> {
    OutputUse(String name, @Nullable LiveStream stream) {
      super(name, stream);
    }

    @Override
    InputStream blocking(LiveStream stream) {
      return new LiveInput(stream);
    }

    @Override
    Flow.Publisher<ByteBuffer> callbacks(LiveStream stream) {
      return new LivePublisher(stream, EXECUTOR);
    }
  }

  /** Takes over the streams of a run whose result goes to {@code result}. */
  Live(RunHandle run, LiveStreams streams, CompletableFuture<Result> result) {
    this.run = run;
    this.result = result;
    stdin = new InputUse(streams.stdin());
    stdout = new OutputUse("stdout", streams.stdout());
    stderr = new OutputUse("stderr", streams.stderr());
  }

  @Override
  public OutputStream stdin() {
    return stdin.asStream();
  }

  @Override
  public InputStream stdout() {
    return stdout.asStream();
  }

  @Override
  public InputStream stderr() {
    return stderr.asStream();
  }

  @Override
  public Flow.Subscriber<ByteBuffer> stdinSubscriber() {
    return stdin.asCallbacks();
  }

  @Override
  public Flow.Publisher<ByteBuffer> stdoutPublisher() {
    return stdout.asCallbacks();
  }

  @Override
  public Flow.Publisher<ByteBuffer> stderrPublisher() {
    return stderr.asCallbacks();
  }

  @Override
  public void resize(int columns, int rows) {
    Checks.range("columns", columns, 1, MOST_CELLS);
    Checks.range("rows", rows, 1, MOST_CELLS);
    // Both are sides of one terminal, and standard input may be closed long before the program's end.
    if (!stdin.resize(columns, rows) && !stdout.resize(columns, rows)) {
      throw new IllegalStateException("resize: the command has no terminal with streams, or both are closed");
    }
  }

  @Override
  public void signal(int number) {
    Checks.range("signal", number, 1, MOST_SIGNAL);
    run.signal(number);
  }

  @Override
  public void pause() throws SandboxException {
    run.pause(true);
  }

  @Override
  public void resume() throws SandboxException {
    run.pause(false);
  }

  @Override
  public void cancel() {
    run.cancel();
  }

  @Override
  public CompletableFuture<Result> result() {
    return result;
  }

  @Override
  public void close() {
    cancel();
    if (!EventLoop.isCurrentThread()) {
      run.awaitFreed(); // Before the streams go: SIGPIPE must not end what was cancelled.
    }
    stdin.close();
    stdout.close();
    stderr.close();
  }
}
