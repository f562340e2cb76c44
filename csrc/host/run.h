/* SPDX-License-Identifier: Apache-2.0 */
/* run: one run of one program, as a state machine that never blocks.
 *
 * Theory of operation. run_open.c checks the request, makes the group, starts init and sends it CONF together with the next
 * command, so that a plain run costs one round trip. run.c then reacts to events: replies of init, output of the program, the
 * sync point, cancelling, a deadline. outcome.c turns init's facts and the group's counters into a result.
 *   OPENING   copy_in: waits for OPENED, copies, sends EXECVE           -> RUNNING   (open_reply)
 *   RUNNING   waits for FINISHED or ERROR                               -> FETCHING, DONE   (finished, failed)
 *             an ASK opens a question (asked), which cordon_run_answer closes; all else goes on meanwhile
 *             a process that the kernel killed for memory ends the run, whichever it was (on_oom)
 *   FETCHING  copy_out: waits for OPENED, copies                        -> DONE      (open_reply)
 *   DONE      init is gone, the group is removed, nothing changes any more
 * I1  The first error wins; tearing down never overwrites it.
 * I2  init is treated as hostile: each reply is decoded with bounds, its sender is checked, and a deadline stands behind every
 *     answer that is due. */
#ifndef CORDON_HOST_RUN_H
#define CORDON_HOST_RUN_H

#include <stdbool.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include "cgroup/cgroup.h"
#include "cordon/protocol.h"
#include "cordon/runner.h"
#include "cpus/cpus.h"
#include "host/container.h"
#include "host/stream.h"
#include "wire/wire.h"

enum run_stage {
	RUN_OPENING,
	RUN_RUNNING,
	RUN_FETCHING,
	RUN_DONE,
};

/* What a run waits for. Of several that are ready the first is served first: what init says after a cancel is taken for its consequence. */
enum run_source {
	RUN_SOURCE_CANCEL,
	RUN_SOURCE_SOCKET,
	RUN_SOURCE_STDOUT,
	RUN_SOURCE_STDERR,
	RUN_SOURCE_SYNC,
	RUN_SOURCE_OOM,		/* after the socket: a program that has ended by itself is not killed for it */
	RUN_SOURCES
};

#define RUN_PROCS_MAX CGROUP_CONTROLLERS
#define RUN_FDS_MAX (CORDON_EXECVE_FDS_MAX + 4 + RUN_PROCS_MAX)

struct run_copy_in {
	int fd;			/* the host's file, or -1 */
	unsigned char *data;
	uint64_t len;
};

struct run_copy_out {
	char *path;		/* the host's file, or NULL */
	uint64_t limit;
	uint32_t flags;
	unsigned char *data;
};

struct run_message {
	void *data;
	uint32_t size;
};

