/* SPDX-License-Identifier: Apache-2.0 */
/* sidecar: SIDECAR makes one more init, which runs programs beside those of other inits.
 *
 * It is a fork of this init, without an exec: it has the mounts, names and rights that CONF set up. It has a pid
 * namespace of its own, below this one's. So kill(-1) of a sidecar, or of its program, reaches only that program's
 * processes, their orphans become its children, and they end with it. All sidecars end with this init: for the kernel
 * they are processes of its pid namespace. */
#include "init/init.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include "base/base.h"
#include "error/error.h"
#include "mount/drop.h"
#include "trace/trace.h"
#include "wire/wire.h"

static int fail(struct cordon_error *err, long rc, const char *what)
{
	return error_set(err, (int)-rc, CORDON_STEP_SIDECAR, CORDON_NO_INDEX, what);
}

/* Closes the descriptors from first to last (close_range(2)). */
static long close_all(unsigned int first, unsigned int last)
{
	return first <= last ? sys(__NR_close_range, first, last, 0) : 0;
}

/* Keeps two of the other init's descriptors: the new socket, moved to its place, and the one for trace lines. The
 * program gets neither: both have close-on-exec. */
static long take_descriptors(struct init *init, int socket)
{
	int trace = trace_fd();
	long rc;

	if (sys(__NR_dup3, socket, INIT_SOCKET, O_CLOEXEC) < 0)
		init_exit(1);	/* it would send on the other init's socket */
	rc = trace > INIT_SOCKET ? close_all(INIT_SOCKET + 1, (unsigned int)trace - 1) : 0;
	if (rc >= 0)
		rc = close_all(trace > INIT_SOCKET ? (unsigned int)trace + 1 : INIT_SOCKET + 1, ~0U);
	if (rc >= 0)
		rc = init->signal_fd = init_signal_fd();
	return rc;
}

/* Resets what belongs to the other init and not to the container. */
static void forget(struct init *init)
{
	init->shared = false;
	init->sidecar = true;
	init->proc_fd = init->mqueue_fd = init->wake_fd = -1;	/* closed; a procfs is of one pid namespace */
	init->proc_refused = false;
	init->msg.nfds = 0;
	init->plan.ntracks = 0;
	drop_forget();
}

static int set_up(struct init *init, int socket, struct cordon_error *err)
{
	long rc = take_descriptors(init, socket);

	if (rc < 0)
		return fail(err, rc, "descriptors");
	forget(init);
	if (sys(__NR_getppid) != 0)	/* the host must have pid 0, as the only accepted sender */
		return fail(err, -EPERM, "pid namespace");
	rc = sys(__NR_setsid);
	if (rc < 0)
		return fail(err, rc, "session");
	return init->inherit ? init_load_filter(init, err) : 0;
}

static void begin(struct init *init, int socket, uint32_t id)
{
	struct cordon_error err;
	struct cordon_msg ok;

	if (set_up(init, socket, &err) < 0) {
		init_reply_error(&err, id);
		init_exit(1);
	}
	init_reply(&ok, CORDON_MSG_OK, sizeof ok, id);
}

int init_sidecar(struct init *init, struct cordon_error *err)
{
	const struct cordon_msg *command = init->msg.data;
	const char *field;
	long pid;

	if (wire_sidecar_decode(init->msg.data, init->msg.size, init->msg.nfds, &field) < 0)
		return error_set(err, EPROTO, CORDON_STEP_PROTOCOL, CORDON_NO_INDEX, field);
	/* The child continues on a copy of the stack. This init has one thread: that of privileged.c exists only where
	 * the filter is loaded. */
	pid = sys(__NR_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
	if (pid < 0)
		return fail(err, pid, "clone");
	if (pid == 0) {
		begin(init, init->msg.fds[0], command->id);
	} else {
		INIT_TRACE("sidecar", TRACE_INT("child", pid));
		init_reply_ok(command);
	}
	return 0;
}
