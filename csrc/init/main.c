/* SPDX-License-Identifier: Apache-2.0 */
/* main: the main loop: handles events, and checks which command fits which state. */
#include "init/init.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/signal.h>
#include <linux/time.h>
#include <linux/wait.h>
#include "base/base.h"
#include "error/error.h"
#include "path/path.h"
#include "wire/wire.h"

/* In .bss: untouched pages cost nothing. */
static struct init the_init;

/* Handles one item. A descriptor for OPEN, 0 for the others, or -errno. */
static int do_item(const struct init *init, uint16_t type, const struct cordon_item *item, uint64_t until_ns)
{
	const char *path = wire_string(init->msg.data, item->path);

	if (type == CORDON_MSG_SYMLINK)
		return path_symlink(path, wire_string(init->msg.data, item->text), init->uid, init->gid);
	if (type == CORDON_MSG_DELETE)
		return (item->flags & CORDON_ITEM_TREE) != 0 ? path_delete_tree(path, until_ns) : path_delete(path);
	if ((item->flags & CORDON_ITEM_CREATE) != 0)
		return path_create(path, item->mode, (item->flags & CORDON_ITEM_REPLACE) != 0, init->uid, init->gid);
	if ((item->flags & CORDON_ITEM_DIRECTORY) != 0)
		return path_open_directory(path);
	return path_open_read(path);
}

static enum cordon_step item_step(uint16_t type, const struct cordon_item *item)
{
	if (type == CORDON_MSG_SYMLINK)
		return CORDON_STEP_SYMLINK;
	if (type == CORDON_MSG_DELETE)
		return CORDON_STEP_DELETE;
	return (item->flags & CORDON_ITEM_CREATE) != 0 ? CORDON_STEP_COPY_IN : CORDON_STEP_COPY_OUT;
}

static int init_items(struct init *init, struct cordon_error *err)
{
	struct {
		struct cordon_msg_items head;
		struct cordon_error errors[CORDON_ITEMS_MAX];
	} reply;
	const struct cordon_msg *command = init->msg.data;
	const struct cordon_item *items;
	int fds[CORDON_ITEMS_MAX];
	uint64_t until_ns = clock_ns() + CORDON_ITEMS_NS;
	uint32_t nitems, nfds = 0;
	const char *field;
	int sent;

	if (wire_items_decode(init->msg.data, init->msg.size, init->msg.nfds, &items, &nitems, &field) < 0)
		return error_set(err, EPROTO, CORDON_STEP_PROTOCOL, CORDON_NO_INDEX, field);
	for (uint32_t i = 0; i < nitems; i++) {
		int rc = do_item(init, command->type, &items[i], until_ns);

		bytes_zero(&reply.errors[i], sizeof reply.errors[i]);
		if (rc < 0)
			error_set(&reply.errors[i], -rc, item_step(command->type, &items[i]), (int32_t)i,
				  wire_string(init->msg.data, items[i].path));
		else if (command->type == CORDON_MSG_OPEN)
			fds[nfds++] = rc;
	}
	bytes_zero(&reply.head, sizeof reply.head);
	reply.head.head = (struct cordon_msg){ CORDON_PROTOCOL_VERSION, CORDON_MSG_ITEMS, 0, 0, command->id };
	reply.head.head.size = (uint32_t)(sizeof reply.head + nitems * sizeof reply.errors[0]);
	reply.head.nitems = nitems;
	reply.head.items = (struct cordon_span){ sizeof reply.head, (uint32_t)(nitems * sizeof reply.errors[0]) };
	trace_message(0, "send", &reply.head.head, reply.head.head.size, nfds);
	sent = socket_send(INIT_SOCKET, &reply, reply.head.head.size, fds, nfds);
	for (uint32_t i = 0; i < nfds; i++)
		fd_close(&fds[i]);
	/* ETOOMANYREFS: the user has too many descriptors in flight. The end of the host is noticed elsewhere. */
	return sent < 0 && sent != -EPIPE ? error_set(err, -sent, CORDON_STEP_SOCKET, CORDON_NO_INDEX, "reply") : 0;
}

