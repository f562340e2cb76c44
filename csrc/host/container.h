/* SPDX-License-Identifier: Apache-2.0 */
/* container: a sandbox that is kept for many runs (cordon/runner.h). */
#ifndef CORDON_HOST_CONTAINER_H
#define CORDON_HOST_CONTAINER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "cgroup/cgroup.h"
#include "cordon/runner.h"
#include "host/init_process.h"

struct cordon_container {
	struct init_process init;
	struct cgroup *group;
	bool grouped;			/* group is used by every run */
	atomic_flag socket_lock;	/* held while cordon_container_pause uses the socket, and while it is closed;
					   guards the next two */
	bool running;			/* a run exists, and may be paused */
	bool frozen;			/* frozen by the group's freezer, not stopped by init */
	uint64_t layers;		/* of every run in it */
	int32_t cpu;			/* the CPU that init was pinned to; -1 = none (sched/host.h) */
	struct cordon_container_config config;	/* what runs need: filter, labels, namespaces, network, required layers;
						   copies of strings and a compiled filter; the rest is zero */
	bool busy;			/* a run of it is not freed */
	/* Written by cordon_container_pause, by any thread. */
	_Atomic uint64_t paused_at_ns;	/* 0 = not paused */
	_Atomic uint64_t paused_ns;	/* the sum of earlier pauses */
	bool broken;
	struct cordon_error error;	/* why it is broken */
};

/* 0 if a command may be sent, else -errno with *err: the container is broken, or one of its runs is not freed. */
int container_may_use(const struct cordon_container *kept, struct cordon_error *err);

/* Marks the container as broken and ends cordon-init. */
void container_break(struct cordon_container *kept, const struct cordon_error *err);

/* To be called when a run begins, which may be paused from then on; and when it ends or is killed, which ends a
 * pause. */
void container_run_begins(struct cordon_container *kept);
void container_run_ends(struct cordon_container *kept);

#endif
