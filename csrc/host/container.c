/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "host/container.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/base.h"
#include "error/error.h"
#include "host/filter.h"
#include "host/items.h"
#include "host/limits.h"
#include "host/machine.h"
#include "host/run_group.h"
#include "host/validate.h"
#include "socket/socket.h"
#include "trace/host.h"
#include "trace/trace.h"
#include "use/use.h"
#include "wire/wire.h"

#define PING_NS (5 * NSEC_PER_SEC)
/* Long enough for DELETE of a large tree. */
#define COMMAND_NS (60 * NSEC_PER_SEC)

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
	kept->running = true;
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

void container_break(struct cordon_container *kept, const struct cordon_error *err)
{
	if (kept->broken)
		return;
	trace_error(kept->init.pid, "broken", err);
	kept->broken = true;
	kept->error = *err;
	socket_enter(kept);
	kept->running = false;
	thaw(kept);
	init_process_stop(&kept->init);
	socket_leave(kept);
}

static int broken_with(struct cordon_container *kept, int errnum, enum cordon_step step, struct cordon_error *err)
{
	int rc = error_set(err, errnum, step, CORDON_NO_INDEX, NULL);

	container_break(kept, err);
	return rc;
}

/* Waits for the reply to the last command. 0 with *msg for socket_msg_done, or -errno with *err. An ERROR of that
 * command leaves the container usable, any other error breaks it. */
