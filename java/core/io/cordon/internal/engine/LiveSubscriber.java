// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.internal.util.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A program's input as a subscriber: asks for one buffer, writes it as room comes, and asks for the next one.
 *
 * <ul>
 *   <li>I1: {@link #work} counts reasons to write. The call that raises it from 0 is the only one that writes, and
 *       holds no lock when it calls the publisher.
 * </ul>
 */
final class LiveSubscriber implements Flow.Subscriber<ByteBuffer> {
  private final LiveStream stream;
  private final Executor executor;
  private final AtomicInteger work = new AtomicInteger();
  private volatile Flow.@Nullable Subscription subscription;
  private volatile @Nullable ByteBuffer given;
  private volatile boolean ending;

  // Used by who writes.
  private byte[] data = {};
  private int done;
  private boolean over;

  LiveSubscriber(LiveStream stream, Executor executor) {
    this.stream = stream;
    this.executor = executor;
  }

  @Override
  public void onSubscribe(Flow.Subscription offered) {
    Objects.requireNonNull(offered, "subscription");
    if (subscription != null) {
      offered.cancel();
      return;
    }
    subscription = offered;
    offered.request(1);
  }

  @Override
  public void onNext(ByteBuffer buffer) {
    given = Objects.requireNonNull(buffer, "buffer");
    poke();
  }

  @Override
  public void onError(Throwable failure) {
    Objects.requireNonNull(failure, "failure");
    onComplete();
  }

  @Override
  public void onComplete() {
    ending = true;
    poke();
  }

  private void poke() {
    if (work.getAndIncrement() > 0) {
      return;
    }
    int seen = work.get();
    while (seen > 0) {
      if (!over) {
        write();
      }
      seen = work.addAndGet(-seen);
    }
  }

  private void write() {
    try {
      take();
      while (done < data.length) {
        int written = stream.tryWrite(data, done, data.length - done);
        if (written == -Errno.EAGAIN) {
          awaitRoom();
          return;
        }
        done += written;
        if (done == data.length) {
          data = new byte[0];
          done = 0;
          request();
          take();
        }
      }
      if (ending && given == null) {
        end();
      }
    } catch (IOException e) {
      over = true;
      stream.close();
      var from = subscription;
      if (from != null) {
        from.cancel();
      }
    }
  }

  /** Takes the buffer that was given, where the one before is written. */
  private void take() {
    for (var buffer = given; buffer != null && data.length == 0; buffer = given) {
      data = new byte[buffer.remaining()];
      buffer.get(data);
      given = null;
      if (data.length == 0) {
        request();
      }
    }
  }

  private void request() {
    var from = subscription;
    if (from != null && !ending) {
      from.request(1);
    }
  }

  private void awaitRoom() throws IOException {
    stream.whenReady(() -> executor.execute(this::poke));
  }

  private void end() throws IOException {
    if (!stream.tryEnd()) {
      awaitRoom();
      return;
    }
    over = true;
    stream.close();
  }
}
