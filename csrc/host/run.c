/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "host/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include "base/base.h"
#include "error/error.h"
#include "host/init_process.h"
#include "host/run_ask.h"
#include "host/run_copy.h"
#include "host/run_end.h"
#include "host/run_execve.h"
#include "host/run_output.h"
#include "host/run_request.h"
#include "sched/host.h"
#include "socket/socket.h"
#include "trace/trace.h"
#include "wire/wire.h"

#define OOM_PAUSE_MIN_NS NSEC_PER_MSEC
#define OOM_PAUSE_MAX_NS (512 * NSEC_PER_MSEC)

/* ---- init's replies ---- */

/* Has init open the next files that are copied out; ends the run when there are none, or it was cancelled. */
static void fetch_on(struct cordon_run *run)
{
	AUTO_MESSAGE struct init_message open = { NULL, 0 };
	struct cordon_error err;
	int n = run->fetch == NULL || run->cancelled ? 0 : fetch_next(run->fetch, &open, &err);

	if (n < 0) {
		run_fail(run, &err);
		return;
	}
	if (n == 0) {
		run_end(run);
		return;
	}
	run->nfetched = (uint32_t)n;
	run_deadline_set(run, clock_ns() + INIT_SETUP_NS);
	if (run_send(run, &open, 0, &err) < 0)
		run_fail_container(run, &err);
}

static void open_reply(struct cordon_run *run, struct socket_msg *msg)
{
	bool in = run->stage == RUN_OPENING;
	const struct cordon_error *errors;
	struct cordon_error err;
	int rc;

	if (wire_errors_decode(msg->data, msg->size, msg->nfds, in ? run->ncopy_in : run->nfetched, true, &errors) <
	    0) {
		run_fail_with(run, EPROTO, CORDON_STEP_PROTOCOL);
		return;
	}
	if (!in) {
		if (fetch_take(run->fetch, errors, msg->fds) < 0)
			run_fail_with(run, ENOMEM, CORDON_STEP_MEMORY);
		else
			fetch_on(run);
		return;
	}
	rc = run_copy_in(run, errors, msg->fds, &err);
	socket_msg_done(msg);	/* first: a file that is open for writing cannot be executed (ETXTBSY) */
	if (rc < 0)
		run_fail(run, &err);
	else if (run_execve_send(run, &err) < 0)
		run_fail_container(run, &err);
	else
		run_request_send(run);
}

/* Stores a copy of n bytes at data in *ret, or NULL if n is 0. False if out of memory. */
static bool keep_copy(const void *data, size_t n, void **ret)
{
	*ret = NULL;
	if (data == NULL)
		return true;
	*ret = malloc(n);
	if (*ret != NULL)
		memcpy(*ret, data, n);
	return *ret != NULL;
}

static bool keep_facts(struct cordon_run *run, const struct wire_finished *f)
{
	const size_t counts = CORDON_SUPERVISION_COUNTS * sizeof(uint64_t);
	void *events, *own, *setup;
	bool kept = keep_copy(f->events, f->msg->nevents * sizeof *f->events, &events);

	kept = keep_copy(f->counts, counts, &own) && kept;
	kept = keep_copy(f->setup_counts, counts, &setup) && kept;
	run->events = events;
	run->counts = own;
	run->setup_counts = setup;
	run->facts = *f->msg;
	return kept;
}

/* Whether the calls were supervised as asked. */
static bool was_supervised(const struct cordon_run *run)
{
	bool asked = run->supervised && run->engine != CORDON_ENGINE_KERNEL;
	bool is_auto = run->supervised && run->engine == CORDON_ENGINE_AUTO;

	if (asked && (run->facts.layers & CORDON_LAYER_BIT(CORDON_LAYER_SUPERVISOR)) == 0)
		return false;
	return is_auto ? run->facts.engine == CORDON_ENGINE_NOTIFY || run->facts.engine == CORDON_ENGINE_PTRACE
		       : run->facts.engine == run->engine;
}

