/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "host/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include "base/base.h"
#include "error/error.h"
#include "sched/host.h"
#include "socket/socket.h"
#include "use/use.h"
#include "wire/wire.h"

#define COPY_CHUNK 65536
#define OOM_PAUSE_MIN_NS NSEC_PER_MSEC
#define OOM_PAUSE_MAX_NS (512 * NSEC_PER_MSEC)

static void unwatch(struct cordon_run *run, enum run_source source)
{
	run->watches[source].fd = -1;
}

/* Closing takes it out of the epoll set as well: nobody else has the open file. */
static void close_sync(struct cordon_run *run)
{
	unwatch(run, RUN_SOURCE_SYNC);
	fd_close(&run->sync_fd);
	run->sync_pid = 0;
}

/* ---- the end ---- */

/* What is held for the program goes with the run, whether it came to an EXECVE or not: a reader at the other end waits for it. */
void run_release_fds(struct cordon_run *run)
{
	for (uint32_t i = 0; i < run->nowned; i++)
		fd_close(&run->fds[i]);
	run->nowned = 0;
	fd_close(&run->sync_far);
	for (uint32_t i = 0; i < ARRAY_LEN(run->streams); i++)
		stream_close_child(&run->streams[i]);
}

/* What is forwarded stays within the limit for both streams together; the stream that is read next has all that is left. */
static void limit_forward(struct cordon_run *run, int number)
{
	struct stream *s = &run->streams[number];
	uint64_t other = run->streams[number == 1 ? 2 : 1].total, all = run->limits.output_total_bytes;

	if (s->kind == CORDON_STDIO_FORWARD)
		s->limit = u64_max(s->len, u64_min(run->limits.output_bytes, all - u64_min(other, all)));
}

/* The first output limit that was passed stays the one. True where it is passed now. */
static bool find_overflow(struct cordon_run *run)
{
	uint64_t out = run->streams[1].total, err = run->streams[2].total;

	if (run->overflow != CORDON_CAUSE_NONE)
		return false;
	if (run_is_over(out, run->limits.output_bytes))
		run->overflow = CORDON_CAUSE_STDOUT;
	else if (run_is_over(err, run->limits.output_bytes))
		run->overflow = CORDON_CAUSE_STDERR;
	else if (run_is_over(out + err, run->limits.output_total_bytes))
		run->overflow = CORDON_CAUSE_OUTPUT_TOTAL;
	return run->overflow != CORDON_CAUSE_NONE;
}

static bool read_rest(struct cordon_run *run)
{
	for (int i = 1; i < (int)ARRAY_LEN(run->streams); i++) {
		limit_forward(run, i);
		if (stream_drain(&run->streams[i]) < 0)
			return false;
	}
	(void)find_overflow(run);	/* of a program that ended before it was read */
	return true;
}

/* The group's counters since the start of the run. */
static bool read_usage(const struct cordon_run *run, struct cgroup_usage *usage)
{
	if (run->group == NULL || cgroup_usage(run->group, usage) < 0)
		return false;
	cgroup_usage_since(usage, &run->before);
	return true;
}

/* A kept container goes on, where it can; init resets it while the caller is busy with the result. Without namespaces there is nothing of
 * its own to make fresh, and the IPC objects that a reset removes would be the caller's. */
static void leave_kept(struct cordon_run *run)
{
	struct cordon_error err;

	container_run_ends(run->kept);
	if (run->kept->broken || (run->flags & CORDON_RUN_RESET) == 0 || run->kept->config.namespaces == CORDON_NAMESPACES_NONE)
		return;
	if (container_command(&run->kept->base, CORDON_MSG_RESET, CORDON_MSG_QUIET, &err) < 0)
		container_break(run->kept, &err);
}

