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
#define END_NS (3 * NSEC_PER_SEC)	/* it gives up after two (janitor.c) */

static int janitor_socket = -1;	/* our end; -1 = no janitor */
static long owner_pid;		/* of the process whose janitor it is: not that of a child of fork(2) */
static int32_t janitor_pid;	/* 0 = not known */

static int spawn(const struct cgroup_homes *homes, int far_end, struct cordon_error *err)
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
	for (uint32_t i = 0; i < homes->n; i++)
		fds[plan.nfds++] = (struct child_fd){ .fd = homes->home[i].own_fd, .target = 3 + (int)i };
	plan.new_session = true;
	plan.work_dir = "/";	/* lest it keeps the host's file system busy */
	rc = forkexec_start(&plan, NULL, &pid, err);
	if (rc < 0)
		return rc;
	/* It leaves a child of its own to init and ends at once (janitor.c), so that this process has no child that its
	 * user does not know of. ECHILD: a waitpid(-1) was quicker. */
	while (sys(__NR_wait4, pid, NULL, __WALL, NULL) == -EINTR)
		;
	return 0;
}

int cgroup_guard_start(const struct cgroup_homes *homes, struct cordon_error *err)
{
	AUTO_CLOSE int near_end = -1, far_end = -1;
	int32_t pid;
	int ends[2], rc = (int)sys(__NR_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);

	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_SOCKET, CORDON_NO_INDEX, JANITOR_NAME);
	near_end = ends[0];
	far_end = ends[1];
	rc = spawn(homes, far_end, err);
	if (rc < 0)
		return rc;
	janitor_pid = sys(__NR_recvfrom, near_end, &pid, sizeof pid, MSG_DONTWAIT, NULL, NULL) == sizeof pid ? pid : 0;
	/* After fork(2) an older one is the parent's, which then has one holder less. */
	fd_close(&janitor_socket);
	janitor_socket = fd_take(&near_end);
	owner_pid = sys(__NR_getpid);
	return 0;
}

/* True where it has closed its end, which it does by ending. */
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

/* As process 1 of a container, or a subreaper, this process is the init that it was left to. The name: another child of
 * our user's may have got the pid of a janitor that somebody killed long ago. */
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
