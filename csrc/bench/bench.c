/* SPDX-License-Identifier: Apache-2.0 */
/* bench: measures the floors.
 *
 * The children share the JVM's memory until they execute: they make only raw system calls and write only to
 * bench_one_shot's frame. All signals are blocked around the clone, because a handler of the JVM would run in the
 * child.
 * I1  No set*id in a child: with CLONE_VM that would clear the JVM's dumpable flag. */
#include "bench/bench.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "arch/arch.h"
#include "base/base.h"
#include "image/image.h"
#include "use/use.h"

#define STACK 16384
#define WARM_UP 20

extern const char bench_target_start[], bench_target_end[];

static const char *const target_argv[] = { "tiny", NULL };
static const char *const target_envp[] = { NULL };

static int target_fd(void)
{
	static struct image target = { .name = "tiny", .start = bench_target_start, .end = bench_target_end };
	struct cordon_error ignored;

	return image_publish(&target, &ignored);
}

int bench_target(void)
{
	int fd;

	use_begin();
	fd = target_fd();
	use_end();
	return fd;
}

struct child {
	int target;
	const char *uid_map, *gid_map;
	volatile long error;
	_Alignas(16) unsigned char stack[STACK];
	_Alignas(16) unsigned char inner_stack[STACK];
};

static _Noreturn void execute(struct child *c)
{
	c->error = sys(__NR_execveat, c->target, "", target_argv, target_envp, AT_EMPTY_PATH);
	for (;;)
		sys(__NR_exit_group, 127);
}

static void exec_main(void *arg)
{
	execute(arg);
}

static long start(struct child *c, unsigned char *stack, uint64_t flags, void (*main)(void *))
{
	const struct arch_clone_args args = {
		.flags = flags | CLONE_VM | CLONE_VFORK, .stack = (uintptr_t)stack, .stack_size = STACK,
	};
	long pid = arch_clone3(&args, sizeof args, main, c);

	return pid == -ENOSYS ? arch_clone(&args, main, c) : pid;
}

static long reap(long pid, const struct child *c)
{
	int status = 0;
	long rc;

	do
		rc = sys(__NR_wait4, pid, &status, WAIT_ALL, NULL);
	while (rc == -EINTR);
	if (c->error < 0)
		return c->error;
	return rc < 0 ? rc : status != 0 ? -EIO : 0;
}

static void must(struct child *c, long rc)
{
	if (rc >= 0)
		return;
	c->error = rc;
	for (;;)
		sys(__NR_exit_group, 127);
}

static void write_text(struct child *c, const char *path, const char *text)
{
	must(c, file_write_at(AT_FDCWD, path, text));
}

static void bind(struct child *c, const char *source, const char *target, bool directory)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID };

	if (directory)
		must(c, sys(__NR_mkdirat, AT_FDCWD, target, 0755));
	else
		must(c, sys(__NR_mknodat, AT_FDCWD, target, S_IFREG | 0644, 0));
	must(c, sys(__NR_mount, source, target, NULL, MS_BIND | MS_REC, NULL));
	if (directory)
		must(c, sys(__NR_mount_setattr, AT_FDCWD, target, AT_RECURSIVE, &attr, sizeof attr));
}

static void tmpfs(struct child *c, const char *target, bool fresh)
{
	if (fresh)
		must(c, sys(__NR_mkdirat, AT_FDCWD, target, 0755));
	must(c, sys(__NR_mount, "tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV, "size=64m"));
}

/* The same as CORDON_MOUNT_DEV makes. */
static void devices(struct child *c)
{
	static const char *const nodes[] = { "/dev/null",   "/dev/zero",    "/dev/full",
					     "/dev/random", "/dev/urandom", "/dev/tty" };
	static const char *const links[][2] = {
		{ "/proc/self/fd", "dev/fd" }, { "/proc/self/fd/0", "dev/stdin" }, { "/proc/self/fd/1", "dev/stdout" },
		{ "/proc/self/fd/2", "dev/stderr" },
	};

	must(c, sys(__NR_mkdirat, AT_FDCWD, "dev", 0755));
	for (size_t i = 0; i < ARRAY_LEN(nodes); i++)
		bind(c, nodes[i], nodes[i] + 1, false);
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		must(c, sys(__NR_symlinkat, links[i][0], AT_FDCWD, links[i][1]));
	tmpfs(c, "dev/shm", true);
}

/* Pid 1 of the namespaces: runs the target as its child, then executes it itself: two execs, as with cordon-init. */
static void one_shot_main(void *arg)
{
	struct child *c = arg;

	write_text(c, "/proc/self/setgroups", "deny");
	write_text(c, "/proc/self/uid_map", c->uid_map);
	write_text(c, "/proc/self/gid_map", c->gid_map);
	must(c, sys(__NR_mount, NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	tmpfs(c, "/tmp", false);
	must(c, sys(__NR_chdir, "/tmp"));
	bind(c, "/usr", "usr", true);
	must(c, sys(__NR_symlinkat, "usr/bin", AT_FDCWD, "bin"));
	must(c, sys(__NR_symlinkat, "usr/lib", AT_FDCWD, "lib"));
	devices(c);
	must(c, sys(__NR_mkdirat, AT_FDCWD, "proc", 0555));
	/* The kernel refuses this in a container that masks its own /proc; the rest is measured nevertheless. */
	(void)sys(__NR_mount, "proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	tmpfs(c, "tmp", true);
	tmpfs(c, "w", true);
	must(c, sys(__NR_pivot_root, ".", "."));
	must(c, sys(__NR_umount2, ".", MNT_DETACH));
	must(c, sys(__NR_chdir, "/"));
	must(c, reap(start(c, c->inner_stack, 0, exec_main), c));
	execute(c);
}

/* "0 ID 1" */
static void map_text(char *map, size_t size, uint32_t id)
{
	char digits[24];

	(void)str_concat(map, size, "0 ", u64_text(digits, sizeof digits, id), " 1\n");
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int measure_target(uint32_t n, uint64_t *samples_ns, uint64_t flags, void (*main)(void *))
{
	uint64_t all = ~UINT64_C(0), before;
	char uid_map[48], gid_map[48];
	struct child c = { .target = target_fd(), .uid_map = uid_map, .gid_map = gid_map };
	long rc = c.target;

	map_text(uid_map, sizeof uid_map, (uint32_t)sys(__NR_geteuid));
	map_text(gid_map, sizeof gid_map, (uint32_t)sys(__NR_getegid));
	for (uint32_t i = 0; i < n + WARM_UP && rc >= 0; i++) {
		uint64_t begin = clock_ns();

		c.error = 0;
		(void)sys(__NR_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
		rc = start(&c, c.stack, flags, main);
		(void)sys(__NR_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before);
		if (rc >= 0)
			rc = reap(rc, &c);
		if (i >= WARM_UP)
			samples_ns[i - WARM_UP] = clock_ns() - begin;
	}
	if (rc < 0)
		return (int)rc;
	qsort(samples_ns, n, sizeof *samples_ns, compare);
	return 0;
}

static int measure(uint32_t n, uint64_t *samples_ns, uint64_t flags, void (*main)(void *))
{
	int rc;

	use_begin();
	rc = measure_target(n, samples_ns, flags, main);
	use_end();
	return rc;
}

int bench_floor(uint32_t n, uint64_t *samples_ns)
{
	return measure(n, samples_ns, 0, exec_main);
}

int bench_one_shot(uint32_t n, uint64_t *samples_ns)
{
	return measure(n, samples_ns,
		       CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
			       CLONE_NEWCGROUP,
		       one_shot_main);
}
