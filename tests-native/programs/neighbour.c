/* SPDX-License-Identifier: Apache-2.0 */
/* neighbour: a hostile program in a sidecar, beside another one's.
 *
 *   neighbour reach   tries everything by which one process signals, stops, slows, traces or reads another one, by
 *                     number and by what /proc has of others. Prints each success, and how many others it saw
 *   neighbour swap    makes a directory /w/d, a file /w/f and a trap /tmp/trap, and exchanges them with links to the
 *                     trap and a FIFO until there is /w/stop
 *   neighbour bomb    forks in sessions of its own, as fast as it can, until it kills all that it may */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define NUMBERS 3000	/* of processes, that are tried */

static bool is_init(int proc)
{
	char name[32] = "";
	int fd = openat(proc, "comm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, name, sizeof name - 1) : -1;

	if (fd >= 0)
		close(fd);
	return n > 0 && strcmp(name, "cordon-init\n") == 0;
}

/* The number belongs to another pid namespace than ours, in which no process has it. */
static void try_number(pid_t pid)
{
	const struct rlimit none = { 0, 0 };
	const struct sched_param param = { 0 };
	char byte;
	struct iovec own = { &byte, 1 }, other = { &byte, 1 };

	for (int sig = 1; sig < 65; sig++)
		if (kill(pid, sig) == 0 || kill(-pid, sig) == 0 || syscall(SYS_tkill, pid, sig) == 0)
			printf("signal %d to %d\n", sig, (int)pid);
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0 || ptrace(PTRACE_ATTACH, pid, NULL, NULL) == 0)
		printf("ptrace %d\n", (int)pid);
	if (process_vm_readv(pid, &own, 1, &other, 1, 0) >= 0)
		printf("process_vm_readv %d\n", (int)pid);
	if (prlimit(pid, RLIMIT_CPU, &none, NULL) == 0)
		printf("prlimit %d\n", (int)pid);
	if (setpriority(PRIO_PROCESS, (id_t)pid, 19) == 0 || setpriority(PRIO_PGRP, (id_t)pid, 19) == 0)
		printf("setpriority %d\n", (int)pid);
	if (sched_setscheduler(pid, SCHED_IDLE, &param) == 0)
		printf("sched_setscheduler %d\n", (int)pid);
	if (syscall(SYS_pidfd_open, pid, 0) >= 0)
		printf("pidfd_open %d\n", (int)pid);
}

/* A directory of /proc serves as a pidfd. */
static void try_directory(int proc, const char *name)
{
	for (int sig = 0; sig < 32; sig++)
		if (syscall(SYS_pidfd_send_signal, proc, sig, NULL, 0) == 0)
			printf("pidfd_send_signal %d to %s\n", sig, name);
}

static void try_init(int proc, const char *name)
{
	static const char *const secret[] = { "mem",   "maps", "environ", "auxv",   "fd",
					      "root/", "cwd/", "ns/pid",  "ns/mnt", "syscall" };
	static const char *const written[] = { "oom_score_adj", "comm", "clear_refs", "timerslack_ns",
					       "coredump_filter" };
	char text[64];

	for (size_t i = 0; i < sizeof secret / sizeof secret[0]; i++) {
		int fd = openat(proc, secret[i], O_RDONLY | O_CLOEXEC);

		if (fd >= 0 && (strcmp(secret[i], "auxv") != 0 || read(fd, text, sizeof text) > 0))
			printf("%s of %s\n", secret[i], name);
		if (fd >= 0)
			close(fd);
	}
	for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
		int fd = openat(proc, written[i], O_WRONLY | O_CLOEXEC);

		if (fd >= 0 && write(fd, "1", 1) == 1)
			printf("wrote %s of %s\n", written[i], name);
		if (fd >= 0)
			close(fd);
	}
}

static int do_reach(void)
{
	int root = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), inits = 0, others = 0;
	char self[32] = "", name[32];

	if (root < 0 || readlink("/proc/self", self, sizeof self - 1) < 0)
		return 2;
	for (pid_t pid = 1; pid < NUMBERS; pid++) {
		int proc;

		snprintf(name, sizeof name, "%d", (int)pid);
		/* What our own namespace has lies below: its init with a thread, and we. */
		if (pid > getpid())
			try_number(pid);
		proc = strcmp(name, self) != 0 ? openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
		if (proc < 0)
			continue;
		if (is_init(proc)) {
			inits++;
			try_init(proc, name);
		} else {
			others++;
		}
		try_directory(proc, name);
		close(proc);
	}
	(void)setpriority(PRIO_USER, getuid(), 19);
	(void)kill(-1, SIGSTOP);
	(void)kill(-1, SIGKILL);
	printf("inits=%d others=%s\n", inits, others > 0 ? "some" : "none");
	return 0;
}

static void exchange(const char *a, const char *b)
{
	(void)syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 2 /* RENAME_EXCHANGE */);
}

static int do_swap(void)
{
	if (mkdir("/w/d", 0777) != 0 || mkdir("/tmp/trap", 0777) != 0 || symlink("/tmp/trap", "/w/l") != 0 ||
	    mkfifo("/w/p", 0666) != 0 || close(creat("/w/f", 0666)) != 0 || close(creat("/w/ready", 0666)) != 0)
		return 2;
	while (access("/w/stop", F_OK) != 0) {
		exchange("/w/d", "/w/l");
		exchange("/w/f", "/w/p");
	}
	return 0;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static _Noreturn void do_bomb(void)
{
	uint64_t end = now_ms() + 100;

	for (int sig = 1; sig < 65; sig++)
		signal(sig, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	for (;;) {
		if (fork() == 0)
			setsid();
		if (now_ms() < end)
			continue;
		(void)kill(-1, SIGSTOP);
		(void)kill(-1, SIGCONT);
		(void)kill(0, SIGKILL);
		(void)kill(-1, SIGKILL);
	}
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && strcmp(argv[1], "reach") == 0)
		return do_reach();
	if (argc == 2 && strcmp(argv[1], "swap") == 0)
		return do_swap();
	if (argc == 2 && strcmp(argv[1], "bomb") == 0)
		do_bomb();
	return 100;
}
