// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.internal.util.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A program's output as a publisher: reads what was requested, and is told by the event loop when there is more.
 *
 * <ul>
 *   <li>I1: {@link Delivery#work} counts reasons to deliver. The call that raises it from 0 starts the only task that
 *       delivers.
 *   <li>I2: a read is tried only while there is demand, and the stream is watched only after a read that found nothing.
 * </ul>
 */
final class LivePublisher implements Flow.Publisher<ByteBuffer> {
  private final LiveStream stream;
  private final Executor executor;
  private final AtomicBoolean taken = new AtomicBoolean();

  LivePublisher(LiveStream stream, Executor executor) {
    this.stream = stream;
    this.executor = executor;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    if (taken.compareAndSet(false, true)) {
      new Delivery(subscriber).begin();
    } else {
      subscriber.onSubscribe(new Nothing());
      subscriber.onError(new IllegalStateException("a program's output has one subscriber"));
    }
  }

  private static final class Nothing implements Flow.Subscription {
    @Override
    public void request(long items) {
      // It has failed already.
    }

    @Override
    public void cancel() {
      // Likewise.
    }
  }

  private final class Delivery implements Flow.Subscription, Runnable {
    private final Flow.Subscriber<? super ByteBuffer> subscriber;
    private final AtomicLong demand = new AtomicLong();
    private final AtomicInteger work = new AtomicInteger();
    private volatile boolean over;
    private volatile @Nullable Throwable refused;

    Delivery(Flow.Subscriber<? super ByteBuffer> subscriber) {
      this.subscriber = subscriber;
    }

    /** The first reason is held until the subscriber knows its subscription. */
    void begin() {
      work.set(1);
      try {
        subscriber.onSubscribe(this);
      } catch (Throwable t) {
        over = true;
        stream.close();
        throw t;
      }
      executor.execute(this);
    }

    @Override
    public void request(long items) {
      if (items <= 0) {
        refused = new IllegalArgumentException("request: " + items + ": must be above 0");
      } else {
        demand.accumulateAndGet(items, (before, more) -> before + more < 0 ? Long.MAX_VALUE : before + more);
      }
      poke();
    }

    @Override
    public void cancel() {
      over = true;
      stream.close();
    }

    private void poke() {
      if (work.getAndIncrement() == 0) {
        executor.execute(this);
      }
    }

    @Override
    public void run() {
      int seen = work.get();
      while (seen > 0) {
        deliver();
        seen = work.addAndGet(-seen);
      }
    }

    private void deliver() {
      var data = new byte[0];
      try {
        while (!over && refused == null && demand.get() > 0) {
          data = data.length == 0 ? new byte[LiveStream.CHUNK_BYTES] : data;
          int read = stream.tryRead(data, 0, data.length);
          if (read == -Errno.EAGAIN) {
            stream.whenReady(this::poke); // Which only hands the work to the executor.
            return;
          }
          if (read < 0) {
            end(null);
            return;
          }
          demand.decrementAndGet();
          subscriber.onNext(ByteBuffer.wrap(Arrays.copyOf(data, read)));
        }
        if (refused != null) {
          end(refused);
        }
      } catch (IOException e) {
        end(e);
      } catch (Throwable t) {
        over = true; // A subscriber that throws has left (rule 2.13 of Reactive Streams).
        stream.close();
      }
    }

    private void end(@Nullable Throwable failure) {
      if (over) {
        return;
      }
      over = true;
      stream.close();
      if (failure == null) {
        subscriber.onComplete();
      } else {
        subscriber.onError(failure);
      }
    }
  }
}
