/* SPDX-License-Identifier: Apache-2.0 */
/* wiring: runs wired together by pipes.
 *
 * Theory of operation. A pipe without limit, record and PROXY is the kernel's. Any other has the host in the middle
 * (host/relay.h). cordon_wiring_wait moves their bytes in the same ppoll(2) that drives the runs.
 * I1  Between two polls each relay moves at most one buffer, and at most one run is taken down, which takes longest: a
 *     program that floods or ends holds up neither another pipe nor a limit.
 * I2  A limit does not depend on what is read first, the end of the writer or what it wrote before: who is over the
 *     limit when all is read has exceeded it, also where its run is done by then. */
#define _GNU_SOURCE
#include "cordon/wiring.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/base.h"
#include "error/error.h"
#include "host/outcome.h"
#include "host/pipe.h"
#include "host/relay.h"
#include "host/run.h"
#include "host/run_end.h"

#define FD_MAX 1023
#define BLIND_NS (10 * NSEC_PER_MSEC) /* between two looks at a run that has no descriptor to wait for */

struct node {
	struct cordon_run *run;
	bool ready, done;
	uint64_t end_ns;
	struct cordon_fd *fds; /* of its command */
};

struct connection {
	struct cordon_pipe pipe;
	int ends[2];	     /* the programs': the writer's, the reader's */
	struct relay *relay; /* NULL = the kernel's alone */
};

struct cordon_wiring {
	uint32_t nnodes, npipes;
	struct node *nodes;
	struct connection *pipes;
	struct pollfd *polls; /* of the runs, then two for each pipe */
	uint32_t *order;
};

/* ---- opening ---- */

static int no_memory(struct cordon_error *err, int32_t index)
{
	return error_set(err, ENOMEM, CORDON_STEP_MEMORY, index, NULL);
}

static int refuse_number(struct cordon_error *err, int32_t index, const char *field, int64_t value, const char *rule)
{
	char text[24];
	char *number = u64_text(text + 1, sizeof text - 1, value < 0 ? (uint64_t)-value : (uint64_t)value);

	if (value < 0)
		*--number = '-';
	return error_refuse(err, index, field, number, rule);
}

int cordon_wiring_open(uint32_t nruns, struct cordon_wiring **ret, struct cordon_error *err)
{
	struct cordon_wiring *w;

	if (nruns == 0 || nruns > CORDON_WIRING_RUNS_MAX)
		return refuse_number(err, CORDON_NO_INDEX, "runs", nruns, "must be 1 to 1024");
	w = calloc(1, sizeof *w);
	if (w == NULL)
		return no_memory(err, CORDON_NO_INDEX);
	w->nnodes = nruns;
	w->nodes = calloc(nruns, sizeof *w->nodes);
	w->order = calloc(nruns, sizeof *w->order);
	w->polls = calloc(nruns, sizeof *w->polls);
	if (w->nodes == NULL || w->order == NULL || w->polls == NULL) {
		cordon_wiring_free(w);
		return no_memory(err, CORDON_NO_INDEX);
	}
	*ret = w;
	return 0;
}

static bool is_end(const struct cordon_pipe *pipe, uint32_t run, int32_t fd)
{
	return (pipe->from_run == run && pipe->from_fd == fd) || (pipe->to_run == run && pipe->to_fd == fd);
}

static int check_end(const struct cordon_wiring *w, bool writer, uint32_t run, int32_t fd, struct cordon_error *err)
{
	int32_t index = (int32_t)w->npipes;

	if (run >= w->nnodes)
		return refuse_number(err, index, writer ? "pipe from_run" : "pipe to_run", run,
				     "is none of the wiring's runs");
	if (fd < 0 || fd > FD_MAX)
		return refuse_number(err, index, writer ? "pipe from_fd" : "pipe to_fd", fd, "must be 0 to 1023");
	for (uint32_t i = 0; i < w->npipes; i++)
		if (is_end(&w->pipes[i].pipe, run, fd))
			return refuse_number(err, index, writer ? "pipe from_fd" : "pipe to_fd", fd,
					     "is the end of another pipe");
	return 0;
}

