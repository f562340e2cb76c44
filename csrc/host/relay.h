/* SPDX-License-Identifier: Apache-2.0 */
/* relay: the host in the middle between a writer and a reader; it counts, keeps and limits what goes through.
 *
 * Theory of operation. Between two programs there are two pipes: writer -> pipe -> host -> pipe -> reader. Where a file
 * of the caller's is one of the sides, there is one: file -> host -> pipe -> program, or the other way. The owner waits
 * for what relay_watch names, and calls relay_step. A relay is in one of these states:
 *   in_fd open, buffer empty    waits for bytes, and for the reader's leaving      (fill, reader_gone)
 *   buffer not empty            waits for room only: the writer's pipe fills up, and the writer waits   (flush)
 *   out_fd closed, in_fd open   a PROXY without a reader: what comes is dropped
 *   both closed                 the writer's end was passed on, or the reader's
 * I1  The host never blocks in reading or writing, and a step moves at most one buffer: no relay holds up another one,
 *     or the runs that the same loop drives.
 * I2  The end of either side is passed on at once to the other, as one pipe would: the reader's by closing in_fd,
 *     unless the pipe is a PROXY; the writer's by closing out_fd after the last byte.
 * See pipe(7), poll(2). */
#ifndef CORDON_HOST_RELAY_H
#define CORDON_HOST_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include "cordon/wiring.h"

struct relay;

/* *ret_ends: the programs' ends, the writer's first, which the caller closes. 0, or -errno and nothing left over. */
int relay_open(const struct cordon_pipe *pipe, struct relay **ret, int ret_ends[2]);

/* What to wait for next. */
void relay_watch(const struct relay *r, struct pollfd fds[2]);

/* Moves what can be moved, with what poll(2) has answered. */
void relay_step(struct relay *r, const struct pollfd fds[2]);

/* What a side is, and how it is read or written without waiting. */
enum relay_end_kind {
	RELAY_PIPE,	/* O_NONBLOCK is set */
	RELAY_PAIR,	/* our end of a socket pair, a copy; the other direction may have another one */
	RELAY_SOCKET,	/* a copy of the caller's */
	RELAY_SHARED,	/* another file of the caller's that poll(2) waits for; its O_NONBLOCK is not ours to set */
	RELAY_READY,	/* a file that never lets anybody wait, such as a regular one */
};

struct relay_end {
	int fd;
	enum relay_end_kind kind;
};

/* A relay between two open files, which it owns from then on, also if it fails. limit: bytes. 0 or -ENOMEM. */
int relay_join(struct relay_end in, struct relay_end out, uint64_t limit, struct relay **ret);

/* Another limit; what has gone through already stays within it. */
void relay_limit(struct relay *r, uint64_t limit);

/* The bytes that were read, and whether the reader was lost otherwise than by leaving: -errno of the write, else 0. */
uint64_t relay_total(const struct relay *r);
int relay_failure(const struct relay *r);

/* When the last writer is gone: passes on what is left, for at most so long. */
void relay_settle(struct relay *r, uint64_t most_ns);

/* When nobody writes or reads any more: what nobody has read counts, and belongs to the record. */
void relay_finish(struct relay *r);

/* Whether the writer has written more than the limit. */
bool relay_is_over(const struct relay *r);

void relay_traffic(const struct relay *r, struct cordon_traffic *ret);

/* Accepts NULL. */
void relay_free(struct relay *r);

#endif
