/* SPDX-License-Identifier: Apache-2.0 */
/* container_command: the commands of a container that run no program: ping, reset and files. In a shared container the
 * root's init serves them, also while programs run. */
#include <errno.h>
#include "base/base.h"
#include "cordon/runner.h"
#include "error/error.h"
#include "host/container.h"
#include "host/items.h"
#include "host/sidecar.h"
#include "host/validate.h"
#include "socket/socket.h"
#include "wire/wire.h"

#define PING_NS (5 * NSEC_PER_SEC)
#define COMMAND_NS (CORDON_ITEMS_NS + 15 * NSEC_PER_SEC)

/* Returns the container whose init serves kept's commands. To be ended by leave. */
static struct cordon_container *enter(struct cordon_container *kept)
{
	if (kept->shared == NULL)
		return kept;
	shared_enter(kept->shared);
	return kept->shared->root;
}

static void leave(struct cordon_container *kept)
{
	if (kept->shared != NULL)
		shared_leave(kept->shared);
}

/* 0, or -errno with *err if the handle itself is broken. */
static int is_whole(const struct cordon_container *kept, struct cordon_error *err)
{
	if (!kept->broken)
		return 0;
	*err = kept->error;
	return -EPIPE;
}

/* Asks the handle's own init, whose socket no run may use meanwhile. */
static int ping_own(struct cordon_container *kept, struct cordon_error *err)
{
	int rc = kept->shared != NULL ? shared_run_begins(kept->shared, err) : 0;

	if (rc < 0)
		return rc;
	rc = container_command_ok(kept, CORDON_MSG_PING, PING_NS, err);
	if (kept->shared != NULL)
		shared_run_ends(kept->shared);
	return rc;
}

int cordon_container_ping(struct cordon_container *kept, struct cordon_error *err)
{
	int rc = is_whole(kept, err);

	if (rc == 0 && (kept->shared == NULL || !kept->busy))
		rc = ping_own(kept, err);
	if (rc == 0 && kept->shared != NULL) {
		rc = container_command_ok(enter(kept), CORDON_MSG_PING, PING_NS, err);
		leave(kept);
	}
	return rc;
}

/* A container that could not be reset is not fit for another run. */
static int reset(struct cordon_container *kept, struct cordon_error *err)
{
	int rc = container_command_ok(kept, CORDON_MSG_RESET, COMMAND_NS, err);

	if (rc < 0 && !kept->broken && err->step == CORDON_STEP_RESET)
		container_break(kept, err);
	return rc;
}

static int reset_shared(struct cordon_container *kept, struct cordon_error *err)
{
	struct shared *shared = kept->shared;
	int rc = is_whole(kept, err);

	if (rc == 0)
		rc = shared_reset_begins(shared, err);
	if (rc < 0)
		return rc;
	shared_enter(shared);
	rc = reset(shared->root, err);
	if (rc == 0)
		rc = sidecar_renew_all(shared, err);
	shared_leave(shared);
	shared_reset_ends(shared);
	return rc;
}

int cordon_container_reset(struct cordon_container *kept, struct cordon_error *err)
{
	if (kept->config.namespaces == CORDON_NAMESPACES_NONE)	/* nothing to reset: see leave_kept in run_end.c */
		return cordon_container_ping(kept, err);
	return kept->shared != NULL ? reset_shared(kept, err) : reset(kept, err);
}

/* Takes the errors, and for OPEN the descriptors, from a reply. */
static int take_items(struct cordon_container *kept, struct socket_msg *msg, uint32_t n, int *ret_fds,
		      struct cordon_error *ret_errors, struct cordon_error *err)
{
	const struct cordon_error *errors;
	uint32_t next = 0;

	if (((const struct cordon_msg *)msg->data)->type != CORDON_MSG_ITEMS ||
	    wire_errors_decode(msg->data, msg->size, msg->nfds, n, ret_fds != NULL, &errors) < 0)
		return container_broken_with(kept, EPROTO, CORDON_STEP_PROTOCOL, err);
	for (uint32_t i = 0; i < n; i++) {
		ret_errors[i] = errors[i];
		if (ret_fds != NULL)
			ret_fds[i] = errors[i].step == CORDON_STEP_NONE ? fd_take(&msg->fds[next++]) : -1;
	}
	return 0;
}

static int send_files(struct cordon_container *kept, enum cordon_msg_type type, const struct cordon_file *files,
		      uint32_t n, int *ret_fds, struct cordon_error *ret_errors, struct cordon_error *err)
{
	_Alignas(8) unsigned char buffer[CORDON_MSG_INLINE_MAX];
	AUTO_MESSAGE struct init_message message = { NULL, 0 };
	struct socket_msg msg;
	int rc = container_may_use(kept, err);

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
	rc = container_await(kept, COMMAND_NS, buffer, &msg, err);
	if (rc < 0)
		return rc;
	rc = take_items(kept, &msg, n, ret_fds, ret_errors, err);
	socket_msg_done(&msg);
	return rc;
}

static int files_command(struct cordon_container *kept, enum cordon_msg_type type, const struct cordon_file *files,
			 uint32_t n, int *ret_fds, struct cordon_error *ret_errors, struct cordon_error *err)
{
	int rc = validate_files(files, n, type == CORDON_MSG_SYMLINK, err);

	if (rc < 0)
		return rc;
	if (kept->config.namespaces == CORDON_NAMESPACES_NONE)
		return error_refuse(err, CORDON_NO_INDEX, "files", files[0].path,
				    "a container without namespaces has none of its own");
	rc = is_whole(kept, err);
	if (rc < 0)
		return rc;
	rc = send_files(enter(kept), type, files, n, ret_fds, ret_errors, err);
	leave(kept);
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
