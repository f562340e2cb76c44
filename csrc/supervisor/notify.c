/* SPDX-License-Identifier: Apache-2.0 */
/* notify: the supervisor's loop with seccomp_unotify(2).
 *
 * Theory of operation. The vfork child starts the supervisor before it has a filter, sharing its descriptors, and later
 * stores the number of its listener. The filter may refuse a wake-up then, so the supervisor polls, at first every 20
 * us. Then it unshares the descriptors and closes all others. From then on each round takes one stopped call and
 * answers it: the call fails or continues; or, if it names files, the supervisor makes it (carry.c), or opens the file
 * and installs the descriptor in the program (open.c).
 * I1  An answer names the call by an id that the kernel never reuses; so whatever happens to the task meanwhile, the
 *     answer reaches that call or none. Other side effects (a file is created, the run is ended) follow only after the
 *     kernel has confirmed that the call still waits: the memory that was read may have been another task's.
 * I2  If the loop cannot go on, it ends: stopped calls then fail with ENOSYS, and init ends the run. */
#include "supervisor/notify.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/ioctl.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/signal.h>
#include <linux/time_types.h>
#include "base/base.h"
#include "calls/calls.h"
#include "sched/supervisor.h"
#include "supervisor/bpf.h"
#include "supervisor/carry.h"
#include "supervisor/connects.h"
#include "supervisor/fifo.h"
#include "supervisor/judge.h"
#include "supervisor/memory.h"
#include "supervisor/judge_files.h"
#include "supervisor/notify_answer.h"
#include "supervisor/open.h"
#include "supervisor/process.h"
/* Linux 6.6; missing in older headers. */
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP 1UL
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, uint64_t)
#endif

#define NOTIF_SIZE_MAX 1024	/* a larger structure of the kernel makes the loop refuse to run */
#define FIRST_WAIT_NS 20000
#define LONGEST_WAIT_NS 500000
#define LINK_ATTEMPTS 4

static union {
	struct seccomp_notif notif;
	unsigned char bytes[NOTIF_SIZE_MAX];
} received;

static _Noreturn void leave(struct supervisor *sv, long rc)
{
	__atomic_store_n(&sv->failure, (int32_t)-rc, __ATOMIC_RELEASE);
	for (;;)
		sys(__NR_exit_group, 1);
}

/* ---- One call ---- */

