/* SPDX-License-Identifier: Apache-2.0 */
/* floor-init: pid 1 of the one-shot floor (floor.h): builds the root with as few system calls as the same mounts need,
 * runs the program, reaps it, exits. No libc, like cordon-init. It exits on the first failure, whose place is its exit
 * status. */
#include <linux/fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/stat.h>
#include "arch/arch.h"
#include "base/base.h"

#define STACK 16384
#define MOUNTS_MAX 48

_Noreturn void start_c(long *stack);

#if defined(__x86_64__)
__asm__(".text\n.global _start\n_start:\n\t"
	"xor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall start_c\n\thlt\n");
#else
__asm__(".text\n.global _start\n_start:\n\t"
	"mov x29, xzr\n\tmov x30, xzr\n\tmov x0, sp\n\tand sp, x0, #-16\n\tbl start_c\n\tbrk #1\n");
#endif

static _Noreturn void leave(int status)
{
	for (;;)
		sys(__NR_exit_group, status);
}

static long must(long rc, int place)
{
	if (rc < 0)
		leave(place);
	return rc;
}

static void restrict_tree(int fd, const char *path, uint32_t flags, uint64_t attrs)
{
	struct mount_attr attr = { .attr_set = attrs, .propagation = MS_PRIVATE };

	must(sys(__NR_mount_setattr, fd, path, flags, &attr, sizeof attr), 10);
}

/* A detached copy of a tree of the host, read-only. */
static int take_tree(const char *source)
{
	long fd = must(sys(__NR_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE), 11);

	restrict_tree((int)fd, "", AT_EMPTY_PATH | AT_RECURSIVE,
		      MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY);
	return (int)fd;
}

static void make_parents(const char *target)
{
	char path[256];

	for (size_t i = 0; target[i] != '\0' && i < sizeof path; i++) {
		path[i] = '\0';
		if (target[i] == '/')
			(void)sys(__NR_mkdirat, AT_FDCWD, path, 0755);
		path[i] = target[i];
	}
}

static void make_file(const char *target)
{
	must(sys(__NR_mknodat, AT_FDCWD, target, S_IFREG | 0644, 0), 12);
}

static void mount_tree(int tree, const char *target)
{
	int mode = (int)must(fd_mode(tree), 13);

	make_parents(target);
	if (S_ISDIR(mode))
		must(sys(__NR_mkdirat, AT_FDCWD, target, 0755), 14);
	else
		make_file(target);
	must(sys(__NR_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH), 15);
	(void)sys(__NR_close, tree);
}

static void mount_new(const char *type, const char *target, uint64_t flags, const char *options)
{
	must(sys(__NR_mkdirat, AT_FDCWD, target, 0755), 16);
	must(sys(__NR_mount, type, target, type, MS_NOSUID | MS_NODEV | flags, options), 17);
}

static void mount_dev(void)
{
	static const char *const nodes[][2] = {
		{ "/dev/null", "dev/null" }, { "/dev/zero", "dev/zero" }, { "/dev/full", "dev/full" },
		{ "/dev/random", "dev/random" }, { "/dev/urandom", "dev/urandom" }, { "/dev/tty", "dev/tty" },
	};
	static const char *const links[][2] = {
		{ "/proc/self/fd", "dev/fd" }, { "/proc/self/fd/0", "dev/stdin" },
		{ "/proc/self/fd/1", "dev/stdout" }, { "/proc/self/fd/2", "dev/stderr" },
	};

	mount_new("tmpfs", "dev", 0, "size=1m,nr_inodes=64,mode=755");
	for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
		make_file(nodes[i][1]);
		must(sys(__NR_mount, nodes[i][0], nodes[i][1], NULL, MS_BIND, NULL), 18);
		restrict_tree(AT_FDCWD, nodes[i][1], 0, MOUNT_ATTR_NOSUID | MOUNT_ATTR_RDONLY);
	}
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		must(sys(__NR_symlinkat, links[i][0], AT_FDCWD, links[i][1]), 19);
	mount_new("tmpfs", "dev/shm", 0, "size=64m,nr_inodes=65536,mode=1777,uid=1000,gid=1000");
	restrict_tree(AT_FDCWD, "dev", 0, MOUNT_ATTR_RDONLY);
}

static void take_ids(uint32_t id)
{
	must(sys(__NR_setgroups, 0, NULL), 20);
	must(sys(__NR_setresgid, id, id, id), 21);
	must(sys(__NR_setresuid, id, id, id), 22);
}

static void build_root(int nmounts, const char *const *mounts)
{
	int trees[MOUNTS_MAX] = { 0 };

	must(sys(__NR_mount, NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 23);
	for (int i = 0; i < nmounts; i++)	/* with the host's rights, so before take_ids */
		if (str_eq(mounts[3 * i], "bind"))
			trees[i] = take_tree(mounts[3 * i + 1]);
	take_ids(0);
	must(sys(__NR_mount, "tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=4m,nr_inodes=16384,mode=755"), 24);
	must(sys(__NR_chdir, "/tmp"), 25);
	for (int i = 0; i < nmounts; i++) {
		const char *kind = mounts[3 * i], *source = mounts[3 * i + 1], *target = mounts[3 * i + 2];

		if (kind[0] == 'b')
			mount_tree(trees[i], target);
		else if (kind[0] == 's')
			must(sys(__NR_symlinkat, source, AT_FDCWD, target), 26);
		else if (kind[0] == 't')
			mount_new("tmpfs", target, 0, source);
		else if (kind[0] == 'p')
			mount_new("proc", target, MS_RDONLY | MS_NOEXEC, "hidepid=invisible");
		else
			mount_dev();
	}
	restrict_tree(AT_FDCWD, ".", 0, MOUNT_ATTR_RDONLY);
	must(sys(__NR_pivot_root, ".", "."), 27);
	must(sys(__NR_umount2, ".", MNT_DETACH), 28);
	must(sys(__NR_chdir, "/"), 29);
}

static void program_main(void *arg)
{
	static const char *const envp[] = { NULL };
	const char *const argv[] = { arg, NULL };

	take_ids(1000);
	(void)sys(__NR_execve, arg, argv, envp);
	leave(127);
}

static int run(const char *path)
{
	static _Alignas(16) unsigned char stack[STACK];
	const struct arch_clone_args args = {
		.flags = CLONE_VM | CLONE_VFORK,
		.exit_signal = SIGCHLD,
		.stack = (uintptr_t)stack,
		.stack_size = sizeof stack,
	};
	long pid = must(arch_clone3(&args, sizeof args, program_main, (void *)(uintptr_t)path), 30);
	int status = 0;

	must(sys(__NR_wait4, pid, &status, 0, NULL), 31);
	return status;
}

_Noreturn void start_c(long *stack)
{
	int argc = (int)stack[0];
	const char *const *argv = (const char *const *)(stack + 1);
	char byte;

	if (sys(__NR_read, 0, &byte, 1) != 1)	/* the id maps are written */
		leave(32);
	build_root((argc - 2) / 3, argv + 2);
	must(sys(__NR_sethostname, "cordon", 6), 33);
	must(sys(__NR_setdomainname, "cordon", 6), 34);
	leave(run(argv[1]) == 0 ? 0 : 35);
}
