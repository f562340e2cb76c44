/* SPDX-License-Identifier: Apache-2.0 */
/* stream: the host's side of the program's stdin, stdout and stderr.
 *
 * I1  What is captured never takes more memory than its limit; what is over it is read and dropped, so that the program does
 *     not stall, and counted.
 * I2  The program's end of a descriptor is closed here as soon as init has its copy. */
#ifndef CORDON_HOST_STREAM_H
#define CORDON_HOST_STREAM_H

#include <stdbool.h>
#include <stdint.h>
#include "cordon/command.h"
#include "cordon/error.h"
#include "cordon/result.h"
#include "host/live.h"

struct stream {
	uint32_t kind;			/* enum cordon_stdio_kind */
	int child_fd;			/* to be given to the program; owned unless borrowed */
	bool borrowed;
	int read_fd;			/* CAPTURE, FORWARD: our end of the pipe, non-blocking; else -1 */
	int forward_fd;			/* FORWARD: the caller's */
	unsigned char *data;		/* CAPTURE */
	uint64_t capacity;
	uint64_t len, limit;		/* kept or forwarded so far, and at most */
	uint64_t total;			/* read */
	struct cordon_stream *ours;	/* STREAM: our end, until the caller has taken it */
};

void stream_init(struct stream *s);

/* Opens what spec says for descriptor number (0 to 2). out is stdout's stream, for STDOUT; live counts what is read of a STREAM.
 * 0 or -errno with *err (OPEN_FILE, MEMFD, PIPE, MEMORY; index = number). */
int stream_open(struct stream *s, const struct cordon_stdio *spec, int number, const struct stream *out, struct live *live,
		struct cordon_error *err);

/* Opens all three as one terminal, whose other side are the streams of number 0 and 1. 0 or -errno with *err (TERMINAL). */
int stream_open_terminal(struct stream s[3], struct live *live, struct cordon_error *err);

void stream_close_child(struct stream *s);

/* Reads what is there, at most a bounded amount. 1 = still open, 0 = the end was reached and read_fd is closed, -errno (ENOMEM). */
int stream_read(struct stream *s);

/* Reads until the pipe is empty; for when nobody writes any more. 0 or -errno. */
int stream_drain(struct stream *s);

void stream_output(const struct stream *s, struct cordon_output *ret);

void stream_done(struct stream *s);

/* Closes what is shared by the streams of all runs: there is no stream. */
void stream_release(void);

#endif