static void answer(struct supervisor *sv, uint64_t id, const struct answer *a)
{
	switch (a->decision) {
	case CORDON_DECISION_ALLOW:
		notify_send(sv->listener, id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
		break;
	case CORDON_DECISION_ERRNO:
		notify_send(sv->listener, id, a->value, a->err, 0);
		break;
	default:
		if (notify_is_valid(sv->listener, id))	/* I1 */
			supervisor_kill(sv);
	}
}

/* I1 */
static bool has_effects(const struct asked_open *o)
{
	return (o->flags & (O_CREAT | O_TRUNC | __O_TMPFILE)) != 0;
}

/* Makes an open that is allowed. A program that keeps exchanging links in its path gets ELOOP in the end. */
static void make_open(struct supervisor *sv, uint64_t id, const struct stop *s, struct judged *j)
{
	struct resolved *r = &j->paths[0];
	struct answer a = { .decision = CORDON_DECISION_ALLOW };
	uint32_t fd_flags = 0;
	int fd = OPEN_AGAIN;

	fifo_forget(&sv->fifos, sv->listener);
	for (int i = 0; fd == OPEN_AGAIN && i < LINK_ATTEMPTS; i++) {
		if (i > 0)
			judge_files_again(sv, s, &a, j);
		if (a.decision != CORDON_DECISION_ALLOW) {
			answer(sv, id, &a);
			return;
		}
		if (has_effects(&r->open) && !notify_is_valid(sv->listener, id))
			return;
		fd = open_for(sv, s, r, &fd_flags);
	}
	if (fd >= 0)
		notify_deliver(sv->listener, id, fd, fd_flags);
	else if (fd == OPEN_LATER)
		fifo_take(&sv->fifos, sv->listener, id, supervisor_proc_fd(sv), r->open.fifo, r->open.flags, fd_flags);
	else if (!supervisor_is_out_of_memory(sv, -fd))
		notify_answer(sv->listener, id, fd == OPEN_AGAIN ? ELOOP : -fd);
}

static void take_call(struct supervisor *sv)
{
	static struct judged judged;
	const struct seccomp_notif *n = &received.notif;
	struct stop s = {
		.tid = (int32_t)n->pid, .nr = n->data.nr, .ip = n->data.instruction_pointer, .arch = n->data.arch,
	};
	struct answer a;

	if (__atomic_load_n(&sv->killed, __ATOMIC_ACQUIRE) != 0)
		return;
	if (s.tid == 0) {	/* it is in a pid namespace that we cannot see, so its calls cannot be judged */
		notify_answer(sv->listener, n->id, EPERM);
		return;
	}
	bytes_copy(s.args, n->data.args, sizeof s.args);
	sched_supervisor_stopped(s.tid, s.nr);
	judge(sv, &s, &a, &judged);
	sched_supervisor_resume(s.tid, s.nr);
	if (a.decision == CORDON_DECISION_ALLOW && judged.call != NULL) {
		if (judged.call->kind == CALL_OPEN) {
			make_open(sv, n->id, &s, &judged);
			return;
		}
		if (!carry(sv, &s, &judged, sv->listener, n->id, &a) || supervisor_is_out_of_memory(sv, a.err))
			return;
	}
	answer(sv, n->id, &a);
}

/* ---- Connections that take time ---- */

static bool is_waiting(struct supervisor *sv, const struct connecting *c)
{
	return notify_is_valid(sv->listener, c->id);
}

static void finish_connect(struct supervisor *sv, const struct connecting *c, int32_t err)
{
	notify_answer(sv->listener, c->id, err);
}

/* Until the next call is there; at once if nothing else is to be done. */
static void serve_connects(struct supervisor *sv)
{
	int ms;

	while ((ms = connects_wait_ms()) >= 0) {
		struct pollfd poll = { .fd = sv->listener, .events = POLLIN };
		struct __kernel_timespec wait = { 0, (int64_t)ms * (int64_t)NSEC_PER_MSEC };

		if (sys(__NR_ppoll, &poll, 1, &wait, NULL, 0) == 1)
			return;
		connects_look(sv, is_waiting, finish_connect);
	}
}

/* ---- Start ---- */

/* Only the timer of sched/supervisor.c interrupts the loop. init's timer slack, 50 us, is longer than the first
 * waits. */
static void prepare(const struct supervisor *sv)
{
	uint64_t all = ~UINT64_C(0);

	(void)sys(__NR_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof all);
	sched_supervisor_begin(sv->scheduling);
	(void)sys(__NR_prctl, PR_SET_TIMERSLACK, 1000, 0, 0, 0);
}

static void wait_listener(struct supervisor *sv)
{
	struct __kernel_timespec wait = { 0, FIRST_WAIT_NS };

	while (__atomic_load_n(&sv->listener, __ATOMIC_ACQUIRE) < 0) {
		if (__atomic_load_n(&sv->failure, __ATOMIC_ACQUIRE) != 0)
			leave(sv, -ECANCELED);
		(void)sys(__NR_futex, &sv->listener, FUTEX_WAIT, -1, &wait);
		if (wait.tv_nsec < LONGEST_WAIT_NS)
			wait.tv_nsec += wait.tv_nsec / 4;
	}
}

/* The size of the kernel's structure, which may be larger than ours. */
static size_t notif_size(struct supervisor *sv)
{
	struct seccomp_notif_sizes sizes;
	long rc = sys(__NR_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes);

	if (rc < 0)
		leave(sv, rc);
	if (sizes.seccomp_notif > sizeof received || sizes.seccomp_notif_resp > NOTIFY_ANSWER_SIZE_MAX)
		leave(sv, -E2BIG);
	return sizes.seccomp_notif;
}

/* After an error of RECV. When the last task with the filter has ended, the listener is of no use; before Linux 6.11
 * RECV keeps sleeping, and init ends this process. */
static void look_at(struct supervisor *sv, long rc)
{
	struct pollfd poll = { .fd = sv->listener, .events = POLLIN };
	struct __kernel_timespec now = { 0, 0 };

	if (rc != -ENOENT && rc != -EINTR && rc != -ENOTCONN)
		leave(sv, rc);
	if (sys(__NR_ppoll, &poll, 1, &now, NULL, 0) == 1 && (poll.revents & POLLHUP) != 0)
		supervisor_finish(sv);
}

void supervise_notify(struct supervisor *sv)
{
	int keep[3];
	size_t size;
	long rc;

	prepare(sv);
	wait_listener(sv);
	rc = sys(__NR_unshare, CLONE_FILES);
	if (rc < 0)
		leave(sv, rc);
	keep[0] = sv->listener;
	keep[1] = sv->parked_proc;
	keep[2] = sv->parked_wake;
	supervisor_settle(sv, keep, ARRAY_LEN(keep));
	size = notif_size(sv);
	connects_begin();
	(void)sys(__NR_ioctl, sv->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	sched_supervisor_start(true, bpf_stops_all(sv->notify_filter, sv->notify_len, SECCOMP_RET_USER_NOTIF,
						   calls_revealing(sv->engine)));
	for (;;) {
		bytes_zero(&received, size);
		serve_connects(sv);
		sched_supervisor_wait();
		rc = sys(__NR_ioctl, sv->listener, SECCOMP_IOCTL_NOTIF_RECV, &received);
		sched_supervisor_waited();
		if (rc < 0)
			look_at(sv, rc);
		else
			take_call(sv);
	}
}
