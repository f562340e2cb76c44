/* SPDX-License-Identifier: Apache-2.0 */
/* stream: the host's end of a standard stream of kind STREAM, read or written while the program runs.
 *
 * The kernel's pipe or terminal is the only buffer: a slow reader makes the program wait, and a program that does not
 * read makes the writer wait. A stream has no thread, and only cordon_stream_wait blocks. A stream is used by one
 * thread at a time; cordon_stream_wake may be called by any other thread while the stream is not freed. It outlives its
 * run: what the program wrote can be read after its end. */
#ifndef CORDON_STREAM_H
#define CORDON_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include "cordon/runner.h"

#ifdef __cplusplus
extern "C" {
#endif

struct cordon_stream;

/* Takes stream number 0, 1 or 2 of a run; the caller owns it. To be called at most once for each, by the thread that
 * opened the run, before another thread uses the run. NULL if its kind is not STREAM. */
struct cordon_stream *cordon_run_stream(struct cordon_run *run, int number);

/* Reads from stdout or stderr. Returns the number of bytes; 0 at the end, when no process has the other end open or the
 * output limit is reached (which ends the run); -EAGAIN if nothing is there; or another -errno. */
long cordon_stream_read(struct cordon_stream *stream, void *data, size_t len);

/* Writes to stdin. Returns the number of bytes, possibly less than len; -EAGAIN if the buffer is full; -EPIPE if no
 * process can read it any more; or another -errno. Never raises SIGPIPE. */
long cordon_stream_write(struct cordon_stream *stream, const void *data, size_t len);

/* Waits until a read or write would not return -EAGAIN, or cordon_stream_wake is called. A wake without a waiter is
 * kept for the next wait. 0 or -errno. */
int cordon_stream_wait(struct cordon_stream *stream);

/* Ends the wait that is going on, or the next one. Any thread, until the stream is freed. */
void cordon_stream_wake(struct cordon_stream *stream);

/* A descriptor for poll(2): readable for stdout and stderr, writable for stdin. Owned by the stream. */
int cordon_stream_fd(const struct cordon_stream *stream);

/* Terminal: sends the end-of-file character, as ^D at the start of a line. -EAGAIN as for a write. Pipe: does nothing;
 * free the stream to close it. */
int cordon_stream_end(struct cordon_stream *stream);

/* Sets the size of a terminal, which sends SIGWINCH to its foreground process group. -ENOTTY for a pipe. */
int cordon_stream_resize(struct cordon_stream *stream, uint16_t rows, uint16_t columns);

/* Closes and frees the stream: the program reads the end of its input, or gets SIGPIPE when it writes. Accepts NULL. */
void cordon_stream_free(struct cordon_stream *stream);

#ifdef __cplusplus
}
#endif
#endif
