// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.cordon.Cause;
import io.cordon.Command;
import io.cordon.Input;
import io.cordon.LiveRun;
import io.cordon.Output;
import io.cordon.SandboxException;
import io.cordon.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A run whose caller writes and reads while it goes on. A tier that has none refuses "start". */
interface LiveContract {
  /** Its number, which {@code signal} takes. */
  int SIGTERM = 15;

  /** The width that a terminal is given; no default. */
  int COLUMNS = 91;

  /** The height that a terminal is given; no default. */
  int ROWS = 37;

  private static Command.Builder streams(Command.Builder builder) {
    return builder.stdin(Input.stream()).stdout(Output.stream());
  }

  private static LiveRun start(Bench bench, Command.Builder builder) throws SandboxException {
    return bench.runner().start(bench.command(builder).build());
  }

  private static void say(LiveRun run, String text) throws IOException {
    run.stdin().write(text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] all(Bench bench, InputStream stream) throws Exception {
    return bench.inTime("the end of a stream", stream::readAllBytes);
  }

  /** Reads as many bytes as a text has, and checks that they are that text. */
  private static void hear(Bench bench, String text, InputStream stream) throws Exception {
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    var heard = bench.inTime(text, () -> stream.readNBytes(length));
    assertEquals(text, new String(heard, StandardCharsets.UTF_8));
  }

  // ---- streams ----

  @Test
  @Uses("start")
  default void inputAndOutputGoOnWhileTheProgramRuns(Bench bench) throws Exception {
    try (var run = start(bench, streams(bench.programs().echoInput()))) {
      for (var text : new String[] {"one\n", "two and more\n"}) {
        say(run, text);
        hear(bench, text, run.stdout());
        assertFalse(run.result().isDone());
      }
      run.stdin().close();
      assertEquals(0, all(bench, run.stdout()).length);
      assertEquals(17, Bench.check(Status.OK, Cause.NONE, bench.get(run.result())).stdout().totalBytes());
    }
    bench.stillWorks();
  }

  @Test
  @Uses("start")
  default void theEndOfTheInputReachesTheProgram(Bench bench) throws Exception {
    try (var run = start(bench, streams(bench.programs().echoInput()))) {
      run.stdin().close();
      Bench.check(Status.OK, Cause.NONE, bench.get(run.result()));
      assertThrows(IOException.class, () -> say(run, "more"));
    }
  }

  @Test
  @Uses("start")
  default void bothStreamsAreReadApart(Bench bench) throws Exception {
    var command = streams(bench.programs().printAndSleep("to the one", "to the other")).stderr(Output.stream());
    try (var run = start(bench, command)) {
      hear(bench, "to the other", run.stderr());
      hear(bench, "to the one", run.stdout());
    }
  }

  @Test
  @Uses({"start", "stderr.toStdout"})
  default void bothStreamsAreReadInOneOrder(Bench bench) throws Exception {
    var command = streams(bench.programs().print("first ", "second")).stderr(Output.toStdout());
    try (var run = start(bench, command)) {
      assertEquals("first second", new String(all(bench, run.stdout()), StandardCharsets.UTF_8));
      assertThrows(IllegalStateException.class, run::stderr);
    }
  }

  @Test
  @Uses("start")
  default void oneStreamIsReadAndTheOtherCaptured(Bench bench) throws Exception {
    try (var run = start(bench, streams(bench.programs().print("read", "captured")))) {
      assertEquals("read", new String(all(bench, run.stdout()), StandardCharsets.UTF_8));
      var result = Bench.check(Status.OK, Cause.NONE, bench.get(run.result()));
      assertEquals("captured", result.stderr().text());
      assertEquals("", result.stdout().text());
    }
  }

  /** The result does not wait for who reads. */
  @Test
  @Uses("start")
  default void whatWasWrittenIsReadAfterTheEnd(Bench bench) throws Exception {
    var command = streams(bench.programs().print("late", "too late")).stderr(Output.stream());
    try (var run = start(bench, command)) {
      Bench.check(Status.OK, Cause.NONE, bench.get(run.result()));
      assertEquals("late", new String(all(bench, run.stdout()), StandardCharsets.UTF_8));
      assertEquals("too late", new String(all(bench, run.stderr()), StandardCharsets.UTF_8));
    }
  }

  @Test
  @Uses("start")
  default void muchGoesThroughUnchanged(Bench bench) throws Exception {
    var much = StreamContract.bytes(Bench.MUCH);
    try (var run = start(bench, streams(bench.programs().echoInput()))) {
      var said = new CompletableFuture<Void>();
      var writer = new Thread(() -> {
        try (var in = run.stdin()) {
          in.write(much);
          said.complete(null);
        } catch (IOException e) {
          said.completeExceptionally(e);
        }
      }, "contract");
      writer.start();
      assertArrayEquals(much, all(bench, run.stdout()));
      bench.inTime("the end of the writer", said::get);
      writer.join();
      Bench.check(Status.OK, Cause.NONE, bench.get(run.result()));
    }
  }

  @Test
  @Uses("start")
  default void onlyWhatWasGivenAsAStreamIsOne(Bench bench) throws Exception {
    try (var run = start(bench, bench.programs().exit(0))) {
      assertThrows(IllegalStateException.class, run::stdin);
      assertThrows(IllegalStateException.class, run::stdout);
      assertThrows(IllegalStateException.class, run::stderr);
      assertThrows(IllegalStateException.class, run::stdinSubscriber);
      assertThrows(IllegalStateException.class, run::stdoutPublisher);
      assertThrows(IllegalStateException.class, run::stderrPublisher);
      assertThrows(IllegalStateException.class, () -> run.resize(COLUMNS, ROWS));
      Bench.check(Status.OK, Cause.NONE, bench.get(run.result()));
    }
  }

  /** No caller would hold the stream. */
  @Test
  @Uses("stdin.stream")
  default void aStreamOfStandardInputIsForStartAlone(Bench bench) throws Exception {
    bench.failure(bench.programs().exit(0).stdin(Input.stream()));
    bench.stillWorks();
  }

  @Test
  @Uses("stdout.stream")
  default void aStreamOfStandardOutputIsForStartAlone(Bench bench) throws Exception {
    bench.failure(bench.programs().exit(0).stdout(Output.stream()));
    bench.stillWorks();
  }

  @Test
  @Uses("stderr.stream")
  default void aStreamOfStandardErrorIsForStartAlone(Bench bench) throws Exception {
    bench.failure(bench.programs().exit(0).stderr(Output.stream()));
    bench.stillWorks();
  }

  // ---- back-pressure ----

  /** A runner that read ahead would let the program end. */
  @Test
  @Uses("start")
  default void aReaderThatWaitsHoldsTheProgramUp(Bench bench) throws Exception {
    var command = bench.programs().write(Bench.MUCH, 3).stdout(Output.stream()).stderr(Output.stream());
    try (var run = start(bench, command)) {
      assertThrows(TimeoutException.class, () -> run.result().get(Bench.SHORT.toNanos(), TimeUnit.NANOSECONDS));
      assertEquals(Bench.MUCH, all(bench, run.stdout()).length);
      assertEquals(3, all(bench, run.stderr()).length);
      Bench.check(Status.OK, Cause.NONE, bench.get(run.result()));
    }
  }

  @Test
  @Uses("start")
  default void aProgramThatDoesNotReadHoldsTheWriterUp(Bench bench) throws Exception {
    try (var run = start(bench, streams(bench.programs().printAndSleep("", "")))) {
      var written = new AtomicLong();
      var end = new CompletableFuture<Exception>();
      var writer = new Thread(() -> {
        try {
          while (written.get() < Bench.MUCH) {
            run.stdin().write(new byte[4096]);
            written.addAndGet(4096);
          }
          end.complete(new IllegalStateException("everything was taken"));
        } catch (IOException e) {
          end.complete(e);
        }
      }, "contract");
      writer.start();
      for (long before = -1; before != written.get();) {
        before = written.get();
        Thread.sleep(Bench.SHORT.toMillis());
      }
      writer.interrupt();
      assertInstanceOf(InterruptedIOException.class, bench.inTime("the end of the writer", end::get));
      writer.join();
      assertFalse(run.result().isDone());
    }
  }

  @Test
  @Uses("start")
  default void aReaderThatLeavesEndsTheProgram(Bench bench) throws Exception {
    try (var run = start(bench, streams(bench.programs().write(Long.MAX_VALUE, 0)))) {
      run.stdout().close();
      var status = bench.get(run.result()).status();
      // How a program takes SIGPIPE is its own; that of the shell goes on behind the one that wrote.
      assertTrue(status == Status.OK || status == Status.NONZERO_EXIT || status == Status.SIGNALED, status::toString);
    }
    bench.stillWorks();
  }

  @Test
  @Uses({"start", "limits.outputBytes"})
  default void readingPastTheLimitEndsTheProgram(Bench bench) throws Exception {
    var command = bench.limited(streams(bench.programs().write(Bench.MUCH, 0)), limits -> limits.outputBytes(100_000));
    try (var run = bench.runner().start(command.build())) {
      assertEquals(100_000, all(bench, run.stdout()).length);
      Bench.check(Status.OUTPUT_LIMIT_EXCEEDED, Cause.STDOUT, bench.get(run.result()));
    }
    bench.stillWorks();
  }

  // ---- waiting ----

  @Test
  @Uses("start")
  default void anInterruptEndsTheWaitAlone(Bench bench) throws Exception {
    try (var run = start(bench, streams(bench.programs().echoInput()))) {
      var end = new CompletableFuture<String>();
      var reading = new CountDownLatch(1);
      var reader = new Thread(() -> {
        try {
          reading.countDown();
          end.complete("read " + run.stdout().read());
        } catch (InterruptedIOException e) {
          end.complete("interrupted " + Thread.currentThread().isInterrupted());
        } catch (IOException | RuntimeException e) {
          end.completeExceptionally(e);
        }
      }, "contract");
      reader.start();
      reading.await();
      reader.interrupt();
      assertEquals("interrupted true", bench.inTime("the end of the wait", end::get));
      reader.join();
      say(run, "on");
      hear(bench, "on", run.stdout());
      assertFalse(run.result().isDone());
    }
  }

  @Test
  @Uses("start")
  default void closingTheRunEndsTheWaitOfAReader(Bench bench) throws Exception {
    var end = new CompletableFuture<Object>();
    try (var run = start(bench, streams(bench.programs().echoInput()))) {
      var reading = new CountDownLatch(1);
      new Thread(() -> {
        try {
          reading.countDown();
          end.complete(run.stdout().read());
        } catch (IOException e) {
          end.complete(e);
        }
      }, "contract").start();
      reading.await();
    }
    var how = bench.inTime("the end of the wait", end::get);
    assertTrue(how.equals(-1) || how instanceof IOException, how::toString); // Whichever it saw first.
  }

  // ---- the end ----

  @Test
  @Uses("start")
  default void cancellingKeepsWhatWasWritten(Bench bench) throws Exception {
    var command = streams(bench.programs().printAndSleep("written", "ready")).stderr(Output.stream());
    try (var run = start(bench, command)) {
      hear(bench, "ready", run.stderr());
      run.cancel();
      Bench.check(Status.CANCELLED, Cause.NONE, bench.get(run.result()));
      assertEquals("written", new String(all(bench, run.stdout()), StandardCharsets.UTF_8));
    }
    bench.stillWorks();
  }

  @Test
  @Uses("start")
  default void cancellingKeepsWhatWasCaptured(Bench bench) throws Exception {
    var command = bench.programs().printAndSleep("captured", "ready").stderr(Output.stream());
    try (var run = start(bench, command)) {
      hear(bench, "ready", run.stderr());
      run.cancel();
      assertEquals("captured",
          Bench.check(Status.CANCELLED, Cause.NONE, bench.get(run.result())).stdout().text());
    }
  }

  @Test
  @Uses("start")
  default void theResultIsOneFutureAndCompletingItEndsTheProgram(Bench bench) throws Exception {
    try (var run = start(bench, streams(bench.programs().printAndSleep("here", "")))) {
      hear(bench, "here", run.stdout());
      assertSame(run.result(), run.result());
      assertTrue(run.result().cancel(false));
      assertEquals(0, all(bench, run.stdout()).length);
    }
    bench.stillWorks();
  }

  @Test
  @Uses("start")
  default void closingEndsTheRun(Bench bench) throws Exception {
    var run = start(bench, streams(bench.programs().printAndSleep("here", "")));
    hear(bench, "here", run.stdout());
    run.close();
    run.close();
    Bench.check(Status.CANCELLED, Cause.NONE, bench.get(run.result()));
    assertThrows(IOException.class, () -> run.stdout().read());
    assertThrows(IOException.class, () -> say(run, "more"));
    bench.stillWorks();
  }

  /** At any moment of its life. */
  @Test
  @Uses("start")
  default void manyRunsThatAreClosedLeaveNothing(Bench bench) throws Exception {
    for (int i = 0; i < Bench.MANY; i++) {
      var run = start(bench, streams(bench.programs().write(Bench.MUCH, 1)));
      if (i % 3 > 0) {
        assertNotEquals(-1, (int) bench.inTime("a byte", () -> run.stdout().read()));
      }
      if (i % 3 == 1) {
        run.cancel();
      }
      run.close();
    }
    bench.stillWorks();
  }

  @Test
  @Uses("start")
  default void aProgramThatIsNotThereFailsTheStartOrTheResult(Bench bench) throws Exception {
    Bench.failure(() -> {
      try (var run = start(bench, streams(bench.programs().missing()))) {
        return bench.get(run.result());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return fail("interrupted", e);
      }
    });
    bench.stillWorks();
  }

  // ---- signals ----

  /** A signal from outside does what one of the program's own does. */
  @Test
  @Uses({"start", "program.signal"})
  default void aSignalReachesTheProgram(Bench bench) throws Exception {
    var itself = bench.run(bench.programs().signal(SIGTERM));
    try (var run = start(bench, streams(bench.programs().printAndSleep("ready", "")))) {
      hear(bench, "ready", run.stdout());
      run.signal(SIGTERM);
      var result = Bench.check(itself.status(), itself.cause(), bench.get(run.result()));
      assertEquals(OptionalInt.of(SIGTERM), result.signal());
      run.signal(SIGTERM); // It is over: nothing happens.
      assertThrows(IllegalArgumentException.class, () -> run.signal(0));
    }
    bench.stillWorks();
  }

  /** Each round gives the pause, which takes effect a moment later, one more chance. */
  @Test
  @Uses({"start", "pause"})
  default void aPausedProgramAnswersWhenItGoesOn(Bench bench) throws Exception {
    try (var run = start(bench, streams(bench.programs().echoInput()))) {
      say(run, "a");
      hear(bench, "a", run.stdout());
      run.pause();
      long end = System.nanoTime() + bench.tier().patience().toNanos();
      boolean answered = true;
      while (answered && System.nanoTime() < end) {
        say(run, "b");
        var answer = CompletableFuture.supplyAsync(() -> read(run.stdout()));
        try {
          assertEquals(Integer.valueOf('b'), answer.get(Bench.SHORT.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
          answered = false;
          run.resume();
          assertEquals(Integer.valueOf('b'), bench.inTime("the answer", answer::get));
        }
      }
      assertFalse(answered, "the program went on");
      run.resume(); // Nothing is paused.
      run.stdin().close();
      Bench.check(Status.OK, Cause.NONE, bench.get(run.result()));
    }
  }

  private static int read(InputStream stream) {
    try {
      return stream.read();
    } catch (IOException e) {
      return -1;
    }
  }

  @Test
  @Uses({"start", "pause"})
  default void aPausedRunCanBeClosed(Bench bench) throws Exception {
    try (var run = start(bench, streams(bench.programs().printAndSleep("ready", "")))) {
      hear(bench, "ready", run.stdout());
      run.pause();
    }
    bench.stillWorks();
  }

  // ---- terminals ----

  @Test
  @Uses({"start", "terminal", "program.printTerminal"})
  default void aLiveTerminalIsATerminal(Bench bench) throws Exception {
    try (var run = start(bench, streams(bench.programs().printTerminal()).terminal(true))) {
      run.resize(COLUMNS, ROWS);
      assertEquals("yes", new String(all(bench, run.stdout()), StandardCharsets.UTF_8).strip());
      Bench.check(Status.OK, Cause.NONE, bench.get(run.result()));
    }
  }

  /** It echoes, ends lines as terminals do, and ends the input by ^D. */
  @Test
  @Uses({"start", "terminal"})
  default void whatIsTypedAppears(Bench bench) throws Exception {
    try (var run = start(bench, streams(bench.programs().echoInput()).terminal(true))) {
      say(run, "word\n");
      hear(bench, "word\r\nword\r\n", run.stdout());
      run.stdin().close();
      Bench.check(Status.OK, Cause.NONE, bench.get(run.result()));
    }
  }

  // ---- callbacks ----

  /** Keeps what it gets, and asks for nothing by itself. */
  final class Keeper implements Flow.Subscriber<ByteBuffer> {
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
    private final CompletableFuture<byte[]> all = new CompletableFuture<>();
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final AtomicLong items = new AtomicLong();

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription.complete(given);
    }

    @Override
    public void onNext(ByteBuffer item) {
      var bytes = new byte[item.remaining()];
      item.get(bytes);
      kept.writeBytes(bytes);
      items.incrementAndGet();
    }

    @Override
    public void onError(Throwable failure) {
      all.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      all.complete(kept.toByteArray());
    }
  }

  private static Keeper keep(Flow.Publisher<ByteBuffer> publisher) {
    var keeper = new Keeper();
    publisher.subscribe(keeper);
    return keeper;
  }

  @Test
  @Uses("start")
  default void nothingComesThatWasNotRequested(Bench bench) throws Exception {
    var command = bench.programs().write(Bench.MUCH, 3).stdout(Output.stream()).stderr(Output.stream());
    try (var run = start(bench, command)) {
      var out = keep(run.stdoutPublisher());
      var err = keep(run.stderrPublisher());
      var subscription = bench.inTime("the subscription", out.subscription::get);
      subscription.request(1);
      bench.await("one item", () -> out.items.get() > 0);
      Thread.sleep(Bench.SHORT.toMillis());
      assertEquals(1, out.items.get());
      assertFalse(run.result().isDone());
      subscription.request(Long.MAX_VALUE);
      bench.inTime("the subscription", err.subscription::get).request(Long.MAX_VALUE);
      assertEquals(Bench.MUCH, bench.inTime("the end of standard output", out.all::get).length);
      assertEquals(3, bench.inTime("the end of standard error", err.all::get).length);
      Bench.check(Status.OK, Cause.NONE, bench.get(run.result()));
    }
  }

  @Test
  @Uses("start")
  default void inputIsTakenFromAPublisher(Bench bench) throws Exception {
    var much = StreamContract.bytes(300_000);
    try (var run = start(bench, streams(bench.programs().echoInput()))) {
      var out = keep(run.stdoutPublisher());
      bench.inTime("the subscription", out.subscription::get).request(Long.MAX_VALUE);
      try (var source = new SubmissionPublisher<ByteBuffer>()) {
        source.subscribe(run.stdinSubscriber());
        for (int at = 0; at < much.length; at += 100_000) {
          source.submit(ByteBuffer.wrap(much, at, 100_000));
        }
      }
      assertArrayEquals(much, bench.inTime("the end of the output", out.all::get));
      Bench.check(Status.OK, Cause.NONE, bench.get(run.result()));
    }
  }

  @Test
  @Uses("start")
  default void theFirstUseOfAStreamDecides(Bench bench) throws Exception {
    try (var run = start(bench, streams(bench.programs().echoInput()).stderr(Output.stream()))) {
      assertSame(run.stdin(), run.stdin());
      assertThrows(IllegalStateException.class, run::stdinSubscriber);
      assertSame(run.stdout(), run.stdout());
      assertThrows(IllegalStateException.class, run::stdoutPublisher);
      assertSame(run.stderrPublisher(), run.stderrPublisher());
      assertThrows(IllegalStateException.class, run::stderr);
    }
  }

  // ---- many ----

  /** One after the other: not every runner has more than one at a time. */
  @Test
  @Uses("start")
  default void manyConversationsEachGetTheirOwn(Bench bench) throws Exception {
    for (int i = 0; i < Bench.MANY; i++) {
      try (var run = start(bench, streams(bench.programs().echoInput()))) {
        var text = "number " + i;
        say(run, text);
        hear(bench, text, run.stdout());
        run.stdin().close();
        Bench.check(Status.OK, Cause.NONE, bench.get(run.result()));
      }
    }
  }

  /** Any number where the runner has one for each caller; the others wait their turn. */
  @Test
  @Uses("start")
  default void manyThreadsEachHoldTheirOwnConversation(Bench bench) throws Exception {
    var runner = bench.runner();
    var command = bench.command(streams(bench.programs().echoInput())).build();
    var conversations = new ArrayList<CompletableFuture<String>>();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < Bench.THREADS; i++) {
      var text = "thread " + i;
      var heard = new CompletableFuture<String>();
      conversations.add(heard);
      threads.add(new Thread(() -> {
        try (var run = runner.start(command)) {
          say(run, text);
          run.stdin().close();
          heard.complete(new String(run.stdout().readAllBytes(), StandardCharsets.UTF_8));
        } catch (Throwable t) {
          heard.completeExceptionally(t);
        }
      }, "contract"));
    }
    threads.forEach(Thread::start);
    for (int i = 0; i < Bench.THREADS; i++) {
      assertEquals("thread " + i, conversation(bench, conversations.get(i)));
      threads.get(i).join();
    }
  }

  private static String conversation(Bench bench, CompletableFuture<String> heard) throws Exception {
    try {
      return bench.inTime("the end of a conversation", heard::get);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof SandboxException sandbox ? sandbox : e;
    }
  }
}
