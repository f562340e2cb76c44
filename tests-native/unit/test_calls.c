/* SPDX-License-Identifier: Apache-2.0 */
/* Compares the table of calls that a supervisor must see with libseccomp's list of all calls of both CPUs, and with the
 * running kernel. */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"
#include "calls/calls.h"
#include "cordon/supervisor.h"
#include "support/test.h"

#define NUMBERS 1024

/* Every call that names no file, with the reason. A new call of libseccomp's must be put here or into the table. */
static const char *const no_file[] = {
	/* A datagram could name a socket's path in memory (sendto, sendmsg, sendmmsg): under a path policy there are no
	 * such sockets. */
	"accept", "accept4", "getpeername", "getsockname", "getsockopt", "listen", "recvfrom",
	"recvmmsg", "recvmsg", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown", "socket", "socketpair",

	/* Work on descriptors that some other call has opened. */
	"cachestat", "close", "close_range", "copy_file_range", "dup", "dup2", "dup3", "epoll_create", "epoll_create1",
	"epoll_ctl", "epoll_ctl_old", "epoll_pwait", "epoll_pwait2", "epoll_wait", "epoll_wait_old", "eventfd",
	"eventfd2", "fadvise64", "fallocate", "fchdir", "fcntl", "fdatasync", "fgetxattr",
	"finit_module", "flistxattr", "flock", "fstat", "fstatfs", "fsync", "ftruncate",
	"getdents", "getdents64", "inotify_init", "inotify_init1", "inotify_rm_watch", "io_cancel", "io_destroy",
	"io_getevents", "io_pgetevents", "io_setup", "io_submit", "ioctl", "kexec_file_load", "landlock_add_rule",
	"landlock_create_ruleset", "landlock_restrict_self", "lseek", "memfd_create", "memfd_secret", "pidfd_getfd",
	"pidfd_open", "pidfd_send_signal", "pipe", "pipe2", "poll", "ppoll", "pread64", "preadv", "preadv2", "pselect6",
	"pwrite64", "pwritev", "pwritev2", "read", "readahead", "readv", "select", "sendfile", "signalfd", "signalfd4",
	"splice", "sync_file_range", "syncfs", "tee", "timerfd_create", "timerfd_gettime", "timerfd_settime",
	"userfaultfd", "vmsplice", "write", "writev",

	/* Names of their own kind: queues, keys, hosts, modules, file systems by number. */
	"_sysctl", "add_key", "create_module", "delete_module", "get_kernel_syms", "getcwd", "init_module",
	"kexec_load", "keyctl", "mq_getsetattr", "mq_notify", "mq_open", "mq_timedreceive", "mq_timedsend", "mq_unlink",
	"msgctl", "msgget", "msgrcv", "msgsnd", "query_module", "request_key", "semctl", "semget", "semop",
	"semtimedop", "setdomainname", "sethostname", "shmat", "shmctl", "shmdt", "shmget", "sync", "sysfs", "uname",
	"ustat",

	/* Never implemented. */
	"afs_syscall", "getpmsg", "putpmsg", "security", "tuxcall", "vserver",

	/* Processes, memory, time, signals, the machine. */
	"adjtimex", "alarm", "arch_prctl", "brk", "capget", "capset", "clock_adjtime", "clock_getres", "clock_gettime",
	"clock_nanosleep", "clock_settime", "clone", "clone3", "exit", "exit_group", "fork", "futex", "futex_requeue",
	"futex_wait", "futex_waitv", "futex_wake", "get_mempolicy", "get_robust_list", "get_thread_area", "getcpu",
	"getegid", "geteuid", "getgid", "getgroups", "getitimer", "getpgid", "getpgrp", "getpid", "getppid",
	"getpriority", "getrandom", "getresgid", "getresuid", "getrlimit", "getrusage", "getsid", "gettid",
	"gettimeofday", "getuid", "ioperm", "iopl", "ioprio_get", "ioprio_set", "kcmp", "kill", "madvise",
	"map_shadow_stack", "mbind", "membarrier", "migrate_pages", "mincore", "mlock", "mlock2", "mlockall", "mmap",
	"modify_ldt", "move_pages", "mprotect", "mremap", "msync", "munlock", "munlockall", "munmap", "nanosleep",
	"pause", "personality", "pkey_alloc", "pkey_free", "pkey_mprotect", "prctl", "prlimit64", "process_madvise",
	"process_mrelease", "process_vm_readv", "process_vm_writev", "ptrace", "reboot", "remap_file_pages",
	"restart_syscall", "rseq", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn",
	"rt_sigsuspend", "rt_sigtimedwait", "rt_tgsigqueueinfo", "sched_get_priority_max", "sched_get_priority_min",
	"sched_getaffinity", "sched_getattr", "sched_getparam", "sched_getscheduler", "sched_rr_get_interval",
	"sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler", "sched_yield", "seccomp",
	"set_mempolicy", "set_mempolicy_home_node", "set_robust_list", "set_thread_area", "set_tid_address", "setfsgid",
	"setfsuid", "setgid", "setgroups", "setitimer", "setpgid", "setpriority", "setregid", "setresgid", "setresuid",
	"setreuid", "setrlimit", "setsid", "settimeofday", "setuid", "sigaltstack", "sysinfo", "syslog", "tgkill",
	"time", "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime", "timer_settime", "times", "tkill",
	"umask", "vfork", "vhangup", "wait4", "waitid",
};

