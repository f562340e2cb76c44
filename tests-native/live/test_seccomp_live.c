/* SPDX-License-Identifier: Apache-2.0 */
/* The default policy in the kernel: every refused row of the table that has a meaning on this CPU, a sample of allowed
 * calls, and other ABIs. Each call runs in a child of its own that has loaded the program. If the filter let a row
 * through, it would run with these arguments as the user of the test; all of them are harmless or fail by themselves
 * (EFAULT, EINVAL, EBADF) except vhangup, so the child has left the terminal before. */
#include <linux/filter.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "cordon/seccomp.h"
#include "seccomp_rows.h"
#include "test.h"

#if defined(__x86_64__)
#define THIS_CPU X86_64
#else
#define THIS_CPU AARCH64
#endif

#define EXIT_LOAD 200
#define EXIT_NO_ERROR 201	/* the call succeeded */

static struct sock_fprog program;

static void load_or_exit(void)
{
	if (setsid() < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    sys(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
		_exit(EXIT_LOAD);
}

/* Returns the wait status of a child that makes one call and exits with its errno. */
static int call_with(long nr, const uint64_t args[4])
{
	int status = 0;
	pid_t pid = fork();
	long rc;

	REQUIRE(pid >= 0);
	if (pid == 0) {
		load_or_exit();
		rc = sys(nr, args[0], args[1], args[2], args[3]);
		_exit(rc < 0 ? (int)-rc : EXIT_NO_ERROR);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid);
	return status;
}

static int call_in_child(long nr, uint64_t a0, uint64_t a1)
{
	return call_with(nr, (const uint64_t[4]){ a0, a1 });
}

/* EXIT_NO_ERROR for an errno of 0. */
static bool is_refused_with(int status, uint32_t verdict)
{
	uint32_t number = verdict & SECCOMP_RET_DATA;

	return WIFEXITED(status) && WEXITSTATUS(status) == (number != 0 ? (int)number : EXIT_NO_ERROR);
}

static void check_refused(void)
{
	for (size_t i = 0; i < ARRAY_LEN(seccomp_long_rows); i++) {
		const struct seccomp_long_row *row = &seccomp_long_rows[i];
		int status;

		if (row->expect == ALLOW)
			continue;
		status = call_with(seccomp_syscall_resolve_name(row->syscall), row->args);
		if (!is_refused_with(status, row->expect))
			TEST_FAIL("%s(%#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 "): wait status %#x", row->syscall,
				  row->args[0], row->args[1], row->args[2], status);
	}
	for (size_t i = 0; i < ARRAY_LEN(seccomp_rows); i++) {
		const struct seccomp_row *row = &seccomp_rows[i];
		int status;

		if (!(row->cpu & THIS_CPU) || row->expect == ALLOW)
			continue;
		status = call_in_child(seccomp_syscall_resolve_name(row->syscall), row->a0, row->a1);
		if (!is_refused_with(status, row->expect))
			TEST_FAIL("%s(%#" PRIx64 ", %#" PRIx64 "): wait status %#x", row->syscall, row->a0, row->a1,
				  status);
	}
}

static void check_allowed(void)
{
	static struct timex when;
	static struct rlimit limit;
	const uint64_t pid = (uint64_t)getpid(), when_at = (uintptr_t)&when, limit_at = (uintptr_t)&limit;
	const struct {
		const char *syscall;
		uint64_t args[4];
	} calls[] = {
		{ "getpid", { 0 } }, { "personality", { 0xffffffff } }, { "socket", { 1, 1 } }, { "socket", { 2, 1 } },
		{ "prlimit64", { 0, 7 } }, { "setpriority", { 0, 0 } }, { "getrandom", { 0, 0 } },
		{ "socket", { 2, 2, 17 } }, { "socket", { 16, 3, 0 } }, { "socket", { 16, 3, 4 } },
		{ "socket", { 16, 3, 15 } }, { "ioprio_set", { 1, 0, 2 << 13 | 7 } }, { "unshare", { 0x600 } },
		{ "adjtimex", { when_at } }, { "clock_adjtime", { 0, when_at } },
		{ "prlimit64", { pid, 7, 0, limit_at } }, { "prlimit64", { 0, RLIMIT_CORE, 0, limit_at } },
	};

	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		int status = call_with(seccomp_syscall_resolve_name(calls[i].syscall), calls[i].args);

		if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_NO_ERROR)
			TEST_FAIL("%s: wait status %#x", calls[i].syscall, status);
	}
}

static void check_unknown(void)
{
	static const long numbers[] = { 400, 1000, 0x3fffffff };

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		int status = call_in_child(numbers[i], 0, 0);

		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == ENOSYS);
	}
}

/* Threads, fork and exec go through clone's rule, clone3's fallback and everything that a libc does at start. */
static void check_exec(void)
{
	int status = 0;
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (pid == 0) {
		load_or_exit();
		execl("/bin/sh", "sh", "-c", "true & wait; echo x | cat > /dev/null && exit 3", (char *)NULL);
		_exit(EXIT_LOAD);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 3);
}

#if defined(__x86_64__)
static void check_other_abis(void)
{
	int status = call_in_child(0x40000000 | __NR_getpid, 0, 0);
	pid_t pid;

	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);

	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0) {
		long rc = 20;	/* getpid of i386 */

		load_or_exit();
		__asm__ volatile("int $0x80" : "+a"(rc) : : "r8", "r9", "r10", "r11", "memory");
		_exit(EXIT_NO_ERROR);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid);
	/* SIGSEGV: a kernel without the i386 ABI has no such gate. */
	CHECK(WIFSIGNALED(status) && (WTERMSIG(status) == SIGSYS || WTERMSIG(status) == SIGSEGV));
}
#else
static void check_other_abis(void)
{
}
#endif

int main(void)
{
	struct cordon_error err;
	const void *bpf;
	uint32_t bytes;
	int status;

	REQUIRE(cordon_seccomp_default(CORDON_ARCH_NATIVE, &bpf, &bytes, &err) == 0);
	program.len = (unsigned short)(bytes / sizeof(struct sock_filter));
	program.filter = (struct sock_filter *)(uintptr_t)bpf;
	status = call_in_child(__NR_getpid, 0, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_LOAD)
		SKIP("no seccomp filters here");
	check_refused();
	check_allowed();
	check_unknown();
	check_exec();
	check_other_abis();
	return TEST_RESULT();
}
