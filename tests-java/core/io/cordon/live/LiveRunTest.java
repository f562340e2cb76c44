// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Cause;
import io.cordon.Command;
import io.cordon.Container;
import io.cordon.Input;
import io.cordon.Limits;
import io.cordon.LiveRun;
import io.cordon.Output;
import io.cordon.Result;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.Status;
import io.cordon.Step;
import io.cordon.UnshareRunner;
import io.cordon.pool.ContainerPool;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs that their caller talks with: streams, callbacks, signals, pauses, terminals. */
@Timeout(60)
@ExtendWith(NothingLeft.class)
class LiveRunTest {
  private static final int SIGTERM = 15;
  private static final int SIGPIPE = 13;

  /** Where the live runs come from. */
  enum Kind {
    UNSHARE,
    CONTAINER,
    SIDECAR,
    POOL,
    SHARED_POOL
  }

  private interface Use {
    void accept(Runner runner) throws Exception;
  }

  private static void with(Kind kind, Use use) throws Exception {
    switch (kind) {
      case UNSHARE -> use.accept(UnshareRunner.create());
      case CONTAINER -> {
        try (var container = Container.open()) {
          use.accept(container);
        }
      }
      case SIDECAR -> {
        try (var container = Container.builder().shared(true).open(); var sidecar = container.sidecar()) {
          use.accept(sidecar);
        }
      }
      case SHARED_POOL -> {
        try (var pool =
            ContainerPool.builder().container(Container.builder().shared(true).build()).maxSize(1).build()) {
          use.accept(pool);
        }
      }
      case POOL -> {
        try (var pool = ContainerPool.builder().maxSize(1).build()) {
          use.accept(pool);
        }
      }
    }
  }

  private static Command.Builder live(String script) {
    return Command.builder("sh", "-c", script).stdin(Input.stream()).stdout(Output.stream());
  }

  private static void say(LiveRun run, String text) throws IOException {
    run.stdin().write(text.getBytes(StandardCharsets.UTF_8));
  }

  private static BufferedReader lines(InputStream stream) {
    return new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
  }

