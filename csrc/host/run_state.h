/* SPDX-License-Identifier: Apache-2.0 */
/* run_state: the state of one run (run.h), from its start until it is freed. */
#ifndef CORDON_HOST_RUN_STATE_H
#define CORDON_HOST_RUN_STATE_H

#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/base.h"
#include "cgroup/cgroup.h"
#include "cordon/protocol.h"
#include "cordon/runner.h"
#include "cpus/cpus.h"
#include "host/container.h"
#include "host/fetch.h"
#include "host/given.h"
#include "host/init_process.h"
#include "host/stream.h"
#include "wire/wire.h"

enum run_stage {
	RUN_OPENING,
	RUN_RUNNING,
	RUN_FETCHING,
	RUN_DONE,
};

/* What a run waits for. If several are ready, the first is handled first: what init says after a cancel is taken as its
 * consequence. */
enum run_source {
	RUN_SOURCE_WAKE,	/* a request of another thread, such as a cancel */
	RUN_SOURCE_SOCKET,
	RUN_SOURCE_STDOUT,
	RUN_SOURCE_STDERR,
	RUN_SOURCE_PUMPS,
	RUN_SOURCE_SYNC,
	RUN_SOURCE_OOM,		/* after the socket: a program that has ended by itself is not killed */
	RUN_SOURCES
};

#define RUN_PROCS_MAX CGROUP_CONTROLLERS
#define RUN_FDS_MAX (CORDON_EXECVE_FDS_MAX + 4 + 2 * RUN_PROCS_MAX)

#define RUN_GRACE_NS (5 * NSEC_PER_SEC)	/* time after a limit that init should have enforced */

struct run_copy_in {
	int fd;			/* the host's file, or -1 */
	unsigned char *data;
	uint64_t len;
};

/* A question of the program, kept until it is answered. */
struct run_question {
	uint64_t serial;
	struct cordon_question question;
	char paths[2][WIRE_PATH_MAX];
};

struct cordon_run {
	enum run_stage stage;
	struct cordon_container *kept;	/* the container that it runs in, or NULL: a sandbox of its own */
	struct init_process own_init;
	struct init_process *init;	/* of the container or own_init */
	struct cgroup *group;		/* the container's, or owned by the run */
	struct cgroup_usage before;	/* the group's counters at the start */
	struct cgroup *supervisor_group;	/* likewise; NULL = none */
	struct cgroup_usage supervisor_before;
	uint32_t flags;			/* enum cordon_run_flag */
	uint32_t expected_id;		/* id of the command whose reply is due */
	struct pollfd watches[RUN_SOURCES];	/* indexed by enum run_source; fd -1 = not watched */
	int epoll_fd;			/* cordon_run_fd; -1 until it is asked for */
	int wake_fd, sync_fd;
	int32_t sync_pid;		/* at the sync point */
	bool cancelled;
	/* Requests of other threads, stored before they write to wake_fd: run_request.c. */
	atomic_bool cancel_asked;
	atomic_bool pause_asked;	/* the state asked for, in a sandbox of its own */
	_Atomic uint64_t signals;	/* to be sent, bit n - 1 for signal n */
	bool without_namespaces;	/* a sandbox of its own without namespaces, in which init cannot pause */
	bool paused;			/* init was told to pause, in a sandbox of its own */
	uint64_t paused_at_ns, paused_ns;	/* the start of the pause; the sum of earlier pauses */
	struct live *live;		/* the counters of its STREAMs, or NULL */
	uint32_t overflow;		/* enum cordon_cause: the output limit that was exceeded */
	bool oom_killed;		/* the OOM killer has killed a process of the run, which ends it */
	uint64_t oom_due_ns, oom_pause_ns;	/* when to read the counter again, and the interval after that;
						   UINT64_MAX = not */
	bool grown_long;		/* init has sent LONG */
	bool raised;			/* init runs under SCHED_RR (sched/host.h) */
	uint64_t open_ns, deadline_ns;
	uint64_t paused_before_ns;	/* the container's pauses before this run */
	struct cordon_limits limits;
	struct cpus cpus;		/* no words: init's set */
	uint64_t layers;
	struct stream streams[3];
	struct given_set given;		/* the files and descriptors of the caller's */
	int *further;			/* the program's ends of command.fds, in the given set; NULL = none */
	int fds[RUN_FDS_MAX];		/* the EXECVE's descriptors, borrowed */
	uint32_t nfds;
	int exec_copy;			/* of the caller's executable, or -1 */
	int sync_far;			/* the child's end of the sync socket, until the EXECVE is sent */
	struct init_message execve;
	struct run_copy_in *copy_in;
	uint32_t ncopy_in;
	struct fetch *fetch;		/* what is copied out, or NULL */
	uint32_t nfetched;		/* the files that the command opens whose reply is due */
	bool supervised;
	bool has_path_policy;
	uint32_t engine;		/* enum cordon_engine; AUTO = none */
	/* Two slots, allocated for the first question. A newer question waits until the open one is closed: an answer
	 * must never reach a question that the caller has not seen. If both are in use, the newer one is replaced by
	 * the newest, because init has given it up. */
	struct run_question *questions;
	uint32_t nquestions, open_question;	/* the number of slots in use; the slot that the caller sees */
	uint64_t last_serial;
	bool finished;
	struct cordon_msg_finished facts;
	struct cordon_event *events;	/* facts.nevents */
	uint64_t *counts, *setup_counts;	/* CORDON_SUPERVISION_COUNTS each, or NULL */
	struct cordon_error error;
	struct cordon_result result;
};

static inline bool run_is_over(uint64_t value, uint64_t limit)
{
	return limit != CORDON_UNLIMITED && value > limit;
}

/* Makes an empty run in kept, or if that is NULL in a sandbox of its own; for cordon_run_free. NULL: out of memory. */
struct cordon_run *run_state_new(struct cordon_container *kept, const struct cpus *cpus);

/* Sets the stage of the run. */
void run_stage_set(struct cordon_run *run, enum run_stage stage);

/* Sets the time by which the answer that is due must have come; UINT64_MAX = no deadline. */
void run_deadline_set(struct cordon_run *run, uint64_t deadline_ns);

/* Sends a command with the first nfds descriptors of run->fds; its reply is due from then on. 0 or -errno with *err. */
int run_send(struct cordon_run *run, const struct init_message *message, uint32_t nfds, struct cordon_error *err);

/* Whether a message to init can be sent without waiting. */
bool run_has_room(const struct cordon_run *run);

void run_watch(struct cordon_run *run, int fd, enum run_source source);
void run_unwatch(struct cordon_run *run, enum run_source source);

void run_close_sync(struct cordon_run *run);

/* Closes the descriptors that only the program is to have. */
void run_release_fds(struct cordon_run *run);

#endif
