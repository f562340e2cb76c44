/* SPDX-License-Identifier: Apache-2.0 */
/* relay: a pipe between two programs with the host in the middle, which counts, keeps and limits what goes through.
 *
 * Theory of operation. There are two pipes: writer -> pipe -> host -> pipe -> reader. The owner waits for what
 * relay_watch names, and calls relay_step. A relay is in one of these states:
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

/* When nobody writes or reads any more: what nobody has read counts, and belongs to the record. */
void relay_finish(struct relay *r);

/* Whether the writer has written more than the limit. */
bool relay_is_over(const struct relay *r);

void relay_traffic(const struct relay *r, struct cordon_traffic *ret);

/* Accepts NULL. */
void relay_free(struct relay *r);

#endif
