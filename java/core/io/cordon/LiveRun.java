// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/**
 * A command that runs, with its streams: what {@link Runner#start} returns.
 *
 * <p>A stream is here where the command gave it as {@link Input#stream} or {@link Output#stream}. Between program and
 * caller there is only a pipe or a terminal of the kernel: a caller that reads slowly makes the program wait, and a
 * program that does not read makes the caller's writing wait. No thread belongs to a run. Output that was written
 * before the program's end can be read after it. What is read counts for {@link Limits#outputBytes} and
 * {@link Limits#outputTotalBytes}: reading past a limit ends the program and the stream.
 *
 * <p>Each stream is used in one of two ways, as a blocking one or by callbacks, and the first use decides. Blocking
 * does not hold the carrier of a virtual thread. An interrupt of a thread that waits for a stream ends its wait with
 * {@link java.io.InterruptedIOException}; the thread's interrupt flag stays set, and the stream can be used again.
 *
 * <p>{@link #close} it. A run that was forgotten goes on, with its streams open, until its program ends or a
 * limit ends it: a program that waits for its input or for its reader, and has no limit on the clock, waits for ever.
 *
 * <p>May be used by any number of threads at once; those that read the same stream take turns.
 *
 * @since 0.1.0
 */
public interface LiveRun extends AutoCloseable {
  /**
   * Returns the program's standard input. It is not buffered: each write reaches the program at once, and blocks while
   * there is no room. Closing it is the end of the input; on a terminal, ^D is typed. A write fails with an
   * {@link java.io.IOException} where no process can read it any more.
   *
   * @return the same stream each time
   * @throws IllegalStateException where the command's standard input is no {@link Input#stream}, or is used
   *     by callbacks
   */
  OutputStream stdin();

  /**
   * Returns the program's standard output; on a terminal, all that appears there. It ends when no process of the run
   * has it open any more. Closing it early makes a program that goes on writing get SIGPIPE, or SIGHUP on a terminal.
   *
   * @return the same stream each time
   * @throws IllegalStateException where the command's standard output is no {@link Output#stream}, or is used
   *     by callbacks
   */
  InputStream stdout();

  /**
   * Returns the program's standard error, as {@link #stdout}. With {@link Output#toStdout} both are in standard output,
   * in the order in which they were written.
   *
   * @return the same stream each time
   * @throws IllegalStateException where the command's standard error is no {@link Output#stream}, or is used
   *     by callbacks
   */
  InputStream stderr();

  /**
   * Returns a subscriber that writes what it gets to standard input, one buffer at a time, and closes it on completion
   * and on failure. Where no process reads any more it cancels its subscription.
   *
   * @return the same subscriber each time, for one publisher
   * @throws IllegalStateException where the command's standard input is no {@link Input#stream}, or is used
   *     as a stream
   */
  Flow.Subscriber<ByteBuffer> stdinSubscriber();

  /**
   * Returns standard output as a publisher for one subscriber. Nothing is read that was not requested: each item is
   * what one read(2) gave, in a buffer that is the subscriber's. Callbacks run on the common pool. Cancelling closes
   * the stream.
   *
   * @return the same publisher each time
   * @throws IllegalStateException where the command's standard output is no {@link Output#stream}, or is used
   *     as a stream
   */
  Flow.Publisher<ByteBuffer> stdoutPublisher();

  /**
   * Returns standard error as a publisher, as {@link #stdoutPublisher}.
   *
   * @return the same publisher each time
   * @throws IllegalStateException where the command's standard error is no {@link Output#stream}, or is used
   *     as a stream
   */
  Flow.Publisher<ByteBuffer> stderrPublisher();

  /**
   * Sets the size of the program's terminal; the foreground process group gets SIGWINCH where it has changed. It can be
   * set as long as one of both streams is open, also after the program's end.
   *
   * @param columns the columns, 1 to 65535
   * @param rows the rows, 1 to 65535
   * @throws IllegalStateException where the command has no terminal with streams, or both are closed
   */
  void resize(int columns, int rows);

  /**
   * Sends a signal to the program's first process; does nothing where that has ended. Other processes of the run do
   * not get it: {@link #cancel} kills all. On a terminal, writing ^C reaches the foreground process group.
   *
   * @param number the signal, 1 to 64 (signal(7))
   */
  void signal(int number);

  /**
   * Stops every process of the run; the limits on the clock stand still. It takes effect a moment later.
   *
   * @throws SandboxException where the runner cannot (kind {@link SandboxException.Kind#UNSUPPORTED}), or the sandbox
   *     has failed
   */
  void pause() throws SandboxException;

  /**
   * Continues what {@link #pause} stopped; does nothing where nothing is paused.
   *
   * @throws SandboxException where the sandbox has failed
   */
  void resume() throws SandboxException;

  /**
   * Kills every process of the run; returns at once. Its status becomes {@link Status#CANCELLED}, where it was not
   * over. What the program wrote before can still be read, and is in the result where it was captured.
   */
  void cancel();

  /**
   * Returns the result, later. It comes when no process of the run is left, whether its output was read or not.
   * Completing it from outside kills the program. Where the sandbox failed it fails with a {@link SandboxException}.
   *
   * @return the same future each time; see {@link Runner#runAsync} for the thread that completes it
   */
  CompletableFuture<Result> result();

  /**
   * Kills the program where it still runs, closes the streams, and waits until nothing of the run is left. It does not
   * wait in a callback on the thread that completes results, which other runs need.
   */
  @Override
  void close();
}
