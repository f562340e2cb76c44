/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "host/container.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include "base/base.h"
#include "error/error.h"
#include "socket/socket.h"
#include "trace/trace.h"
#include "wire/wire.h"

#define PAUSE_NS (5 * NSEC_PER_SEC)	/* longest time for init to read earlier requests */

/* Held briefly, and for a few milliseconds at a container's end. */
static void socket_enter(struct cordon_container *kept)
{
	while (atomic_flag_test_and_set(&kept->socket_lock))
		(void)sys(__NR_sched_yield);
}

static void socket_leave(struct cordon_container *kept)
{
	atomic_flag_clear(&kept->socket_lock);
}

/* Under the lock. On v1 a frozen process dies only when it thaws. */
static void thaw(struct cordon_container *kept)
{
	if (kept->frozen) {
		TRACE(kept->init.pid, "thaw", TRACE_INT("group", 1));
		(void)cgroup_freeze(kept->group, false);
	}
	kept->frozen = false;
}

void container_run_begins(struct cordon_container *kept)
{
	socket_enter(kept);
	kept->running = kept->shared == NULL || !shared_is_closed(kept->shared);
	socket_leave(kept);
}

/* Under the lock. The deadlines move by the length of the pause. */
static void pause_over(struct cordon_container *kept)
{
	uint64_t since = atomic_exchange(&kept->paused_at_ns, 0);

	if (since != 0)
		atomic_fetch_add(&kept->paused_ns, clock_ns() - since);
}

void container_run_ends(struct cordon_container *kept)
{
	socket_enter(kept);
	kept->running = false;
	thaw(kept);
	pause_over(kept);
	socket_leave(kept);
}

/* The programs of all handles end with the root's init, which waits for them. No run can be frozen after this call. */
static void close_all(struct shared *shared)
{
	shared_close(shared);
	for (struct cordon_container *handle = shared->handles; handle != NULL; handle = handle->next)
		container_run_ends(handle);
}

void container_break(struct cordon_container *kept, const struct cordon_error *err)
{
	if (kept->broken)
		return;
	trace_error(kept->init.pid, "broken", err);
	kept->error = *err;
	kept->broken = true;
	if (kept->shared != NULL && kept == kept->shared->root)
		close_all(kept->shared);
	socket_enter(kept);
	kept->running = false;
	thaw(kept);
	init_process_stop(&kept->init);
	socket_leave(kept);
}

int container_broken_with(struct cordon_container *kept, int errnum, enum cordon_step step, struct cordon_error *err)
{
	int rc = error_set(err, errnum, step, CORDON_NO_INDEX, NULL);

	container_break(kept, err);
	return rc;
}

void container_set_init(struct cordon_container *kept, const struct init_process *init)
{
	socket_enter(kept);
	init_process_stop(&kept->init);
	kept->init = *init;
	kept->cpu = -1;
	socket_leave(kept);
}

int container_await(struct cordon_container *kept, uint64_t timeout_ns, void *buffer, struct socket_msg *msg,
		    struct cordon_error *err)
{
	struct pollfd p = { kept->init.socket, POLLIN, 0 };
	const struct cordon_error *error;
	const struct cordon_msg *head;
	int rc, ready;

	TRACE(kept->init.pid, "deadline", TRACE_NS("in_us", timeout_ns), TRACE_TEXT("state", "command"));
	do
		ready = poll(&p, 1, (int)(timeout_ns / NSEC_PER_MSEC));
	while (ready < 0 && errno == EINTR);
	if (ready == 0)
		TRACE(kept->init.pid, "deadline", TRACE_WORD("passed"));
	if (ready <= 0)
		return container_broken_with(kept, ETIMEDOUT, CORDON_STEP_INIT_TIMEOUT, err);
	rc = init_process_recv(&kept->init, true, buffer, msg, err);
	if (rc < 0) {
		container_break(kept, err);
		return rc;
	}
	head = msg->data;
	if (head->type == CORDON_MSG_ERROR && wire_error_decode(msg->data, msg->size, &error) == 0) {
		*err = *error;
		if (head->id != kept->init.last_id)
			container_break(kept, err);
		rc = err->err != 0 ? -err->err : -EINVAL;
	} else if (head->id != kept->init.last_id) {
		rc = container_broken_with(kept, EPROTO, CORDON_STEP_PROTOCOL, err);
	} else {
		return 0;
	}
	socket_msg_done(msg);
	return rc;
}

int container_may_use(const struct cordon_container *kept, struct cordon_error *err)
{
	if (kept->broken) {
		*err = kept->error;
		return -EPIPE;
	}
	return kept->busy ? error_set(err, EBUSY, CORDON_STEP_WAIT, CORDON_NO_INDEX, "container") : 0;
}

int container_take(struct cordon_container *kept, struct cordon_error *err)
{
	int rc = container_may_use(kept, err);

	if (rc == 0 && kept->shared != NULL)
		rc = shared_run_begins(kept->shared, err);
	kept->busy |= rc == 0;
	return rc;
}

