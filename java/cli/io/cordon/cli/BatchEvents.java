// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Captured;
import io.cordon.Command;
import io.cordon.Input;
import io.cordon.LiveRun;
import io.cordon.Output;
import io.cordon.Result;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.json.BatchEvent.Stream;
import io.cordon.json.BatchLine;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A line of a batch that is told as it happens. What a program writes is read when the event before is written, so that
 * a slow reader of the events slows the programs.
 */
final class BatchEvents {
  private static final Flow.Subscription ONE_BUFFER = new Flow.Subscription() {
    @Override
    public void request(long items) {
      // It comes anyway.
    }

    @Override
    public void cancel() {
      // No reader is left.
    }
  };

  private final BatchLine line;
  private final Consumer<String> events;
  private final Command command;
  private final LiveRun run;
  private final @Nullable Told out;
  private final @Nullable Told err;

  private BatchEvents(BatchLine line, Consumer<String> events, Command command, LiveRun run) {
    this.line = line;
    this.events = events;
    this.command = command;
    this.run = run;
    out = told(command.stdout(), Stream.STDOUT);
    // On a terminal both are one.
    err = command.terminal() ? null : told(command.stderr(), Stream.STDERR);
  }

  private @Nullable Told told(Output output, Stream stream) {
    return output instanceof Output.Capture capture ? new Told(stream, capture.limitBytes()) : null;
  }

  /** Starts the line's command, waiting for a container, and tells. The result has the output as without events. */
  static CompletableFuture<Result> start(Runner pool, BatchLine line, Command command, Consumer<String> events)
      throws SandboxException {
    var run = pool.start(live(command));
    events.accept(line.started());
    return new BatchEvents(line, events, command, run).follow();
  }

  /** What is captured becomes a stream; a terminal needs one in each direction. */
  private static Command live(Command command) {
    var live = command.toBuilder();
    if (command.terminal()) {
      return live.stdin(Input.stream()).stdout(Output.stream()).build();
    }
    if (command.stdout() instanceof Output.Capture) {
      live.stdout(Output.stream());
    }
    if (command.stderr() instanceof Output.Capture) {
      live.stderr(Output.stream());
    }
    return live.build();
  }

  private CompletableFuture<Result> follow() {
    var ends = new ArrayList<CompletableFuture<?>>(List.of(run.result()));
    if (out != null) {
      run.stdoutPublisher().subscribe(out);
      ends.add(out.end);
    }
    if (err != null) {
      run.stderrPublisher().subscribe(err);
      ends.add(err.end);
    }
    if (command.terminal()) {
      type(command.stdin() instanceof Input.Bytes bytes ? bytes.bytes() : new byte[0]);
    }
    // Without a result nothing says when the streams end.
    run.result().whenCompleteAsync((result, failure) -> {
      if (failure != null) {
        run.close();
      }
    });
    return CompletableFuture.allOf(ends.toArray(CompletableFuture<?>[]::new)).handleAsync((nothing, failure) -> {
      run.close();
      return run.result().thenApply(this::complete);
    }).thenCompose(result -> result);
  }

  private void type(byte[] input) {
    var subscriber = run.stdinSubscriber();
    subscriber.onSubscribe(ONE_BUFFER);
    if (input.length > 0) {
      subscriber.onNext(ByteBuffer.wrap(input));
    }
    subscriber.onComplete();
  }

  private Result complete(Result result) {
    var builder = result.toBuilder();
    if (out != null) {
      builder.stdout(out.captured());
    }
    if (err != null) {
      builder.stderr(err.captured());
    }
    return builder.build();
  }

  /** Tells what comes, and keeps what a capture would. */
  private final class Told implements Flow.Subscriber<ByteBuffer> {
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final Stream stream;
    private final long limit;
    private final Utf8Chunks chunks = new Utf8Chunks();
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private long total;
    private Flow.@Nullable Subscription subscription;

    Told(Stream stream, long limit) {
      this.stream = stream;
      this.limit = limit;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(1);
    }

    @Override
    public void onNext(ByteBuffer item) {
      var bytes = new byte[item.remaining()];
      item.get(bytes);
      kept.write(bytes, 0, (int) Math.min(bytes.length, limit - kept.size()));
      total += bytes.length;
      tell(chunks.add(bytes));
      if (subscription != null) {
        subscription.request(1);
      }
    }

    private void tell(byte[] bytes) {
      if (bytes.length > 0) {
        events.accept(line.output(stream, bytes));
      }
    }

    @Override
    public void onError(Throwable failure) {
      onComplete(); // What failed is in the result.
    }

    @Override
    public void onComplete() {
      tell(chunks.rest());
      end.complete(null);
    }

    Captured captured() {
      return new Captured(kept.toByteArray(), total > kept.size(), total);
    }
  }
}