static int await(struct cordon_container *kept, uint64_t timeout_ns, void *buffer, struct socket_msg *msg,
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
		return broken_with(kept, ETIMEDOUT, CORDON_STEP_INIT_TIMEOUT, err);
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
		rc = broken_with(kept, EPROTO, CORDON_STEP_PROTOCOL, err);
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

static int await_ok(struct cordon_container *kept, uint64_t timeout_ns, struct cordon_error *err)
{
	_Alignas(8) unsigned char buffer[CORDON_MSG_INLINE_MAX];
	struct socket_msg msg;
	int rc = await(kept, timeout_ns, buffer, &msg, err);

	if (rc < 0)
		return rc;
	if (((const struct cordon_msg *)msg.data)->type != CORDON_MSG_OK)
		rc = broken_with(kept, EPROTO, CORDON_STEP_PROTOCOL, err);
	socket_msg_done(&msg);
	return rc;
}

static int command_ok(struct cordon_container *kept, enum cordon_msg_type type, uint64_t timeout_ns,
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
	return await_ok(kept, timeout_ns, err);
}

int cordon_container_ping(struct cordon_container *kept, struct cordon_error *err)
{
	return command_ok(kept, CORDON_MSG_PING, PING_NS, err);
}

int cordon_container_reset(struct cordon_container *kept, struct cordon_error *err)
{
	int rc;

	if (kept->config.namespaces == CORDON_NAMESPACES_NONE)	/* nothing to reset: see leave_kept in run_end.c */
		return cordon_container_ping(kept, err);
	rc = command_ok(kept, CORDON_MSG_RESET, COMMAND_NS, err);
	if (rc < 0 && !kept->broken && err->step == CORDON_STEP_RESET)
		container_break(kept, err);	/* not fit for another run */
	return rc;
}

/* Copies the parts of config that runs need. The filter of a policy and the default filter outlive the container. */
static int keep_config(struct cordon_container *kept, const struct cordon_container_config *config,
		       struct cordon_error *err)
{
	struct cordon_container_config *own = &kept->config;
	void *bpf = NULL;

	*own = (struct cordon_container_config){
		.network = config->network,
		.seccomp_kind = config->seccomp_kind,
		.seccomp_len = config->seccomp_len,
		.seccomp_bpf = config->seccomp_bpf,
		.seccomp_policy = config->seccomp_policy,
		.namespaces = config->namespaces,
		.require = config->require,
	};
	if (config->seccomp_kind == CORDON_SECCOMP_BPF) {
		own->seccomp_bpf = bpf = malloc(config->seccomp_len);
		if (bpf != NULL)
			memcpy(bpf, config->seccomp_bpf, config->seccomp_len);
	}
	if (config->apparmor_profile != NULL)
		own->apparmor_profile = strdup(config->apparmor_profile);
	if (config->selinux_label != NULL)
		own->selinux_label = strdup(config->selinux_label);
	if ((config->seccomp_kind == CORDON_SECCOMP_BPF && bpf == NULL) ||
	    (config->apparmor_profile != NULL && own->apparmor_profile == NULL) ||
	    (config->selinux_label != NULL && own->selinux_label == NULL))
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	return 0;
}

static void free_config(struct cordon_container *kept)
{
	if (kept->config.seccomp_kind == CORDON_SECCOMP_BPF)
		free((void *)(uintptr_t)kept->config.seccomp_bpf);
	free((void *)(uintptr_t)kept->config.apparmor_profile);
	free((void *)(uintptr_t)kept->config.selinux_label);
}

static int open_kept(struct cordon_container *kept, const struct cordon_container_config *config,
		     struct cordon_error *err)
{
	struct cordon_container_config resolved = *config;
	struct cgroup_limits limits;
	int rc = filter_resolve(&resolved, err);

	if (rc < 0)
		return rc;
	rc = keep_config(kept, &resolved, err);
	if (rc < 0)
		return rc;
	if (config->use_cgroup == CORDON_CGROUP_AUTO) {
		run_group_limits(&limits_none, NULL, true, &limits);
		rc = run_group_open(&limits, config->require, &kept->group, &kept->layers, err);
		if (rc < 0)
			return rc;
	}
	kept->grouped = kept->group != NULL;
	rc = init_process_open(&kept->init, &resolved, cgroup_inits_fd(kept->group), true, err);
	if (rc < 0)
		return rc;
	kept->layers |= kept->init.layers;
	return await_ok(kept, INIT_SETUP_NS, err);
}

int cordon_container_open(const struct cordon_container_config *config, struct cordon_container **ret_container,
			  struct cordon_error *err)
{
	struct cordon_container *kept;
	int rc = validate_config(config, err);

	if (rc < 0)
		return rc;
	rc = machine_check(config, err);
	if (rc < 0)
		return rc;
	kept = calloc(1, sizeof *kept);
	if (kept == NULL)
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	use_begin();
	trace_host_begin();
	init_process_init(&kept->init);
	kept->cpu = -1;
	atomic_flag_clear(&kept->socket_lock);
	rc = open_kept(kept, config, err);
	if (rc < 0) {
		trace_error(kept->init.pid, "refused", err);
		cordon_container_free(kept);
		return rc;
	}
	*ret_container = kept;
	return 0;
}

/* Takes the errors, and for OPEN the descriptors, from a reply. */
static int take_items(struct cordon_container *kept, struct socket_msg *msg, uint32_t n, int *ret_fds,
		      struct cordon_error *ret_errors, struct cordon_error *err)
{
	const struct cordon_error *errors;
	uint32_t next = 0;

	if (((const struct cordon_msg *)msg->data)->type != CORDON_MSG_ITEMS ||
	    wire_errors_decode(msg->data, msg->size, msg->nfds, n, ret_fds != NULL, &errors) < 0)
		return broken_with(kept, EPROTO, CORDON_STEP_PROTOCOL, err);
	for (uint32_t i = 0; i < n; i++) {
		ret_errors[i] = errors[i];
		if (ret_fds != NULL)
			ret_fds[i] = errors[i].step == CORDON_STEP_NONE ? fd_take(&msg->fds[next++]) : -1;
	}
	return 0;
}

static int files_command(struct cordon_container *kept, enum cordon_msg_type type, const struct cordon_file *files,
			 uint32_t n, int *ret_fds, struct cordon_error *ret_errors, struct cordon_error *err)
{
	_Alignas(8) unsigned char buffer[CORDON_MSG_INLINE_MAX];
	AUTO_MESSAGE struct init_message message = { NULL, 0 };
	struct socket_msg msg;
	int rc = validate_files(files, n, type == CORDON_MSG_SYMLINK, err);

	if (rc < 0)
		return rc;
	if (kept->config.namespaces == CORDON_NAMESPACES_NONE)
		return error_refuse(err, CORDON_NO_INDEX, "files", files[0].path,
				    "a container without namespaces has none of its own");
	rc = container_may_use(kept, err);
	if (rc < 0)
		return rc;
	rc = items_prepare(&message, type, "", files, n, err);
	if (rc < 0)
		return rc;
	rc = init_process_send(&kept->init, message.data, message.size, NULL, 0, err);
	if (rc < 0) {
		if (err->step == CORDON_STEP_INIT_GONE)
			container_break(kept, err);
		return rc;
	}
	rc = await(kept, COMMAND_NS, buffer, &msg, err);
	if (rc < 0)
		return rc;
	rc = take_items(kept, &msg, n, ret_fds, ret_errors, err);
	socket_msg_done(&msg);
	return rc;
}

int cordon_container_open_files(struct cordon_container *kept, const struct cordon_file *files, uint32_t n,
				int *ret_fds, struct cordon_error *ret_errors, struct cordon_error *err)
{
	return files_command(kept, CORDON_MSG_OPEN, files, n, ret_fds, ret_errors, err);
}

int cordon_container_delete_files(struct cordon_container *kept, const struct cordon_file *files, uint32_t n,
				  struct cordon_error *ret_errors, struct cordon_error *err)
{
	return files_command(kept, CORDON_MSG_DELETE, files, n, NULL, ret_errors, err);
}

int cordon_container_symlink_files(struct cordon_container *kept, const struct cordon_file *files, uint32_t n,
				   struct cordon_error *ret_errors, struct cordon_error *err)
{
	return files_command(kept, CORDON_MSG_SYMLINK, files, n, NULL, ret_errors, err);
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
	uint64_t end = clock_ns() + PING_NS;

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
	return kept->init.pid;
}

void cordon_container_free(struct cordon_container *kept)
{
	if (kept == NULL)
		return;
	init_process_stop(&kept->init);
	cgroup_free(kept->group);
	free_config(kept);
	free(kept);
	use_end();
}
