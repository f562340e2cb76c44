// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.cordon.Command;
import io.cordon.Input;
import io.cordon.Limits;
import io.cordon.LiveRun;
import io.cordon.Output;
import io.cordon.Result;
import io.cordon.Runner;
import io.cordon.Status;
import io.cordon.UnshareRunner;
import io.cordon.pool.ContainerPool;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Live runs with random programs and random callers: no status is wrong, and nothing is left. {@code
 * -Dcordon.soak=10000} is the long one, {@code -Dcordon.soak.seed=N} one that has failed.
 */
@Tag("soak")
@Timeout(3600)
class LiveSoakTest {
  private static final int RUNS = Integer.getInteger("cordon.soak", Live.rounds(300));
  private static final long SEED = Long.getLong("cordon.soak.seed", System.nanoTime());
  private static final int THREADS = 4;
  private static final int SIGKILL = 9;
  private static final int SIGPIPE = 13;
  private static final int SIGTERM = 15;
  private static final int ZEROS = 300_000;
  private static final int WORDS = 20_000;
  private static final long PATIENCE_SECONDS = 120;

  /** The future of a run that its caller forgot, and what it may come to. */
  private record Forgotten(String what, Program program, CompletableFuture<Result> result) {}

  private static final ConcurrentLinkedQueue<Forgotten> FORGOTTEN = new ConcurrentLinkedQueue<>();

  /** What a program does, and how it ends when it is not disturbed. */
  enum Program {
    /** Gives back what it gets. */
    ECHO("exec cat", 0),
    /** Writes for ever. */
    FLOOD("exec cat /dev/zero", -1),
    /** Writes much to both streams, one after the other. */
    BOTH("head -c " + ZEROS + " /dev/zero; head -c 1000 /dev/zero >&2; exit 4", 4),
    /** Reads slowly. */
    SLOW("n=0; while read -r x; do n=$((n + 1)); done; echo $n; exit 5", 5),
    /** Does nothing. */
    SLEEP("exec sleep 600", -1),
    /** Ends at once. */
    EXIT("exit 6", 6);

    private final String script;

    /** -1: it does not end by itself. */
    private final int code;

    Program(String script, int code) {
      this.script = script;
      this.code = code;
    }

    boolean ends() {
      return code >= 0;
    }

    boolean isOwnEnd(Result result) {
      return ends() && result.status() == (code == 0 ? Status.OK : Status.NONZERO_EXIT)
          && result.exitCode().orElse(-1) == code;
    }
  }

  /** What a caller does. */
  enum Caller {
    /** All that the program wants. */
    FRIEND,
    CANCELS,
    CLOSES_EARLY,
    CLOSES_OUTPUT,
    TERMINATES,
    KILLS,
    PAUSES,
    FLOODS,
    LIMITS,
    COMPLETES,
    FORGETS,
    IS_INTERRUPTED
  }

  /** One run. */
  private static final class Play {
    private final Random random;
    private final Program program;
    private final Caller caller;
    private final LiveRun run;

    Play(Random random, Program program, Caller caller, LiveRun run) {
      this.random = random;
      this.program = program;
      this.caller = caller;
      this.run = run;
    }

    private void sometimesWait() throws InterruptedException {
      if (random.nextBoolean()) {
        Thread.sleep(random.nextInt(20));
      }
    }

    /** Some of what the program may write, as it has done nothing yet, or goes on. */
    private void begin() throws IOException, InterruptedException {
      sometimesWait();
      if (program == Program.FLOOD && random.nextBoolean()) {
        assertEquals(0, run.stdout().read());
        assertEquals(30_000, run.stdout().readNBytes(30_000).length);
      }
      if (program == Program.ECHO && random.nextBoolean()) {
        run.stdin().write("word".getBytes(StandardCharsets.UTF_8));
        assertEquals("word", new String(run.stdout().readNBytes(4), StandardCharsets.UTF_8));
      }
      sometimesWait();
    }