/* A container that is kept: handle.c. */
struct cordon_container {
	struct container base;
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

/* What the program asks, kept until it is answered. */
struct run_question {
	uint64_t serial;
	struct cordon_question question;
	char paths[2][WIRE_PATH_MAX];
};

struct cordon_run {
	enum run_stage stage;
	struct cordon_container *kept;	/* the container that it runs in, or NULL: one of its own */
	struct container own;
	struct container *container;	/* either's */
	struct cgroup *group;		/* the kept container's, or owned */
	struct cgroup_usage before;	/* the group's counters at the start */
	uint32_t flags;			/* enum cordon_run_flag */
	uint32_t expected_id;		/* of the command whose reply is due */
	struct pollfd watches[RUN_SOURCES];	/* by enum run_source; fd -1 = not awaited */
	int epoll_fd;			/* cordon_run_fd; -1 until it is asked for */
	int cancel_fd, sync_fd;
	int32_t sync_pid;		/* at the sync point */
	bool cancelled;
	uint32_t overflow;		/* enum cordon_cause: the stream that went over the output limit */
	bool oom_killed;		/* the kernel has killed a process of it for memory, and so it ends */
	uint64_t oom_due_ns, oom_pause_ns;	/* when to look for that again, and how long after; UINT64_MAX = not at all */
	bool grown_long;		/* init has said so */
	bool raised;			/* init runs under SCHED_RR (sched/host.h) */
	uint64_t open_ns, deadline_ns;
	uint64_t paused_before_ns;	/* the container's pauses before this run */
	struct cordon_limits limits;
	struct cpus cpus;		/* no words: init's own */
	uint64_t layers;
	struct stream streams[3];
	int fds[RUN_FDS_MAX];		/* the EXECVE's descriptors; the first nowned belong to the run, the rest are borrowed */
	uint32_t nfds, nowned;
	int sync_far;			/* the child's end of the sync socket, until the EXECVE is sent */
	struct run_message execve, fetch;
	struct run_copy_in *copy_in;
	struct run_copy_out *copy_out;
	uint32_t ncopy_in, ncopy_out;
	bool supervised;
	bool has_path_policy;
	bool asks_about_paths;		/* so that Landlock, where it is a layer, holds ports alone */
	uint32_t engine;		/* enum cordon_engine; AUTO = none */
	/* Two places, made for the first question. The newer one waits for its turn: an answer must never meet another question
	 * than the caller saw. Where both are taken, the newer gives way to the newest: init has given it up. */
	struct run_question *questions;
	uint32_t nquestions, open_question;	/* how many places are taken; the one that the caller sees */
	uint64_t last_serial;
	bool finished;
	struct cordon_msg_finished facts;
	struct cordon_event *events;	/* facts.nevents */
	uint64_t *counts, *setup_counts;	/* CORDON_SUPERVISION_COUNTS each, or NULL */
	struct cordon_copied *copied;
	struct cordon_error error;
	struct cordon_result result;
};

/* run.c: somebody else than the thread that began it waits for the run, in a loop. Before that, by the thread that hands it over. */
void run_hand_over(struct cordon_run *run);

/* handle.c: 0 where a command may be given, else -errno with *err: it is broken, or a run of it is not freed. */
int container_may_use(const struct cordon_container *kept, struct cordon_error *err);

/* handle.c: ends a kept container for good. */
void container_break(struct cordon_container *kept, const struct cordon_error *err);

/* handle.c: a run begins, which may be paused from now on; and ends or is killed, with its pause. */
void container_run_begins(struct cordon_container *kept);
void container_run_ends(struct cordon_container *kept);

/* run_open.c: what a run asks of its group. cpus, borrowed, may be NULL or empty; *ret has none where nobody could keep
 * them. */
void run_group_limits(const struct cordon_limits *limits, const struct cpus *cpus, bool kept,
		      struct cgroup_limits *ret);

/* run_open.c: a group with the limits of a run, as the layers that it adds; NULL where none is wanted or to be had.
 * 0 or -errno with *err. */
int run_group_open(const struct cgroup_limits *limits, uint64_t require, struct cgroup **ret_group, uint64_t *ret_layers,
		   struct cordon_error *err);

/* run_open.c: the filter of config as a program in seccomp_bpf and seccomp_len, which CONF carries. 0 or -errno with *err. */
int run_resolve_seccomp(struct cordon_container_config *config, struct cordon_error *err);

/* An ITEMS command for n paths, each made absolute by base. 0 or -errno with *err; message->data is malloced. */
int run_prepare_items(struct run_message *message, enum cordon_msg_type type, const char *base, const struct cordon_file *files,
		      uint32_t n, struct cordon_error *err);

/* run_open.c: sends a command with the first nfds of run->fds, whose reply is due from then on. 0 or -errno with *err. */
int run_send(struct cordon_run *run, const struct run_message *message, uint32_t nfds, struct cordon_error *err);

/* run_open.c: sends the EXECVE that was prepared and closes what the program alone is to hold. 0 or -errno with *err. */
int run_send_execve(struct cordon_run *run, struct cordon_error *err);

static inline bool run_is_over(uint64_t value, uint64_t limit)
{
	return limit != CORDON_UNLIMITED && value > limit;
}

/* run.c: closes what is held for the program alone. */
void run_release_fds(struct cordon_run *run);

/* outcome.c: fills run->result from facts, the group's counters (NULL = none) and streams. */
void run_outcome(struct cordon_run *run, const struct cgroup_usage *usage);

#define RUN_SETUP_NS (60 * NSEC_PER_SEC)	/* for a set-up that hangs, on a dead network mount, say */
#define RUN_GRACE_NS (5 * NSEC_PER_SEC)		/* after a limit that init should have enforced */

#endif