static void finished(struct cordon_run *run, const struct socket_msg *msg)
{
	struct wire_finished facts;

	if (wire_finished_decode(msg->data, msg->size, &facts) < 0) {
		run_fail_with(run, EPROTO, CORDON_STEP_PROTOCOL);
		return;
	}
	if (!keep_facts(run, &facts)) {
		run_fail_with(run, ENOMEM, CORDON_STEP_MEMORY);
		return;
	}
	run->nquestions = 0;
	run->finished = true;
	if (run->raised && run->kept != NULL)
		sched_host_lower_init(run->init->pid);
	if (!was_supervised(run)) {
		run_fail_with(run, EPROTO, CORDON_STEP_SUPERVISOR);
		return;
	}
	run->layers |= run->facts.layers;
	if (run->fetch != NULL && !run->cancelled)
		run_stage_set(run, RUN_FETCHING);
	fetch_on(run);
}

/* Only once: an init that a program has taken over could repeat it. */
static void grown_long(struct cordon_run *run, const struct socket_msg *msg)
{
	if (run->grown_long || run->limits.cpu_time_ns == CORDON_UNLIMITED || msg->size != sizeof(struct cordon_msg) ||
	    msg->nfds != 0) {
		run_fail_with(run, EPROTO, CORDON_STEP_PROTOCOL);
		return;
	}
	run->grown_long = true;
	run->raised = sched_host_raise_init(run->init->pid);
}

static void refused(struct cordon_run *run, const struct cordon_error *error)
{
	struct cordon_error told = *error;

	if (run->stage == RUN_RUNNING)
		run_execve_blame(run, &told);
	run_fail(run, &told);
}

static void reply(struct cordon_run *run, struct socket_msg *msg)
{
	const struct cordon_msg *head = msg->data;
	const struct cordon_error *error;

	if (head->type == CORDON_MSG_ERROR && wire_error_decode(msg->data, msg->size, &error) == 0) {
		if (head->id == run->expected_id)
			refused(run, error);
		else	/* of an earlier command, CONF or RESET: without it the program does not run */
			run_fail_container(run, error);
	} else if (head->id != run->expected_id) {
		run_fail_with(run, EPROTO, CORDON_STEP_PROTOCOL);
	} else if (head->type == CORDON_MSG_ITEMS && (run->stage == RUN_OPENING || run->stage == RUN_FETCHING)) {
		open_reply(run, msg);
	} else if (head->type == CORDON_MSG_FINISHED && run->stage == RUN_RUNNING) {
		finished(run, msg);
	} else if (head->type == CORDON_MSG_ASK && run->stage == RUN_RUNNING) {
		run_ask_take(run, msg);
	} else if (head->type == CORDON_MSG_LONG && run->stage == RUN_RUNNING) {
		grown_long(run, msg);
	} else {
		run_fail_with(run, EPROTO, CORDON_STEP_PROTOCOL);
	}
}

static void on_socket(struct cordon_run *run)
{
	_Alignas(8) unsigned char buffer[CORDON_MSG_INLINE_MAX];
	struct socket_msg msg;
	struct cordon_error err;
	bool asks = false;
	int rc;

	while (run->stage != RUN_DONE && !asks) {	/* a flood of questions must not delay other events */
		rc = init_process_recv(run->init, false, buffer, &msg, &err);
		if (rc == -EAGAIN)
			return;
		if (rc < 0) {
			run_fail_container(run, &err);
			return;
		}
		asks = ((const struct cordon_msg *)msg.data)->type == CORDON_MSG_ASK;
		reply(run, &msg);
		socket_msg_done(&msg);
	}
}

/* ---- other events ---- */

static void on_output(struct cordon_run *run, int number)
{
	int rc;

	if (run->streams[number].read_fd < 0)
		return;
	rc = run_output_read(run, number);
	if (rc == 0)
		run_unwatch(run, number == 1 ? RUN_SOURCE_STDOUT : RUN_SOURCE_STDERR);
	if (rc < 0) {
		run_fail_with(run, -rc, CORDON_STEP_MEMORY);
		return;
	}
	if (run_output_over(run))
		run_kill(run);
}

static void on_pumps(struct cordon_run *run)
{
	bool failed = run->error.step != CORDON_STEP_NONE;

	run_output_pump(run);
	if ((!failed && run->error.step != CORDON_STEP_NONE) || run_output_over(run))
		run_kill(run);
}

/* The child's byte; the kernel translates its sender's pid to our namespace. An end of file means that the child has
 * failed or ended; init's reply follows. */
