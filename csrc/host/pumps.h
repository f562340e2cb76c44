/* SPDX-License-Identifier: Apache-2.0 */
/* pumps: the relays of one run (host/relay.h), between its program and files of the caller's.
 *
 * Theory of operation. The run waits for one descriptor, an epoll(7) of the relays' ends. Each end is armed for one
 * event at a time (EPOLLONESHOT): an end that a relay has closed may be a copy of an open file that the caller keeps,
 * which epoll goes on watching, but no more than once.
 * I1  What is watched is what the relays wait for (pumps_wait arms them), so that the run wakes up when one can go on,
 *     and only then. */
#ifndef CORDON_HOST_PUMPS_H
#define CORDON_HOST_PUMPS_H

#include <stdbool.h>
#include <stdint.h>
#include "cordon/error.h"
#include "host/relay.h"

struct pump {
	struct relay *relay;
	int number;		/* the program's descriptor */
	bool output;		/* from the program */
};

struct pumps {
	struct pump *all;
	uint32_t n;
	int epoll_fd;		/* -1: there is no pump */
};

void pumps_init(struct pumps *p);

/* Adds a relay between two open files, both of which it owns from then on, also if it fails. 0 or -errno. */
int pumps_add(struct pumps *p, int number, bool output, struct relay_end in, struct relay_end out);

/* The one that takes the program's output by this number; NULL if there is none. */
struct relay *pumps_output(const struct pumps *p, int number);

/* Moves what can be moved, once, by pump i. */
void pumps_move(struct pumps *p, uint32_t i);

/* To be called when all have been moved. */
void pumps_wait(struct pumps *p);

/* The program has ended: what it has written to pump i is passed on, for at most a second where a reader waits. */
void pumps_finish(struct pumps *p, uint32_t i);

void pumps_done(struct pumps *p);

#endif
