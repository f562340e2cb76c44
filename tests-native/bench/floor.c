/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "bench/floor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/prctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/base.h"
#include "bench/measure.h"

#define STACK 16384
/* What floor_init needs. */
#define CAP(number) (UINT64_C(1) << (number))
#define CAPS (CAP(CAP_DAC_OVERRIDE) | CAP(CAP_SETUID) | CAP(CAP_SETGID) | CAP(CAP_SYS_ADMIN))
/* Ids that nothing uses; init's and the program's. */
#define HOST_ID 0x6fff0000u

struct child {
	int fd;				/* executable, or -1: path */
	const char *path;
	const char *const *argv;
	int stdin_fd;			/* or -1 */
	uint64_t ambient;		/* capabilities to keep over the exec, which no id map does yet */
	volatile long error;
};

static long keep_capabilities(uint64_t caps)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	struct __user_cap_data_struct data[2];
	long rc = sys(__NR_capget, &header, data);

	data[0].inheritable = (uint32_t)caps;
	data[1].inheritable = (uint32_t)(caps >> 32);
	if (rc >= 0)
		rc = sys(__NR_capset, &header, data);
	for (int cap = 0; cap < 64 && rc >= 0; cap++)
		if ((caps >> cap & 1) != 0)
			rc = sys(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
	return rc;
}

/* In the vfork child: raw system calls only. */
static void child_main(void *arg)
{
	static const char *const envp[] = { NULL };
	struct child *c = arg;

	if (c->stdin_fd >= 0)
		(void)sys(__NR_dup3, c->stdin_fd, 0, 0);
	if (c->ambient != 0)
		c->error = keep_capabilities(c->ambient);
	if (c->error < 0)
		sys(__NR_exit_group, 127);
	if (c->fd >= 0)
		c->error = sys(__NR_execveat, c->fd, "", c->argv, envp, AT_EMPTY_PATH);
	else
		c->error = sys(__NR_execve, c->path, c->argv, envp);
	for (;;)
		sys(__NR_exit_group, 127);
}

static int start(struct child *c, uint64_t flags)
{
	_Alignas(16) unsigned char stack[STACK];
	const struct arch_clone_args args = {
		.flags = flags | CLONE_VM | CLONE_VFORK,
		.exit_signal = SIGCHLD,
		.stack = (uintptr_t)stack,
		.stack_size = sizeof stack,
	};
	long pid = arch_clone3(&args, sizeof args, child_main, c);

	if (pid < 0 || c->error < 0)
		measure_die(pid < 0 ? "clone3" : c->path, (int)-(pid < 0 ? pid : c->error));
	return (int)pid;
}

static void finish(int pid, const char *what)
{
	int status = 0;

	if (waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "%s ended with status 0x%x\n", what, (unsigned)status);
		exit(1);
	}
}

void floor_exec(const char *path)
{
	const char *const argv[] = { path, NULL };
	struct child c = { .fd = -1, .path = path, .argv = argv, .stdin_fd = -1 };

	finish(start(&c, 0), path);
}

/* ---- one-shot ---- */

static const char *kind_of(const struct cordon_mount *m)
{
	switch ((enum cordon_mount_type)m->type) {
	case CORDON_MOUNT_BIND:
		return "bind";
	case CORDON_MOUNT_TMPFS:
		return "tmpfs";
	case CORDON_MOUNT_PROC:
		return "proc";
	case CORDON_MOUNT_DEV:
		return "dev";
	case CORDON_MOUNT_SYMLINK:
		return "symlink";
	case CORDON_MOUNT_MASK:
		break;
	}
	measure_die("a mount that the floor does not know", 0);
}

void floor_shot_init(struct floor_shot *shot, const struct cordon_mount *mounts, uint32_t nmounts, const char *program,
		     bool network)
{
	char path[4096];
	uint32_t n = 2;

	*shot = (struct floor_shot){ .network = network, .argv = { "floor-init", program } };
	(void)snprintf(path, sizeof path, "%s/floor_init", measure_programs());
	shot->init_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (shot->init_fd < 0 || nmounts > FLOOR_MOUNTS_MAX)
		measure_die(path, errno);
	for (uint32_t i = 0; i < nmounts; i++) {
		const struct cordon_mount *m = &mounts[i];

		if (m->source != NULL && (m->flags & CORDON_MOUNT_OPTIONAL) != 0 && access(m->source, F_OK) != 0)
			continue;
		shot->argv[n++] = kind_of(m);
		shot->argv[n++] = m->source != NULL  ? m->source
				  : m->mode == 01777 ? "size=64m,nr_inodes=65536,mode=1777"
						     : "size=64m,nr_inodes=65536,mode=755";
		shot->argv[n++] = m->target + 1;	/* relative: "/" is the current directory while it is built */
	}
}

static void write_map(int pid, const char *file)
{
	char path[64], text[64];
	int fd, len;

	(void)snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
	len = snprintf(text, sizeof text, "0 %u 1\n1000 %u 1\n", HOST_ID, HOST_ID + 1);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, (size_t)len) != len)
		measure_die(path, errno);
	close(fd);
}

void floor_shot_run(const struct floor_shot *shot, uint64_t lap_ns[2])
{
	uint64_t flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
	struct child c = { .fd = shot->init_fd, .path = "floor_init", .argv = shot->argv, .ambient = CAPS };
	uint64_t begin = clock_ns(), started;
	int pair[2], pid;

	if (shot->network)
		flags |= CLONE_NEWNET;
	if (pipe2(pair, O_CLOEXEC) != 0)
		measure_die("pipe2", errno);
	c.stdin_fd = pair[0];
	pid = start(&c, flags);
	close(pair[0]);
	write_map(pid, "uid_map");
	write_map(pid, "gid_map");
	if (write(pair[1], "", 1) != 1)
		measure_die("write", errno);
	close(pair[1]);
	started = clock_ns();
	finish(pid, "floor_init");
	lap_ns[0] = started - begin;
	lap_ns[1] = clock_ns() - started;
}
