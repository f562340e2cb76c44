/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include "base/base.h"
#include "cgroup/name.h"

#define REMOVE_WAIT_NS NSEC_PER_SEC
#define KILL_AFTER_NS (REMOVE_WAIT_NS / 4)
#define PAUSE_FIRST_NS (50 * UINT64_C(1000))
#define PAUSE_LAST_NS (20 * NSEC_PER_MSEC)

static int dir_open(int parent_fd, const char *name)
{
	return (int)sys(__NR_openat, parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
}

int cgroup_dir_make(int parent_fd, const char *name, const char *join_file, int *ret_procs_fd)
{
	AUTO_CLOSE int dirfd = -1;
	int rc = (int)sys(__NR_mkdirat, parent_fd, name, 0755);
	int procs_fd;

	if (rc < 0)
		return rc == -EEXIST ? -EAGAIN : rc;
	rc = dirfd = dir_open(parent_fd, name);
	if (rc >= 0)
		rc = (int)sys(__NR_flock, dirfd, LOCK_SH | LOCK_NB);
	if (rc == -ENOENT || rc == -EAGAIN)
		return -EAGAIN;	/* a cleaner holds the lock, and removes the directory */
	if (rc >= 0)
		rc = procs_fd = (int)sys(__NR_openat, dirfd, join_file, O_WRONLY | O_CLOEXEC, 0);
	if (rc >= 0) {
		*ret_procs_fd = procs_fd;
		return fd_take(&dirfd);
	}
	cgroup_dir_remove(parent_fd, name);
	return rc == -ENOENT || rc == -ENODEV ? -EAGAIN : rc;	/* a cleaner removed it before it was locked */
}

int cgroup_dir_make_next(int dirfd, const char *join_file, char name[CGROUP_NAME_MAX], int *ret_procs_fd)
{
	int fd = -EAGAIN;

	for (int attempt = 0; attempt < CGROUP_NAME_ATTEMPTS && fd == -EAGAIN; attempt++) {
		cgroup_name_next(name);
		fd = cgroup_dir_make(dirfd, name, join_file, ret_procs_fd);
	}
	return fd;
}

static void pause_ns(uint64_t ns)
{
	struct { int64_t sec, nsec; } t = { 0, (int64_t)ns };

	(void)sys(__NR_nanosleep, &t, NULL);	/* a signal only makes the next try come sooner */
}

/* ENOENT: v1, or a kernel before Linux 5.14. */
static void kill_all(int dirfd)
{
	(void)file_write_at(dirfd, "cgroup.kill", "1");
}

static void kill_named(int parent_fd, const char *name)
{
	AUTO_CLOSE int fd = dir_open(parent_fd, name);

	if (fd >= 0)
		kill_all(fd);
}

void cgroup_dir_remove(int parent_fd, const char *name)
{
	uint64_t deadline = 0, pause = PAUSE_FIRST_NS;
	bool may_kill = !cgroup_name_is_host(name);

	/* A process that has been reaped may still be counted for some microseconds. v1 gives no notice when that
	 * ends. */
	while (sys(__NR_unlinkat, parent_fd, name, AT_REMOVEDIR) == -EBUSY) {
		if (deadline == 0)
			deadline = clock_ns() + REMOVE_WAIT_NS;
		else if (clock_ns() >= deadline)
			break;
		if (may_kill && clock_ns() + REMOVE_WAIT_NS - KILL_AFTER_NS >= deadline) {
			kill_named(parent_fd, name);
			may_kill = false;
		}
		pause_ns(pause);
		pause = u64_min(2 * pause, PAUSE_LAST_NS);
	}
}

static void remove_unlocked(int parent_fd, const char *name)
{
	AUTO_CLOSE int fd = dir_open(parent_fd, name);

	if (fd < 0 || sys(__NR_flock, fd, LOCK_EX | LOCK_NB) < 0)
		return;
	if (sys(__NR_unlinkat, parent_fd, name, AT_REMOVEDIR) != -EBUSY || cgroup_name_is_host(name))
		return;
	cgroup_dir_remove_stale(fd);	/* of a parent group */
	if (sys(__NR_unlinkat, parent_fd, name, AT_REMOVEDIR) == 0)
		return;
	(void)file_write_at(fd, "freezer.state", "THAWED");	/* v1: a frozen process does not die */
	kill_all(fd);
}

void cgroup_dir_remove_stale(int parent_fd)
{
	_Alignas(8) char buf[4096];
	/* A new open file: the read position of the old one is shared with the janitor and other threads. */
	AUTO_CLOSE int list = dir_open(parent_fd, ".");
	long len;

	while (list >= 0 && (len = sys(__NR_getdents64, list, buf, sizeof buf)) > 0) {
		for (long at = 0; at < len;) {
			const struct linux_dirent64 *d = (const struct linux_dirent64 *)(const void *)(buf + at);

			if (d->d_type == DT_DIR && str_starts(d->d_name, CGROUP_PREFIX))
				remove_unlocked(parent_fd, d->d_name);
			at += d->d_reclen;
		}
	}
}
