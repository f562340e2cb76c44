// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import io.cordon.LiveRun;
import io.cordon.Result;
import io.cordon.SandboxException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/** A live run that passes everything on, but for what a subclass changes. */
class PassingRun implements LiveRun {
  final LiveRun good;

  PassingRun(LiveRun good) {
    this.good = good;
  }

  @Override
  public OutputStream stdin() {
    return good.stdin();
  }

  @Override
  public InputStream stdout() {
    return good.stdout();
  }

  @Override
  public InputStream stderr() {
    return good.stderr();
  }

  @Override
  public Flow.Subscriber<ByteBuffer> stdinSubscriber() {
    return good.stdinSubscriber();
  }

  @Override
  public Flow.Publisher<ByteBuffer> stdoutPublisher() {
    return good.stdoutPublisher();
  }

  @Override
  public Flow.Publisher<ByteBuffer> stderrPublisher() {
    return good.stderrPublisher();
  }

  @Override
  public void resize(int columns, int rows) {
    good.resize(columns, rows);
  }

  @Override
  public void signal(int number) {
    good.signal(number);
  }

  @Override
  public void pause() throws SandboxException {
    good.pause();
  }

  @Override
  public void resume() throws SandboxException {
    good.resume();
  }

  @Override
  public void cancel() {
    good.cancel();
  }

  @Override
  public CompletableFuture<Result> result() {
    return good.result();
  }

  @Override
  public void close() {
    good.close();
  }
}