static const struct call *row_of(const char *name)
{
	for (size_t i = 0; i < ncalls; i++)
		if (strcmp(calls[i].name, name) == 0)
			return &calls[i];
	return NULL;
}

static bool names_file(const char *name)
{
	const struct call *c = row_of(name);

	return c != NULL && (c->purposes & CALL_FILE) != 0;
}

static bool names_no_file(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(no_file); i++)
		if (strcmp(no_file[i], name) == 0)
			return true;
	return false;
}

static int check_complete(uint32_t arch)
{
	int known = 0;

	for (int nr = 0; nr < NUMBERS; nr++) {
		char *name = seccomp_syscall_resolve_num_arch(arch, nr);

		if (name == NULL)
			continue;
		known++;
		if (names_file(name) == names_no_file(name))
			TEST_FAIL("%s (%d) must name files in the table or be in the list of this test", name, nr);
		free(name);
	}
	return known;
}

/* A number that libseccomp gives to another call, or a name that it gives another number. */
static void check_numbers(void)
{
	int known = 0;

	for (size_t i = 0; i < ncalls; i++) {
		const struct call *c = &calls[i];
		int nr = seccomp_syscall_resolve_name(c->name);
		char *name = c->nr >= 0 ? seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, c->nr) : NULL;

		if (nr >= 0)
			CHECK_EQ(c->nr, nr);
		else if (nr != __NR_SCMP_ERROR)	/* it knows the call, and this CPU lacks it */
			CHECK_EQ(c->nr, -1);
		if (name != NULL)
			CHECK_STR(c->name, name);
		known += name != NULL;
		free(name);
	}
	CHECK(known > 60);
}

static void check_find(void)
{
	size_t found = 0, present = 0;

	for (long nr = -2; nr < NUMBERS; nr++) {
		const struct call *c = call_find(nr);

		if (c != NULL)
			CHECK_EQ(c->nr, nr);
		found += c != NULL;
	}
	for (size_t i = 0; i < ncalls; i++) {
		CHECK(row_of(calls[i].name) == &calls[i]);	/* once */
		present += calls[i].nr >= 0;
	}
	CHECK_EQ(found, present);
	CHECK(call_find(INT32_MAX) == NULL && call_find(0x40000000L) == NULL && call_find(INT64_MIN) == NULL);
	CHECK(call_find(0x100000000L + calls[0].nr) == NULL);
}

