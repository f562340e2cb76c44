/* SPDX-License-Identifier: Apache-2.0 */
/* try: probes that need a process of their own: namespaces, id maps, mounts, ptrace.
 *
 * Theory of operation. Each probe runs in a child that shares the caller's memory (CLONE_VM), has its own stack, writes
 * its answer to a struct of the caller, and exits. Copying the memory instead would cost page tables in proportion to
 * the JVM's heap: 20 ms for each child at 512 MB.
 * I1  A child makes only raw system calls, with every signal blocked, because the handlers are the JVM's.
 * I2  A child gets its user namespace from clone(2), never from unshare(2), and does not change its credentials
 *     otherwise: with CLONE_VM that could change the JVM's dumpable flag (commit_creds in the kernel).
 * I3  Its exit signal is 0: no SIGCHLD, and a waitpid(-1) of the JVM does not return it. Its stack is kept until it has
 *     been waited for.
 * I4  An answer starts as EINTR: a child that is killed before it answers does not count as a success. */
#include "features/try.h"

#include <errno.h>
#include <linux/fcntl.h>
#include <linux/mount.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/time_types.h>
#include <linux/wait.h>
#include "arch/arch.h"
#include "base/base.h"
#include "error/error.h"

#define CHILD_STACK 8192
#define MAPS_WAIT_S 2

/* In the order of struct cordon_features. */
static const uint64_t namespaces[7] = { CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,   CLONE_NEWNET,
					CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP };
enum { NS_USER = 0, NS_COUNT = 7 };

/* In the caller's stack frame, which outlives every child. */
struct trial {
	struct features_tried tried;
	_Alignas(16) unsigned char stacks[2][CHILD_STACK];	/* for a child and its child */
};

typedef void child_fn(struct trial *t);

struct child {
	child_fn *fn;
	struct trial *t;
};

static void wait_for(long pid)
{
	while (sys(__NR_wait4, pid, NULL, __WALL, NULL) == -EINTR)
		;
}

static void child_enter(void *arg)
{
	struct child *child = arg;

	child->fn(child->t);
	for (;;)
		(void)sys(__NR_exit, 0);
}

/* Starts child with new namespaces on a stack that stays in use until the child has been waited for. Returns the pid or
 * -errno. */
static long child_start(uint64_t flags, struct child *child, unsigned char *stack)
{
	const struct arch_clone_args args = {
		.flags = flags | CLONE_VM,
		.stack = (uint64_t)(uintptr_t)stack,
		.stack_size = CHILD_STACK,
	};
	uint64_t all = ~UINT64_C(0), saved = 0;
	long pid;

	(void)sys(__NR_rt_sigprocmask, SIG_SETMASK, &all, &saved, sizeof all);
	pid = arch_clone(&args, child_enter, child);
	(void)sys(__NR_rt_sigprocmask, SIG_SETMASK, &saved, NULL, sizeof saved);
	return pid;
}

/* Returns 0, or -errno of the clone. */
static int child_run(uint64_t flags, child_fn *fn, struct trial *t)
{
	struct child child = { .fn = fn, .t = t };
	long pid = child_start(flags, &child, t->stacks[0]);

	if (pid > 0)
		wait_for(pid);
	return pid > 0 ? 0 : (int)pid;
}

static void child_unshare(struct trial *t)
{
	for (int i = NS_USER + 1; i < NS_COUNT; i++)
		t->tried.namespace_err[i] = (int32_t)-sys(__NR_unshare, namespaces[i]);
}

/* Waits until its parent has written the maps and kills it; exits if the parent has ended. */
static void child_await(struct trial *t)
{
	struct __kernel_timespec wait = { .tv_sec = MAPS_WAIT_S };

	(void)t;
	(void)sys(__NR_nanosleep, &wait, NULL);
}

static int pivot_try(void)
{
	static const char *const dirs[] = { "/tmp", "/mnt", "/dev", "/usr" };	/* any directory will do, except /,
										   which cannot be covered */
	long rc = -ENOENT;

	for (size_t i = 0; i < ARRAY_LEN(dirs) && rc != 0; i++) {
		rc = sys(__NR_mount, "tmpfs", dirs[i], "tmpfs", MS_NOSUID | MS_NODEV, NULL);
		if (rc == 0)
			rc = sys(__NR_chdir, dirs[i]);
	}
	if (rc == 0)
		rc = sys(__NR_pivot_root, ".", ".");	/* stacks the old root on the new one, see pivot_root(2) */
	if (rc == 0)
		rc = sys(__NR_umount2, ".", MNT_DETACH);
	return (int)-rc;
}

static int user_max_try(void)
{
	AUTO_CLOSE int fd =
		(int)sys(__NR_openat, AT_FDCWD, "/proc/sys/user/max_user_namespaces", O_WRONLY | O_CLOEXEC, 0);

	return fd < 0 ? fd : 0;
}

