/* SPDX-License-Identifier: Apache-2.0 */
/* shared: what the handles of one shared container have in common (cordon/runner.h).
 *
 * Theory of operation. A shared container has an init that runs no program: the root's. It serves the commands for
 * files and makes sidecars (csrc/init/sidecar.c). Each handle that a caller has, the container itself included, owns one
 * sidecar, in which its runs are. Handles may be used by different threads.
 * I1  The root's socket and the list of handles belong to whoever is between shared_enter and shared_leave.
 * I2  A reset and a run exclude each other: the one that comes later is refused, neither waits.
 * I3  This and the root live until the last handle is freed; the root's init ends with the container's own handle. */
#ifndef CORDON_HOST_SHARED_H
#define CORDON_HOST_SHARED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "cordon/error.h"
#include "cordon/runner.h"

struct shared {
	struct cordon_container *root;
	struct cordon_container *handles;	/* a list */
	_Atomic uint32_t lock;			/* enum lock_state, a futex */
	/* Under the flag, which is held for moments. */
	atomic_flag flag;
	uint32_t nruns;		/* that are not freed */
	bool resetting;
	bool closed;		/* the root's init has ended, or is about to */
};

/* May wait as long as a command to init takes. */
void shared_enter(struct shared *shared);
void shared_leave(struct shared *shared);

/* What must not meet a reset: 0, or -errno with *err. */
int shared_run_begins(struct shared *shared, struct cordon_error *err);
void shared_run_ends(struct shared *shared);

/* A reset: 0, or -EBUSY with *err. */
int shared_reset_begins(struct shared *shared, struct cordon_error *err);
void shared_reset_ends(struct shared *shared);

/* No run begins any more. */
void shared_close(struct shared *shared);
bool shared_is_closed(struct shared *shared);

#endif
