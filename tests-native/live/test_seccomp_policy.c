/* SPDX-License-Identifier: Apache-2.0 */
/* Policies in the kernel: what harmless calls return in a child that has loaded the program, and what
 * cordon_seccomp_verdict says. KILL_THREAD would end the child's only thread, as KILL_PROCESS does; USER_NOTIF without
 * a listener and TRACE without a tracer give ENOSYS (seccomp(2)). */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "cordon/seccomp.h"
#include "test.h"

#define EXIT_LOAD 200
#define EXIT_RESULT 201		/* + 0: the call succeeded */
#define CALLS 200

/* Their arguments are unused, so that any value is harmless. */
static const char *const calls[] = { "getpid",	"gettid", "getppid", "getuid",
				     "geteuid", "getgid", "getegid", "sched_yield" };

static const struct cordon_seccomp_arg five = { 0, CORDON_SECCOMP_EQ, 5, 0 };
static const struct cordon_seccomp_arg big = { 1, CORDON_SECCOMP_GT, UINT64_C(1) << 32, 0 };
static const struct cordon_seccomp_arg small = { 0, CORDON_SECCOMP_LT, 5, 0 };
static const struct cordon_seccomp_arg odd = { 1, CORDON_SECCOMP_MASKED_EQ, 1, 1 };
static const struct cordon_seccomp_arg other = { 2, CORDON_SECCOMP_NE, 7, 0 };
static const struct cordon_seccomp_arg at_least = { 0, CORDON_SECCOMP_GE, 6, 0 };

static const struct cordon_seccomp_rule rules[] = {
	{ "gettid", SECCOMP_RET_ERRNO | 77, 1, &five }, { "gettid", SECCOMP_RET_ERRNO | 78, 1, &big },
	{ "getppid", SECCOMP_RET_KILL_PROCESS, 1, &small }, { "getppid", SECCOMP_RET_TRACE | 3, 1, &at_least },
	{ "getuid", SECCOMP_RET_TRAP | 1, 1, &odd }, { "getuid", SECCOMP_RET_ERRNO | 79, 1, &other },
	{ "geteuid", SECCOMP_RET_KILL_THREAD, 1, &five }, { "getgid", SECCOMP_RET_USER_NOTIF, 1, &small },
	{ "getegid", SECCOMP_RET_ERRNO | 80, 0, NULL },
};

static struct sock_fprog program;

/* Returns the wait status of a child that makes one call and exits with its errno. */
static int call_in_child(long nr, const uint64_t args[6])
{
	int status = 0;
	pid_t pid = fork();
	long rc;

	REQUIRE(pid >= 0);
	if (pid == 0) {
		alarm(10);
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		    sys(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
			_exit(EXIT_LOAD);
		rc = sys(nr, args[0], args[1], args[2], args[3], args[4], args[5]);
		_exit(rc < 0 ? (int)-rc : EXIT_RESULT);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid);
	return status;
}

static bool fits(uint32_t verdict, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	switch (verdict & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_KILL_PROCESS: case SECCOMP_RET_KILL_THREAD: case SECCOMP_RET_TRAP:
		return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
	case SECCOMP_RET_ERRNO:
		return code == (int)(verdict & SECCOMP_RET_DATA);
	case SECCOMP_RET_TRACE: case SECCOMP_RET_USER_NOTIF:
		return code == ENOSYS;
	default:
		return code == EXIT_RESULT;
	}
}

int main(void)
{
	static const uint64_t values[] = { 0, 4, 5, 6, 7, UINT64_C(1) << 32, (UINT64_C(1) << 32) + 5, UINT64_MAX };
	struct cordon_seccomp_policy policy = {
		SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | ENOSYS, rules, ARRAY_LEN(rules), 0,
	};
	struct cordon_seccomp *seccomp;
	struct cordon_error err;
	uint32_t bytes, state = 1;
	unsigned kinds[2] = { 0 };

	REQUIRE(cordon_seccomp_new(&policy, CORDON_ARCH_NATIVE, &seccomp, &err) == 0);
	program.filter = (struct sock_filter *)(uintptr_t)cordon_seccomp_program(seccomp, &bytes);
	program.len = (unsigned short)(bytes / sizeof(struct sock_filter));
	for (int i = 0; i < CALLS; i++) {
		const char *call = calls[i % ARRAY_LEN(calls)];
		int32_t nr = cordon_syscall_number(call, CORDON_ARCH_NATIVE);
		uint64_t args[6];
		uint32_t verdict;
		int status;

		for (size_t k = 0; k < ARRAY_LEN(args); k++) {
			state = state * 1103515245 + 12345;
			args[k] = values[state >> 16 & 7];
		}
		verdict = cordon_seccomp_verdict(seccomp, nr, args);
		status = call_in_child(nr, args);
		if (i == 0 && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_LOAD)
			SKIP("no seccomp filters here");
		if (!fits(verdict, status))
			TEST_FAIL("%s(%#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 "): %#x, wait status %#x", call, args[0],
				  args[1], args[2], verdict, status);
		kinds[verdict == SECCOMP_RET_ALLOW]++;
	}
	CHECK(kinds[0] > 40 && kinds[1] > 40);
	cordon_seccomp_free(seccomp);
	return TEST_RESULT();
}
