/* SPDX-License-Identifier: Apache-2.0 */
/* reach: tries what a process can do to another one on every number from 1 to 64 that is not its own, and prints a line
 * for each try that works. With an argument only on cordon-init and the supervisor: for a program in the pid namespace
 * of others. At the end it makes a directory and says "end": a supervisor that was stopped would not answer. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef __NR_process_mrelease
#define __NR_process_mrelease 448
#endif
#ifndef __NR_process_madvise
#define __NR_process_madvise 440
#endif
#ifndef __NR_pidfd_getfd
#define __NR_pidfd_getfd 438
#endif

#define FIRST 1
#define LAST 64

static void tried(const char *what, int pid, long rc)
{
	if (rc >= 0)
		printf("%s of %d\n", what, pid);
}

static void signals(int pid, int sig)
{
	siginfo_t info = { .si_signo = sig, .si_code = SI_QUEUE, .si_errno = 0 };
	char path[32];
	int fd;

	info.si_pid = getpid();
	info.si_uid = getuid();
	tried("kill", pid, syscall(SYS_kill, pid, sig));
	tried("tkill", pid, syscall(SYS_tkill, pid, sig));
	tried("tgkill", pid, syscall(SYS_tgkill, pid, pid, sig));
	tried("rt_sigqueueinfo", pid, syscall(SYS_rt_sigqueueinfo, pid, sig, &info));
	tried("rt_tgsigqueueinfo", pid, syscall(SYS_rt_tgsigqueueinfo, pid, pid, sig, &info));
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd >= 0) {
		tried("pidfd_send_signal", pid, syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0));
		tried("process_mrelease", pid, syscall(__NR_process_mrelease, fd, 0));
		tried("pidfd_getfd", pid, syscall(__NR_pidfd_getfd, fd, 0, 0));
		tried("setns", pid, syscall(SYS_setns, fd, CLONE_NEWNS));
		close(fd);
	}
	(void)snprintf(path, sizeof path, "/proc/%d", pid);
	fd = open(path, O_DIRECTORY | O_RDONLY);
	if (fd >= 0) {
		tried("pidfd_send_signal by /proc", pid, syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0));
		close(fd);
	}
	/* Without an error even where it reaches no process: only the end shows it. */
	for (int way = 0; way < 3; way++) {
		struct f_owner_ex owner = { F_OWNER_PID, pid };
		int ends[2];

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
			continue;
		(void)(way == 0	  ? fcntl(ends[0], F_SETOWN, pid)
		       : way == 1 ? fcntl(ends[0], F_SETOWN_EX, &owner)
				  : ioctl(ends[0], 0x8901, &pid));
		(void)fcntl(ends[0], F_SETSIG, sig);
		(void)fcntl(ends[0], F_SETFL, O_ASYNC);
		(void)!write(ends[1], "x", 1);
		close(ends[0]);
		close(ends[1]);
	}
}

static void scheduling(int pid)
{
	struct sched_param zero = { 0 };
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attr = { .size = 48, .policy = SCHED_BATCH };
	struct rlimit none = { 0, 0 };
	uint64_t cpu = 1;
	int group = (int)syscall(SYS_getpgid, pid);

	tried("prlimit64", pid, syscall(SYS_prlimit64, pid, RLIMIT_NOFILE, &none, NULL));
	tried("sched_setaffinity", pid, syscall(SYS_sched_setaffinity, pid, sizeof cpu, &cpu));
	tried("sched_setscheduler", pid, syscall(SYS_sched_setscheduler, pid, SCHED_IDLE, &zero));
	tried("sched_setparam", pid, syscall(SYS_sched_setparam, pid, &zero));
	tried("sched_setattr", pid, syscall(SYS_sched_setattr, pid, &attr, 0));
	tried("setpriority", pid, syscall(SYS_setpriority, PRIO_PROCESS, pid, 19));
	tried("ioprio_set", pid, syscall(SYS_ioprio_set, 1, pid, 3 << 13));
	if (group > 1 && group != getpgrp()) {	/* -1 would mean all */
		tried("setpriority of its group", pid, syscall(SYS_setpriority, PRIO_PGRP, group, 19));
		tried("ioprio_set of its group", pid, syscall(SYS_ioprio_set, 2, group, 3 << 13));
		tried("kill of its group", pid, syscall(SYS_kill, -group, SIGKILL));
	}
	tried("setpgid", pid, syscall(SYS_setpgid, pid, 0));
}

