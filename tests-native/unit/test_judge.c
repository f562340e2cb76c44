/* SPDX-License-Identifier: Apache-2.0 */
/* What judge decides and records. This process is both the program and the supervisor, so the calls are made up. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "calls/calls.h"
#include "supervisor/events.h"
#include "supervisor/judge.h"
#include "supervisor/policy.h"
#include "support/test.h"

#ifdef __x86_64__
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#else
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#endif

static struct supervisor sv;
static struct answer got;
static char top[256];

static const char *in_top(const char *name)
{
	static char buf[8][512];
	static int turn;
	char *p = buf[turn++ % 8];

	snprintf(p, sizeof buf[0], "%s/%s", top, name);
	return p;
}

#define T in_top

static void fresh(uint32_t flags)
{
	int proc = sv.proc_fd, wake = sv.wake_fd;

	memset(&sv, 0, offsetof(struct supervisor, policy));
	sv.engine = CORDON_ENGINE_PTRACE;
	sv.flags = flags;
	sv.outside = CORDON_DECISION_ERRNO;
	sv.outside_errno = EACCES;
	sv.ask_timeout_ns = 20 * NSEC_PER_MSEC;
	sv.proc_fd = proc;
	sv.wake_fd = wake;
	sv.executed = 1;
	sv.violation = -1;
}

/* judge's answer: 0, an errno, or -1 for the end. */
static int ask6(long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
	struct stop s = {
		.tid = (int32_t)syscall(SYS_gettid), .nr = nr, .args = { a, b, c, d, e, f }, .arch = NATIVE_ARCH,
	};

	judge(&sv, &s, &got, NULL);
	if (got.decision == CORDON_DECISION_ALLOW)
		return 0;
	return got.decision == CORDON_DECISION_KILL ? -1 : got.err == 0 ? 4096 : got.err;
}

#define P(x) ((uint64_t)(uintptr_t)(x))
#define ASK_PICK(_0, _1, _2, _3, _4, _5, _6, name, ...) name
#define JUDGE1(nr) ask6(nr, 0, 0, 0, 0, 0, 0)
#define JUDGE2(nr, a) ask6(nr, P(a), 0, 0, 0, 0, 0)
#define JUDGE3(nr, a, b) ask6(nr, P(a), P(b), 0, 0, 0, 0)
#define JUDGE4(nr, a, b, c) ask6(nr, P(a), P(b), P(c), 0, 0, 0)
#define JUDGE5(nr, a, b, c, d) ask6(nr, P(a), P(b), P(c), P(d), 0, 0)
#define JUDGE6(nr, a, b, c, d, e) ask6(nr, P(a), P(b), P(c), P(d), P(e), 0)
#define JUDGE(...) ASK_PICK(__VA_ARGS__, 0, JUDGE6, JUDGE5, JUDGE4, JUDGE3, JUDGE2, JUDGE1)(__VA_ARGS__)

static const struct cordon_event *last_event(void)
{
	static const struct cordon_event none = { .syscall = -2 };

	return sv.nevents > 0 ? &sv.events[sv.nevents - 1] : &none;
}

#define VERDICT(nr, verdict) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1), BPF_STMT(BPF_RET | BPF_K, verdict)

