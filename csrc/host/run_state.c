/* SPDX-License-Identifier: Apache-2.0 */
#include "host/run_state.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include "error/error.h"
#include "host/live.h"
#include "trace/host.h"
#include "trace/trace.h"
#include "use/use.h"

static const char *stage_name(enum run_stage stage)
{
	static const char *const names[] = {
		[RUN_OPENING] = "OPENING", [RUN_RUNNING] = "RUNNING", [RUN_FETCHING] = "FETCHING", [RUN_DONE] = "DONE",
	};

	return names[stage];
}

struct cordon_run *run_state_new(struct cordon_container *kept, const struct cpus *cpus)
{
	struct cordon_run *run = calloc(1, sizeof *run);

	if (run == NULL)
		return NULL;
	if (kept == NULL)
		use_begin();	/* a kept container does that itself */
	trace_host_begin();
	run->open_ns = clock_ns();
	run->oom_due_ns = UINT64_MAX;
	run->epoll_fd = run->wake_fd = run->sync_fd = run->sync_far = run->exec_copy = -1;
	for (uint32_t i = 0; i < RUN_SOURCES; i++)
		run->watches[i].fd = -1;
	run->kept = kept;
	run->cpus = *cpus;
	run->init = kept != NULL ? &kept->init : &run->own_init;
	init_process_init(&run->own_init);
	for (uint32_t i = 0; i < ARRAY_LEN(run->streams); i++)
		stream_init(&run->streams[i]);
	given_init(&run->given);
	TRACE(run->init->pid, "state", TRACE_WORD(stage_name(run->stage)), TRACE_TEXT("from", NULL));
	return run;
}

void run_stage_set(struct cordon_run *run, enum run_stage stage)
{
	TRACE(run->init->pid, "state", TRACE_WORD(stage_name(stage)), TRACE_TEXT("from", stage_name(run->stage)));
	run->stage = stage;
}

/* From now on; UINT64_MAX = for ever. */
static uint64_t left(uint64_t deadline_ns)
{
	uint64_t now = clock_ns();

	return deadline_ns == UINT64_MAX ? UINT64_MAX : deadline_ns > now ? deadline_ns - now : 0;
}

void run_deadline_set(struct cordon_run *run, uint64_t deadline_ns)
{
	TRACE(run->init->pid, "deadline", TRACE_NS("in_us", left(deadline_ns)),
	      TRACE_TEXT("state", stage_name(run->stage)));
	run->deadline_ns = deadline_ns;
}

int run_send(struct cordon_run *run, const struct init_message *message, uint32_t nfds, struct cordon_error *err)
{
	int rc = init_process_send(run->init, message->data, message->size, run->fds, nfds, err);

	if (rc == 0)
		run->expected_id = run->init->last_id;
	return rc;
}

bool run_has_room(const struct cordon_run *run)
{
	struct pollfd p = { run->init->socket, POLLOUT, 0 };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLOUT) != 0;
}

void run_watch(struct cordon_run *run, int fd, enum run_source source)
{
	run->watches[source] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

void run_unwatch(struct cordon_run *run, enum run_source source)
{
	run->watches[source].fd = -1;
}

/* Closing also removes it from the epoll set, because no other process has the open file description. */
void run_close_sync(struct cordon_run *run)
{
	run_unwatch(run, RUN_SOURCE_SYNC);
	fd_close(&run->sync_fd);
	run->sync_pid = 0;
}

/* The program's descriptors are closed with the run even if no EXECVE was sent: a reader at the other end waits for
 * that. */
void run_release_fds(struct cordon_run *run)
{
	fd_close(&run->exec_copy);
	fd_close(&run->sync_far);
	for (uint32_t i = 0; i < ARRAY_LEN(run->streams); i++)
		stream_close_child(&run->streams[i]);
	given_release(&run->given);
}

static void free_copies(struct cordon_run *run)
{
	for (uint32_t i = 0; i < run->ncopy_in; i++) {
		fd_close(&run->copy_in[i].fd);
		free(run->copy_in[i].data);
	}
	free(run->copy_in);
	fetch_free(run->fetch);
}

/* A run that is freed while it is running ends its container: the replies that init still sends would belong to no
 * run. */
static void leave_run(struct cordon_run *run)
{
	struct cordon_error err;

	if (run->stage != RUN_DONE && run->expected_id != 0) {
		error_set(&err, ECANCELED, CORDON_STEP_WAIT, CORDON_NO_INDEX, "run freed before its end");
		container_break(run->kept, &err);
	}
	container_let_go(run->kept);
}

void cordon_run_free(struct cordon_run *run)
{
	if (run == NULL)
		return;
	if (run->kept == NULL) {
		init_process_stop(&run->own_init);
		cgroup_free(run->group);
		cgroup_free(run->supervisor_group);
	} else {
		leave_run(run);
	}
	run_release_fds(run);
	for (uint32_t i = 0; i < ARRAY_LEN(run->streams); i++)
		stream_done(&run->streams[i]);
	given_done(&run->given);
	free(run->further);
	live_release(run->live);
	free_copies(run);
	free(run->questions);
	free(run->events);
	free(run->counts);
	free(run->setup_counts);
	free(run->execve.data);
	fd_close(&run->sync_fd);
	fd_close(&run->wake_fd);
	fd_close(&run->epoll_fd);
	if (run->kept == NULL)
		use_end();
	free(run);
}
