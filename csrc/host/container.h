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
#include "host/shared.h"
#include "socket/socket.h"

struct cordon_container {
	struct init_process init;
	struct cgroup *group;
	bool grouped;			/* group is used by every run */
	struct cgroup *supervisor_group;	/* of the last run with a supervisor, to be used again; or NULL */
	atomic_flag socket_lock;	/* held while cordon_container_pause uses the socket, and while it is closed;
					   guards the next two */
	bool running;			/* a run exists, and may be paused */
	bool frozen;			/* frozen by the group's freezer, not stopped by init */
	uint64_t layers;		/* of every run in it */
	int32_t cpu;			/* the CPU that init was pinned to; -1 = none (sched/host.h) */
	struct cordon_container_config config;	/* what runs need: filter, labels, namespaces, network, required layers;
						   copies of strings and a compiled filter; the rest is zero */
	bool busy;			/* a run of it is not freed */
	struct shared *shared;		/* with the other handles of a shared container; NULL = it is not shared */
	bool is_sidecar;		/* a sidecar, not the container's own handle */
	struct cordon_container *next;	/* in shared->handles */
	/* Written by cordon_container_pause, by any thread. */
	_Atomic uint64_t paused_at_ns;	/* 0 = not paused */
	_Atomic uint64_t paused_ns;	/* the sum of earlier pauses */
	atomic_bool broken;		/* read by any thread if the container is shared */
	struct cordon_error error;	/* why it is broken; written before broken */
};

/* 0 if a command may be sent, else -errno with *err: the container is broken, or one of its runs is not freed. */
int container_may_use(const struct cordon_container *kept, struct cordon_error *err);

/* The same, and marks the container as busy until container_let_go. */
int container_take(struct cordon_container *kept, struct cordon_error *err);
void container_let_go(struct cordon_container *kept);

/* Marks the container as broken and ends cordon-init. If it is the root of a shared container, the programs of all
 * handles end. */
void container_break(struct cordon_container *kept, const struct cordon_error *err);

/* To be called when a run begins, which may be paused from then on; and when it ends or is killed, which ends a
 * pause. */
void container_run_begins(struct cordon_container *kept);
void container_run_ends(struct cordon_container *kept);

/* Calls container_break with an error of this step. Returns -errno. */
int container_broken_with(struct cordon_container *kept, int errnum, enum cordon_step step, struct cordon_error *err);

/* Waits for the reply to the last command; buffer has CORDON_MSG_INLINE_MAX bytes. 0 with *msg for socket_msg_done, or
 * -errno with *err. An ERROR of that command leaves the container usable, any other error breaks it. */
int container_await(struct cordon_container *kept, uint64_t timeout_ns, void *buffer, struct socket_msg *msg,
		    struct cordon_error *err);

/* The same for a command whose reply is OK. */
int container_await_ok(struct cordon_container *kept, uint64_t timeout_ns, struct cordon_error *err);

/* Sends a command without a tail and waits for its OK. Sends nothing if container_may_use fails. */
int container_command_ok(struct cordon_container *kept, enum cordon_msg_type type, uint64_t timeout_ns,
			 struct cordon_error *err);

/* Ends the container's init and replaces it by *init. A concurrent cordon_container_pause uses one of the two. */
void container_set_init(struct cordon_container *kept, const struct init_process *init);

#endif