static int wrong_state(struct cordon_error *err, const char *command)
{
	return error_set(err, EBUSY, CORDON_STEP_PROTOCOL, CORDON_NO_INDEX, command);
}

/* A sandbox that cannot be reset must not run another program: init reports the error and exits. */
static void reset(struct init *init, const struct cordon_msg *command)
{
	struct cordon_error err;

	/* Without namespaces the IPC objects are the caller's. A sidecar's mounts are those of the init that made
	 * it. */
	if (init->state != INIT_STATE_READY || init->no_namespaces || init->sidecar) {
		wrong_state(&err, "RESET");
		init_reply_error(&err, command->id);
	} else if (init_reset(init, &err) < 0) {
		init_reply_error(&err, command->id);
		INIT_TRACE("exit", TRACE_TEXT("why", "reset"), TRACE_INT("rc", -err.err));
		init_exit(1);
	} else {
		init_reply_ok(command);
	}
}

static int signal_program(const struct init *init, struct cordon_error *err)
{
	uint64_t signals;
	const char *field;

	if (wire_signal_decode(init->msg.data, init->msg.size, init->msg.nfds, &signals, &field) < 0)
		return error_set(err, EPROTO, CORDON_STEP_PROTOCOL, CORDON_NO_INDEX, field);
	/* Its pid is not reused until init has reaped it. */
	for (int signal = 1; signal <= 64 && init_is_busy(init) && !init->run.main_ended; signal++)
		if ((signals & UINT64_C(1) << (signal - 1)) != 0)
			(void)sys(__NR_kill, init->run.pid, signal);
	return 0;
}

static void handle(struct init *init)
{
	const struct cordon_msg *command = init->msg.data;
	struct cordon_error err;
	int rc = 0;

	switch (command->type) {
	case CORDON_MSG_PING:
		init_reply_ok(command);
		break;
	case CORDON_MSG_CONF:
		rc = init->state == INIT_STATE_INIT ? init_conf(init, &err) : wrong_state(&err, "CONF");
		if (rc == 0)
			init_reply_ok(command);
		break;
	case CORDON_MSG_OPEN:
	case CORDON_MSG_DELETE:
	case CORDON_MSG_SYMLINK:
		rc = init->state == INIT_STATE_READY ? init_items(init, &err)
						     : wrong_state(&err, "OPEN, DELETE, SYMLINK");
		break;
	case CORDON_MSG_RESET:
		reset(init, command);
		break;
	case CORDON_MSG_EXECVE:
		rc = init->state == INIT_STATE_READY && !init->shared ? init_execve(init, &err)
								      : wrong_state(&err, "EXECVE");
		break;
	case CORDON_MSG_SIDECAR:
		rc = init->state == INIT_STATE_READY && init->shared ? init_sidecar(init, &err)
								     : wrong_state(&err, "SIDECAR");
		break;
	case CORDON_MSG_KILL:
		if (init_is_busy(init)) {
			init->run.killed = true;
			init_run_kill(init);
		}
		init_reply_ok(command);
		break;
	case CORDON_MSG_PAUSE:
		init_run_pause(init, (command->flags & CORDON_MSG_FROZEN) != 0);
		init_reply_ok(command);
		break;
	case CORDON_MSG_RESUME:
		init_run_resume(init);
		init_reply_ok(command);
		break;
	case CORDON_MSG_SIGNAL:
		rc = signal_program(init, &err);
		if (rc == 0)
			init_reply_ok(command);
		break;
	case CORDON_MSG_ANSWER:
		rc = init_supervisor_answer(init, &err);
		break;
	default:
		rc = error_set(&err, EPROTO, CORDON_STEP_PROTOCOL, CORDON_NO_INDEX, "type");
	}
	if (rc != 0)
		init_reply_error(&err, command->id);
}