/* The end of the run: everything of a sandbox of its own goes. What the program left in its pipes is read first. */
static void tear_down(struct cordon_run *run)
{
	struct cgroup_usage usage;
	bool has_usage;

	if (run->kept != NULL)
		leave_kept(run);
	else if (!run->finished)	/* else nothing of the program is left, and init goes by itself */
		container_stop(&run->own);
	run_release_fds(run);
	if (!read_rest(run) && run->error.step == CORDON_STEP_NONE)
		error_set(&run->error, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	has_usage = read_usage(run, &usage);
	if (run->error.step == CORDON_STEP_NONE)
		run_outcome(run, has_usage ? &usage : NULL);
	unwatch(run, RUN_SOURCE_OOM);
	if (run->kept == NULL) {
		cgroup_free(run->group);
		container_stop(&run->own);
	}
	run->group = NULL;
	close_sync(run);
	run->stage = RUN_DONE;
}

static void fail(struct cordon_run *run, const struct cordon_error *err)
{
	/* Whoever cancels a run before its program executes gets CANCELLED, not the error that stopping it caused. */
	if (!run->cancelled && run->error.step == CORDON_STEP_NONE)
		run->error = *err;
	tear_down(run);
}

/* A failure after which nothing that init says can be relied on. */
static void fail_container(struct cordon_run *run, const struct cordon_error *err)
{
	if (run->kept != NULL)
		container_break(run->kept, err);
	fail(run, err);
}

static void fail_with(struct cordon_run *run, int errnum, enum cordon_step step)
{
	struct cordon_error err;

	error_set(&err, errnum, step, CORDON_NO_INDEX, NULL);
	fail_container(run, &err);
}

static void kill_program(struct cordon_run *run)
{
	struct cordon_error ignored;	/* an init that is gone is noticed at the socket */

	(void)container_command(run->container, CORDON_MSG_KILL, CORDON_MSG_QUIET, &ignored);
	if (run->kept != NULL)	/* before it thaws, so that it does not run on */
		container_run_ends(run->kept);
	run->deadline_ns = u64_min(run->deadline_ns, clock_ns() + RUN_GRACE_NS);
}

/* ---- copies ---- */

/* Copies from in (or data) to out, at most limit bytes. 0, -EFBIG, or -errno. */
static int copy_bytes(int in, int out, uint64_t limit)
{
	unsigned char chunk[COPY_CHUNK];
	uint64_t total = 0;
	long n;
	int rc;

	for (;;) {
		n = sys(__NR_read, in, chunk, sizeof chunk);
		if (n == -EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		total += (uint64_t)n;
		if (total > limit)
			return -EFBIG;
		rc = fd_write_full(out, chunk, (size_t)n);
		if (rc < 0)
			return rc;
	}
}

static void copy_in(struct cordon_run *run, const struct cordon_error *errors, const int *fds)
{
	struct cordon_error err;
	int rc = 0;

	for (uint32_t i = 0; i < run->ncopy_in; i++) {
		struct run_copy_in *c = &run->copy_in[i];

		if (errors[i].step != CORDON_STEP_NONE) {
			fail(run, &errors[i]);
			return;
		}
		rc = c->fd >= 0 ? copy_bytes(c->fd, fds[i], UINT64_MAX) : fd_write_full(fds[i], c->data, c->len);
		if (rc < 0) {
			error_set(&err, -rc, CORDON_STEP_COPY_IN, (int32_t)i, NULL);
			fail(run, &err);
			return;
		}
		fd_close(&c->fd);
	}
}

/* Reads a file of a stopped program into memory. 0 or -errno. */
static int fetch_bytes(struct run_copy_out *c, int fd, struct cordon_copied *ret)
{
	long size = sys(__NR_lseek, fd, 0, SEEK_END);
	int rc;

	if (size < 0)
		return (int)size;
	if ((uint64_t)size > c->limit)
		return -EFBIG;
	c->data = malloc(size > 0 ? (size_t)size : 1);
	if (c->data == NULL)
		return -ENOMEM;
	(void)sys(__NR_lseek, fd, 0, SEEK_SET);
	rc = fd_read_full(fd, c->data, (size_t)size);
	if (rc < 0)
		return rc;
	ret->data = c->data;
	ret->len = (uint64_t)size;
	return 0;
}

static int fetch_file(const struct run_copy_out *c, int fd)
{
	AUTO_CLOSE int out = (int)sys(__NR_openat, AT_FDCWD, c->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644);

	return out < 0 ? out : copy_bytes(fd, out, c->limit);
}

static void copy_out(struct cordon_run *run, const struct cordon_error *errors, const int *fds)
{
	uint32_t next = 0;

	for (uint32_t i = 0; i < run->ncopy_out; i++) {
		struct run_copy_out *c = &run->copy_out[i];
		struct cordon_copied *copied = &run->copied[i];
		int rc, fd;

		copied->error = errors[i];
		if (errors[i].step != CORDON_STEP_NONE)
			continue;
		fd = fds[next++];
		rc = c->path != NULL ? fetch_file(c, fd) : fetch_bytes(c, fd, copied);
		if (rc < 0)
			error_set(&copied->error, -rc, CORDON_STEP_COPY_OUT, (int32_t)i, c->path);
	}
}

/* ---- init's replies ---- */

static void open_reply(struct cordon_run *run, struct socket_msg *msg)
{
	bool in = run->stage == RUN_OPENING;
	const struct cordon_error *errors;
	struct cordon_error err;

	if (wire_errors_decode(msg->data, msg->size, msg->nfds, in ? run->ncopy_in : run->ncopy_out, true, &errors) < 0) {
		fail_with(run, EPROTO, CORDON_STEP_PROTOCOL);
		return;
	}
	if (!in) {
		copy_out(run, errors, msg->fds);
		tear_down(run);
		return;
	}
	copy_in(run, errors, msg->fds);
	socket_msg_done(msg);	/* first: a file that is open for writing cannot be executed (ETXTBSY) */
	if (run->stage == RUN_OPENING && run_send_execve(run, &err) < 0)
		fail_container(run, &err);
}

/* A copy of n bytes at data in *ret, or NULL of nothing. False where there is no memory. */
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

static void finished(struct cordon_run *run, const struct socket_msg *msg)
{
	struct wire_finished facts;
	struct cordon_error err;

	if (wire_finished_decode(msg->data, msg->size, &facts) < 0) {
		fail_with(run, EPROTO, CORDON_STEP_PROTOCOL);
		return;
	}
	if (!keep_facts(run, &facts)) {
		fail_with(run, ENOMEM, CORDON_STEP_MEMORY);
		return;
	}
	run->nquestions = 0;
	run->finished = true;
	if (run->raised && run->kept != NULL)
		sched_host_lower_init(run->container->pid);
	if (run->engine != CORDON_ENGINE_AUTO && run->engine != CORDON_ENGINE_KERNEL &&
	    (run->facts.layers & CORDON_LAYER_BIT(CORDON_LAYER_SUPERVISOR)) == 0) {	/* nobody decided what was to be decided */
		fail_with(run, EPROTO, CORDON_STEP_SUPERVISOR);
		return;
	}
	run->layers |= run->facts.layers;
	if (run->ncopy_out == 0 || run->cancelled) {
		tear_down(run);
		return;
	}
	run->stage = RUN_FETCHING;
	run->deadline_ns = clock_ns() + RUN_SETUP_NS;
	if (run_send(run, &run->fetch, 0, &err) < 0)
		fail_container(run, &err);
}

/* ---- questions ---- */

static void keep_question(struct run_question *q, const struct wire_ask *ask)
{
	q->serial = ask->msg->serial;
	q->question = (struct cordon_question){
		.syscall = ask->msg->syscall, .pid = ask->msg->pid, .ip = ask->msg->ip, .access = ask->msg->access,
		.npaths = ask->msg->npaths,
	};
	memcpy(q->question.args, ask->msg->args, sizeof q->question.args);
	for (uint32_t i = 0; i < ask->msg->npaths; i++) {
		memcpy(q->paths[i], ask->paths[i], strlen(ask->paths[i]) + 1);
		q->question.paths[i] = q->paths[i];
	}
}

/* A question while one is open means that init has given that one up: its time is over, as a caller may be slow without knowing.
 * What comes after a cancel crossed the KILL on the way. */
static void asked(struct cordon_run *run, const struct socket_msg *msg)
{
	struct wire_ask ask;

	if (!run->supervised || wire_ask_decode(msg->data, msg->size, msg->nfds, &ask) < 0 || ask.msg->serial <= run->last_serial) {
		fail_with(run, EPROTO, CORDON_STEP_PROTOCOL);
		return;
	}
	run->last_serial = ask.msg->serial;
	if (run->cancelled)
		return;
	if (run->questions == NULL && (run->questions = calloc(2, sizeof *run->questions)) == NULL) {
		fail_with(run, ENOMEM, CORDON_STEP_MEMORY);
		return;
	}
	if (run->nquestions == 0)
		run->open_question ^= 1;	/* never the place of the one before: loop.c tells them apart by it */
	keep_question(&run->questions[run->nquestions == 0 ? run->open_question : run->open_question ^ 1], &ask);
	run->nquestions = run->nquestions == 0 ? 1 : 2;
}

static const struct run_question *open_question(const struct cordon_run *run)
{
	return run->stage == RUN_RUNNING && run->nquestions > 0 ? &run->questions[run->open_question] : NULL;
}

/* init reads between the events of a run. One that does not would make us wait for room. */
static bool takes_answers(const struct cordon_run *run)
{
	struct pollfd p = { run->container->socket, POLLOUT, 0 };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLOUT) != 0;
}

static void send_answer(struct cordon_run *run, uint64_t serial, uint32_t decision, int32_t errnum)
{
	struct cordon_msg_answer answer = {
		.head = { CORDON_PROTOCOL_VERSION, CORDON_MSG_ANSWER, CORDON_MSG_QUIET, sizeof answer, 0 },
		.serial = serial, .decision = decision, .err = errnum,
	};
	struct cordon_error ignored;	/* an init that is gone is noticed at the socket */

	(void)container_send(run->container, &answer, sizeof answer, NULL, 0, &ignored);
}

/* ---- all replies ---- */

/* Once: an init that a program has taken over could go on saying it. */
static void grown_long(struct cordon_run *run, const struct socket_msg *msg)
{
	if (run->grown_long || run->limits.cpu_time_ns == CORDON_UNLIMITED || msg->size != sizeof(struct cordon_msg) || msg->nfds != 0) {
		fail_with(run, EPROTO, CORDON_STEP_PROTOCOL);
		return;
	}
	run->grown_long = true;
	run->raised = sched_host_raise_init(run->container->pid);
}

static void reply(struct cordon_run *run, struct socket_msg *msg)
{
	const struct cordon_msg *head = msg->data;
	const struct cordon_error *error;

	if (head->type == CORDON_MSG_ERROR && wire_error_decode(msg->data, msg->size, &error) == 0) {
		if (head->id == run->expected_id)
			fail(run, error);
		else	/* of an earlier command, CONF or RESET: the program does not run in what that left */
			fail_container(run, error);
	} else if (head->id != run->expected_id) {
		fail_with(run, EPROTO, CORDON_STEP_PROTOCOL);
	} else if (head->type == CORDON_MSG_ITEMS && (run->stage == RUN_OPENING || run->stage == RUN_FETCHING)) {
		open_reply(run, msg);
	} else if (head->type == CORDON_MSG_FINISHED && run->stage == RUN_RUNNING) {
		finished(run, msg);
	} else if (head->type == CORDON_MSG_ASK && run->stage == RUN_RUNNING) {
		asked(run, msg);
	} else if (head->type == CORDON_MSG_LONG && run->stage == RUN_RUNNING) {
		grown_long(run, msg);
	} else {
		fail_with(run, EPROTO, CORDON_STEP_PROTOCOL);
	}
}

static void on_socket(struct cordon_run *run)
{
	_Alignas(8) unsigned char buffer[CORDON_MSG_INLINE_MAX];
	struct socket_msg msg;
	struct cordon_error err;
	bool asks = false;
	int rc;

	while (run->stage != RUN_DONE && !asks) {	/* a flood of questions must not keep other events waiting */
		rc = container_recv(run->container, false, buffer, &msg, &err);
		if (rc == -EAGAIN)
			return;
		if (rc < 0) {
			fail_container(run, &err);
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
	struct stream *s = &run->streams[number];
	int rc;

	if (s->read_fd < 0)
		return;
	limit_forward(run, number);
	rc = stream_read(s);
	if (rc == 0)
		unwatch(run, number == 1 ? RUN_SOURCE_STDOUT : RUN_SOURCE_STDERR);
	if (rc < 0) {
		fail_with(run, -rc, CORDON_STEP_MEMORY);
		return;
	}
	if (find_overflow(run))
		kill_program(run);
}

/* The child's byte; its sender's pid comes translated to our namespace. Its end is a failed or finished child, whose reply
 * comes from init. */
static void on_sync(struct cordon_run *run)
{
	union {
		struct cmsghdr align;
		unsigned char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
	long n = sys(__NR_recvmsg, run->sync_fd, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct ucred cred;
	struct cmsghdr *c;

	if (n == -EAGAIN || n == -EINTR)
		return;
	c = n == 1 ? CMSG_FIRSTHDR(&h) : NULL;
	if (c == NULL || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS) {
		close_sync(run);
		return;
	}
	memcpy(&cred, CMSG_DATA(c), sizeof cred);
	run->sync_pid = cred.pid;
	run->deadline_ns = UINT64_MAX;	/* the caller may take its time */
}

static void on_cancel(struct cordon_run *run)
{
	uint64_t count;

	(void)sys(__NR_read, run->cancel_fd, &count, sizeof count);
	if (run->cancelled)
		return;
	run->cancelled = true;
	run->nquestions = 0;
	if (run->stage != RUN_RUNNING) {
		fail_with(run, ECANCELED, CORDON_STEP_WAIT);	/* in the middle of a copy: the container ends with it */
		return;
	}
	/* A child at the sync point keeps init suspended: the end of its socket lets both go on. */
	close_sync(run);
	kill_program(run);
}

/* Nanoseconds until the answer that is due must have come; UINT64_MAX = it may take for ever. A pause does not count, and during one
 * the question is asked again from time to time, because the thread that ends it is another. */
static uint64_t until_deadline(const struct cordon_run *run)
{
	uint64_t now = clock_ns(), deadline = run->deadline_ns;

	if (deadline == UINT64_MAX)
		return UINT64_MAX;
	if (run->kept != NULL) {
		if (atomic_load(&run->kept->paused_at_ns) != 0)
			return NSEC_PER_SEC;
		deadline += atomic_load(&run->kept->paused_ns) - run->paused_before_ns;
	}
	return deadline > now ? deadline - now : 0;
}

/* The kernel may choose a child of the program, without which the program might wait until its wall-clock limit. v1 tells a moment before
 * it counts the kill, so the counter is looked at again, for a second, with growing distance. */
static void look_for_oom(struct cordon_run *run, uint64_t pause_ns)
{
	bool killed = cgroup_oom_killed(run->group, &run->before);

	run->oom_due_ns = UINT64_MAX;
	if (run->oom_killed || run->stage != RUN_RUNNING)
		return;
	if (killed) {
		run->oom_killed = true;
		kill_program(run);
	} else if (pause_ns <= OOM_PAUSE_MAX_NS) {
		run->oom_due_ns = clock_ns() + pause_ns;
		run->oom_pause_ns = pause_ns;
	}
}

/* Nanoseconds until something is due even if no descriptor is ready. */
static uint64_t until_due(const struct cordon_run *run)
{
	uint64_t now = clock_ns(), due = run->oom_due_ns;

	if (due != UINT64_MAX)
		due = due > now ? due - now : 0;
	return u64_min(until_deadline(run), due);
}

static void on_deadline(struct cordon_run *run)
{
	if (until_deadline(run) == 0)
		fail_with(run, ETIMEDOUT, CORDON_STEP_INIT_TIMEOUT);
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
	case RUN_SOURCE_SYNC:
		if (run->sync_fd >= 0)
			on_sync(run);
		break;
	case RUN_SOURCE_CANCEL:
		on_cancel(run);
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
	return open_question(run) != NULL ? CORDON_RUN_ASK : CORDON_RUN_PENDING;
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
		struct epoll_event event = { .events = (uint32_t)run->watches[i].events };	/* the same bits as poll(2) has */

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

/* Waits for at most ns, -1 = without end. */
static enum cordon_run_state wait_step(struct cordon_run *run, int64_t ns)
{
	uint64_t ms = ns < 0 ? 0 : (uint64_t)ns / NSEC_PER_MSEC + 1;

	return step(run, ns < 0 ? -1 : (int)u64_min(ms, INT32_MAX));
}

/* The first moments of a run in a kept container, with both sides on one CPU. */
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
		sched_host_unpin_init(run->container->pid, &own, &run->kept->cpu);
	sched_host_unpin_caller(&own);
	return state;
}

void run_hand_over(struct cordon_run *run)
{
	if (run->kept != NULL && run->kept->cpu >= 0)
		sched_host_unpin_init_alone(run->container->pid, &run->kept->cpu);
}

enum cordon_run_state cordon_run_wait(struct cordon_run *run)
{
	enum cordon_run_state state = step(run, 0);	/* also at the sync point: it may have been cancelled there */

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
	(void)sys(__NR_sendto, run->sync_fd, &byte, 1, MSG_NOSIGNAL, NULL, 0);
	close_sync(run);
	if (run->limits.wall_time_ns != CORDON_UNLIMITED)
		run->deadline_ns = clock_ns() + run->limits.wall_time_ns + RUN_GRACE_NS;
}

const struct cordon_question *cordon_run_question(const struct cordon_run *run)
{
	const struct run_question *q = open_question(run);

	return q != NULL ? &q->question : NULL;
}

void cordon_run_answer(struct cordon_run *run, uint32_t decision, int32_t err)
{
	const struct run_question *q = open_question(run);
	uint64_t serial;

	if (q == NULL)
		return;
	serial = q->serial;
	if (--run->nquestions > 0)
		run->open_question ^= 1;
	if (!takes_answers(run)) {
		fail_with(run, ENOBUFS, CORDON_STEP_PROTOCOL);
		return;
	}
	if (decision == CORDON_DECISION_ALLOW || decision == CORDON_DECISION_KILL)
		send_answer(run, serial, decision, 0);
	else	/* what is no answer refuses */
		send_answer(run, serial, CORDON_DECISION_ERRNO,
			    decision == CORDON_DECISION_ERRNO && err >= 1 && err <= CORDON_ERRNO_MAX ? err : EPERM);
}

void cordon_run_cancel(struct cordon_run *run)
{
	uint64_t one = 1;

	(void)sys(__NR_write, run->cancel_fd, &one, sizeof one);
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

static void free_copies(struct cordon_run *run)
{
	for (uint32_t i = 0; i < run->ncopy_in; i++) {
		fd_close(&run->copy_in[i].fd);
		free(run->copy_in[i].data);
	}
	for (uint32_t i = 0; i < run->ncopy_out; i++) {
		free(run->copy_out[i].path);
		free(run->copy_out[i].data);
	}
	free(run->copy_in);
	free(run->copy_out);
	free(run->copied);
}

/* A run that is given up in the middle takes its kept container with it: what init would still say belongs to nobody. */
static void leave_run(struct cordon_run *run)
{
	struct cordon_error err;

	if (run->stage != RUN_DONE && run->expected_id != 0) {
		error_set(&err, ECANCELED, CORDON_STEP_WAIT, CORDON_NO_INDEX, "run freed before its end");
		container_break(run->kept, &err);
	}
	run->kept->busy = false;
}

void cordon_run_free(struct cordon_run *run)
{
	if (run == NULL)
		return;
	if (run->kept == NULL) {
		container_stop(&run->own);
		cgroup_free(run->group);
	} else {
		leave_run(run);
	}
	run_release_fds(run);
	for (uint32_t i = 0; i < ARRAY_LEN(run->streams); i++)
		stream_done(&run->streams[i]);
	free_copies(run);
	free(run->questions);
	free(run->events);
	free(run->counts);
	free(run->setup_counts);
	free(run->execve.data);
	free(run->fetch.data);
	fd_close(&run->sync_fd);
	fd_close(&run->cancel_fd);
	fd_close(&run->epoll_fd);
	if (run->kept == NULL)
		use_end();
	free(run);
}
