/* SPDX-License-Identifier: Apache-2.0 */
#include "janitor/janitor.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/prctl.h>
#include <linux/time_types.h>
#include "base/base.h"

#define HOST_FD 0
#define FIRST_DIR 3
#define DIRS_MAX 8
#define GIVE_UP_NS (2 * NSEC_PER_SEC)
#define PAUSE_FIRST_NS NSEC_PER_MSEC
#define PAUSE_LAST_NS (50 * NSEC_PER_MSEC)

/* asm-generic/fcntl.h */
#define FLOCK_EX 2
#define FLOCK_NB 4

#define DIRENT_DIR 4

/* A host group holds processes that are not the program's, this one among them (csrc/cgroup/subtree.h). A later Cordon
 * removes it. */
static bool is_host_group(const char *name)
{
	size_t len = str_len(name);

	return len > 5 && str_eq(name + len - 5, ".host");
}

static bool dir_clean(int dirfd, const char *prefix);

/* A locked group belongs to a living process: to our host while its descriptors are being closed, or to a process of
 * another pid namespace with the same pid (csrc/cgroup/dir.h). EBUSY: the program is still ending, or v1's freezer
 * prevents it. cgroup.kill (v2, Linux 5.14) kills processes that outlived their pid namespace's init. */
static void group_remove(int dirfd, const char *name, const char *prefix)
{
	AUTO_CLOSE int fd = (int)sys(__NR_openat, dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);

	if (fd < 0 || sys(__NR_flock, fd, FLOCK_EX | FLOCK_NB) < 0)
		return;
	if (sys(__NR_unlinkat, dirfd, name, AT_REMOVEDIR) != -EBUSY)
		return;
	(void)file_write_at(fd, "freezer.state", "THAWED");
	(void)file_write_at(fd, "cgroup.kill", "1");
	(void)dir_clean(fd, prefix);	/* the groups in a parent group (csrc/cgroup/parent.h) */
}

/* One pass over the directory; true if it found nothing with the prefix. A removal may make the listing skip entries,
 * so only a pass without a find is the last one. */
static bool dir_clean(int dirfd, const char *prefix)
{
	_Alignas(8) char buf[4096];
	bool clean = true;
	long len;

	while ((len = sys(__NR_getdents64, dirfd, buf, sizeof buf)) > 0) {
		for (long at = 0; at < len;) {
			const struct linux_dirent64 *d = (const struct linux_dirent64 *)(const void *)(buf + at);

			if (d->d_type == DIRENT_DIR && str_starts(d->d_name, prefix) && !is_host_group(d->d_name)) {
				group_remove(dirfd, d->d_name, prefix);
				clean = false;
			}
			at += d->d_reclen;
		}
	}
	return clean;
}

static bool dirs_clean(const char *prefix)
{
	bool clean = true;

	for (int fd = FIRST_DIR; fd < FIRST_DIR + DIRS_MAX; fd++) {
		AUTO_CLOSE int dirfd = (int)sys(__NR_openat, fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

		/* A new open file: the given one may share its read position. EBADF: fewer directories were given. */
		if (dirfd >= 0 && !dir_clean(dirfd, prefix))
			clean = false;
	}
	return clean;
}

static void pause_ns(uint64_t ns)
{
	struct __kernel_timespec t = { .tv_sec = 0, .tv_nsec = (long long)ns };

	(void)sys(__NR_nanosleep, &t, NULL);
}

/* After an exec a child sends SIGCHLD, whatever clone(2) asked for, and a waitpid(-1) in the host would return it. So
 * the host waits for the process that it started, which forks the janitor and exits; the janitor is reparented to init.
 * Its pid goes to the host, which may be that init. */
static void leave_parent(void)
{
	int32_t pid = (int32_t)sys(__NR_clone, 0, NULL, NULL, NULL, NULL);

	if (pid == 0)
		return;
	if (pid > 0)
		(void)sys(__NR_write, HOST_FD, &pid, sizeof pid);
	(void)sys(__NR_exit_group, 0);	/* also if the fork failed: the host waits for this process */
}

static void host_await(void)
{
	char byte;
	long rc;

	do {
		rc = sys(__NR_read, HOST_FD, &byte, 1);
	} while (rc > 0 || rc == -EINTR);
}

_Noreturn void janitor_main(int argc, const char *const *argv)
{
	uint64_t all = ~UINT64_C(0);
	uint64_t pause = PAUSE_FIRST_NS;
	uint64_t deadline;

	/* Only the end of the host ends the janitor: a terminal's ^C or a service manager's SIGTERM also reaches its
	 * group. */
	(void)sys(__NR_rt_sigprocmask, 0 /* SIG_BLOCK */, &all, NULL, sizeof all);
	(void)sys(__NR_prctl, PR_SET_NAME, "cordon-janitor", 0, 0, 0);
	if (argc == 2 && str_starts(argv[1], "cordon.")) {
		leave_parent();
		host_await();
		deadline = clock_ns() + GIVE_UP_NS;
		while (!dirs_clean(argv[1]) && clock_ns() < deadline) {
			pause_ns(pause);
			pause = u64_min(2 * pause, PAUSE_LAST_NS);
		}
	}
	for (;;)
		(void)sys(__NR_exit_group, 0);
}