static void on_sync(struct cordon_run *run)
{
	union {
		struct cmsghdr align;
		unsigned char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr h = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
	};
	long n = sys(__NR_recvmsg, run->sync_fd, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct ucred cred;
	struct cmsghdr *c;

	if (n == -EAGAIN || n == -EINTR)
		return;
	c = n == 1 ? CMSG_FIRSTHDR(&h) : NULL;
	if (c == NULL || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS) {
		run_close_sync(run);
		return;
	}
	memcpy(&cred, CMSG_DATA(c), sizeof cred);
	run->sync_pid = cred.pid;
	TRACE(run->init->pid, "sync", TRACE_INT("pid", cred.pid));
	run_deadline_set(run, UINT64_MAX);	/* the caller may take any time */
}

/* Nanoseconds until the deadline of the answer that is due; UINT64_MAX = none. A pause does not count, and during one
 * this is asked again from time to time, because another thread ends it. */
static uint64_t until_deadline(const struct cordon_run *run)
{
	uint64_t now = clock_ns(), deadline = run->deadline_ns;

	if (deadline == UINT64_MAX)
		return UINT64_MAX;
	if (run->kept != NULL) {
		if (atomic_load(&run->kept->paused_at_ns) != 0)
			return NSEC_PER_SEC;
		deadline += atomic_load(&run->kept->paused_ns) - run->paused_before_ns;
	} else if (run->paused) {
		return UINT64_MAX;
	} else {
		deadline += run->paused_ns;
	}
	return deadline > now ? deadline - now : 0;
}

/* The OOM killer may kill a child of the program, for which the program could wait until its wall-clock limit. v1
 * notifies a moment before it counts the kill, so the counter is read again, at growing intervals, for a second. */
static void look_for_oom(struct cordon_run *run, uint64_t pause_ns)
{
	bool killed = cgroup_oom_killed(run->group, &run->before);

	run->oom_due_ns = UINT64_MAX;
	if (run->oom_killed || run->stage != RUN_RUNNING)
		return;
	TRACE(run->init->pid, "oom", TRACE_INT("killed", killed));
	if (killed) {
		run->oom_killed = true;
		run_kill(run);
	} else if (pause_ns <= OOM_PAUSE_MAX_NS) {
		run->oom_due_ns = clock_ns() + pause_ns;
		run->oom_pause_ns = pause_ns;
	}
}

/* Nanoseconds until the next step is due without an event. */
static uint64_t until_due(const struct cordon_run *run)
{
	uint64_t now = clock_ns(), due = run->oom_due_ns;

	if (due != UINT64_MAX)
		due = due > now ? due - now : 0;
	return u64_min(until_deadline(run), due);
}

static void on_deadline(struct cordon_run *run)
{
	if (until_deadline(run) > 0)
		return;
	TRACE(run->init->pid, "deadline", TRACE_WORD("passed"));
	run_fail_with(run, ETIMEDOUT, CORDON_STEP_INIT_TIMEOUT);
}

static void dispatch(struct cordon_run *run, enum run_source source)
{
	switch (source) {
	case RUN_SOURCE_SOCKET:
		on_socket(run);
		break;
	case RUN_SOURCE_STDOUT:
		on_output(run, 1);
		break;
	case RUN_SOURCE_STDERR:
		on_output(run, 2);
		break;
	case RUN_SOURCE_PUMPS:
		on_pumps(run);
		break;
	case RUN_SOURCE_SYNC:
		if (run->sync_fd >= 0)
			on_sync(run);
		break;
	case RUN_SOURCE_WAKE:
		run_request_take(run);
		break;
	case RUN_SOURCE_OOM:
		look_for_oom(run, OOM_PAUSE_MIN_NS);
		break;
	case RUN_SOURCES:
		break;
	}
}

static enum cordon_run_state state_of(const struct cordon_run *run)
{
	if (run->stage == RUN_DONE)
		return CORDON_RUN_DONE;
	if (run->sync_pid != 0)
		return CORDON_RUN_SYNC;
	return run_ask_open(run) != NULL ? CORDON_RUN_ASK : CORDON_RUN_PENDING;
}

static enum cordon_run_state step(struct cordon_run *run, int timeout_ms)
{
	struct pollfd ready[RUN_SOURCES];
	int n;

	if (run->stage == RUN_DONE)
		return CORDON_RUN_DONE;
	memcpy(ready, run->watches, sizeof ready);
	n = poll(ready, RUN_SOURCES, timeout_ms);
	for (uint32_t i = 0; n > 0 && i < RUN_SOURCES && run->stage != RUN_DONE; i++)
		if (ready[i].fd >= 0 && ready[i].revents != 0)
			dispatch(run, (enum run_source)i);
	if (run->stage != RUN_DONE && run->oom_due_ns <= clock_ns())
		look_for_oom(run, 2 * run->oom_pause_ns);
	if (run->stage != RUN_DONE)
		on_deadline(run);
	return state_of(run);
}

/* ---- public ---- */

int cordon_run_fd(struct cordon_run *run)
{
	long rc = 0;

	if (run->epoll_fd >= 0)
		return run->epoll_fd;
	run->epoll_fd = (int)sys(__NR_epoll_create1, EPOLL_CLOEXEC);
	if (run->epoll_fd < 0)
		return run->epoll_fd;
	for (uint32_t i = 0; i < RUN_SOURCES && rc >= 0; i++) {
		struct epoll_event event = { .events = (uint32_t)run->watches[i].events };	/* epoll(7) has the same
												   bits as poll(2) */

		if (run->watches[i].fd >= 0)
			rc = sys(__NR_epoll_ctl, run->epoll_fd, EPOLL_CTL_ADD, run->watches[i].fd, &event);
	}
	if (rc < 0)
		fd_close(&run->epoll_fd);
	return rc < 0 ? (int)rc : run->epoll_fd;
}

int64_t cordon_run_timeout_ns(const struct cordon_run *run)
{
	uint64_t ns = run->stage == RUN_DONE ? 0 : until_due(run);

	return ns > INT64_MAX ? -1 : (int64_t)ns;
}

enum cordon_run_state cordon_run_step(struct cordon_run *run)
{
	return step(run, 0);
}

/* Waits at most ns; -1 = without limit. */
static enum cordon_run_state wait_step(struct cordon_run *run, int64_t ns)
{
	uint64_t ms = ns < 0 ? 0 : (uint64_t)ns / NSEC_PER_MSEC + 1;

	return step(run, ns < 0 ? -1 : (int)u64_min(ms, INT32_MAX));
}

/* The first moments of a run in a kept container, with host and init on one CPU. */
static enum cordon_run_state wait_closely(struct cordon_run *run)
{
	uint64_t until = clock_ns() + SCHED_HAND_OVER_NS;
	enum cordon_run_state state;
	struct sched_cpus own;

	sched_host_pin_caller(&own);
	do
		state = wait_step(run, SCHED_HAND_OVER_NS);
	while (state == CORDON_RUN_PENDING && clock_ns() < until);
	if (state != CORDON_RUN_DONE)
		sched_host_unpin_init(run->init->pid, &own, &run->kept->cpu);
	sched_host_unpin_caller(&own);
	return state;
}

void run_hand_over(struct cordon_run *run)
{
	if (run->kept != NULL && run->kept->cpu >= 0)
		sched_host_unpin_init_alone(run->init->pid, &run->kept->cpu);
}

enum cordon_run_state cordon_run_wait(struct cordon_run *run)
{
	enum cordon_run_state state = step(run, 0);	/* also at the sync point: the run may have been cancelled
							   there */

	if (state == CORDON_RUN_PENDING && run->kept != NULL && run->kept->cpu >= 0)
		state = wait_closely(run);
	while (state == CORDON_RUN_PENDING)
		state = wait_step(run, cordon_run_timeout_ns(run));
	return state;
}

int32_t cordon_run_pid(const struct cordon_run *run)
{
	return run->sync_pid;
}

void cordon_run_release(struct cordon_run *run, int go)
{
	char byte = go != 0;

	if (run->sync_pid == 0 || run->sync_fd < 0)
		return;
	TRACE(run->init->pid, "release", TRACE_INT("go", byte));
	(void)sys(__NR_sendto, run->sync_fd, &byte, 1, MSG_NOSIGNAL, NULL, 0);
	run_close_sync(run);
	if (run->limits.wall_time_ns != CORDON_UNLIMITED)
		run_deadline_set(run, clock_ns() + run->limits.wall_time_ns + RUN_GRACE_NS);
	run_request_send(run);
}

int cordon_run_result(const struct cordon_run *run, const struct cordon_result **ret_result, struct cordon_error *err)
{
	if (run->stage != RUN_DONE)
		return error_set(err, EBUSY, CORDON_STEP_WAIT, CORDON_NO_INDEX, NULL);
	if (run->error.step != CORDON_STEP_NONE) {
		*err = run->error;
		return err->err != 0 ? -err->err : -EINVAL;
	}
	*ret_result = &run->result;
	return 0;
}
