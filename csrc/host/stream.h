/* SPDX-License-Identifier: Apache-2.0 */
/* stream: the host's side of the program's stdin, stdout and stderr.
 *
 * I1  CAPTURE never uses more memory than its limit; further output is read and counted but discarded, so that the
 *     program does not block.
 * I2  The program's end of a descriptor is closed here as soon as init has its copy. */
#ifndef CORDON_HOST_STREAM_H
#define CORDON_HOST_STREAM_H

#include <stdbool.h>
#include <stdint.h>
#include "cordon/command.h"
#include "cordon/error.h"
#include "cordon/result.h"
#include "host/given.h"
#include "host/live.h"

struct stream {
	uint32_t kind;			/* enum cordon_stdio_kind */
	int child_fd;			/* for the program; owned unless borrowed */
	bool borrowed;
	int read_fd;			/* CAPTURE, FORWARD: our end of the pipe, non-blocking; else -1 */
	int forward_fd;			/* FORWARD: the caller's */
	struct relay *relay;		/* FILE, FD: what the program writes goes through it; borrowed, or NULL */
	unsigned char *data;		/* CAPTURE */
	uint64_t capacity;
	uint64_t len, limit;		/* bytes kept or forwarded so far, and the limit */
	uint64_t total;			/* read */
	struct cordon_stream *ours;	/* STREAM: our end, until the caller takes it */
};

void stream_init(struct stream *s);

/* Opens the stream for descriptor number (0 to 2) as spec says. all has the streams of lower numbers; live counts what
 * is read from a STREAM; given has what the caller gives. 0 or -errno with *err (OPEN_FILE, DUP_FD, MEMFD, PIPE,
 * MEMORY; index = number). */
int stream_open(struct stream *s, const struct cordon_stdio *spec, int number, const struct stream *all,
		struct live *live, struct given_set *given, struct cordon_error *err);

/* Opens all three as one terminal; the streams of number 0 and 1 have its master. foreign: the program does not own it.
 * 0 or -errno with *err (TERMINAL). */
int stream_open_terminal(struct stream s[3], struct live *live, bool foreign, struct cordon_error *err);

void stream_close_child(struct stream *s);

/* Reads what is available, up to a bound. 1 = still open, 0 = the end was reached and read_fd is closed, -errno
 * (ENOMEM). */
int stream_read(struct stream *s);

/* Reads until the pipe is empty, after all writers have ended. 0 or -errno. */
int stream_drain(struct stream *s);

void stream_output(const struct stream *s, struct cordon_output *ret);

void stream_done(struct stream *s);

#endif
