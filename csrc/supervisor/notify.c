/* The loop by seccomp_unotify(2): one notification after the other, from every thread of every process of the run.
 *
 * What a stop costs is its system calls and the wake-ups between two processes; with SYNC_WAKE_UP both happen on one CPU. So an open that is allowed
 * takes: receive, one read of the program's memory, open, and one call that puts the descriptor there and answers. */
#include "supervisor/supervisor.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/ioctl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/time.h>
#include "base/base.h"

/* Names that headers of Linux 5.10 lack. */
#define ADDFD_FLAG_SEND (1u << 1)				/* Linux 5.14 */
#define IOCTL_SET_FLAGS _IOW('!', 4, uint64_t)			/* Linux 6.6 */
#define SYNC_WAKE_UP (UINT64_C(1) << 0)

#define LOOK_FIRST_NS 20000
#define LOOK_LAST_NS 1000000
#define ATTEMPTS 8	/* at an open whose path turns into a link again and again */

/* The child tells nobody when it has its listener: its filter may forbid it every call that would. */
static void wait_for_listener(const struct supervisor *sv)
{
	struct __kernel_timespec pause = { 0, LOOK_FIRST_NS };

	while (__atomic_load_n(&sv->listener, __ATOMIC_ACQUIRE) < 0) {
		(void)sys(__NR_futex, &sv->listener, FUTEX_WAIT, -1, &pause, NULL, 0);
		if (pause.tv_nsec < LOOK_LAST_NS)
			pause.tv_nsec *= 2;
	}
}

static void send(int listener, uint64_t id, int32_t err, uint32_t flags)
{
	struct seccomp_notif_resp resp = { .id = id, .error = -err, .flags = flags };

	/* ENOENT: it is gone, or a signal took the call back. */
	(void)sys(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}

/* Puts fd into the program as the result of its call. */
static void send_fd(int listener, uint64_t id, int fd, uint32_t fd_flags)
{
	struct seccomp_notif_addfd add = { .id = id, .flags = ADDFD_FLAG_SEND, .srcfd = (uint32_t)fd, .newfd_flags = fd_flags };
	long rc = sys(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);

	if (rc == -EINVAL) {	/* before Linux 5.14 these are two calls */
		struct seccomp_notif_resp resp = { .id = id };

		add.flags = 0;
		rc = sys(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
		resp.val = rc;
		if (rc >= 0)
			(void)sys(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
	}
	if (rc < 0 && rc != -ENOENT)
		send(listener, id, (int32_t)-rc, 0);	/* EMFILE: the program's own limit */
}

/* Whether the call still waits; its memory was read meanwhile, and its number may be another's by now (seccomp_unotify(2)). */
static bool still_there(int listener, uint64_t id)
{
	return sys(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

static void open_and_send(struct supervisor *sv, const struct stop *s, uint64_t id, struct answer *a, struct resolved *r)
{
	const struct call *call = call_find(s->nr);
	struct open_how how;
	uint32_t fd_flags;
	int fd = judge_open_flags(call, s, &how);

	if (fd == 0 && (how.flags & (O_CREAT | O_TRUNC)) != 0 && !still_there(sv->listener_fd, id))
		return;
	if (fd == 0)
		fd = open_for(sv, s, &how, r, &fd_flags);
	/* A link where none was: what it leads to must be judged. */
	for (int i = 0; i < ATTEMPTS && fd == -ELOOP && (how.resolve & RESOLVE_NO_SYMLINKS) == 0; i++) {
		r = NULL;
		judge_again(sv, s, a, &r);
		if (a->decision != CORDON_DECISION_ALLOW || r == NULL)
			return;
		fd = open_for(sv, s, &how, r, &fd_flags);
		if ((how.flags & O_NOFOLLOW) != 0)
			break;
	}
	if (fd >= 0) {
		send_fd(sv->listener_fd, id, fd, fd_flags);
		(void)sys(__NR_close, fd);
		a->decision = DECISION_DONE;
	} else if (fd != OPEN_BY_ITSELF) {
		*a = (struct answer){ CORDON_DECISION_ERRNO, -fd };
	}
}

static void carry_out(struct supervisor *sv, uint64_t id, const struct answer *a)
{
	if (a->decision == CORDON_DECISION_ALLOW)
		send(sv->listener_fd, id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
	else if (a->decision == CORDON_DECISION_ERRNO)
		send(sv->listener_fd, id, a->err, 0);
	else if (a->decision == CORDON_DECISION_KILL)
		supervisor_kill(sv);
}

static void handle(struct supervisor *sv, const struct seccomp_notif *n)
{
	struct stop s = { .tid = (int32_t)n->pid, .nr = n->data.nr, .ip = n->data.instruction_pointer, .arch = n->data.arch };
	struct resolved *opened = NULL;
	struct answer a;

	bytes_copy(s.args, n->data.args, sizeof s.args);
	judge(sv, &s, &a, &opened);
	if (a.decision == CORDON_DECISION_ALLOW && opened != NULL)
		open_and_send(sv, &s, n->id, &a, opened);
	carry_out(sv, n->id, &a);
}

_Noreturn void supervise_notify(struct supervisor *sv)
{
	union {
		struct seccomp_notif notif;
		unsigned char bytes[512];	/* a newer kernel's may be larger */
	} request;
	uint64_t flags = SYNC_WAKE_UP;

	wait_for_listener(sv);
	/* Until now the descriptors are the child's as well. */
	if (sys(__NR_unshare, CLONE_FILES) < 0)
		for (;;)
			(void)sys(__NR_exit_group, 1);
	sv->listener_fd = sv->listener;
	supervisor_settle(sv, (const int[]){ sv->listener_fd, sv->parked_proc, sv->parked_wake }, 3);
	(void)sys(__NR_ioctl, sv->listener_fd, IOCTL_SET_FLAGS, flags);
	for (;;) {
		long rc;

		bytes_zero(&request, sizeof request);	/* the kernel insists */
		rc = sys(__NR_ioctl, sv->listener_fd, SECCOMP_IOCTL_NOTIF_RECV, &request.notif);
		if (rc == 0)
			handle(sv, &request.notif);
		else if (rc != -EINTR && rc != -ENOENT)
			for (;;)
				(void)sys(__NR_exit_group, 1);
	}
}