static int check_pipe(const struct cordon_wiring *w, const struct cordon_pipe *pipe, struct cordon_error *err)
{
	int32_t index = (int32_t)w->npipes;
	int rc;

	if (w->npipes >= CORDON_WIRING_PIPES_MAX)
		return refuse_number(err, index, "pipes", (int64_t)w->npipes + 1, "at most 4096");
	rc = check_end(w, true, pipe->from_run, pipe->from_fd, err);
	if (rc == 0)
		rc = check_end(w, false, pipe->to_run, pipe->to_fd, err);
	if (rc < 0)
		return rc;
	if (pipe->from_run == pipe->to_run && pipe->from_fd == pipe->to_fd)
		return refuse_number(err, index, "pipe to_fd", pipe->to_fd, "is the other end of the same pipe");
	if ((pipe->flags & ~(uint32_t)CORDON_PIPE_PROXY) != 0)
		return refuse_number(err, index, "pipe flags", pipe->flags, "has an unknown bit");
	return pipe->reserved != 0 ? refuse_number(err, index, "pipe reserved", pipe->reserved, "must be 0") : 0;
}

static int make_room(struct cordon_wiring *w)
{
	struct connection *pipes = realloc(w->pipes, (w->npipes + 1) * sizeof *pipes);
	struct pollfd *polls;

	if (pipes == NULL)
		return -ENOMEM;
	w->pipes = pipes;
	polls = realloc(w->polls, (w->nnodes + 2 * ((size_t)w->npipes + 1)) * sizeof *polls);
	if (polls == NULL)
		return -ENOMEM;
	w->polls = polls;
	return 0;
}

static int connect_ends(struct connection *c)
{
	const struct cordon_pipe *pipe = &c->pipe;
	int fds[2], rc;

	if (pipe->limit_bytes != CORDON_UNLIMITED || pipe->record_bytes != 0 || pipe->flags != 0)
		return relay_open(pipe, &c->relay, c->ends);
	rc = pipe_open(0666, fds);
	if (rc < 0)
		return rc;
	c->ends[0] = fds[1];
	c->ends[1] = fds[0];
	return 0;
}

int cordon_wiring_pipe(struct cordon_wiring *w, const struct cordon_pipe *pipe, int ret_fds[2],
		       struct cordon_error *err)
{
	struct connection made = { .pipe = *pipe, .ends = { -1, -1 } };
	int32_t index = (int32_t)w->npipes;
	int rc = check_pipe(w, pipe, err);

	if (rc < 0)
		return rc;
	rc = make_room(w);
	if (rc == 0)
		rc = connect_ends(&made);
	if (rc < 0)
		return error_set(err, -rc, rc == -ENOMEM ? CORDON_STEP_MEMORY : CORDON_STEP_PIPE, index, NULL);
	w->pipes[w->npipes++] = made;
	if (ret_fds != NULL)
		memcpy(ret_fds, made.ends, sizeof made.ends);
	return index;
}

/* ---- commands ---- */

static int check_unset(const struct cordon_stdio *stdio, int32_t fd, struct cordon_error *err)
{
	if (stdio->kind == CORDON_STDIO_NULL)
		return 0;
	return refuse_number(err, fd, "stdio kind", stdio->kind, "must be NULL where a pipe is");
}

static int check_free(const struct cordon_command *command, int32_t fd, struct cordon_error *err)
{
	if (fd <= 2)
		return check_unset(&command->stdio[fd], fd, err);
	for (uint32_t i = 0; i < command->nfds; i++)
		if (command->fds[i].target == fd)
			return refuse_number(err, (int32_t)i, "fd target", fd, "is the end of a pipe");
	return 0;
}

/* Which end of the connection the run has by number side (0 writes, 1 reads), or -1. */
static int32_t target_of(const struct connection *c, uint32_t run, int side)
{
	if (side == 0)
		return c->pipe.from_run == run ? c->pipe.from_fd : -1;
	return c->pipe.to_run == run ? c->pipe.to_fd : -1;
}

static int check_command(const struct cordon_wiring *w, uint32_t run, const struct cordon_command *command,
			 uint32_t *ret_nfds, struct cordon_error *err)
{
	*ret_nfds = command->nfds;
	for (uint32_t i = 0; i < 2 * w->npipes; i++) {
		int32_t fd = target_of(&w->pipes[i / 2], run, (int)(i % 2));
		int rc = fd >= 0 ? check_free(command, fd, err) : 0;

		if (rc < 0)
			return rc;
		if (fd > 2)
			(*ret_nfds)++;
	}
	return 0;
}

