/* run: one run of one program, as a state machine that never blocks.
 *
 * Theory of operation. run_open.c checks the request, makes the group, starts init and sends it CONF together with the next
 * command, so that a plain run costs one round trip. run.c then reacts to events: replies of init, output of the program, the
 * sync point, cancelling, a deadline. outcome.c turns init's facts and the group's counters into a result.
 *   OPENING   copy_in: waits for OPENED, copies, sends EXECVE           -> RUNNING   (open_reply)
 *   RUNNING   waits for FINISHED or ERROR                               -> FETCHING, DONE   (finished, failed)
 *   FETCHING  copy_out: waits for OPENED, copies                        -> DONE      (open_reply)
 *   DONE      init is gone, the group is removed, nothing changes any more
 * I1  The first error wins; tearing down never overwrites it.
 * I2  init is treated as hostile: each reply is decoded with bounds, its sender is checked, and a deadline stands behind every
 *     answer that is due. */
#ifndef CORDON_HOST_RUN_H
#define CORDON_HOST_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include "cgroup/cgroup.h"
#include "cordon/protocol.h"
#include "cordon/runner.h"
#include "host/container.h"
#include "host/stream.h"

enum run_stage {
	RUN_OPENING,
	RUN_RUNNING,
	RUN_FETCHING,
	RUN_DONE,
};

/* Which descriptor an epoll event is about. */
enum run_source {
	RUN_SOURCE_SOCKET,
	RUN_SOURCE_STDOUT,
	RUN_SOURCE_STDERR,
	RUN_SOURCE_SYNC,
	RUN_SOURCE_CANCEL,
};

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

struct cordon_run {
	enum run_stage stage;
	struct container container;
	struct cgroup *group;
	int epoll_fd, cancel_fd, sync_fd;
	int32_t sync_pid;		/* at the sync point */
	bool cancelled;
	uint32_t overflow;		/* enum cordon_cause: the stream that went over the output limit */
	uint64_t open_ns, deadline_ns;
	struct cordon_limits limits;
	uint64_t layers;
	struct stream streams[3];
	int *fds;			/* the EXECVE's descriptors, each owned here unless a stream or the group has it */
	uint32_t nfds, nowned;
	struct run_message execve, fetch;
	struct run_copy_in *copy_in;
	struct run_copy_out *copy_out;
	uint32_t ncopy_in, ncopy_out;
	bool finished;
	struct cordon_msg_finished facts;
	struct cordon_copied *copied;
	struct cordon_error error;
	struct cordon_result result;
};

/* run_open.c: sends the EXECVE that was prepared and closes what the program alone is to hold. 0 or -errno with *err. */
int run_send_execve(struct cordon_run *run, struct cordon_error *err);

/* outcome.c: fills run->result from facts, the group's counters (NULL = none) and streams. */
void run_outcome(struct cordon_run *run, const struct cgroup_usage *usage);

/* run.c */
int run_watch(struct cordon_run *run, int fd, enum run_source source);

#define RUN_SETUP_NS (60 * NSEC_PER_SEC)	/* for a set-up that hangs, on a dead network mount, say */
#define RUN_GRACE_NS (5 * NSEC_PER_SEC)		/* after a limit that init should have enforced */

#endif
