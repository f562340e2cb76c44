/* SPDX-License-Identifier: Apache-2.0 */
/* stream: the host's end of a standard stream of kind STREAM, which is read or written while the program runs.
 *
 * The kernel's pipe, or the terminal, is the only buffer: a reader that is slow makes the program wait, and a program that
 * does not read makes the writer wait. No thread stands behind a stream, and nothing here blocks but cordon_stream_wait.
 * A stream is used by one thread at a time; cordon_stream_wake alone may be called by any other while it is not freed. It
 * outlives its run: what the program wrote before its end can be read after it. */
#ifndef CORDON_STREAM_H
#define CORDON_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include "cordon/runner.h"

#ifdef __cplusplus
extern "C" {
#endif

struct cordon_stream;

/* The stream of number 0, 1 or 2 of a run, which is the caller's from now on: to be called once for each, by the thread that opened
 * the run and before it gives the run to another one. NULL where its kind is not STREAM. */
struct cordon_stream *cordon_run_stream(struct cordon_run *run, int number);

/* Reads from number 1 or 2. The number of bytes; 0 at the end, when no process holds the other end any more or the output limit
 * is reached, which ends the run; -EAGAIN where nothing is there; or another -errno. */
long cordon_stream_read(struct cordon_stream *stream, void *data, size_t len);

/* Writes to number 0. The number of bytes, which may be less than len; -EAGAIN where there is no room; -EPIPE where no process
 * can read it any more; or another -errno. Never raises SIGPIPE. */
long cordon_stream_write(struct cordon_stream *stream, const void *data, size_t len);

/* Waits until reading or writing would do something, or cordon_stream_wake was called, which the next wait notices if
 * none is going on. 0 or -errno. */
int cordon_stream_wait(struct cordon_stream *stream);

/* 0, or -errno where a wait cannot be woken: it was never waited for. */
void cordon_stream_wake(struct cordon_stream *stream);

/* A descriptor for poll(2): readable for number 1 and 2, writable for 0. The stream's. */
int cordon_stream_fd(const struct cordon_stream *stream);

/* Number 0 of a terminal: says that the input ends here, as ^D does at the start of a line. -EAGAIN as for writing. Of a pipe:
 * does nothing, freeing the stream closes it. */
int cordon_stream_end(struct cordon_stream *stream);

/* Of a terminal: sets its size, and sends SIGWINCH to its foreground group. -ENOTTY of a pipe. */
int cordon_stream_resize(struct cordon_stream *stream, uint16_t rows, uint16_t columns);

/* Closes it: the program reads the end of its input, or gets SIGPIPE when it writes. Accepts NULL. */
void cordon_stream_free(struct cordon_stream *stream);

#ifdef __cplusplus
}
#endif
#endif
