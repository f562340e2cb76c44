/* SPDX-License-Identifier: Apache-2.0 */
/* container: a container that is kept for many runs (cordon/runner.h). */
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
	bool grouped;			/* every run has one */
	atomic_flag socket_lock;	/* held while the socket is used by cordon_container_pause, or closed; guards the next two */
	bool running;			/* a run is there to be paused, and group is its own */
	bool frozen;			/* by its group, and not by init */
	uint64_t layers;		/* that every run in it has */
	int32_t cpu;			/* where init was pinned to; -1 = nowhere (sched/host.h) */
	struct cordon_container_config config;	/* what each run needs of it, the rest is zero: filter, labels, namespaces, network,
						   required layers; the strings and a finished filter are copies */
	bool busy;			/* a run of it is not freed */
	/* Written by cordon_container_pause, by any thread. */
	_Atomic uint64_t paused_at_ns;	/* 0 = not paused */
	_Atomic uint64_t paused_ns;	/* all pauses that are over */
	bool broken;
	struct cordon_error error;	/* why it is broken */
};

/* 0 where a command may be given, else -errno with *err: it is broken, or a run of it is not freed. */
int container_may_use(const struct cordon_container *kept, struct cordon_error *err);

/* Ends it for good. */
void container_break(struct cordon_container *kept, const struct cordon_error *err);

/* A run begins, which may be paused from now on; and ends or is killed, with its pause. */
void container_run_begins(struct cordon_container *kept);
void container_run_ends(struct cordon_container *kept);

#endif