static void memory(int pid)
{
	static char buf[4096];
	struct iovec mine = { buf, 1 }, theirs = { buf, 1 };
	uint64_t nodes = 1;
	void *page = buf;
	int status, node = 0, fd;

	tried("ptrace seize", pid, ptrace(PTRACE_SEIZE, pid, 0, 0));
	tried("ptrace attach", pid, ptrace(PTRACE_ATTACH, pid, 0, 0));
	tried("process_vm_readv", pid, syscall(SYS_process_vm_readv, pid, &mine, 1, &theirs, 1, 0));
	tried("process_vm_writev", pid, syscall(SYS_process_vm_writev, pid, &mine, 1, &theirs, 1, 0));
	tried("kcmp", pid, syscall(SYS_kcmp, pid, getpid(), 0, 0, 0));
	tried("move_pages", pid, syscall(SYS_move_pages, pid, 1, &page, &node, &status, 0));
	tried("migrate_pages", pid, syscall(SYS_migrate_pages, pid, 64, &nodes, &nodes));
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd >= 0) {
		tried("process_madvise", pid, syscall(__NR_process_madvise, fd, &theirs, 1, MADV_COLD, 0));
		close(fd);
	}
	tried("sched_core", pid, prctl(62 /* PR_SCHED_CORE */, 2, pid, 0, 0));
}

static void files(int pid)
{
	static const char *const names[] = {
		"oom_score_adj", "oom_adj", "autogroup", "sched", "timerslack_ns", "coredump_filter", "clear_refs",
		"comm", "mem", "loginuid", "attr/current", "make-it-fail", "uid_map", "setgroups", "timens_offsets",
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char path[64];
		int fd;

		(void)snprintf(path, sizeof path, "/proc/%d/%s", pid, names[i]);
		fd = open(path, O_WRONLY);
		if (fd < 0)
			continue;
		tried(names[i], pid, write(fd, "1", 1));
		close(fd);
	}
}

static void all_ways(int pid)
{
	if (pid == getpid())
		return;
	scheduling(pid);
	memory(pid);
	files(pid);
	signals(pid, SIGSTOP);
	signals(pid, SIGALRM);
	signals(pid, SIGKILL);
}

/* The processes of Cordon that are the parent of this one, and its children. */
static void cordons(void)
{
	for (int pid = getppid(), i = 0; i < 64; i++, pid++) {
		char path[32], name[32] = "";
		int fd;

		(void)snprintf(path, sizeof path, "/proc/%d/comm", pid);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			continue;
		if (read(fd, name, sizeof name - 1) > 0 && strncmp(name, "cordon-", 7) == 0 &&
		    (pid == getppid() || strncmp(name, "cordon-super", 12) == 0))
			all_ways(pid);
		close(fd);
	}
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		cordons();
	for (int pid = FIRST; pid <= LAST && argc < 2; pid++)
		all_ways(pid);
	if (argc < 2) {
		tried("setpriority of the user", 0, syscall(SYS_setpriority, PRIO_USER, getuid(), 19));
		tried("ioprio_set of the user", 0, syscall(SYS_ioprio_set, 3, getuid(), 3 << 13));
		(void)kill(-1, SIGSTOP);	/* no error where there is a process that it may not reach */
		(void)kill(-1, SIGKILL);
	}
	(void)mkdir("reached", 0755);
	(void)puts("end");
	return 0;
}