    private Result result() throws Exception {
      return run.result().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private void check(Result result, Status... others) {
      if (!program.isOwnEnd(result) && !Set.of(others).contains(result.status())) {
        fail(this + ": " + result + "; err: " + result.stderr().text());
      }
    }

    private void checkSignal(Result result, int signal) {
      check(result, Status.SIGNALED);
      if (result.status() == Status.SIGNALED) {
        assertEquals(signal, result.signal().orElse(-1), this::toString);
      }
    }

    void play() throws Exception {
      begin();
      switch (caller) {
        case FRIEND -> befriend();
        case CANCELS -> {
          run.cancel();
          check(result(), Status.CANCELLED);
          drain(run.stdout());
        }
        case CLOSES_EARLY -> {
          run.close();
          check(result(), Status.CANCELLED);
        }
        case CLOSES_OUTPUT -> leave();
        case TERMINATES -> signal(SIGTERM);
        case KILLS -> signal(SIGKILL);
        case PAUSES -> {
          run.pause();
          sometimesWait();
          if (random.nextBoolean()) {
            run.resume();
            befriend();
          } else {
            run.cancel();
            check(result(), Status.CANCELLED);
          }
        }
        case FLOODS -> flood();
        case LIMITS -> passLimit();
        case COMPLETES -> {
          run.result().completeExceptionally(new IOException("enough"));
          drain(run.stdout());
        }
        case FORGETS -> FORGOTTEN.add(new Forgotten(toString(), program, run.result()));
        case IS_INTERRUPTED -> interrupt();
      }
    }

    /** Reads slowly at times. */
    private long drain(InputStream stream) throws IOException, InterruptedException {
      long all = 0;
      var chunk = new byte[1 + random.nextInt(100_000)];
      for (int got = stream.read(chunk); got >= 0; got = stream.read(chunk)) {
        all += got;
        if (random.nextInt(10) == 0) {
          sometimesWait();
        }
      }
      return all;
    }

    private void befriend() throws Exception {
      if (program == Program.ECHO) {
        var bytes = new byte[random.nextInt(60_000)];
        random.nextBytes(bytes);
        run.stdin().write(bytes);
        assertArrayEquals(bytes, run.stdout().readNBytes(bytes.length), this::toString);
      }
      if (program == Program.SLOW) {
        feed();
      }
      if (!program.ends()) {
        run.cancel();
      }
      end(program.ends());
    }

    /** Lines, which may meet a program that has ended. */
    private void feed() throws IOException {
      var words = new byte[WORDS];
      Arrays.fill(words, (byte) '\n');
      run.stdin().write(words);
    }

    private void end(boolean itself) throws Exception {
      run.stdin().close();
      long out = drain(run.stdout());
      long err = drain(run.stderr());
      var result = result();
      assertTrue(itself ? program.isOwnEnd(result) : result.status() == Status.CANCELLED,
          () -> this + ": " + result);
      if (itself && program == Program.BOTH) {
        assertEquals(ZEROS + " " + 1000, out + " " + err, this::toString);
      }
      if (itself && program == Program.SLOW) {
        assertEquals(Integer.toString(WORDS).length() + 1, out, this::toString);
      }
    }

    private void leave() throws Exception {
      run.stdout().close();
      run.stdin().close();
      if (program == Program.SLEEP) {
        run.cancel();
      }
      drain(run.stderr());
      var result = result();
      if (program == Program.SLEEP) {
        check(result, Status.CANCELLED);
      } else {
        checkSignal(result, SIGPIPE);
      }
    }

    private void signal(int number) throws Exception {
      run.signal(number);
      drain(run.stdout());
      drain(run.stderr());
      // A program that had not been executed yet got none.
      while (!run.result().isDone()) {
        run.signal(number);
        Thread.sleep(1);
      }
      checkSignal(result(), number);
    }

    /** More than a pipe holds, against who reads and who does not. */
    private void flood() throws Exception {
      var writer = new Thread(() -> {
        try {
          for (int i = 0; i < 20; i++) {
            run.stdin().write(new byte[10_000]);
          }
        } catch (IOException e) {
          return; // The program has ended, or was ended.
        }
      }, "soak-writer");
      writer.start();
      sometimesWait();
      if (program == Program.ECHO) {
        assertEquals(200_000, run.stdout().readNBytes(200_000).length);
        writer.join();
        end(true);
      } else {
        run.cancel();
        check(result(), Status.CANCELLED);
      }
      writer.join();
    }

    private void passLimit() throws Exception {
      if (program == Program.ECHO || program == Program.SLOW) {
        run.stdin().close();
      }
      if (program == Program.SLEEP) {
        run.cancel();
      }
      long out = drain(run.stdout());
      drain(run.stderr());
      var result = result();
      check(result, program == Program.SLEEP ? Status.CANCELLED : Status.OUTPUT_LIMIT_EXCEEDED);
      if (program == Program.FLOOD || program == Program.BOTH) {
        assertEquals(Status.OUTPUT_LIMIT_EXCEEDED, result.status(), this::toString);
        assertTrue(out <= LIMIT_BYTES, () -> this + ": " + out);
      }
    }

    private void interrupt() throws Exception {
      var reader = new Thread(() -> {
        try {
          drain(run.stdout());
        } catch (IOException | InterruptedException e) {
          return;
        }
      }, "soak-reader");
      reader.start();
      sometimesWait();
      reader.interrupt();
      reader.join();
      run.cancel();
      check(result(), Status.CANCELLED, Status.OUTPUT_LIMIT_EXCEEDED);
    }

    @Override
    public String toString() {
      return caller + " with " + program;
    }
  }

  private static final int LIMIT_BYTES = 100_000;

  private static Command command(Program program, Caller caller) {
    var limits = Limits.builder().wallTime(Duration.ofSeconds(PATIENCE_SECONDS / 2));
    switch (caller) {
      case LIMITS -> limits.outputBytes(LIMIT_BYTES);
      case FORGETS -> limits.wallTime(Duration.ofSeconds(1));
      default -> {
        // None but the time.
      }
    }
    return Command.builder("sh", "-c", program.script).stdin(Input.stream()).stdout(Output.stream())
        .stderr(Output.stream()).limits(limits.build()).build();
  }

