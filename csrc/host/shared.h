/* SPDX-License-Identifier: Apache-2.0 */
/* shared: what the handles of one shared container have in common (cordon/runner.h).
 *
 * Theory of operation. A shared container has a root: an init that runs no program, serves the commands for files and
 * makes sidecars (csrc/init/sidecar.c). Each handle of the caller, the container itself included, owns one sidecar,
 * which runs its programs. Different threads may use the handles.
 * I1  The root's socket and the list of handles are used only between shared_enter and shared_leave.
 * I2  A reset and a run exclude each other: the later one is refused, none waits.
 * I3  This struct and the root live until the last handle is freed; the root's init ends with the container's own
 *     handle. */
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
	/* Under the flag, which is held briefly. */
	atomic_flag flag;
	uint32_t nruns;		/* runs that are not freed */
	bool resetting;
	bool closed;		/* the root's init has ended, or is being ended */
};

/* May wait until another thread has its reply from init. */
void shared_enter(struct shared *shared);
void shared_leave(struct shared *shared);

/* Begins a run, or a ping that must not meet a reset. 0, or -errno with *err: -EBUSY during a reset. */
int shared_run_begins(struct shared *shared, struct cordon_error *err);
void shared_run_ends(struct shared *shared);

/* Begins a reset. 0, or -EBUSY with *err if a run is not freed. */
int shared_reset_begins(struct shared *shared, struct cordon_error *err);
void shared_reset_ends(struct shared *shared);

/* Lets no run begin from now on. */
void shared_close(struct shared *shared);
bool shared_is_closed(struct shared *shared);

#endif
