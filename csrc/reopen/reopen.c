/* SPDX-License-Identifier: Apache-2.0 */
#include "reopen/reopen.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/stat.h>
#include "arch/arch.h"
#include "base/base.h"

#define CHILD_STACK 16384
#define PATH_SIZE 4096
#define UNIX_FAMILY 1 /* AF_UNIX */

/* ---- by the link in /proc ---- */

static void link_of(int fd, char buf[40])
{
	char number[24];

	(void)str_concat(buf, 40, "/proc/self/fd/", u64_text(number, sizeof number, (uint64_t)fd), "");
}

int reopen_plain(int fd, uint32_t flags)
{
	char link[40];
	int opened;

	link_of(fd, link);
	/* O_NONBLOCK only for the open: a FIFO without a peer would block it */
	opened = (int)sys(__NR_openat, AT_FDCWD, link, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
	if (opened >= 0)
		(void)sys(__NR_fcntl, opened, F_SETFL, flags & ~(uint32_t)O_ACCMODE);
	return opened;
}

/* ---- through a mount of its own ---- */

/* path: relative to dir, or empty for the file that dir has open. */
static int open_through(int dir, const char *path, uint32_t flags)
{
	struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
		.propagation = MS_PRIVATE,
	};
	int tree = (int)sys(__NR_open_tree, dir, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH), fd;
	long rc;

	if (tree < 0)
		return tree;
	rc = sys(__NR_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof attr);
	fd = rc < 0 ? (int)rc : reopen_plain(tree, flags);
	fd_close(&tree); /* the mount stays until fd is closed, too */
	return fd;
}

struct child {
	int (*act)(const struct child *child);
	const char *path;	/* to be opened */
	uint32_t flags;
	int type, *pair;	/* of sockets */
	int result;
};

static void child_main(void *arg)
{
	struct child *child = arg;

	child->result = child->act(child);
	for (;;)
		(void)sys(__NR_exit, 0);
}

static int act_open(const struct child *child)
{
	return open_through(AT_FDCWD, child->path, child->flags);
}

static int act_pair(const struct child *child)
{
	return (int)sys(__NR_socketpair, UNIX_FAMILY, child->type | O_CLOEXEC, 0, child->pair);
}

/* The result of the child's act, in new namespaces. */
static int in_child(struct child *child, uint64_t namespaces)
{
	_Alignas(16) unsigned char stack[CHILD_STACK];
	const struct arch_clone_args args = {
		.flags = CLONE_VM | CLONE_VFORK | CLONE_FILES | namespaces,
		.stack = (uint64_t)(uintptr_t)stack,
		.stack_size = sizeof stack,
	};
	uint64_t all = ~UINT64_C(0), saved = 0;
	long pid;

	(void)sys(__NR_rt_sigprocmask, SIG_SETMASK, &all, &saved, sizeof all);
	child->result = -EINTR;
	pid = arch_clone(&args, child_main, child);
	(void)sys(__NR_rt_sigprocmask, SIG_SETMASK, &saved, NULL, sizeof saved);
	if (pid < 0)
		return (int)pid;
	while (sys(__NR_wait4, pid, NULL, WAIT_ALL, NULL) == -EINTR)
		;
	return child->result;
}

static bool is_same(int a, int b)
{
	struct statx x, y;
	const uint32_t mask = STATX_TYPE | STATX_INO;

	return sys(__NR_statx, a, "", AT_EMPTY_PATH, mask, &x) == 0 &&
	       sys(__NR_statx, b, "", AT_EMPTY_PATH, mask, &y) == 0 && x.stx_ino == y.stx_ino &&
	       x.stx_dev_major == y.stx_dev_major && x.stx_dev_minor == y.stx_dev_minor;
}

/* In the child's copies of the mounts the file is found by its path only. */
static int open_by_child(int fd, uint32_t flags)
{
	char link[40], path[PATH_SIZE];
	struct child child = { .act = act_open, .path = path, .flags = flags };
	int opened;
	long n;

	link_of(fd, link);
	n = sys(__NR_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
	if (n < 0 || path[0] != '/')
		return n < 0 ? (int)n : -EINVAL;
	path[n] = '\0';
	opened = in_child(&child, CLONE_NEWUSER | CLONE_NEWNS);
	if (opened >= 0 && !is_same(opened, fd)) {
		fd_close(&opened);
		return -ESTALE;
	}
	return opened;
}

int reopen_private(int fd, uint32_t flags)
{
	int opened = open_through(fd, "", flags);

	return opened == -EPERM ? open_by_child(fd, flags) : opened;
}

int reopen_pair(int type, int ret_pair[2])
{
	struct child child = { .act = act_pair, .type = type, .pair = ret_pair };
	int rc = in_child(&child, CLONE_NEWNET);

	return rc == -EPERM ? in_child(&child, CLONE_NEWUSER | CLONE_NEWNET) : rc;
}
