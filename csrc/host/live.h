/* SPDX-License-Identifier: Apache-2.0 */
/* live: the streams of a run that its caller holds (cordon/stream.h), and the account of what was read from them.
 *
 * I1  The account outlives the run and its streams: each holds a reference. Its numbers are atomic, because a stream is read
 *     by another thread than the one that drives the run.
 * I2  Whoever reads past a limit writes to the run's wake-up descriptor, of which the account has a copy of its own. */
#ifndef CORDON_HOST_LIVE_H
#define CORDON_HOST_LIVE_H

#include <stdbool.h>
#include <stdint.h>
#include "cordon/stream.h"

struct live;

/* An account with a copy of wake_fd, an eventfd(2). 0 with *ret, or -errno. */
int live_open(const struct cordon_limits *limits, int wake_fd, struct live **ret);

/* Drops the caller's reference. NULL is accepted. */
void live_release(struct live *live);

/* How much the program has written to number 1 or 2, as far as it was read. */
uint64_t live_total(const struct live *live, int number);

/* A pipe for number 0, 1 or 2: *ret_child_fd is the program's end, owned by the caller. 0 or -errno. */
int live_pipe(struct live *live, int number, struct cordon_stream **ret, int *ret_child_fd);

/* A terminal for all three numbers: *ret_in and *ret_out are its master's, *ret_child_fd the program's side. 0 or -errno. */
int live_terminal(struct live *live, struct cordon_stream **ret_in, struct cordon_stream **ret_out, int *ret_child_fd);

#endif