static void check_path(const struct call *c, const struct call_path *p)
{
	CHECK(p->path >= 0 && p->path < 6);
	CHECK(p->dirfd == -1 || p->dirfd == p->path - (p->itself != CALL_ITSELF_ALWAYS));
	CHECK(p->flags == -1 || (p->flags > p->path && p->flags < 6));
	CHECK(p->follow <= CALL_NAME && p->itself <= CALL_ITSELF_ALWAYS);
	CHECK((p->access & ~0xfu) == 0);
	if (p->follow == CALL_FOLLOW_UNLESS || p->follow == CALL_FOLLOW_IF || p->follow == CALL_FOLLOW_OPEN)
		CHECK(p->flags >= 0);
	if (p->follow == CALL_FOLLOW_OPEN)
		CHECK_EQ(c->kind, CALL_OPEN);
}

/* What the kernel makes after the judgement; mounts and Landlock are what holds those. */
static bool is_left(const char *name)
{
	static const char *const left[] = { "execve", "execveat", "chdir", "bind", "uselib" };

	for (size_t i = 0; i < ARRAY_LEN(left); i++)
		if (strcmp(left[i], name) == 0)
			return true;
	return false;
}

static void check_rows(void)
{
	for (size_t i = 0; i < ncalls; i++) {
		const struct call *c = &calls[i];
		int before = test_failures;

		for (size_t k = 0; k < ARRAY_LEN(c->paths); k++)
			if (c->paths[k].access != 0)
				check_path(c, &c->paths[k]);
		CHECK((c->kind == CALL_REFUSED || (c->purposes & CALL_FILE) == 0) == (c->paths[0].access == 0));
		CHECK(c->kind != CALL_MOVE || c->paths[1].access != 0);
		CHECK(c->purposes != 0);
		CHECK(((c->purposes & CALL_SIGNAL) != 0) == (c->target != CALL_TARGET_NONE));
		CHECK(c->carry < CARRY_KINDS);
		CHECK((c->carry != CARRY_NOT || c->kind == CALL_OPEN || is_left(c->name)) ==
		      ((c->purposes & CALL_FILE) != 0 && c->kind != CALL_REFUSED));
		CHECK_EQ(c->flags_in_memory, strcmp(c->name, "openat2") == 0);
		if (test_failures != before)
			TEST_FAIL("row of %s", c->name);
	}
}

/* Numbers that libseccomp may not know yet. The kernel tells: a call that takes a path where the row says so misses the
 * file. */
static void check_kernel(void)
{
	static const char *const names[] = {
		"fchmodat2", "setxattrat", "getxattrat", "listxattrat", "removexattrat", "file_getattr", "file_setattr",
	};
	uint64_t buffer[8] = { 0 };
	int there = 0;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct call *c = row_of(names[i]);
		long args[6] = { AT_FDCWD, (long)"/no/such/file", 0, 0, 0, 0 };

		REQUIRE(c != NULL);
		CHECK_EQ(c->paths[0].dirfd, 0);
		if (strstr(names[i], "xattrat")) {
			args[3] = (long)"user.none";
			/* struct xattr_args, 16 bytes; listxattrat: its size, 0 = how long is it */
			args[4] = (long)buffer;
			args[5] = 16;
		} else if (strstr(names[i], "file_")) {
			args[2] = (long)buffer;	/* struct file_attr */
			args[3] = 24;
			args[4] = 0;
		}
		if (strcmp(names[i], "listxattrat") == 0)
			args[3] = args[4] = 0;
		if (syscall(c->nr, args[0], args[1], args[2], args[3], args[4], args[5]) != -1)
			TEST_FAIL("%s: %d is another call", names[i], c->nr);
		else if (errno == ENOSYS)
			continue;
		else if (errno != ENOENT)
			TEST_FAIL("%s: %d fails with %d", names[i], c->nr, errno);
		there++;
	}
	printf("the kernel has %d of %zu new calls\n", there, ARRAY_LEN(names));
}

int main(void)
{
	CHECK(check_complete(SCMP_ARCH_X86_64) > 300);
	CHECK(check_complete(SCMP_ARCH_AARCH64) > 250);
	check_numbers();
	check_find();
	check_rows();
	check_kernel();
	return TEST_RESULT();
}