void container_let_go(struct cordon_container *kept)
{
	kept->busy = false;
	if (kept->shared != NULL)
		shared_run_ends(kept->shared);
}

int container_await_ok(struct cordon_container *kept, uint64_t timeout_ns, struct cordon_error *err)
{
	_Alignas(8) unsigned char buffer[CORDON_MSG_INLINE_MAX];
	struct socket_msg msg;
	int rc = container_await(kept, timeout_ns, buffer, &msg, err);

	if (rc < 0)
		return rc;
	if (((const struct cordon_msg *)msg.data)->type != CORDON_MSG_OK)
		rc = container_broken_with(kept, EPROTO, CORDON_STEP_PROTOCOL, err);
	socket_msg_done(&msg);
	return rc;
}

int container_command_ok(struct cordon_container *kept, enum cordon_msg_type type, uint64_t timeout_ns,
			 struct cordon_error *err)
{
	int rc = container_may_use(kept, err);

	if (rc < 0)
		return rc;
	rc = init_process_command(&kept->init, type, 0, err);
	if (rc < 0) {
		container_break(kept, err);
		return rc;
	}
	return container_await_ok(kept, timeout_ns, err);
}

/* Under the lock. Freezes the run if it has a freezer. */
static void freeze(struct cordon_container *kept)
{
	if (kept->running)
		kept->frozen = kept->group != NULL && cgroup_freeze(kept->group, true) == 0;
	TRACE(kept->init.pid, "freeze", TRACE_INT("frozen", kept->frozen));
}

/* Under the lock. Whether a PAUSE and its RESUME can be sent without waiting: a unix socket polls writable while most
 * of its buffer is free. Also true if the connection has ended, which the send then reports. */
static bool has_room(const struct cordon_container *kept)
{
	struct pollfd p = { kept->init.socket, POLLOUT, 0 };

	return poll(&p, 1, 0) == 1;
}

/* Takes the lock; for a PAUSE only when it can be sent without waiting. init does not read while its child becomes the
 * program. That child is in the group, so a PAUSE that waited behind the frozen group would wait for ever. */
static int enter_to_pause(struct cordon_container *kept, bool pause)
{
	const struct timespec moment = { 0, (long)NSEC_PER_MSEC };
	uint64_t end = clock_ns() + PAUSE_NS;

	for (;;) {
		socket_enter(kept);
		if (!pause || kept->init.socket < 0 || kept->frozen || has_room(kept))
			return 0;
		socket_leave(kept);
		if (clock_ns() >= end)
			return -ETIMEDOUT;
		(void)nanosleep(&moment, NULL);
	}
}

/* Under the lock. Sent with QUIET and an id that no reply uses: the run's own thread reads the socket. */
static int send_pause(struct cordon_container *kept, bool pause)
{
	struct cordon_msg command = {
		.version = CORDON_PROTOCOL_VERSION,
		.type = pause ? CORDON_MSG_PAUSE : CORDON_MSG_RESUME,
		.flags = pause && kept->frozen ? CORDON_MSG_QUIET | CORDON_MSG_FROZEN : CORDON_MSG_QUIET,
		.size = sizeof command,
	};

	trace_message(kept->init.pid, "send", &command, sizeof command, 0);
	return socket_send(kept->init.socket, &command, sizeof command, NULL, 0);
}

/* Under the lock. */
static int pause_run(struct cordon_container *kept)
{
	uint64_t none = 0;
	int rc;

	if (kept->frozen)	/* and init has been told */
		return 0;
	freeze(kept);
	rc = send_pause(kept, true);
	if (rc == 0)
		(void)atomic_compare_exchange_strong(&kept->paused_at_ns, &none, clock_ns());
	else
		thaw(kept);	/* init was not told */
	return rc;
}

/* Under the lock. Sends nothing if no PAUSE was sent, so repeated calls do not fill the socket. */
static int resume_run(struct cordon_container *kept)
{
	int rc;

	thaw(kept);
	if (atomic_load(&kept->paused_at_ns) == 0)
		return 0;
	rc = send_pause(kept, false);
	if (rc == 0)
		pause_over(kept);
	return rc;
}

int cordon_container_pause(struct cordon_container *kept, int pause, struct cordon_error *err)
{
	int rc = enter_to_pause(kept, pause != 0);

	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_INIT_TIMEOUT, CORDON_NO_INDEX, "PAUSE");
	if (kept->init.socket < 0)
		rc = -EPIPE;
	else
		rc = pause != 0 ? pause_run(kept) : resume_run(kept);
	socket_leave(kept);
	return rc < 0 ? error_set(err, -rc, CORDON_STEP_INIT_GONE, CORDON_NO_INDEX, NULL) : 0;
}

int32_t cordon_container_pid(const struct cordon_container *kept)
{
	return kept->shared != NULL && !kept->is_sidecar ? kept->shared->root->init.pid : kept->init.pid;
}