  private static void one(Runner runner, long seed) throws Exception {
    var random = new Random(seed);
    var program = Program.values()[random.nextInt(Program.values().length)];
    var caller = Caller.values()[random.nextInt(Caller.values().length)];
    var run = runner.start(command(program, caller));
    try {
      new Play(random, program, caller, run).play();
    } catch (IOException e) {
      // A caller writes to a program that ends meanwhile where it does not wait for its end.
      if (program != Program.EXIT || !String.valueOf(e.getMessage()).contains("does not read")) {
        throw new AssertionError(caller + " with " + program + ", seed " + seed, e);
      }
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    } finally {
      if (caller != Caller.FORGETS) {
        run.close();
      }
    }
  }

  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream().map(Thread::getName)
        .filter(name -> name.startsWith("soak") || (name.startsWith("cordon-") && !name.equals("cordon-events")))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The descriptors that the event loop waits for. */
  private static int watches() {
    try {
      var type = Class.forName("io.cordon.internal.engine.EventLoop");
      var field = type.getDeclaredField("instance");
      field.setAccessible(true);
      var loop = field.get(null);
      if (loop == null) {
        return 0;
      }
      var waiters = type.getDeclaredField("waiters");
      waiters.setAccessible(true);
      return ((Map<?, ?>) waiters.get(loop)).size();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void soak(Runner pool) throws Exception {
    var next = new AtomicInteger();
    var failures = new ConcurrentLinkedQueue<Throwable>();
    var workers = new ArrayList<Thread>();
    for (int i = 0; i < THREADS; i++) {
      workers.add(new Thread(() -> {
        try {
          for (int n = next.getAndIncrement(); n < RUNS && failures.isEmpty(); n = next.getAndIncrement()) {
            one(n % 2 == 0 ? pool : UnshareRunner.create(), SEED + n);
          }
        } catch (Throwable t) {
          failures.add(t);
        }
      }, "soak-" + i));
    }
    workers.forEach(Thread::start);
    for (var worker : workers) {
      worker.join();
    }
    if (!failures.isEmpty()) {
      throw new AssertionError(failures.size() + " failures", failures.peek());
    }
  }

  /** What they write is not read: they end by themselves, or by their limit. */
  private static Map<String, Integer> forgotten() throws Exception {
    var ends = new TreeMap<String, Integer>();
    for (var run : FORGOTTEN) {
      var result = run.result.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertTrue(run.program.isOwnEnd(result) || result.status() == Status.TIME_LIMIT_EXCEEDED,
          () -> run.what + ": " + result);
      ends.merge(result.status().name(), 1, Integer::sum);
    }
    FORGOTTEN.clear();
    return ends;
  }

  /** Each request is a reason to look, and to wait where nothing is there. */
  @Test
  void askingTwiceWaitsOnce() throws Exception {
    var asked = new CompletableFuture<Flow.Subscription>();
    try (var run = UnshareRunner.create().start(command(Program.SLEEP, Caller.FRIEND))) {
      run.stdoutPublisher().subscribe(new Flow.Subscriber<>() {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
          asked.complete(subscription);
        }

        @Override
        public void onNext(ByteBuffer item) {
          // There is none.
        }

        @Override
        public void onError(Throwable failure) {
          // The run is closed.
        }

        @Override
        public void onComplete() {
          // Likewise.
        }
      });
      for (int i = 0; i < 20; i++) {
        asked.get(PATIENCE_SECONDS, TimeUnit.SECONDS).request(1);
        Thread.sleep(5); // So that the request before is over.
      }
    }
    Live.await("nothing is waited for", () -> watches() == 0);
  }

  @Test
  void randomRunsLeaveNothingAndSayTheTruth() throws Exception {
    System.err.println("soak: " + RUNS + " runs, -Dcordon.soak.seed=" + SEED);
    UnshareRunner.create().run(Command.of("/bin/true"));
    UnshareRunner.create().runAsync(Command.of("/bin/true")).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    var before = Held.now();
    var threads = threads();
    try (var pool = ContainerPool.builder().maxSize(THREADS).build()) {
      soak(pool);
      forgotten();
    }
    // What was forgotten is freed when it is not reachable any more.
    var left = List.of("?");
    for (int i = 0; i < 100 && !left.isEmpty(); i++) {
      System.gc();
      Thread.sleep(50);
      left = newDescriptors(before);
    }
    Held.assertNothingNew(before);
    Live.await("no thread is left", () -> threads.containsAll(threads()));
    assertEquals(0, watches());
  }

  private static List<String> newDescriptors(Held before) throws IOException {
    var now = new TreeSet<>(Held.now().descriptors());
    now.removeAll(before.descriptors());
    return List.copyOf(now);
  }
}
