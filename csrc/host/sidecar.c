/* SPDX-License-Identifier: Apache-2.0 */
#include "host/sidecar.h"

#include <errno.h>
#include "base/base.h"
#include "error/error.h"
#include "host/init_process.h"
#include "socket/socket.h"
#include "trace/trace.h"

/* Lets the root's init make a sidecar, which gets far_end. 0 or -errno with *err. */
static int ask_for(struct cordon_container *root, int far_end, struct cordon_error *err)
{
	struct cordon_msg command = {
		.version = CORDON_PROTOCOL_VERSION, .type = CORDON_MSG_SIDECAR, .size = sizeof command,
	};
	int rc = init_process_send(&root->init, &command, sizeof command, &far_end, 1, err);

	if (rc == 0)
		return container_await_ok(root, INIT_SETUP_NS, err);
	if (err->step == CORDON_STEP_INIT_GONE)
		container_break(root, err);
	return rc;
}

/* Opens a pidfd of the sidecar, whose pid came with its first message. Only that process can answer the PING, so the
 * pid was not another process's when it was opened. */
static int take_hold(struct cordon_container *kept, struct cordon_error *err)
{
	int pidfd = (int)sys(__NR_pidfd_open, kept->init.pid, 0);

	if (pidfd < 0)
		return error_set(err, -pidfd, CORDON_STEP_SIDECAR, CORDON_NO_INDEX, "pidfd_open");
	if (init_process_command(&kept->init, CORDON_MSG_PING, 0, err) < 0 ||
	    container_await_ok(kept, INIT_SETUP_NS, err) < 0) {
		fd_close(&pidfd);
		return -EPIPE;
	}
	kept->init.pidfd = pidfd;
	TRACE(kept->shared->root->init.pid, "sidecar", TRACE_INT("pid", kept->init.pid));
	return 0;
}

int sidecar_open(struct cordon_container *kept, struct cordon_error *err)
{
	struct cordon_container *root = kept->shared->root;
	AUTO_CLOSE int near_end = -1, far_end = -1;
	struct init_process init;
	int pair[2], rc = container_may_use(root, err);

	if (rc < 0)
		return rc;
	rc = socket_pair(pair);
	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_SOCKET, CORDON_NO_INDEX, NULL);
	near_end = pair[0];
	far_end = pair[1];
	rc = ask_for(root, far_end, err);
	if (rc < 0)
		return rc;
	fd_close(&far_end);	/* so that the socket ends when the sidecar ends */
	init_process_adopt(&init, &root->init, fd_take(&near_end));
	container_set_init(kept, &init);
	rc = container_await_ok(kept, INIT_SETUP_NS, err);
	return rc < 0 ? rc : take_hold(kept, err);
}

int sidecar_renew_all(struct shared *shared, struct cordon_error *err)
{
	struct init_process none;
	int rc = 0;

	init_process_init(&none);
	for (struct cordon_container *kept = shared->handles; kept != NULL && rc == 0; kept = kept->next) {
		if (kept->broken)
			continue;
		container_set_init(kept, &none);
		rc = sidecar_open(kept, err);
	}
	if (rc < 0)
		container_break(shared->root, err);
	return rc;
}
