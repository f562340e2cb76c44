/* SPDX-License-Identifier: Apache-2.0 */
/* SIDECAR: one more init for one more program at a time, beside those that run.
 *
 * It is a fork of this one, without an exec: it has the mounts, names and rights that CONF led to. Its pid namespace is
 * its own, below this one's. So kill(-1) of a sidecar, or of its program, reaches that program's processes and no
 * others, their orphans come to it, and its end is theirs. The end of this init is the end of all sidecars: to the
 * kernel they are processes of its pid namespace. */
#include "init/init.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include "base/base.h"
#include "error/error.h"
#include "mount/drop.h"
#include "wire/wire.h"

static int fail(struct cordon_error *err, long rc, const char *what)
{
	return error_set(err, (int)-rc, CORDON_STEP_SIDECAR, CORDON_NO_INDEX, what);
}

/* Keeps of the other init's descriptors the socket alone, at its place, and gets its own signals. */
static long take_descriptors(struct init *init, int socket)
{
	long rc;

	if (sys(__NR_dup3, socket, INIT_SOCKET, O_CLOEXEC) < 0)
		init_exit(1);	/* it would speak in the other init's name */
	rc = sys(__NR_close_range, INIT_SOCKET + 1, ~0U, 0);
	if (rc >= 0)
		rc = init->signal_fd = init_signal_fd();
	return rc;
}

/* What describes the other init, and not the container. */
static void forget(struct init *init)
{
	init->shared = false;
	init->sidecar = true;
	init->proc_fd = init->mqueue_fd = -1;	/* closed; a procfs shows one pid namespace */
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
	if (sys(__NR_getppid) != 0)	/* who may speak is known by pid 0 */
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
	/* The same stack, in a copy: this init has one thread (privileged.c is for those that load the filter). */
	pid = sys(__NR_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
	if (pid < 0)
		return fail(err, pid, "clone");
	if (pid == 0)
		begin(init, init->msg.fds[0], command->id);
	else
		init_reply_ok(command);
	return 0;
}