static void receive(struct init *init)
{
	struct cordon_error err;
	int rc = socket_recv(INIT_SOCKET, false, init->buffer, &init->msg);

	if (rc == -EAGAIN)
		return;
	if (rc == -EPROTO) {
		error_set(&err, EPROTO, CORDON_STEP_PROTOCOL, CORDON_NO_INDEX, "message");
		init_reply_error(&err, 0);
		return;
	}
	if (rc != 0) {
		INIT_TRACE("exit", TRACE_TEXT("why", rc == -EPIPE ? "end-of-socket" : "socket"), TRACE_INT("rc", rc));
		init_exit(rc == -EPIPE ? 0 : 1);
	}
	trace_message(0, "recv", init->msg.data, init->msg.size, init->msg.nfds);
	if (init->msg.sender_pid == init->host_pid)	/* messages of other processes are ignored */
		handle(init);
	else
		INIT_TRACE("ignored", TRACE_INT("sender", init->msg.sender_pid));
	socket_msg_done(&init->msg);
}

static void wait_for_event(struct init *init)
{
	struct pollfd fds[] = {
		{ INIT_SOCKET, POLLIN, 0 }, { init->signal_fd, POLLIN, 0 },
		{ init_supervisor_wake_fd(init), POLLIN, 0 },
	};
	int64_t timeout = init->state == INIT_STATE_RUNNING ? init_run_timeout_ns(init) : -1;
	struct __kernel_timespec ts = { timeout / (int64_t)NSEC_PER_SEC, timeout % (int64_t)NSEC_PER_SEC };
	unsigned char info[128];	/* struct signalfd_siginfo */
	long rc = sys(__NR_ppoll, fds, ARRAY_LEN(fds), timeout < 0 ? NULL : &ts, NULL, sizeof(uint64_t));

	if (rc < 0 && rc != -EINTR)
		init_exit(1);
	if (rc > 0 && fds[2].revents != 0)
		init_supervisor_wake(init);
	if (rc > 0 && fds[1].revents != 0)
		(void)sys(__NR_read, init->signal_fd, info, sizeof info);
	if (init_is_busy(init))
		init_run_step(init);
	else if (rc > 0 && fds[1].revents != 0)
		while (sys(__NR_wait4, -1, NULL, WNOHANG, NULL) > 0)
			;
	if (rc > 0 && fds[0].revents != 0)
		receive(init);
}

/* 0 or an errno. init keeps its capabilities: the bounding set only limits what an exec may gain (capabilities(7)). */
static int drop_bounding(void)
{
	long rc = 0;

	for (int cap = 0; rc >= 0; cap++)
		rc = sys(__NR_prctl, PR_CAPBSET_DROP, cap, 0, 0, 0);
	return rc == -EINVAL ? 0 : (int)-rc;	/* EINVAL: beyond the last capability of this kernel */
}

_Noreturn void init_main(void)
{
	struct init *init = &the_init;

	init->mqueue_fd = init->proc_fd = init->wake_fd = -1;
	init->host_pid = (int32_t)sys(__NR_getppid);	/* 0: in a pid namespace of our own */
	init_signal_block(init->host_pid == 0);
	init->bounding_err = drop_bounding();
	signals_default();	/* the program must not inherit ignored signals of the host, such as SIGPIPE */
	(void)sys(__NR_prctl, PR_SET_NAME, "cordon-init", 0, 0, 0);
	init->signal_fd = init_signal_fd();
	if (init->signal_fd < 0)
		init_exit(1);
	/* The socket has no close-on-exec flag, because it was moved to descriptor 0. */
	(void)sys(__NR_fcntl, INIT_SOCKET, F_SETFD, FD_CLOEXEC);
	for (;;)
		wait_for_event(init);
}