static void test_policy_filter(void)
{
	static const struct sock_filter policy_filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		VERDICT(1001, SECCOMP_RET_ERRNO | 5), VERDICT(1002, SECCOMP_RET_ERRNO),
		VERDICT(1003, SECCOMP_RET_ERRNO | 0xffff), VERDICT(1004, SECCOMP_RET_KILL_PROCESS),
		VERDICT(1005, SECCOMP_RET_KILL_THREAD), VERDICT(1006, SECCOMP_RET_TRAP), VERDICT(1007, SECCOMP_RET_LOG),
		VERDICT(1008, SECCOMP_RET_TRACE), VERDICT(1009, SECCOMP_RET_USER_NOTIF), VERDICT(1010, 0x12340000),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	for (uint32_t audit = 0; audit <= CORDON_SUPERVISOR_AUDIT; audit += CORDON_SUPERVISOR_AUDIT) {
		uint32_t refusals = audit ? 3 : 0;

		fresh(audit);
		sv.policy_filter = policy_filter;
		sv.policy_len = ARRAY_LEN(policy_filter);
		CHECK_EQ(JUDGE(1000), 0);
		CHECK_EQ(JUDGE(1007), 0);
		CHECK_EQ(JUDGE(1001), 5);
		CHECK_EQ(JUDGE(1002), 4096);	/* "done", without doing it */
		CHECK_EQ(JUDGE(1003), 4095);
		CHECK_EQ(sv.nevents, refusals);
		for (long nr = 1004; nr <= 1006; nr++) {
			CHECK_EQ(JUDGE(nr), -1);
			CHECK_EQ(last_event()->syscall, nr);
			CHECK_EQ(last_event()->kind, CORDON_EVENT_SYSCALL);
			CHECK_EQ(last_event()->err, -1);
		}
		CHECK_EQ(JUDGE(1010), -1);
		CHECK_EQ(JUDGE(1008), EPERM);	/* no answer comes */
		CHECK_EQ(last_event()->kind, CORDON_EVENT_UNANSWERED);
		CHECK_EQ(JUDGE(1009), EPERM);
		CHECK_EQ(sv.question.state, 0);
	}
}

static void test_rules(void)
{
	static const struct cordon_supervision_call rules[] = {
		{ .syscall = 1, .decision = CORDON_DECISION_ERRNO, .err = 7 },
		{ .syscall = 5, .decision = CORDON_DECISION_KILL, .limit = 2 },
		{ .syscall = 9, .decision = CORDON_DECISION_ALLOW, .limit = UINT64_MAX },
		{ .syscall = 11, .decision = CORDON_DECISION_ASK, .limit = 1 },
	};

	fresh(0);
	sv.calls = rules;
	sv.ncalls = ARRAY_LEN(rules);
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		sv.remaining[i] = rules[i].limit;
	for (long nr = -1; nr < 14; nr++)
		if (nr != 1 && nr != 5 && nr != 9 && nr != 11)
			CHECK_EQ(JUDGE(nr), 0);
	CHECK_EQ(JUDGE(1), 7);
	CHECK_EQ(JUDGE(5), 0);
	CHECK_EQ(JUDGE(5), 0);
	CHECK_EQ(JUDGE(5), -1);
	CHECK_EQ(JUDGE(5), -1);
	CHECK_EQ(JUDGE(9), 0);
	CHECK(sv.remaining[2] == UINT64_MAX - 1);
	CHECK_EQ(JUDGE(11), 0);
	CHECK_EQ(JUDGE(11), EPERM);
	CHECK_EQ(sv.nevents, 3);
	CHECK_EQ(sv.events_total, 4);
}

static void test_counts(void)
{
	fresh(CORDON_SUPERVISOR_RECORD);
	sv.executed = 0;
	CHECK_EQ(JUDGE(3), 0);
	sv.executed = 1;
	CHECK_EQ(JUDGE(3), 0);
	CHECK_EQ(JUDGE(3), 0);
	CHECK_EQ(JUDGE(-1), 0);
	CHECK_EQ(JUDGE(CORDON_SUPERVISION_COUNTS), 0);
	CHECK_EQ(JUDGE(CORDON_SUPERVISION_COUNTS - 1), 0);
	CHECK_EQ(sv.setup_counts[3], 1);
	CHECK_EQ(sv.counts[3], 2);
	CHECK_EQ(sv.counts[CORDON_SUPERVISION_COUNTS - 1], 1);
}

/* The child's own calls are let through as long as it has our memory; a program that runs while init has not noticed is
 * judged. */