  private static Result result(LiveRun run) throws Exception {
    return run.result().get(30, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @EnumSource
  void inputAndOutputGoOnWhileTheProgramRuns(Kind kind) throws Exception {
    with(kind, runner -> {
      for (int i = 0; i < 3; i++) {
        try (var run = runner.start(live("cat").build())) {
          var reader = lines(run.stdout());
          say(run, "one\n");
          assertEquals("one", reader.readLine());
          assertFalse(run.result().isDone());
          say(run, "two\n");
          assertEquals("two", reader.readLine());
          run.stdin().close();
          assertEquals(null, reader.readLine());
          assertEquals(Status.OK, result(run).status());
          assertEquals(8, result(run).stdout().totalBytes());
          assertSame(run.result(), run.result());
        }
      }
    });
  }

  @Test
  void standardErrorIsAStreamOfItsOwnOrMerged() throws Exception {
    var script = "echo out; echo err >&2";
    try (var run = UnshareRunner.create().start(live(script).stderr(Output.stream()).build())) {
      assertEquals("out", lines(run.stdout()).readLine());
      assertEquals("err", lines(run.stderr()).readLine());
    }
    try (var run = UnshareRunner.create().start(live(script).stderr(Output.toStdout()).build())) {
      assertEquals("out\nerr\n", new String(run.stdout().readAllBytes(), StandardCharsets.UTF_8));
      assertThrows(IllegalStateException.class, run::stderr);
    }
    try (var run = UnshareRunner.create().start(live(script).build())) {
      run.stdout().readAllBytes();
      assertEquals("err\n", result(run).stderr().text());
    }
  }

  @ParameterizedTest
  @EnumSource
  void cancelKeepsWhatWasWritten(Kind kind) throws Exception {
    with(kind, runner -> {
      try (var run = runner.start(live("echo captured >&2; echo early; sleep 30").build())) {
        var reader = lines(run.stdout());
        assertEquals("early", reader.readLine());
        run.cancel();
        assertEquals(Status.CANCELLED, result(run).status());
        assertEquals("captured\n", result(run).stderr().text());
        assertEquals(null, reader.readLine());
      }
    });
  }

  @ParameterizedTest
  @EnumSource
  void closeEndsTheRun(Kind kind) throws Exception {
    with(kind, runner -> {
      var run = runner.start(live("sleep 30").build());
      run.close();
      run.close();
      assertEquals(Status.CANCELLED, result(run).status());
      assertThrows(IOException.class, () -> run.stdout().read());
      assertThrows(IOException.class, () -> say(run, "x"));
    });
  }

  @Test
  void completingTheResultKillsTheProgram() throws Exception {
    try (var run = UnshareRunner.create().start(live("echo a; sleep 30").build())) {
      assertEquals('a', run.stdout().read());
      run.result().cancel(false);
      run.stdout().readAllBytes(); // Ends with the program.
    }
  }

  @ParameterizedTest
  @EnumSource
  void signalsReachTheProgram(Kind kind) throws Exception {
    with(kind, runner -> {
      var script = "trap 'echo term; exit 3' TERM; echo ready; while :; do read x; done";
      try (var run = runner.start(live(script).build())) {
        var reader = lines(run.stdout());
        assertEquals("ready", reader.readLine());
        run.signal(SIGTERM);
        try {
          say(run, "\n"); // The shell may look for signals after its read only.
        } catch (IOException e) {
          // It has ended already.
        }
        assertEquals("term", reader.readLine());
        assertEquals(3, result(run).exitCode().orElseThrow());
        run.signal(SIGTERM); // It is over: nothing happens.
        assertThrows(IllegalArgumentException.class, () -> run.signal(0));
      }
    });
  }

  @ParameterizedTest
  @EnumSource
  void aPausedProgramDoesNotAnswer(Kind kind) throws Exception {
    with(kind, runner -> {
      try (var run = runner.start(live("cat").build())) {
        var reader = lines(run.stdout());
        say(run, "a\n");
        assertEquals("a", reader.readLine());
        run.pause();
        Thread.sleep(50); // It takes effect a moment later.
        say(run, "b\n");
        var answer = CompletableFuture.supplyAsync(() -> {
          try {
            return reader.readLine();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
        Thread.sleep(100);
        assertFalse(answer.isDone());
        run.resume();
        assertEquals("b", answer.get(30, TimeUnit.SECONDS));
      }
    });
  }

  @Test
  void readingPastTheOutputLimitEndsTheProgram() throws Exception {
    var limits = Limits.builder().outputBytes(100_000).build();
    try (var run = UnshareRunner.create().start(live("cat /dev/zero").limits(limits).build())) {
      assertEquals(100_000, run.stdout().readAllBytes().length);
      assertEquals(Status.OUTPUT_LIMIT_EXCEEDED, result(run).status());
      assertEquals(Cause.STDOUT, result(run).cause());
    }
  }

  @Test
  void aReaderThatLeavesEndsTheWriter() throws Exception {
    try (var run = UnshareRunner.create().start(live("exec cat /dev/zero").build())) {
      run.stdout().close();
      assertEquals(SIGPIPE, result(run).signal().orElseThrow());
    }
  }

  @Test
  void aProgramThatDoesNotReadHoldsTheWriterUp() throws Exception {
    try (var run = UnshareRunner.create().start(live("sleep 30").build())) {
      var written = new AtomicLong();
      var failure = new CompletableFuture<IOException>();
      var writer = new Thread(() -> {
        try {
          while (true) {
            run.stdin().write(new byte[4096]);
            written.addAndGet(4096);
          }
        } catch (IOException e) {
          failure.complete(e);
        }
      });
      writer.start();
      for (long before = -1; before != written.get();) {
        before = written.get();
        Thread.sleep(50);
      }
      assertTrue(written.get() <= 64 << 10, () -> "written " + written);
      writer.interrupt();
      assertInstanceOf(InterruptedIOException.class, failure.get(30, TimeUnit.SECONDS));
      writer.join();
    }
  }

  @Test
  void anInterruptedReaderCanReadOn() throws Exception {
    try (var run = UnshareRunner.create().start(live("read x; echo $x").build())) {
      Thread.currentThread().interrupt();
      assertThrows(InterruptedIOException.class, () -> run.stdout().read());
      assertTrue(Thread.interrupted());
      say(run, "on\n");
      assertEquals("on", lines(run.stdout()).readLine());
    }
  }

  @Test
  void closeWakesAReader() throws Exception {
    var run = UnshareRunner.create().start(live("sleep 30").build());
    var failure = new CompletableFuture<Throwable>();
    var reading = new CountDownLatch(1);
    var reader = new Thread(() -> {
      try {
        reading.countDown();
        run.stdout().read();
        failure.complete(null);
      } catch (Throwable t) {
        failure.complete(t);
      }
    });
    reader.start();
    reading.await();
    run.close();
    var how = failure.get(30, TimeUnit.SECONDS); // It saw the end of the program, or the closed stream.
    assertTrue(how == null || how instanceof IOException, () -> "" + how);
    reader.join();
  }

  // ---- callbacks ----

  /** Keeps what it gets, and asks for as many items as it is told to. */
  private static final class Keeper implements Flow.Subscriber<ByteBuffer> {
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
    private final CompletableFuture<byte[]> all = new CompletableFuture<>();
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final AtomicLong items = new AtomicLong();
    private final long more;

    Keeper(long more) {
      this.more = more;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription.complete(given);
      if (more > 0) {
        given.request(more);
      }
    }

    @Override
    public void onNext(ByteBuffer item) {
      var bytes = new byte[item.remaining()];
      item.get(bytes);
      kept.writeBytes(bytes);
      items.incrementAndGet();
      if (more > 0) {
        subscription.join().request(1);
      }
    }

    @Override
    public void onError(Throwable failure) {
      all.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      all.complete(kept.toByteArray());
    }

    byte[] all() throws Exception {
      return all.get(30, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @EnumSource
  void outputComesByCallbacks(Kind kind) throws Exception {
    with(kind, runner -> {
      try (var run = runner.start(live("head -c 1000000 /dev/zero; echo end >&2").stderr(Output.stream()).build())) {
        var out = new Keeper(1);
        var err = new Keeper(Long.MAX_VALUE);
        run.stdoutPublisher().subscribe(out);
        run.stderrPublisher().subscribe(err);
        assertEquals(1_000_000, out.all().length);
        assertEquals("end\n", new String(err.all(), StandardCharsets.UTF_8));
        assertEquals(Status.OK, result(run).status());
        assertThrows(IllegalStateException.class, run::stdout);
      }
    });
  }

  @Test
  void nothingComesThatWasNotRequested() throws Exception {
    try (var run = UnshareRunner.create().start(live("exec cat /dev/zero").build())) {
      var keeper = new Keeper(0);
      run.stdoutPublisher().subscribe(keeper);
      var subscription = keeper.subscription.get(30, TimeUnit.SECONDS);
      Thread.sleep(100);
      assertEquals(0, keeper.items.get());
      subscription.request(2);
      while (keeper.items.get() < 2) {
        Thread.sleep(1);
      }
      Thread.sleep(100);
      assertEquals(2, keeper.items.get());
      subscription.cancel();
      assertEquals(SIGPIPE, result(run).signal().orElseThrow());
      assertFalse(keeper.all.isDone());
    }
  }

  @Test
  void wrongRequestsAndSecondSubscribersFail() throws Exception {
    try (var run = UnshareRunner.create().start(live("cat").build())) {
      var keeper = new Keeper(0);
      run.stdoutPublisher().subscribe(keeper);
      var second = new Keeper(1);
      run.stdoutPublisher().subscribe(second);
      assertInstanceOf(IllegalStateException.class,
          assertThrows(ExecutionException.class, second::all).getCause());
      keeper.subscription.get(30, TimeUnit.SECONDS).request(0);
      assertInstanceOf(IllegalArgumentException.class,
          assertThrows(ExecutionException.class, keeper::all).getCause());
    }
  }

  @ParameterizedTest
  @EnumSource
  void inputIsTakenFromAPublisher(Kind kind) throws Exception {
    with(kind, runner -> {
      var data = new byte[300_000];
      for (int i = 0; i < data.length; i++) {
        data[i] = (byte) (i * 31);
      }
      try (var run = runner.start(live("cat").build())) {
        var keeper = new Keeper(1);
        run.stdoutPublisher().subscribe(keeper);
        try (var source = new SubmissionPublisher<ByteBuffer>()) {
          source.subscribe(run.stdinSubscriber());
          for (int at = 0; at < data.length; at += 100_000) {
            source.submit(ByteBuffer.wrap(data, at, 100_000));
          }
          source.submit(ByteBuffer.allocate(0));
        }
        assertArrayEquals(data, keeper.all());
        assertEquals(Status.OK, result(run).status());
      }
    });
  }

  @Test
  void aProgramThatLeavesCancelsItsPublisher() throws Exception {
    try (var run = UnshareRunner.create().start(live("exec true").build())) {
      result(run);
      var cancelled = new CountDownLatch(1);
      var subscriber = run.stdinSubscriber();
      subscriber.onSubscribe(new Flow.Subscription() {
        @Override
        public void request(long items) {
          // The test calls by itself.
        }

        @Override
        public void cancel() {
          cancelled.countDown();
        }
      });
      subscriber.onNext(ByteBuffer.wrap(new byte[1]));
      assertTrue(cancelled.await(30, TimeUnit.SECONDS));
    }
  }

  // ---- terminals ----

  @ParameterizedTest
  @EnumSource
  void aTerminalHasASizeAndKeys(Kind kind) throws Exception {
    with(kind, runner -> {
      var command = Command.builder("/usr/bin/python3", "-u", "-c", """
          import os, signal
          def say(*words): # in one write, so that the echo of what is typed is not in the middle
              os.write(1, (" ".join(map(str, words)) + "\\n").encode())
          caught = 0
          def count(*given):
              global caught
              caught += 1
          signal.signal(signal.SIGWINCH, lambda *given: say("size", *os.get_terminal_size()))
          signal.signal(signal.SIGINT, count)
          say("size", *os.get_terminal_size())
          while data := os.read(0, 99):
              say("got", data.decode().strip(), caught)
          say("end")
          """).stdin(Input.stream()).stdout(Output.stream()).terminal(true).build();
      try (var run = runner.start(command)) {
        var reader = lines(run.stdout());
        assertEquals("size 0 0", reader.readLine());
        run.resize(80, 25);
        say(run, "word\n"); // A signal that comes just before Python reads is handled when the read has returned.
        assertTrue(find(reader, "size 80 25"));
        say(run, "\u0003"); // The terminal discards what is written at this moment, so the handler only counts.
        say(run, "again\n");
        assertTrue(find(reader, "got again 1"));
        say(run, "text");
        run.stdin().close(); // ^D, which ends the line, and again.
        assertTrue(find(reader, "got text 1"));
        assertTrue(find(reader, "end"));
        assertEquals(Status.OK, result(run).status());
      }
    });
  }

  @ParameterizedTest
  @EnumSource
  void aTerminalHasASizeUntilBothStreamsAreClosed(Kind kind) throws Exception {
    with(kind, runner -> {
      var command = Command.builder("python3", "-u", "-c", """
          import os, signal, time
          signal.signal(signal.SIGWINCH, lambda *given: print("size", *os.get_terminal_size()))
          while os.read(0, 99):
              pass
          print("end")
          while os.get_terminal_size().columns != 90:
              time.sleep(0.01)
          print("bye")
          """).stdin(Input.stream()).stdout(Output.stream()).terminal(true).build();
      try (var run = runner.start(command)) {
        var reader = lines(run.stdout());
        run.stdin().close();
        assertTrue(find(reader, "end"));
        run.resize(80, 25);
        assertTrue(find(reader, "size 80 25"));
        run.resize(90, 30);
        assertTrue(find(reader, "bye"));
        assertEquals(Status.OK, result(run).status());
        run.resize(91, 31);
        run.stdout().close();
        assertThrows(IllegalStateException.class, () -> run.resize(92, 32));
      }
      var closed = runner.start(command);
      closed.close();
      assertThrows(IllegalStateException.class, () -> closed.resize(80, 25));
    });
  }

  private static boolean find(BufferedReader reader, String text) throws IOException {
    for (var line = reader.readLine(); line != null; line = reader.readLine()) {
      if (line.contains(text)) {
        return true;
      }
    }
    return false;
  }

  // ---- refusals ----

  @Test
  void streamsNeedStart() throws Exception {
    var command = live("true").build();
    var runner = UnshareRunner.create();
    assertEquals(Step.VALIDATE, assertThrows(SandboxException.class, () -> runner.run(command)).step());
    var failure = assertThrows(ExecutionException.class, () -> runner.runAsync(command).get(30, TimeUnit.SECONDS));
    assertInstanceOf(SandboxException.class, failure.getCause());
    try (var container = Container.open()) {
      assertThrows(SandboxException.class, () -> container.run(command));
      assertThrows(ExecutionException.class, () -> container.runAsync(command).get(30, TimeUnit.SECONDS));
      assertEquals(Status.OK, container.run(Command.of("true")).status()); // It has its turn back.
    }
    try (var run = runner.start(Command.of("true"))) {
      assertThrows(IllegalStateException.class, run::stdin);
      assertThrows(IllegalStateException.class, run::stdoutPublisher);
      assertThrows(IllegalStateException.class, () -> run.resize(80, 25));
      assertEquals(Status.OK, result(run).status());
    }
    assertThrows(IllegalArgumentException.class,
        () -> live("true").terminal(true).stdout(Output.capture()).build());
  }

  @Test
  void aRunnerWithoutLiveRunsSaysSo() {
    var runner = new Runner() {
      @Override
      public Result run(Command command) {
        throw new UnsupportedOperationException();
      }

      @Override
      public CompletableFuture<Result> runAsync(Command command) {
        throw new UnsupportedOperationException();
      }
    };
    var failure = assertThrows(SandboxException.class, () -> runner.start(Command.of("true")));
    assertEquals(SandboxException.Kind.UNSUPPORTED, failure.kind());
  }

  @Test
  void aRunCanBeClosedWhereAnotherEnds() throws Exception {
    var other = UnshareRunner.create().start(live("sleep 30").build());
    try (var run = UnshareRunner.create().start(live("read x").build())) {
      var closed = run.result().thenRun(other::close);
      say(run, "\n");
      closed.get(30, TimeUnit.SECONDS);
      result(other);
    }
  }

  // ---- many ----

  @Test
  void manyRunsWaitWithoutAThreadEach() throws Exception {
    int many = 40;
    var runs = new ArrayList<LiveRun>();
    var got = new ConcurrentLinkedQueue<String>();
    int before = Thread.activeCount();
    try {
      for (int i = 0; i < many; i++) {
        var run = UnshareRunner.create().start(live("read x; echo $x").build());
        runs.add(run);
        var keeper = new Keeper(1);
        run.stdoutPublisher().subscribe(keeper);
        keeper.all.thenAccept(all -> got.add(new String(all, StandardCharsets.UTF_8)));
      }
      assertTrue(Thread.activeCount() - before < 10, () -> "threads: " + before + ", " + Thread.activeCount());
      for (int i = 0; i < many; i++) {
        say(runs.get(i), i + "\n");
      }
      for (var run : runs) {
        assertEquals(Status.OK, result(run).status());
      }
      while (got.size() < many) {
        Thread.sleep(1);
      }
      assertEquals(many, List.copyOf(got).stream().distinct().count());
    } finally {
      runs.forEach(LiveRun::close);
    }
  }

  @Test
  void aLimitEndsALiveRun() throws Exception {
    var limits = Limits.builder().wallTime(Duration.ofMillis(300)).build();
    try (var run = UnshareRunner.create().start(live("echo a; sleep 30").limits(limits).build())) {
      assertEquals("a\n", new String(run.stdout().readAllBytes(), StandardCharsets.UTF_8));
      assertEquals(Status.TIME_LIMIT_EXCEEDED, result(run).status());
    }
  }
}