/* proc before pivot_root: in a user namespace the kernel allows a new proc only if a fully visible one is mounted. It
 * is mounted on "/", where no directory is needed and no path lookup reaches it. */
static void child_mounts(struct trial *t)
{
	/* In a mount namespace with another owner all mounts are slaves; this fails if "/" is not a mount (chroot). */
	long rc = sys(__NR_mount, NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);

	if (rc < 0 && t->tried.namespace_err[NS_USER] != 0)
		return;	/* without a mount namespace a mount would be seen outside */
	t->tried.user_max_err = -user_max_try();
	t->tried.proc_err = (int32_t)-sys(__NR_mount, "proc", "/", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	if (t->tried.proc_err == 0)
		(void)sys(__NR_umount2, "/", MNT_DETACH);
	t->tried.pivot_root_err = pivot_try();
}

static void child_traced(struct trial *t)
{
	t->tried.ptrace_err = (int32_t)-sys(__NR_ptrace, PTRACE_TRACEME, 0, NULL, NULL);
	if (t->tried.ptrace_err == 0)
		(void)sys(__NR_kill, sys(__NR_getpid), SIGSTOP);
}

/* The tracer is a child as well: the JVM must not trace, nor get the SIGCHLD of a traced stop. */
static void child_tracer(struct trial *t)
{
	struct child child = { .fn = child_traced, .t = t };
	long pid = child_start(0, &child, t->stacks[1]);
	int status = 0;
	long rc;

	if (pid < 0) {
		t->tried.ptrace_err = (int32_t)-pid;
		return;
	}
	do {
		rc = sys(__NR_wait4, pid, &status, __WALL, NULL);
	} while (rc == -EINTR);
	if (t->tried.ptrace_err == 0 && (status & 0xff) != 0x7f)	/* not WIFSTOPPED */
		t->tried.ptrace_err = ESRCH;
	if (rc == pid && (status & 0xff) == 0x7f) {
		(void)sys(__NR_kill, pid, SIGKILL);
		wait_for(pid);
	}
}

/* Writes a map of an id that is not the caller's: id 1, which a user namespace with a single id lacks. */
static int map_write(long pid, const char *file)
{
	char number[24], dir[40], path[56];

	(void)str_concat(dir, sizeof dir, "/proc/", u64_text(number, sizeof number, (uint64_t)pid), "/");
	(void)str_concat(path, sizeof path, dir, file, "");
	return -file_write_at(AT_FDCWD, path, "1 1 1");
}

static void try_user_namespace(struct trial *t)
{
	struct child child = { .fn = child_await, .t = t };
	long pid = child_start(CLONE_NEWUSER, &child, t->stacks[0]);

	t->tried.namespace_err[NS_USER] = pid < 0 ? (int32_t)-pid : 0;
	if (pid < 0)
		return;
	t->tried.id_maps_err = map_write(pid, "uid_map");
	if (t->tried.id_maps_err == 0)
		t->tried.id_maps_err = map_write(pid, "gid_map");
	(void)sys(__NR_kill, pid, SIGKILL);
	wait_for(pid);
}

static void try_each_namespace(bool privileged, struct trial *t)
{
	int rc = child_run(privileged ? 0 : CLONE_NEWUSER, child_unshare, t);

	for (int i = NS_USER + 1; rc < 0 && i < NS_COUNT; i++)
		t->tried.namespace_err[i] = -rc;
}

static void try_together(struct trial *t)
{
	uint64_t flags = 0;

	for (int i = 0; i < NS_COUNT; i++)
		if (t->tried.namespace_err[i] == 0)
			flags |= namespaces[i];
	if ((flags & CLONE_NEWNS) == 0 || (flags & CLONE_NEWPID) == 0)
		return;	/* no sandbox is possible, and mounts would be the caller's own */
	t->tried.together_err = -child_run(flags, child_mounts, t);
}

int features_try(bool privileged, struct features_tried *ret, struct cordon_error *err)
{
	struct trial t;
	int rc;

	t.tried = (struct features_tried){
		.namespace_err = { EINTR, EINTR, EINTR, EINTR, EINTR, EINTR, EINTR },
		.id_maps_err = EINTR,
		.together_err = EINTR,
		.pivot_root_err = EINTR,
		.proc_err = EINTR,
		.user_max_err = EINTR,
		.ptrace_err = EINTR,
	};
	rc = child_run(0, child_tracer, &t);
	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_CLONE, CORDON_NO_INDEX, NULL);
	try_user_namespace(&t);
	try_each_namespace(privileged, &t);
	try_together(&t);
	*ret = t.tried;
	return 0;
}