static void test_setup(void)
{
	static const struct sock_filter nothing[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 9) };
	int ends[2];
	char byte;
	pid_t child;
	struct stop s = { .nr = SYS_seccomp, .arch = NATIVE_ARCH };

	fresh(0);
	sv.policy_filter = nothing;
	sv.policy_len = 1;
	sv.executed = 0;
	sv.main_tid = (int32_t)syscall(SYS_gettid);
	CHECK_EQ(JUDGE(SYS_seccomp), 0);
	CHECK_EQ(JUDGE(SYS_rt_sigprocmask), 9);	/* comes before the filter */
	CHECK_EQ(JUDGE(SYS_execve), 0);
	CHECK_EQ(JUDGE(SYS_getpid), 9);
	sv.main_tid++;
	CHECK_EQ(JUDGE(SYS_seccomp), 9);
	sv.main_tid--;
	sv.executed = 1;
	CHECK_EQ(JUDGE(SYS_seccomp), 9);
	sv.executed = 0;
	REQUIRE(pipe(ends) == 0);
	child = fork();		/* a copy of our memory */
	if (child == 0) {
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) != 0);
	}
	REQUIRE(child > 0);
	s.tid = sv.main_tid = child;
	judge(&sv, &s, &got, NULL);
	CHECK_EQ(got.decision, CORDON_DECISION_ERRNO);
	close(ends[0]);
	close(ends[1]);
	REQUIRE(waitpid(child, NULL, 0) == child);
}

static void test_privilege(void)
{
	fresh(CORDON_SUPERVISOR_AUDIT);
	CHECK_EQ(JUDGE(SYS_setuid, 1), 0);
	CHECK_EQ(last_event()->kind, CORDON_EVENT_PRIVILEGE);
	CHECK_EQ(last_event()->err, 0);
	CHECK_EQ(last_event()->args[0], 1);
	CHECK_EQ(JUDGE(SYS_capset), 0);
	CHECK_EQ(JUDGE(SYS_getuid), 0);
	CHECK_EQ(sv.nevents, 2);
}

/* The first ones and the last one. */
static void test_events(void)
{
	struct stop s = { .tid = 5, .nr = 1, .ip = 77, .args = { 1, 2, 3, 4, 5, 6 } };
	char path[400];

	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	fresh(0);
	supervisor_event(&sv, CORDON_EVENT_PATH, &s, EACCES, path);
	supervisor_event(&sv, CORDON_EVENT_PATH, &s, EACCES, path);
	CHECK_EQ(sv.nevents, 1);
	CHECK_EQ(sv.events_total, 2);
	CHECK_EQ(sv.events[0].path_len, CORDON_EVENT_PATH_MAX);
	CHECK_EQ(sv.events[0].args[5], 6);
	CHECK(sv.events[0].time_ns > 0);
	supervisor_event(&sv, CORDON_EVENT_PATH, &s, EACCES, "y");
	supervisor_event(&sv, CORDON_EVENT_PATH, &s, EPERM, "y");
	supervisor_event(&sv, CORDON_EVENT_SYSCALL, &s, EPERM, "y");
	supervisor_event(&sv, CORDON_EVENT_PATH, &s, EACCES, path);
	CHECK_EQ(sv.nevents, 5);
	for (s.nr = 100; s.nr < 300; s.nr++)
		supervisor_event(&sv, CORDON_EVENT_SYSCALL, &s, 1, NULL);
	CHECK_EQ(sv.nevents, CORDON_EVENTS_MAX);
	CHECK_EQ(sv.events_total, 206);
	CHECK_EQ(sv.events[CORDON_EVENTS_MAX - 2].syscall, 100 + CORDON_EVENTS_MAX - 2 - 5);
	CHECK_EQ(last_event()->syscall, 299);
}