static void put_ends(const struct cordon_wiring *w, uint32_t run, struct cordon_command *command, struct cordon_fd *fds)
{
	uint32_t n = command->nfds;

	if (n > 0)
		memcpy(fds, command->fds, n * sizeof *fds);
	for (uint32_t i = 0; i < 2 * w->npipes; i++) {
		int end = w->pipes[i / 2].ends[i % 2];
		int32_t fd = target_of(&w->pipes[i / 2], run, (int)(i % 2));

		if (fd > 2)
			fds[n++] = (struct cordon_fd){ end, fd };
		else if (fd >= 0)
			command->stdio[fd] = (struct cordon_stdio){ .kind = CORDON_STDIO_FD, .fd = end };
	}
	command->fds = fds;
	command->nfds = n;
}

int cordon_wiring_command(struct cordon_wiring *w, uint32_t run, struct cordon_command *command,
			  struct cordon_error *err)
{
	struct cordon_fd *fds;
	uint32_t nfds;
	int rc;

	if (run >= w->nnodes)
		return refuse_number(err, CORDON_NO_INDEX, "run", run, "is none of the wiring's runs");
	rc = check_command(w, run, command, &nfds, err);
	if (rc < 0)
		return rc;
	fds = calloc((size_t)nfds + 1, sizeof *fds);
	if (fds == NULL)
		return no_memory(err, CORDON_NO_INDEX);
	put_ends(w, run, command, fds);
	free(w->nodes[run].fds);
	w->nodes[run].fds = fds;
	return 0;
}

void cordon_wiring_started(struct cordon_wiring *w)
{
	for (uint32_t i = 0; i < w->npipes; i++) {
		fd_close(&w->pipes[i].ends[0]);
		fd_close(&w->pipes[i].ends[1]);
	}
}

/* ---- the runs ---- */

/* When the program ended, by init's clock, which is ours; where it did not run, when we heard of it. init is not
 * trusted. */
static uint64_t end_ns(const struct cordon_run *run, uint64_t heard_ns)
{
	uint64_t paused =
		run->kept != NULL ? atomic_load(&run->kept->paused_ns) - run->paused_before_ns : run->paused_ns;

	return run->finished ? u64_min(run->facts.start_ns + run->facts.wall_time_ns + paused, heard_ns) : heard_ns;
}

static void node_step(struct node *node)
{
	uint64_t heard_ns = clock_ns();
	enum cordon_run_state state = cordon_run_step(node->run);

	if (state == CORDON_RUN_SYNC)
		cordon_run_release(node->run, 0);
	while (cordon_run_question(node->run) != NULL) /* nobody is here to answer */
		cordon_run_answer(node->run, CORDON_DECISION_ERRNO, EPERM);
	if (state == CORDON_RUN_DONE) {
		node->done = true;
		node->end_ns = end_ns(node->run, heard_ns);
	}
}

/* Steps the runs that are ready or whose time has come, until one of them is done. Returns the ns until the next one's
 * time has come, UINT64_MAX where none has one. */
static uint64_t step_runs(struct cordon_wiring *w)
{
	uint64_t nearest_ns = UINT64_MAX;

	for (uint32_t i = 0; i < w->nnodes; i++) {
		struct node *node = &w->nodes[i];

		if (node->done)
			continue;
		if (node->ready || cordon_run_timeout_ns(node->run) == 0)
			node_step(node);
		if (node->done)
			return 0;
		/* -1, never, is the greatest. */
		nearest_ns = u64_min(nearest_ns, (uint64_t)cordon_run_timeout_ns(node->run));
		if (cordon_run_fd(node->run) < 0)
			nearest_ns = u64_min(nearest_ns, BLIND_NS);
	}
	return nearest_ns;
}

static bool all_done(const struct cordon_wiring *w)
{
	for (uint32_t i = 0; i < w->nnodes; i++)
		if (!w->nodes[i].done)
			return false;
	return true;
}

/* ---- the pipes ---- */

/* The writer has written more than a pipe's limit: it ends, or has ended, for that. The first limit stays the one. */
static void exceeded(struct cordon_run *run)
{
	if (run == NULL || run->overflow != CORDON_CAUSE_NONE || run->error.step != CORDON_STEP_NONE)
		return;
	run->overflow = CORDON_CAUSE_PIPE;
	if (run->stage == RUN_DONE)
		outcome_judge(run);
	else if (run->stage == RUN_RUNNING)
		run_kill(run);
}

