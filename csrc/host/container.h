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
#include "host/shared.h"
#include "socket/socket.h"

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
	struct shared *shared;		/* with other handles of the same container; NULL = it is not shared */
	bool is_sidecar;		/* and not the container's own handle */
	struct cordon_container *next;	/* in shared->handles */
	/* Written by cordon_container_pause, by any thread. */
	_Atomic uint64_t paused_at_ns;	/* 0 = not paused */
	_Atomic uint64_t paused_ns;	/* all pauses that are over */
	atomic_bool broken;		/* of a shared one files are asked for by any thread */
	struct cordon_error error;	/* why it is broken; written before */
};

/* 0 where a command may be given, else -errno with *err: it is broken, or a run of it is not freed. */
int container_may_use(const struct cordon_container *kept, struct cordon_error *err);

/* The same, and it is busy from then on, until container_let_go. */
int container_take(struct cordon_container *kept, struct cordon_error *err);
void container_let_go(struct cordon_container *kept);

/* Ends it for good. The one that other handles share ends them all. */
void container_break(struct cordon_container *kept, const struct cordon_error *err);

/* A run begins, which may be paused from now on; and ends or is killed, with its pause. */
void container_run_begins(struct cordon_container *kept);
void container_run_ends(struct cordon_container *kept);

/* container_break with an error of this step. -errno. */
int container_broken_with(struct cordon_container *kept, int errnum, enum cordon_step step, struct cordon_error *err);

/* The reply to the last command, into buffer of CORDON_MSG_INLINE_MAX. 0 with *msg for socket_msg_done, or -errno with
 * *err: an ERROR of that command leaves the container whole, everything else breaks it. */
int container_await(struct cordon_container *kept, uint64_t timeout_ns, void *buffer, struct socket_msg *msg,
		    struct cordon_error *err);

/* The same for a command whose reply is OK. */
int container_await_ok(struct cordon_container *kept, uint64_t timeout_ns, struct cordon_error *err);

/* Sends a command that is only a head, and waits for its OK; nothing where a command may not be given. */
int container_command_ok(struct cordon_container *kept, enum cordon_msg_type type, uint64_t timeout_ns,
			 struct cordon_error *err);

/* Its process is replaced; what cordon_container_pause does meanwhile goes to one of them. */
void container_set_init(struct cordon_container *kept, const struct init_process *init);

#endif
