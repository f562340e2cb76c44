/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/wait.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include "base/base.h"
#include "cgroup/file.h"
#include "cgroup/name.h"
#include "error/error.h"
#include "forkexec/forkexec.h"
#include "image/image.h"

#define JANITOR_NAME "cordon-janitor"
#define END_NS (3 * NSEC_PER_SEC)	/* the janitor gives up after 2 s (janitor.c) */

static int janitor_socket = -1;	/* our end; -1 = no janitor */
static long owner_pid;		/* the process that started it; a child of fork(2) differs */
static int32_t janitor_pid;	/* 0 = not known */

static int spawn(const struct cgroup_hierarchies *hierarchies, int far_end, struct cordon_error *err)
{
	char prefix[CGROUP_NAME_MAX];
	const char *argv[] = { JANITOR_NAME, prefix, NULL };
	const char *envp[] = { NULL };
	struct child_fd fds[1 + CGROUP_CONTROLLERS];
	struct child_plan plan = {
		.exec_fd = image_fd(err), .argv = argv, .envp = envp, .fds = fds, .cgroup_fd = -1, .sync_fd = -1,
	};
	int32_t pid;
	int rc;

	if (plan.exec_fd < 0)
		return plan.exec_fd;
	cgroup_name_prefix(prefix);
	fds[plan.nfds++] = (struct child_fd){ .fd = far_end, .target = 0 };
	for (uint32_t i = 0; i < hierarchies->n; i++)
		fds[plan.nfds++] = (struct child_fd){ .fd = hierarchies->items[i].own_fd, .target = 3 + (int)i };
	plan.new_session = true;
	plan.work_dir = "/";	/* so that the host's file systems can be unmounted */
	rc = forkexec_start(&plan, NULL, &pid, err);
	if (rc < 0)
		return rc;
	/* It forks, and its child is reparented to init (janitor.c), so that the user of this process sees no unknown
	 * child. ECHILD: another thread's waitpid(-1) reaped it. */
	while (sys(__NR_wait4, pid, NULL, __WALL, NULL) == -EINTR)
		;
	return 0;
}

int cgroup_guard_start(const struct cgroup_hierarchies *hierarchies, struct cordon_error *err)
{
	AUTO_CLOSE int near_end = -1, far_end = -1;
	int32_t pid;
	int ends[2], rc = (int)sys(__NR_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);

	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_SOCKET, CORDON_NO_INDEX, JANITOR_NAME);
	near_end = ends[0];
	far_end = ends[1];
	rc = spawn(hierarchies, far_end, err);
	if (rc < 0)
		return rc;
	janitor_pid = sys(__NR_recvfrom, near_end, &pid, sizeof pid, MSG_DONTWAIT, NULL, NULL) == sizeof pid ? pid : 0;
	/* After fork(2) this closes our copy of the parent's socket. */
	fd_close(&janitor_socket);
	janitor_socket = fd_take(&near_end);
	owner_pid = sys(__NR_getpid);
	return 0;
}

/* Waits until the janitor has closed its end, which it does by ending. False after a time-out. */
static bool await_end(void)
{
	uint64_t end_ns = clock_ns() + END_NS, now;
	struct pollfd p = { janitor_socket, POLLIN, 0 };
	long rc = 0;

	while (rc <= 0 && (now = clock_ns()) < end_ns) {
		uint64_t ns = end_ns - now;
		struct timespec left = { (time_t)(ns / NSEC_PER_SEC), (long)(ns % NSEC_PER_SEC) };

		rc = sys(__NR_ppoll, &p, 1, &left, NULL, 0);
		if (rc < 0 && rc != -EINTR)
			break;
	}
	return rc > 0;
}

static bool is_janitor(int32_t pid)
{
	char number[24], path[64], name[32];

	(void)str_concat(path, sizeof path, "/proc/", u64_text(number, sizeof number, (uint64_t)pid), "/comm");
	return cgroup_file_read(AT_FDCWD, path, name, sizeof name) == 0 && strcmp(name, JANITOR_NAME "\n") == 0;
}

/* If this process is pid 1 of a container, or a subreaper, the janitor was reparented to it. The name is checked
 * because the pid may belong to another child by now, if the janitor was killed earlier. */
static void reap(int32_t pid)
{
	if (pid > 0 && is_janitor(pid))
		while (sys(__NR_wait4, pid, NULL, __WALL, NULL) == -EINTR)
			;
}

void cgroup_guard_end(void)
{
	if (janitor_socket >= 0 && owner_pid == sys(__NR_getpid)) {
		(void)sys(__NR_shutdown, janitor_socket, SHUT_WR);
		if (await_end())
			reap(janitor_pid);
	}
	fd_close(&janitor_socket);
	janitor_pid = 0;
}