static struct pollfd *polls_of(const struct cordon_wiring *w, uint32_t pipe)
{
	return &w->polls[w->nnodes + 2 * (size_t)pipe];
}

static void watch_all(struct cordon_wiring *w)
{
	for (uint32_t i = 0; i < w->nnodes; i++)
		w->polls[i] = (struct pollfd){ w->nodes[i].done ? -1 : cordon_run_fd(w->nodes[i].run), POLLIN, 0 };
	for (uint32_t i = 0; i < w->npipes; i++) {
		struct pollfd *fds = polls_of(w, i);

		fds[0] = fds[1] = (struct pollfd){ -1, 0, 0 };
		if (w->pipes[i].relay != NULL)
			relay_watch(w->pipes[i].relay, fds);
	}
}

static void step_pipes(struct cordon_wiring *w)
{
	for (uint32_t i = 0; i < w->npipes; i++) {
		struct connection *c = &w->pipes[i];

		if (c->relay == NULL)
			continue;
		relay_step(c->relay, polls_of(w, i));
		if (relay_is_over(c->relay))
			exceeded(w->nodes[c->pipe.from_run].run);
	}
}

static void wait_events(struct cordon_wiring *w, uint64_t timeout_ns)
{
	struct timespec timeout = { (time_t)(timeout_ns / NSEC_PER_SEC), (long)(timeout_ns % NSEC_PER_SEC) };
	size_t n = w->nnodes + 2 * (size_t)w->npipes;

	watch_all(w);
	/* EINTR (a signal of the JVM's) leaves revents as they are, zero: an early wake-up. */
	(void)sys(__NR_ppoll, w->polls, n, timeout_ns == UINT64_MAX ? NULL : &timeout, NULL, 0);
	for (uint32_t i = 0; i < w->nnodes; i++)
		w->nodes[i].ready = w->polls[i].revents != 0 || (!w->nodes[i].done && w->polls[i].fd < 0);
	step_pipes(w);
}

/* All runs are done: nobody writes any more. */
static void finish_pipes(struct cordon_wiring *w)
{
	for (uint32_t i = 0; i < w->npipes; i++) {
		struct connection *c = &w->pipes[i];

		if (c->relay == NULL)
			continue;
		relay_finish(c->relay);
		if (relay_is_over(c->relay))
			exceeded(w->nodes[c->pipe.from_run].run);
	}
}

/* ---- public ---- */

/* By insertion: those that ended at the same moment stay in the order of their indices. */
static void sort_ends(struct cordon_wiring *w)
{
	for (uint32_t i = 0; i < w->nnodes; i++) {
		uint32_t at = i;

		for (; at > 0 && w->nodes[w->order[at - 1]].end_ns > w->nodes[i].end_ns; at--)
			w->order[at] = w->order[at - 1];
		w->order[at] = i;
	}
}

void cordon_wiring_wait(struct cordon_wiring *w, struct cordon_run *const *runs)
{
	cordon_wiring_started(w);
	for (uint32_t i = 0; i < w->nnodes; i++) {
		w->nodes[i].run = runs[i];
		w->nodes[i].ready = true;
		w->nodes[i].done = runs[i] == NULL;
		if (runs[i] != NULL)
			run_hand_over(runs[i]);
	}
	for (;;) {
		uint64_t timeout_ns = step_runs(w);

		if (all_done(w))
			break;
		wait_events(w, timeout_ns);
	}
	finish_pipes(w);
	sort_ends(w);
}

const uint32_t *cordon_wiring_order(const struct cordon_wiring *w)
{
	return w->order;
}

void cordon_wiring_traffic(const struct cordon_wiring *w, uint32_t pipe, struct cordon_traffic *ret)
{
	*ret = (struct cordon_traffic){ 0 };
	if (pipe < w->npipes && w->pipes[pipe].relay != NULL)
		relay_traffic(w->pipes[pipe].relay, ret);
}

void cordon_wiring_free(struct cordon_wiring *w)
{
	if (w == NULL)
		return;
	cordon_wiring_started(w);
	for (uint32_t i = 0; i < w->npipes; i++)
		relay_free(w->pipes[i].relay);
	for (uint32_t i = 0; w->nodes != NULL && i < w->nnodes; i++)
		free(w->nodes[i].fds);
	free(w->pipes);
	free(w->nodes);
	free(w->order);
	free(w->polls);
	free(w);
}
