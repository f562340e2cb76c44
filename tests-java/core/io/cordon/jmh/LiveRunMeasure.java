// SPDX-License-Identifier: Apache-2.0
package io.cordon.jmh;

import io.cordon.Command;
import io.cordon.Input;
import io.cordon.Limits;
import io.cordon.LiveRun;
import io.cordon.Output;
import io.cordon.UnshareRunner;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;

/**
 * What live streams cost, beside a pipe from a process without a sandbox, both in turn: the time from a program's write
 * until the reader has the byte, 100 MB, and a thousand runs that wait. A program and not a benchmark of JMH, whose
 * samples cannot begin in another process.
 */
public final class LiveRunMeasure {
  private static final int SAMPLES = 100;
  private static final int DROPPED = 10;
  private static final int ROUNDS = 10;
  private static final int FLOODS = 25;
  private static final int WARM_UP = 5;
  private static final int MEGABYTES = 100;
  private static final int CHUNK_BYTES = 1 << 16;
  private static final int WAITING = 1000;
  private static final double NANOS_PER_MICRO = 1e3;
  private static final double NANOS_PER_SECOND = 1e9;

  /** CLOCK_MONOTONIC is what System.nanoTime reads, and the same in a sandbox. */
  private static final List<String> STAMPS = python("""
      import os, struct, time
      for i in range(%d):
          time.sleep(0.003)
          os.write(1, struct.pack("=q", time.monotonic_ns()))
      """.formatted(SAMPLES));

  private static final List<String> FLOOD = python("""
      import os
      left, chunk = %d, bytes(65536)
      while left:
          left -= os.write(1, chunk[:left])
      """.formatted(MEGABYTES * 1_000_000));

  private LiveRunMeasure() {}

  private static List<String> python(String script) {
    return List.of("/usr/bin/python3", "-c", script);
  }

  /** Something that a program's output is read of. */
  private interface Measure {
    long[] of(InputStream output) throws IOException;
  }

  private static long[] live(List<String> program, Measure measure) throws Exception {
    try (var run = start(program)) {
      return measure.of(run.stdout());
    }
  }

  private static LiveRun start(List<String> program) throws Exception {
    return UnshareRunner.create().start(Command.builder(program).stdin(Input.stream()).stdout(Output.stream())
        .limits(Limits.builder().outputBytes(Limits.UNLIMITED).wallTime(Limits.FOREVER).build()).build());
  }

  private static long[] bare(List<String> program, Measure measure) throws Exception {
    var process = new ProcessBuilder(program).start();
    try (var output = process.getInputStream()) {
      return measure.of(output);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static long[] delays(InputStream output) throws IOException {
    var delays = new long[SAMPLES - DROPPED];
    var stamp = new byte[Long.BYTES];
    for (int i = -DROPPED; i < delays.length; i++) {
      if (output.readNBytes(stamp, 0, stamp.length) < stamp.length) {
        throw new EOFException();
      }
      long delay = System.nanoTime() - ByteBuffer.wrap(stamp).order(ByteOrder.nativeOrder()).getLong();
      if (i >= 0) {
        delays[i] = delay;
      }
    }
    return delays;
  }

  /** From the first byte to the end. */
  private static long[] drain(InputStream output) throws IOException {
    var chunk = new byte[CHUNK_BYTES];
    long all = output.read(chunk);
    long start = System.nanoTime();
    for (int got = output.read(chunk); got >= 0; got = output.read(chunk)) {
      all += got;
    }
    if (all != MEGABYTES * 1_000_000L) {
      throw new EOFException("only " + all);
    }
    return new long[] {System.nanoTime() - start};
  }

  /** The same by callbacks, each of which asks for the next. */
  private static long drainByCallbacks() throws Exception {
    try (var run = start(FLOOD)) {
      var drain = new Drain();
      run.stdoutPublisher().subscribe(drain);
      drain.end.await();
      return drain.nanos;
    }
  }

  private static final class Drain implements Flow.Subscriber<ByteBuffer> {
    private final CountDownLatch end = new CountDownLatch(1);
    private Flow.Subscription subscription;
    private long start;
    private long nanos;

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(1);
    }

    @Override
    public void onNext(ByteBuffer item) {
      start = start == 0 ? System.nanoTime() : start;
      subscription.request(1);
    }

    @Override
    public void onError(Throwable failure) {
      end.countDown();
    }

    @Override
    public void onComplete() {
      nanos = System.nanoTime() - start;
      end.countDown();
    }
  }

  private static long percentile(List<long[]> blocks, int percent) {
    var sorted = blocks.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
  }

  private static void firstByte() throws Exception {
    var live = new ArrayList<long[]>();
    var bare = new ArrayList<long[]>();
    for (int i = 0; i <= ROUNDS; i++) {
      var one = live(STAMPS, LiveRunMeasure::delays);
      var other = bare(STAMPS, LiveRunMeasure::delays);
      if (i > 0) { // The first of both is the compilers'.
        live.add(one);
        bare.add(other);
      }
    }
    for (int percent : new int[] {50, 90, 99}) {
      System.out.printf("first byte p%d: live %.1f us, bare pipe %.1f us, %.2f x%n", percent,
          percentile(live, percent) / NANOS_PER_MICRO, percentile(bare, percent) / NANOS_PER_MICRO,
          (double) percentile(live, percent) / percentile(bare, percent));
    }
  }

  private static void throughput() throws Exception {
    var live = new ArrayList<long[]>();
    var callbacks = new ArrayList<long[]>();
    var bare = new ArrayList<long[]>();
    for (int i = -WARM_UP; i < FLOODS; i++) {
      var one = live(FLOOD, LiveRunMeasure::drain);
      long byCallbacks = drainByCallbacks();
      var other = bare(FLOOD, LiveRunMeasure::drain);
      if (i >= 0) {
        live.add(one);
        callbacks.add(new long[] {byCallbacks});
        bare.add(other);
      }
    }
    for (int percent : new int[] {0, 50}) {
      double pipe = rate(bare, percent);
      System.out.printf("%d MB p%d: blocking %.0f MB/s %.2f x, by callbacks %.0f MB/s %.2f x, bare pipe %.0f MB/s%n",
          MEGABYTES,
          percent, rate(live, percent), rate(live, percent) / pipe, rate(callbacks, percent),
          rate(callbacks, percent) / pipe, pipe);
    }
  }

  private static double rate(List<long[]> blocks, int percent) {
    return MEGABYTES / (percentile(blocks, percent) / NANOS_PER_SECOND);
  }

  private static long heap() throws InterruptedException {
    for (int i = 0; i < 5; i++) {
      System.gc();
      Thread.sleep(100);
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static void waiting() throws Exception {
    var runs = new ArrayList<LiveRun>(WAITING);
    try {
      long heap = heap();
      int threads = Thread.activeCount();
      for (int i = 0; i < WAITING; i++) {
        var run = start(List.of("/bin/cat"));
        run.stdoutPublisher().subscribe(new Drain());
        runs.add(run);
      }
      System.out.printf("%d waiting runs: %d threads more, %.1f KiB of heap each%n", WAITING,
          Thread.activeCount() - threads, (heap() - heap) / 1024.0 / WAITING);
    } finally {
      runs.forEach(LiveRun::close);
    }
  }

  /**
   * Measures all three.
   *
   * @param args none
   * @throws Exception where a run failed
   */
  public static void main(String[] args) throws Exception {
    firstByte();
    throughput();
    waiting();
  }
}
