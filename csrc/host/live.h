/* SPDX-License-Identifier: Apache-2.0 */
/* live: the streams of a run that its caller reads and writes (cordon/stream.h), and counters of what was read from
 * them.
 *
 * I1  The counters outlive the run and its streams: each of these holds a reference. They are atomic, because the
 *     thread that reads a stream is not the one that drives the run.
 * I2  A read beyond a limit writes to the run's wake-up descriptor, of which the counters have a copy. */
#ifndef CORDON_HOST_LIVE_H
#define CORDON_HOST_LIVE_H

#include <stdbool.h>
#include <stdint.h>
#include "cordon/stream.h"

struct live;

/* Makes the counters, with a copy of wake_fd, an eventfd(2). 0 with *ret, or -errno. */
int live_open(const struct cordon_limits *limits, int wake_fd, struct live **ret);

/* Drops the caller's reference. Accepts NULL. */
void live_release(struct live *live);

/* The bytes of stream number 1 or 2 that were read. */
uint64_t live_total(const struct live *live, int number);

/* Makes a pipe for stream number 0, 1 or 2: *ret_child_fd is the program's end, owned by the caller. 0 or -errno. */
int live_pipe(struct live *live, int number, struct cordon_stream **ret, int *ret_child_fd);

/* Makes a terminal for all three streams: *ret_in and *ret_out are its master, *ret_child_fd is the program's side. 0
 * or -errno. */
int live_terminal(struct live *live, struct cordon_stream **ret_in, struct cordon_stream **ret_out, int *ret_child_fd);

#endif