static void *answer(void *arg)
{
	struct pollfd wake = { .fd = sv.wake_fd, .events = POLLIN };
	uint32_t asked = 1;
	uint64_t count;

	REQUIRE(poll(&wake, 1, 5000) == 1 && read(sv.wake_fd, &count, sizeof count) == sizeof count);
	sv.question.answer = *(struct answer *)arg;
	REQUIRE(__atomic_compare_exchange_n(&sv.question.state, &asked, 2, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
	(void)syscall(SYS_futex, &sv.question.state, 1 /* FUTEX_WAKE */, 1);
	return NULL;
}

static int judge_answered(struct answer a, const char *path, int flags)
{
	pthread_t thread;
	int rc;

	sv.ask_timeout_ns = 5 * NSEC_PER_SEC;
	REQUIRE(pthread_create(&thread, NULL, answer, &a) == 0);
	rc = JUDGE(SYS_openat, AT_FDCWD, path, flags);
	pthread_join(thread, NULL);
	return rc;
}

static void test_questions(void)
{
	uint64_t count, first;

	fresh(CORDON_SUPERVISOR_FILES);
	sv.outside = CORDON_DECISION_ASK;
	while (read(sv.wake_fd, &count, sizeof count) > 0)
		;
	CHECK_EQ(judge_answered((struct answer){ CORDON_DECISION_ALLOW, 0, 0 }, T("denied/file"), O_RDWR), 0);
	CHECK_EQ(sv.question.npaths, 1);
	CHECK_STR(sv.question.paths[0], T("denied/file"));
	CHECK_EQ(sv.question.access, CORDON_ACCESS_READ | CORDON_ACCESS_WRITE | CORDON_ACCESS_STAT);
	CHECK_EQ(sv.question.stop.nr, SYS_openat);
	CHECK_EQ(sv.nevents, 0);
	first = sv.question.serial;
	CHECK(first % 2 == 1);
	CHECK_EQ(judge_answered((struct answer){ CORDON_DECISION_ERRNO, 33, 0 }, T("denied/file"), O_RDONLY), 33);
	CHECK_EQ(last_event()->kind, CORDON_EVENT_PATH);
	CHECK_EQ(last_event()->err, 33);
	CHECK(sv.question.serial > first);
	CHECK_EQ(judge_answered((struct answer){ CORDON_DECISION_KILL, 0, 0 }, T("denied/file"), O_RDONLY), -1);
	CHECK_EQ(judge_answered((struct answer){ 1234, 0, 0 }, T("denied/file"), O_RDONLY), -1);
	sv.ask_timeout_ns = 20 * NSEC_PER_MSEC;
	CHECK_EQ(JUDGE(SYS_openat, AT_FDCWD, T("denied/file"), O_RDONLY), EACCES);
	CHECK_EQ(last_event()->kind, CORDON_EVENT_UNANSWERED);
	CHECK_EQ(sv.question.state, 0);
}

static void test_files(void)
{
	char *file = strdup(T("work/file")), *denied = strdup(T("denied/file"));
	uint32_t before;

	fresh(CORDON_SUPERVISOR_FILES);
	CHECK_EQ(JUDGE(SYS_getpid), 0);
	CHECK_EQ(JUDGE(SYS_openat, AT_FDCWD, file, O_RDONLY), 0);
	CHECK_EQ(JUDGE(SYS_openat, AT_FDCWD, file, O_RDWR | O_CREAT), 0);
	CHECK_EQ(JUDGE(SYS_openat, AT_FDCWD, T("readable/file"), O_RDONLY), 0);
	for (const int *flags = (const int[]){ O_WRONLY, O_RDWR, O_ACCMODE, O_TRUNC, O_CREAT, O_TMPFILE | O_RDWR, 0 };
	     *flags; flags++)
		CHECK_EQ(JUDGE(SYS_openat, AT_FDCWD, T("readable/file"), *flags), EACCES);
	CHECK_EQ(JUDGE(SYS_openat, AT_FDCWD, T("work/to-denied"), O_RDONLY), EACCES);
	CHECK_EQ(JUDGE(SYS_openat, AT_FDCWD, T("work/to-denied"), O_RDONLY | O_NOFOLLOW), 0);	/* the link itself */
	CHECK_EQ(JUDGE(SYS_openat, AT_FDCWD, T("work/to-denied"), O_WRONLY | O_CREAT | O_EXCL), 0);
	CHECK_EQ(JUDGE(SYS_faccessat, AT_FDCWD, T("readable/file"), W_OK), 0);
	CHECK_EQ(JUDGE(SYS_newfstatat, AT_FDCWD, denied, 8, 0), EACCES);
	CHECK_EQ(JUDGE(SYS_newfstatat, 0, "", 8, AT_EMPTY_PATH), 0);
	CHECK_EQ(JUDGE(SYS_statx, 0, NULL, AT_EMPTY_PATH, 0), 0);
	CHECK_EQ(JUDGE(SYS_newfstatat, AT_FDCWD, T("work/to-denied"), 8, 0), EACCES);
	CHECK_EQ(JUDGE(SYS_newfstatat, AT_FDCWD, T("work/to-denied"), 8, AT_SYMLINK_NOFOLLOW), 0);
	CHECK_EQ(JUDGE(SYS_renameat2, AT_FDCWD, file, AT_FDCWD, T("work/new")), 0);
	CHECK_EQ(JUDGE(SYS_renameat2, AT_FDCWD, file, AT_FDCWD, denied), EACCES);
	CHECK_EQ(JUDGE(SYS_linkat, AT_FDCWD, denied, AT_FDCWD, T("work/new")), EACCES);
	CHECK_EQ(JUDGE(SYS_chroot, "/"), EPERM);
	before = sv.nevents;
	CHECK_EQ(JUDGE(SYS_openat, AT_FDCWD, (const char *)8, O_RDONLY), EFAULT);
	CHECK_EQ(JUDGE(SYS_openat, AT_FDCWD, "", O_RDONLY), ENOENT);
	CHECK_EQ(JUDGE(SYS_openat, 999, "x", O_RDONLY), EBADF);
	CHECK_EQ(JUDGE(SYS_openat, AT_FDCWD, T("work/none"), O_RDONLY), 0);	/* the kernel says so */
	CHECK_EQ(JUDGE(SYS_openat, AT_FDCWD, T("work/none/none"), O_RDONLY), ENOENT);
	CHECK_EQ(JUDGE(SYS_openat, AT_FDCWD, T("work/file/none"), O_RDONLY), ENOTDIR);
	CHECK_EQ(sv.nevents, before);
	CHECK_EQ(JUDGE(SYS_openat, AT_FDCWD, T("denied/none"), O_RDONLY), EACCES);
	CHECK_EQ(JUDGE(SYS_openat, AT_FDCWD, T("denied/none/none"), O_RDONLY), EACCES);
	CHECK_EQ(JUDGE(SYS_openat, AT_FDCWD, T("denied/file/none"), O_RDONLY), EACCES);
	CHECK_EQ(JUDGE(SYS_openat, AT_FDCWD, T("work/to-denied-dir/none/none"), O_RDONLY), EACCES);
	sv.outside = CORDON_DECISION_KILL;
	CHECK_EQ(JUDGE(SYS_openat, AT_FDCWD, denied, O_RDONLY), -1);
	CHECK_EQ(last_event()->kind, CORDON_EVENT_PATH);
	CHECK_EQ(last_event()->err, -1);
	sv.executed = 0;
	sv.main_tid = (int32_t)syscall(SYS_gettid);
	CHECK_EQ(JUDGE(SYS_execve, denied), EACCES);	/* looking for the program's file along PATH */
	CHECK_EQ(JUDGE(SYS_openat, AT_FDCWD, denied, O_RDONLY), -1);	/* the program, whose exec has not been reported
									   yet */
	free(file);
	free(denied);
}

/* Its numbers mean other calls: 3 is close on i386. */
static void test_foreign(void)
{
	struct stop s = { .tid = (int32_t)syscall(SYS_gettid), .nr = 3, .arch = AUDIT_ARCH_I386 };

	fresh(0);
	judge(&sv, &s, &got, NULL);
	CHECK_EQ(got.decision, CORDON_DECISION_KILL);
	CHECK_EQ(last_event()->err, -1);
	CHECK_EQ(last_event()->arch, AUDIT_ARCH_I386);
}

/* Without a pid namespace: this process has no tracees, so no process belongs to the run. */
static void test_signals(void)
{
	const int32_t self = getpid();

	fresh(0);
	CHECK_EQ(JUDGE(SYS_kill, 1, 9), 0);
	sv.own_tree = true;
	CHECK_EQ(JUDGE(SYS_kill, 0, 9), 0);
	CHECK_EQ(JUDGE(SYS_kill, (intptr_t)-1, 9), EPERM);
	CHECK_EQ(JUDGE(SYS_kill, (intptr_t)INT32_MIN, 9), EPERM);
	CHECK_EQ(JUDGE(SYS_kill, (intptr_t)1, 9), EPERM);
	CHECK_EQ(JUDGE(SYS_kill, (intptr_t)self, 0), EPERM);
	CHECK_EQ(JUDGE(SYS_kill, (intptr_t)-self, 0), EPERM);
	CHECK_EQ(JUDGE(SYS_tgkill, (intptr_t)self, (intptr_t)self, 0), EPERM);
	CHECK_EQ(JUDGE(SYS_pidfd_open, (intptr_t)self, 0), EPERM);
	CHECK_EQ(JUDGE(SYS_pidfd_send_signal, 3, 9), ENOSYS);
	CHECK_EQ(JUDGE(SYS_getpid), 0);
}

static int judge_all(long nr, const void *arg)
{
	uint64_t a = P(arg);

	return ask6(nr, a, a, a, a, a, a);
}

/* What a supervisor stops calls for has a consequence for each of them, and for no other. */
static void test_every_purpose(void)
{
	for (long nr = 0; nr < CORDON_SUPERVISION_COUNTS; nr++) {
		const struct call *c = call_find(nr);
		uint32_t purposes = c != NULL ? c->purposes : 0, seen = 0;
		int rc;

		fresh(0);
		rc = judge_all(nr, T("denied/file"));
		if (rc != 0 || sv.nevents != 0)
			TEST_FAIL("call %ld is not stopped for anything, and gets %d", nr, rc);
		fresh(CORDON_SUPERVISOR_FILES);
		seen |= judge_all(nr, T("denied/file")) != 0 ? CALL_FILE : 0;
		fresh(CORDON_SUPERVISOR_AUDIT);
		CHECK_EQ(judge_all(nr, NULL), 0);
		if (last_event()->kind == CORDON_EVENT_PRIVILEGE && last_event()->syscall == nr)
			seen |= CALL_PRIVILEGE;
		fresh(0);
		sv.own_tree = true;
		seen |= judge_all(nr, (void *)1) != 0 ? CALL_SIGNAL : 0;
		if (seen != (purposes & (CALL_FILE | CALL_PRIVILEGE | CALL_SIGNAL)))
			TEST_FAIL("call %ld has the purposes %#x, and is judged for %#x", nr, purposes, seen);
	}
}

static void make_file(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	REQUIRE(fd >= 0);
	close(fd);
}

static void make_tree(void)
{
	const uint32_t all = CORDON_ACCESS_READ | CORDON_ACCESS_WRITE | CORDON_ACCESS_STAT;
	char *made = realpath("/tmp", NULL);

	REQUIRE(made != NULL);
	snprintf(top, sizeof top, "%s/cordon-judge-XXXXXX", made);
	free(made);
	REQUIRE(mkdtemp(top) != NULL);
	REQUIRE(mkdir(T("work"), 0755) == 0 && mkdir(T("denied"), 0755) == 0 && mkdir(T("readable"), 0755) == 0);
	make_file(T("work/file"));
	make_file(T("denied/file"));
	make_file(T("readable/file"));
	REQUIRE(symlink("../denied/file", T("work/to-denied")) == 0 &&
		symlink("../denied", T("work/to-denied-dir")) == 0);
	policy_clear(&sv.policy);
	REQUIRE(policy_add(&sv.policy, T("work"), strlen(T("work")), CORDON_PATH_TREE, all, 0) == 0);
	REQUIRE(policy_add(&sv.policy, T("readable"), strlen(T("readable")), CORDON_PATH_TREE, CORDON_ACCESS_READ, 1) ==
		0);
}

static void remove_tree(void)
{
	char command[300];

	snprintf(command, sizeof command, "rm -rf '%s'", top);
	CHECK_EQ(system(command), 0);
}

int main(void)
{
	sv.proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	sv.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	REQUIRE(sv.proc_fd >= 0 && sv.wake_fd >= 0);
	make_tree();
	test_policy_filter();
	test_rules();
	test_counts();
	test_setup();
	test_privilege();
	test_events();
	test_questions();
	test_files();
	test_foreign();
	test_signals();
	test_every_purpose();
	remove_tree();
	return TEST_RESULT();
}
