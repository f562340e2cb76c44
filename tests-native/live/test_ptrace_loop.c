/* SPDX-License-Identifier: Apache-2.0 */
/* supervise_ptrace with the kernel, and with a judge and other parts of this test's own, so that only the loop is
 * tested.
 *
 * Each scenario is a function of the program's: a child of this process (which plays cordon-init) starts the supervisor
 * as the vfork child does, waits until it is attached, loads a filter that stops some numbers, and calls the function.
 * Checks fail in the program, whose exit status shows it, or afterwards here. A scenario that takes too long ends with
 * its supervisor, which ends its program. With "bench [pairs]" it compares the loop with that of bench/bare_ptrace.h
 * instead. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/base.h"
#include "bench/bare_ptrace.h"
#include "supervisor/events.h"
#include "supervisor/judge.h"
#include "supervisor/process.h"
#include "supervisor/ptrace.h"
#include "supervisor/tracees.h"
#include "test.h"

#define TIME_LIMIT_S 40
#define NUMBERS 512
#define UNTRACED 0x00800000	/* CLONE_UNTRACED */
#define EXECUTED "executed"	/* argv[1] of what exec scenarios start */
#define ENDED (-1)		/* in rules: KILL */
#define OURS (-2)		/* in rules: allowed where tracee_is_ours(first argument), else EPERM */

/* Seen by this process, the supervisor and the program. */
static struct world {
	struct supervisor sv;
	int32_t rules[NUMBERS];		/* 0 = ALLOW, > 0 = errno, or see above */
	uint64_t seen[NUMBERS];		/* stops; only the supervisor writes */
	uint32_t settled, events, kills, early;
	int32_t last_event_nr;
	bool drop;			/* the supervisor has no capabilities, as the real one */
	uint32_t flag, other_flag;	/* the scenario's */
	uint64_t number;
	struct sock_filter filter[BARE_FILTER_MAX];
} * w;

static volatile sig_atomic_t out_of_time;
static pid_t main_pid;

/* ---- The parts that the loop asks for ---- */

void judge(struct supervisor *sv, const struct stop *s, struct answer *ret, struct judged *judged)
{
	int32_t rule = s->nr >= 0 && s->nr < NUMBERS ? w->rules[s->nr] : 0;

	judged->call = NULL;
	(void)sv;
	if (s->nr >= 0 && s->nr < NUMBERS)
		w->seen[s->nr]++;
	if (rule == OURS)
		rule = tracee_is_ours((int32_t)s->args[0]) ? 0 : EPERM;
	ret->decision = rule == ENDED ? CORDON_DECISION_KILL : CORDON_DECISION_ERRNO;
	if (rule == 0)
		ret->decision = CORDON_DECISION_ALLOW;
	ret->err = rule > 0 ? rule : 0;
	if (rule == ENDED)
		supervisor_event(sv, CORDON_EVENT_SYSCALL, s, -1, NULL);
}

void supervisor_settle(struct supervisor *sv, const int *keep, uint32_t nkeep)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	struct __user_cap_data_struct data[2] = { { 0 }, { 0 } };

	if (w->drop && sys(__NR_capset, &header, data) < 0)
		return;
	w->settled +=
		nkeep == 2 && keep[0] == sv->proc_fd && keep[1] == sv->wake_fd && sv->state == SUPERVISOR_ATTACHED;
}

void supervisor_event(struct supervisor *sv, enum cordon_event_kind kind, const struct stop *s, int32_t err,
		      const char *path)
{
	(void)sv;
	(void)path;
	w->events += kind == CORDON_EVENT_SYSCALL && err == -1;
	w->last_event_nr = (int32_t)s->nr;
}

void supervisor_kill(struct supervisor *sv)
{
	w->kills++;
	__atomic_store_n(&sv->killed, 1, __ATOMIC_RELEASE);
	(void)sys(__NR_kill, sv->main_tid, SIGKILL);
}

void supervisor_finish(struct supervisor *sv)
{
	__atomic_store_n(&sv->state, SUPERVISOR_DONE, __ATOMIC_RELEASE);
	for (;;)
		sys(__NR_exit_group, 0);
}

/* ---- Running a scenario ---- */

struct scenario {
	const char *name;
	int (*program)(void);
	long stopped[15];	/* numbers; 0 ends it, as no scenario stops read */
	bool own_tree;
};

static void supervisor_main(void *arg)
{
	supervise_ptrace(arg);
}

static void start_supervisor(struct supervisor *sv)
{
	const struct arch_clone_args args = {
		.flags = CLONE_VM | CLONE_PARENT,
		.stack = (uintptr_t)sv->stack,
		.stack_size = sizeof sv->stack,
	};

	sv->main_tid = (int32_t)sys(__NR_gettid);
	sv->pid = (int32_t)arch_clone3(&args, sizeof args, supervisor_main, sv);
	REQUIRE(sv->pid > 0);
	while (__atomic_load_n(&sv->state, __ATOMIC_ACQUIRE) == SUPERVISOR_STARTING)
		(void)sys(__NR_futex, &sv->state, FUTEX_WAIT, SUPERVISOR_STARTING, NULL);
	if (sv->state == SUPERVISOR_FAILED)
		fprintf(stderr, "PTRACE_SEIZE: %s\n", strerror(sv->failure));
	REQUIRE(sv->state == SUPERVISOR_ATTACHED);
}

static uint16_t make_filter(const struct scenario *s)
{
	uint32_t n = 0;

	while (n < ARRAY_LEN(s->stopped) && s->stopped[n] != 0)
		n++;
	return bare_filter(s->stopped, n, w->filter);
}

static _Noreturn void be_program(const struct scenario *s)
{
	test_failures = 0;
	(void)setpgid(0, 0);
	start_supervisor(&w->sv);
	bare_load(w->filter, w->sv.notify_len);
	_exit(s->program());
}

static void on_alarm(int sig)
{
	(void)sig;
	out_of_time = 1;
	if (w->sv.pid > 0)
		(void)kill(w->sv.pid, SIGKILL);
	if (w->sv.main_tid > 0)	/* also what the supervisor's end should have ended */
		(void)kill(-w->sv.main_tid, SIGKILL);
}

static void world_new(void)
{
	w = mmap(NULL, sizeof *w, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(w != MAP_FAILED);
	w->sv.engine = CORDON_ENGINE_PTRACE;
	w->sv.scheduling = true;
	w->sv.outside = CORDON_DECISION_ERRNO;
	w->sv.violation = -1;
	w->sv.wake_fd = -1;
	w->sv.proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void start(const struct scenario *s)
{
	out_of_time = 0;
	w->sv.own_tree = s->own_tree;
	w->sv.notify_len = make_filter(s);
	w->sv.notify_filter = w->filter;
	w->sv.init_pid = getpid();
	(void)alarm(TIME_LIMIT_S);
	main_pid = fork();
	REQUIRE(main_pid >= 0);
	if (main_pid == 0)
		be_program(s);
}

/* The program's status; what it left behind is reaped by the next finish. */
static int wait_main(struct rusage *usage)
{
	int status = -1;

	while (wait4(main_pid, &status, 0, usage) < 0 && errno == EINTR)
		;
	return status;
}

static void finish(const struct scenario *s)
{
	if (out_of_time)
		TEST_FAIL("%s: out of time", s->name);
	CHECK_EQ(w->settled, 1);
	(void)kill(w->sv.pid, SIGKILL);
	while (wait4(-1, NULL, __WALL, NULL) > 0 || errno == EINTR)
		;
	(void)alarm(0);
	close(w->sv.proc_fd);
	munmap(w, sizeof *w);
}

static void expect_passed(const struct scenario *s)
{
	int status = wait_main(NULL);

	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		TEST_FAIL("%s: status %#x", s->name, (unsigned int)status);
}

/* Exactly one answer: a stopped call that fails with EXDEV, which getppid never does. */
static void check_supervised(void)
{
	CHECK_EQ(sys(__NR_getppid), -EXDEV);
}

static long thread_id(void)
{
	return sys(__NR_gettid);
}

/* ---- Results of calls ---- */

static int errnos(void)
{
	static const int values[] = { EPERM, ENOSYS, EACCES, 512, 513, 516, 4095 };

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		w->rules[__NR_getppid] = values[i];
		CHECK_EQ(sys(__NR_getppid), -values[i]);
	}
	w->rules[__NR_getppid] = 0;
	CHECK_EQ(sys(__NR_getppid), w->sv.init_pid);
	CHECK_EQ(sys(-1), -ENOSYS);
	/* The other arguments and registers arrive as they were. */
	CHECK_EQ(sys(__NR_prctl, PR_SET_NAME, "renamed", 0, 0, 0), 0);
	CHECK_EQ(sys(__NR_prctl, PR_SET_NAME, NULL, 0, 0, 0), -EFAULT);
	return TEST_RESULT();
}

static void test_errno(void)
{
	static const struct scenario s = { "errno", errnos, { __NR_getppid, -1, __NR_prctl }, false };

	world_new();
	start(&s);
	expect_passed(&s);
	CHECK_EQ(w->seen[__NR_getppid], 8);
	CHECK_EQ(w->seen[__NR_prctl], 2);
	finish(&s);
}

static int killed_call(void)
{
	(void)sys(__NR_kill, w->sv.init_pid, 0);	/* its effect would be none: only what comes after shows */
	w->flag = 1;
	return 0;
}

static void test_kill(void)
{
	static const struct scenario s = { "kill", killed_call, { __NR_kill }, false };

	world_new();
	w->rules[__NR_kill] = ENDED;
	start(&s);
	CHECK_EQ(wait_main(NULL), SIGKILL);
	CHECK_EQ(w->flag, 0);
	CHECK_EQ(w->kills, 1);
	finish(&s);
}

#if defined(__x86_64__)
static int x32_call(void)
{
	(void)sys(0x40000000 | __NR_getpid);
	w->flag = 1;
	return 0;
}

static int i386_call(void)
{
	long nr = __NR_writev;	/* i386: getpid */

	__asm__ volatile("int $0x80" : "+a"(nr) : : "memory", "r8", "r9", "r10", "r11");
	w->flag = 1;
	return 0;
}

static void test_other_abi(const struct scenario *s, int32_t nr)
{
	int status;

	world_new();
	start(s);
	status = wait_main(NULL);
	if (status == SIGSEGV) {
		fprintf(stderr, "%s: this kernel has no such ABI\n", s->name);
	} else {
		CHECK_EQ(status, SIGKILL);
		CHECK_EQ(w->events, 1);
		CHECK_EQ(w->last_event_nr, nr);
		CHECK_EQ(w->kills, 1);
		CHECK_EQ(w->seen[__NR_writev], 0);
	}
	CHECK_EQ(w->flag, 0);
	finish(s);
}

static void test_abis(void)
{
	static const struct scenario x32 = { "x32", x32_call, { 0x40000000 | __NR_getpid }, false };
	static const struct scenario i386 = { "i386", i386_call, { __NR_writev }, false };

	test_other_abi(&x32, 0x40000000 | __NR_getpid);
	test_other_abi(&i386, __NR_writev);
}
#else
static void test_abis(void)
{
}
#endif

/* ---- Many tasks ---- */

static void *short_thread(void *arg)
{
	check_supervised();
	return arg;
}

#define AT_ONCE 8

/* A multiple of what the storms divide it by. */
static long storm(void)
{
	return test_rounds(10000) / (10 * AT_ONCE) * (10 * AT_ONCE);
}

static long clones(void)
{
	return test_rounds(300);
}

static int thread_storm(void)
{
	pthread_t threads[AT_ONCE];
	uintptr_t sum = 0;

	for (uintptr_t i = 0; i < (uintptr_t)storm() / AT_ONCE; i++) {
		for (uintptr_t k = 0; k < AT_ONCE; k++)
			REQUIRE(pthread_create(&threads[k], NULL, short_thread, (void *)(i + k)) == 0);
		for (uintptr_t k = 0; k < AT_ONCE; k++) {
			void *ret;

			REQUIRE(pthread_join(threads[k], &ret) == 0);
			sum += (uintptr_t)ret - i - k;
		}
	}
	CHECK_EQ(sum, 0);
	return TEST_RESULT();
}

static int fork_storm(void)
{
	for (int i = 0; i < storm() / AT_ONCE; i++) {
		pid_t pids[AT_ONCE];

		for (int k = 0; k < AT_ONCE; k++) {
			pids[k] = fork();
			REQUIRE(pids[k] >= 0);
			if (pids[k] == 0) {
				check_supervised();
				_exit(TEST_RESULT() ? 255 : (i + k) % 200);
			}
		}
		for (int k = 0; k < AT_ONCE; k++) {
			int status;

			REQUIRE(waitpid(pids[k], &status, 0) == pids[k]);
			CHECK_EQ(status, (i + k) % 200 << 8);
		}
	}
	return TEST_RESULT();
}

/* The parent does not wait before all of them have gone: whatever the kernel reports first. */
static int ignored_storm(void)
{
	(void)signal(SIGCHLD, SIG_IGN);
	for (int i = 0; i < storm() / 10; i++) {
		pid_t pid = fork();

		REQUIRE(pid >= 0);
		if (pid == 0) {
			check_supervised();
			_exit(0);
		}
	}
	CHECK_EQ(waitpid(-1, NULL, 0), -1);
	CHECK_EQ(errno, ECHILD);
	return TEST_RESULT();
}

/* Raw: glibc has made it to no kind of clone of its own. */
static int clone3_storm(void)
{
	for (int i = 0; i < clones(); i++) {
		struct arch_clone_args args = { .exit_signal = i % 2 ? SIGCHLD : SIGUSR2 };
		int status;
		long pid;

		(void)signal(SIGUSR2, SIG_IGN);
		pid = sys(__NR_clone3, &args, sizeof args);
		REQUIRE(pid >= 0);
		if (pid == 0) {
			check_supervised();
			_exit(TEST_RESULT());
		}
		REQUIRE(waitpid((pid_t)pid, &status, __WALL) == pid);
		CHECK_EQ(status, 0);
	}
	return TEST_RESULT();
}

static int vfork_storm(void)
{
	static char name[] = "/proc/self/exe", arg[] = EXECUTED;
	char *argv[] = { name, arg, NULL }, *envp[] = { NULL };

	for (int i = 0; i < clones(); i++) {
		int status;
		pid_t pid;

		REQUIRE(posix_spawn(&pid, name, NULL, NULL, argv, envp) == 0);
		REQUIRE(waitpid(pid, &status, 0) == pid);
		CHECK_EQ(status, 7 << 8);
	}
	for (int i = 0; i < clones(); i++) {
		pid_t pid = vfork();
		int status;

		if (pid == 0)
			_exit(getppid() == -EXDEV ? 3 : 4);
		REQUIRE(waitpid(pid, &status, 0) == pid);
		CHECK_EQ(status, 3 << 8);
	}
	return TEST_RESULT();
}

static void test_storm(const struct scenario *s, uint64_t stops)
{
	world_new();
	w->rules[__NR_getppid] = EXDEV;
	start(s);
	expect_passed(s);
	CHECK_EQ(w->seen[__NR_getppid], stops);
	finish(s);
}

static void test_storms(void)
{
	static const struct scenario threads = { "threads", thread_storm, { __NR_getppid }, false };
	static const struct scenario forks = { "forks", fork_storm, { __NR_getppid }, true };
	static const struct scenario ignored = { "ignored children", ignored_storm, { __NR_getppid }, false };
	static const struct scenario cloned = { "clone3", clone3_storm, { __NR_getppid }, false };
	static const struct scenario vforks = { "vfork", vfork_storm, { __NR_getppid }, false };

	test_storm(&threads, (uint64_t)storm());
	test_storm(&forks, (uint64_t)storm());
	test_storm(&ignored, (uint64_t)storm() / 10);
	test_storm(&cloned, (uint64_t)clones());
	if (!test_sanitized)	/* a sanitizer's vfork does not return in a program that is traced */
		test_storm(&vforks, 2 * (uint64_t)clones());
}

/* ---- Exec ---- */

static void *executing_thread(void *arg)
{
	(void)arg;
	check_supervised();
	execl("/proc/thread-self/exe", "test", EXECUTED, NULL);	/* /proc/self is the leader, which may be gone */
	return NULL;
}

static void *sleeping_thread(void *arg)
{
	for (;;)
		(void)pause();
	return arg;
}

static int exec_from_thread(void)
{
	pthread_t t;

	CHECK_EQ(w->sv.executed, 0);
	for (int i = 0; i < 5; i++)
		REQUIRE(pthread_create(&t, NULL, sleeping_thread, NULL) == 0);
	REQUIRE(pthread_create(&t, NULL, executing_thread, NULL) == 0);
	for (;;)
		(void)pause();
}

/* In a child, the leader having left before; many times, as both ends race. */
static int exec_after_leader(void)
{
	for (int i = 0; i < 100; i++) {
		pid_t pid = fork();
		int status;

		REQUIRE(pid >= 0);
		if (pid == 0) {
			pthread_t t;

			REQUIRE(pthread_create(&t, NULL, executing_thread, NULL) == 0);
			sys(__NR_exit, 9);
		}
		REQUIRE(waitpid(pid, &status, 0) == pid);
		CHECK_EQ(status, 7 << 8);
	}
	CHECK_EQ(w->sv.executed, 0);
	return TEST_RESULT();
}

static void test_exec(void)
{
	static const struct scenario thread = { "exec from a thread", exec_from_thread, { __NR_getppid }, true };
	static const struct scenario leader = { "exec after the leader", exec_after_leader, { __NR_getppid }, false };

	world_new();
	w->rules[__NR_getppid] = EXDEV;
	start(&thread);
	CHECK_EQ(wait_main(NULL), 7 << 8);
	CHECK_EQ(w->seen[__NR_getppid], 2);
	CHECK_EQ(w->sv.executed, 1);
	finish(&thread);

	test_storm(&leader, 200);
}

/* ---- Signals and stops ---- */

static volatile sig_atomic_t count_usr1, count_trap, count_chld;
static volatile int64_t sum_rt;

static void on_usr1(int sig)
{
	count_usr1 += sig == SIGUSR1;
	count_trap += sig == SIGTRAP;
	count_chld += sig == SIGCHLD;
}

static void on_cont(int sig)
{
	(void)sig;
	(void)__atomic_add_fetch(&w->other_flag, 1, __ATOMIC_RELEASE);
}

static void on_rt(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	sum_rt += info->si_value.sival_int;
}

static void queue_to(pid_t pid, int n)
{
	for (int i = 1; i <= n; i++) {
		union sigval v = { .sival_int = i };

		while (sigqueue(pid, SIGRTMIN, v) < 0)
			REQUIRE(errno == EAGAIN);
	}
}

static int signals(void)
{
	struct sigaction rt = { .sa_sigaction = on_rt, .sa_flags = SA_SIGINFO | SA_RESTART };
	sigset_t chld;
	int status;
	pid_t pid;

	REQUIRE(sigaction(SIGRTMIN, &rt, NULL) == 0);
	(void)signal(SIGUSR1, on_usr1);
	(void)signal(SIGTRAP, on_usr1);
	(void)signal(SIGCHLD, on_usr1);
	queue_to(getpid(), 1000);
	CHECK_EQ(sum_rt, 500500);
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0) {
		queue_to(getppid(), 1000);
		_exit(0);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(sum_rt, 1001000);
	sigemptyset(&chld);
	for (int i = 0; i < 500; i++) {
		(void)raise(SIGUSR1);
		(void)raise(SIGTRAP);
	}
	CHECK_EQ(count_usr1, 500);
	CHECK_EQ(count_trap, 500);
	CHECK_EQ(count_chld, 1);
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0)
		abort();
	REQUIRE(waitpid(pid, &status, 0) == pid);
	CHECK_EQ(WTERMSIG(status), SIGABRT);
	return TEST_RESULT();
}

static void *counting_thread(void *arg)
{
	for (;;)
		(void)__atomic_add_fetch(&w->number, 1, __ATOMIC_RELAXED);
	return arg;
}

static void stopping_child(void)
{
	pthread_t t;
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGCONT, on_cont);
	REQUIRE(pthread_create(&t, NULL, counting_thread, NULL) == 0);
	REQUIRE(pthread_create(&t, NULL, sleeping_thread, NULL) == 0);
	__atomic_store_n(&w->flag, 1, __ATOMIC_RELEASE);
	while (sigwait(&set, &sig) != 0)
		;
	check_supervised();
	_exit(TEST_RESULT() ? 6 : 5);
}

static void stop_and_continue(pid_t pid, int sig)
{
	uint32_t handled = w->other_flag;
	uint64_t before;
	int status;

	REQUIRE(kill(pid, sig) == 0);
	REQUIRE(waitpid(pid, &status, WUNTRACED) == pid);
	CHECK(WIFSTOPPED(status));
	CHECK_EQ(WSTOPSIG(status), sig);
	before = __atomic_load_n(&w->number, __ATOMIC_RELAXED);
	(void)usleep(20000);	/* time enough to count: nothing happens is what is to be seen */
	CHECK_EQ(__atomic_load_n(&w->number, __ATOMIC_RELAXED), before);
	REQUIRE(kill(pid, SIGCONT) == 0);
	REQUIRE(waitpid(pid, &status, WCONTINUED) == pid);
	CHECK(WIFCONTINUED(status));
	while (__atomic_load_n(&w->number, __ATOMIC_RELAXED) == before ||
	       __atomic_load_n(&w->other_flag, __ATOMIC_ACQUIRE) == handled)
		(void)sched_yield();
	CHECK_EQ(w->other_flag, handled + 1);
}

static int stops(void)
{
	pid_t pid = fork();
	int status;

	REQUIRE(pid >= 0);
	if (pid == 0)
		stopping_child();
	while (__atomic_load_n(&w->flag, __ATOMIC_ACQUIRE) == 0)
		(void)sched_yield();
	stop_and_continue(pid, SIGSTOP);
	stop_and_continue(pid, SIGTSTP);
	stop_and_continue(pid, SIGTTIN);
	REQUIRE(kill(pid, SIGUSR1) == 0);
	REQUIRE(waitpid(pid, &status, 0) == pid);
	CHECK_EQ(status, 5 << 8);
	CHECK_EQ(w->other_flag, 3);
	/* One that dies while it is stopped. */
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0)
		for (;;)
			(void)pause();
	REQUIRE(kill(pid, SIGSTOP) == 0);
	REQUIRE(waitpid(pid, &status, WUNTRACED) == pid);
	REQUIRE(kill(pid, SIGKILL) == 0);
	REQUIRE(waitpid(pid, &status, 0) == pid);
	CHECK_EQ(status, SIGKILL);
	return TEST_RESULT();
}

/* While the killed one is anywhere in a stop: before it, in judge, in between. */
static int kill_race(void)
{
	for (int i = 0; i < test_rounds(1000); i++) {
		int status;
		pid_t pid = fork();

		REQUIRE(pid >= 0);
		if (pid == 0)
			for (;;)
				(void)sys(__NR_getppid);
		for (volatile int spin = 0; spin < i * 37 % 20000; spin++)
			;
		REQUIRE(kill(pid, SIGKILL) == 0);
		REQUIRE(waitpid(pid, &status, 0) == pid);
		CHECK_EQ(status, SIGKILL);
	}
	check_supervised();
	return TEST_RESULT();
}

static void test_program(const struct scenario *s)
{
	world_new();
	w->rules[__NR_getppid] = EXDEV;
	start(s);
	expect_passed(s);
	finish(s);
}

static void test_signals(void)
{
	static const struct scenario sent = { "signals", signals, { __NR_close }, false };
	static const struct scenario stopped = { "stops", stops, { __NR_getppid }, false };
	static const struct scenario killed = { "kill race", kill_race, { __NR_getppid }, false };

	test_program(&sent);
	test_program(&stopped);
	test_program(&killed);
}

/* ---- Ends ---- */

/* There is no process to seize: the child gets the reason, and the supervisor ends. */
static void test_seize_fails(void)
{
	struct arch_clone_args at = { .flags = CLONE_VM, .exit_signal = SIGCHLD, .stack_size = SUPERVISOR_STACK };
	int status;

	world_new();
	at.stack = (uintptr_t)w->sv.stack;
	w->sv.main_tid = 0x3fffffff;
	w->sv.pid = (int32_t)arch_clone3(&at, sizeof at, supervisor_main, &w->sv);
	REQUIRE(w->sv.pid > 0);
	REQUIRE(waitpid(w->sv.pid, &status, 0) == w->sv.pid);
	CHECK_EQ(status, 1 << 8);
	CHECK_EQ(w->sv.state, SUPERVISOR_FAILED);
	CHECK_EQ(w->sv.failure, ESRCH);
	CHECK_EQ(w->settled, 0);
	close(w->sv.proc_fd);
	munmap(w, sizeof *w);
}

static void burn_cpu(uint64_t ns)
{
	struct timespec t;

	do
		(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	while ((uint64_t)t.tv_sec * NSEC_PER_SEC + (uint64_t)t.tv_nsec < ns);
}

static int orphan(void)
{
	if (fork() != 0)
		return 0;
	while (sys(__NR_wait4, -1, NULL, 0, NULL) != -ECHILD)
		;
	burn_cpu(30 * NSEC_PER_MSEC);
	check_supervised();
	_exit(42);
}

/* The supervisor with nothing to trace ends by itself, and says so before. */
static void check_finished(void)
{
	int status = -1;

	CHECK_EQ(waitpid(w->sv.pid, &status, __WALL), w->sv.pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(__atomic_load_n(&w->sv.state, __ATOMIC_ACQUIRE), SUPERVISOR_DONE);
}

static void test_orphan(void)
{
	static const struct scenario s = { "orphan", orphan, { __NR_getppid }, false };
	struct rusage usage;
	int status;

	world_new();
	w->rules[__NR_getppid] = EXDEV;
	start(&s);
	expect_passed(&s);
	check_finished();	/* a child, too, and all that is left is the orphan then */
	REQUIRE(wait4(-1, &status, 0, &usage) > 0);
	CHECK_EQ(status, 42 << 8);
	CHECK(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec >= 30000);
	CHECK_EQ(w->seen[__NR_getppid], 1);
	finish(&s);
}

/* ---- Everybody is served ---- */

#define FLOODS 3

static void *flood(void *unused)
{
	(void)unused;
	for (;;)
		(void)sys(__NR_getppid);
	return NULL;
}

/* Threads that do nothing but stop, on one CPU with the supervisor: those that were attached last are reported
 * first. */
static int among_floods(void)
{
	pthread_t t;

	for (int i = 0; i < FLOODS; i++)
		REQUIRE(pthread_create(&t, NULL, flood, NULL) == 0);
	for (int i = 0; i < 50; i++)
		CHECK_EQ(sys(__NR_getuid), getuid());
	return 0;
}

static void test_everybody_is_served(void)
{
	static const struct scenario s = { "among floods", among_floods, { __NR_getppid, __NR_getuid }, false };
	cpu_set_t one, all;

	REQUIRE(sched_getaffinity(0, sizeof all, &all) == 0);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
	world_new();
	start(&s);
	CHECK_EQ(wait_main(NULL), 0);
	CHECK(w->seen[__NR_getuid] >= 50);
	finish(&s);
	REQUIRE(sched_setaffinity(0, sizeof all, &all) == 0);
}

static int waiting(void)
{
	if (fork() > 0)
		__atomic_store_n(&w->flag, 1, __ATOMIC_RELEASE);
	while (pause() < 0)
		;
	return 1;
}

/* The supervisor's end is that of everything. */
static void test_supervisor_killed(void)
{
	static const struct scenario s = { "supervisor killed", waiting, { __NR_getppid }, false };
	int status, n = 0;

	world_new();
	start(&s);
	while (__atomic_load_n(&w->flag, __ATOMIC_ACQUIRE) == 0)
		(void)sched_yield();
	REQUIRE(kill(w->sv.pid, SIGKILL) == 0);
	while (wait4(-1, &status, __WALL, NULL) > 0) {
		CHECK_EQ(status, SIGKILL);
		n++;
	}
	CHECK_EQ(n, 3);
	finish(&s);
}

/* own_tree: init's end is the supervisor's. A child of this process stands for init here. */
static void test_init_killed(void)
{
	static const struct scenario s = { "init killed", waiting, { __NR_getppid }, true };
	int status, n = 0;
	pid_t init;

	world_new();
	init = fork();
	REQUIRE(init >= 0);
	if (init == 0) {
		start(&s);
		for (;;)
			(void)pause();
	}
	(void)alarm(TIME_LIMIT_S);
	while (__atomic_load_n(&w->flag, __ATOMIC_ACQUIRE) == 0)
		(void)sched_yield();
	REQUIRE(kill(init, SIGKILL) == 0);
	while (wait4(-1, &status, __WALL, NULL) > 0) {
		CHECK_EQ(status, SIGKILL);
		n++;
	}
	CHECK_EQ(n, 4);
	finish(&s);
}

/* ---- Who is ours ---- */

static void *asks_about_itself(void *arg)
{
	CHECK_EQ(sys(__NR_kill, sys(__NR_gettid), 0), 0);
	return arg;
}

static int ours(void)
{
	siginfo_t info;
	pthread_t t;
	pid_t pid;

	CHECK_EQ(sys(__NR_kill, getpid(), 0), 0);
	CHECK_EQ(sys(__NR_kill, w->sv.init_pid, 0), -EPERM);
	CHECK_EQ(sys(__NR_kill, w->sv.pid, 0), -EPERM);
	CHECK_EQ(sys(__NR_kill, 1, 0), -EPERM);
	CHECK_EQ(sys(__NR_kill, 0x3fffffff, 0), -EPERM);
	/* as soon as it is there, which may be before the supervisor has heard of it */
	for (int i = 0; i < test_rounds(500); i++) {
		pid = fork();
		REQUIRE(pid >= 0);
		if (pid == 0)
			_exit(0);
		CHECK_EQ(sys(__NR_kill, pid, 0), 0);
		if (i % 2)
			REQUIRE(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
		CHECK_EQ(sys(__NR_kill, pid, 0), 0);
		REQUIRE(waitpid(pid, NULL, 0) == pid);
		CHECK_EQ(sys(__NR_kill, pid, 0), -EPERM);
	}
	REQUIRE(pthread_create(&t, NULL, asks_about_itself, NULL) == 0);
	REQUIRE(pthread_join(t, NULL) == 0);
	return TEST_RESULT();
}

static int untraced(void)
{
	struct arch_clone_args args = { .flags = UNTRACED, .exit_signal = SIGCHLD };
	long pid;

	pid = sys(__NR_clone, UNTRACED | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(1);
	CHECK_EQ(pid, -EPERM);
	pid = sys(__NR_clone3, &args, sizeof args);
	if (pid == 0)
		_exit(1);
	CHECK_EQ(pid, -ENOSYS);
	return TEST_RESULT();
}

static void test_ours(void)
{
	static const struct scenario s = { "ours", ours, { __NR_kill }, true };
	static const struct scenario u = { "untraced", untraced, { __NR_clone, __NR_clone3 }, true };

	world_new();
	w->rules[__NR_kill] = OURS;
	start(&s);
	expect_passed(&s);
	finish(&s);
	test_program(&u);
}

/* ---- CPUs ---- */

#define BURST 4000

static int cpus_of(pid_t pid)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	(void)sched_getaffinity(pid, sizeof set, &set);	/* none where it is gone */
	return CPU_COUNT(&set);
}

static int cpu_count(void)
{
	return cpus_of(0);
}

static void burst(void)
{
	for (int i = 0; i < BURST; i++)
		check_supervised();
}

/* What a child finds that is born in the middle of a burst. */
static void check_born(int cpus)
{
	int status;
	pid_t pid;

	burst();
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0)
		_exit(cpu_count() == cpus ? 0 : 1);
	REQUIRE(waitpid(pid, &status, 0) == pid);
	CHECK_EQ(status, 0);
}

static void *checks_cpus(void *arg)
{
	CHECK_EQ(cpu_count(), *(int *)arg);
	return arg;
}

static int sees_cpus(void)
{
	int cpus = cpu_count(), narrow = 0;
	cpu_set_t all, one;
	pthread_t t;

	REQUIRE(sched_getaffinity(0, sizeof all, &all) == 0);
	for (int i = 0; i < BURST; i++) {
		check_supervised();
		narrow += cpu_count() != cpus;
	}
	__atomic_store_n(&w->number, UINT64_MAX, __ATOMIC_RELEASE);	/* here it is watched */
	for (int i = 0; i < 20; i++)
		check_born(cpus);
	w->number = (uint64_t)narrow;
	burst();
	REQUIRE(pthread_create(&t, NULL, checks_cpus, &cpus) == 0);
	REQUIRE(pthread_join(t, NULL) == 0);
	/* Long after a burst; seen from outside, as the program can't look without being seen. */
	burst();
	w->other_flag = (uint32_t)cpus;
	__atomic_store_n(&w->flag, 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&w->flag, __ATOMIC_ACQUIRE) == 1)
		;
	/* Its own choice stays, on whichever CPU. */
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		burst();
		REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
		burst();
		check_born(1);
		CHECK_EQ(sched_getcpu(), cpu);
		CHECK_EQ(cpu_count(), 1);
		REQUIRE(sched_setaffinity(0, sizeof all, &all) == 0);
		burst();
		CHECK_EQ(cpu_count(), cpus);
	}
	return TEST_RESULT();
}

/* The supervisor may not bind it, and goes on without. */
static int other_user(void)
{
	REQUIRE(setresuid(65534, 65534, 65534) == 0);
	burst();
	return TEST_RESULT();
}

/* How often the program saw less than all its CPUs; whether it was bound to one in its first bursts. */
static int64_t test_cpus(const struct scenario *s, bool *ret_bound)
{
	int64_t narrow;
	siginfo_t info;

	world_new();
	w->rules[__NR_getppid] = EXDEV;
	start(s);
	*ret_bound = false;
	do {
		*ret_bound |= cpus_of(main_pid) == 1 && w->flag == 0 && w->number == UINT64_MAX;
		info.si_pid = 0;
		REQUIRE(waitid(P_PID, (id_t)main_pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0);
	} while (__atomic_load_n(&w->flag, __ATOMIC_ACQUIRE) == 0 && info.si_pid == 0);
	while (info.si_pid == 0 && cpus_of(main_pid) != (int)w->other_flag && !out_of_time)
		(void)sched_yield();
	__atomic_store_n(&w->flag, 2, __ATOMIC_RELEASE);
	expect_passed(s);
	narrow = (int64_t)w->number;
	finish(s);
	return narrow;
}

static void test_dropped(void)
{
	static const struct scenario s = {
		"other user", other_user, { __NR_getppid, __NR_sched_getaffinity, __NR_sched_setaffinity }, false,
	};

	world_new();
	w->rules[__NR_getppid] = EXDEV;
	w->drop = true;
	start(&s);
	expect_passed(&s);
	finish(&s);
}

static void test_near(void)
{
	bool bound;
	static const struct scenario seen = {
		"CPUs, seen", sees_cpus, { __NR_getppid, __NR_sched_setaffinity }, false,
	};
	static const struct scenario hidden = {
		"CPUs, hidden", sees_cpus, { __NR_getppid, __NR_sched_getaffinity, __NR_sched_setaffinity }, false,
	};

	if (cpu_count() < 2) {
		fprintf(stderr, "CPUs: only one here\n");
		return;
	}
	CHECK_EQ(test_cpus(&seen, &bound), 0);
	CHECK(!bound);
	CHECK_EQ(test_cpus(&hidden, &bound), 0);
	CHECK(bound);
	if (geteuid() == 0)
		test_dropped();
}

/* ---- The comparison ---- */

static const char *bench_path;
static uint32_t bench_pairs;

static int bench_program(void)
{
	w->number = bare_pairs(bench_path, bench_pairs);
	return 0;
}

static void *bench_thread(void *arg)
{
	(void)bare_pairs(bench_path, bench_pairs / 2);
	return arg;
}

/* Two threads that share the work: what the loop does about CPUs must not take that from them. */
static int bench_threads(void)
{
	uint64_t start = clock_ns();
	pthread_t t[2];

	for (int i = 0; i < 2; i++)
		REQUIRE(pthread_create(&t[i], NULL, bench_thread, NULL) == 0);
	for (int i = 0; i < 2; i++)
		REQUIRE(pthread_join(t[i], NULL) == 0);
	w->number = clock_ns() - start;
	return 0;
}

static double loop_us(const struct scenario *s)
{
	double us;

	world_new();
	start(s);
	expect_passed(s);
	us = (double)w->number / 1000 / bench_pairs;
	CHECK_EQ(w->seen[__NR_openat], bench_pairs);
	finish(s);
	return us;
}

static int bench(const char *self)
{
	static const struct scenario apart = { "apart", bench_program, { __NR_openat }, false };
	static const struct scenario together = {
		"together", bench_program, { __NR_openat, __NR_sched_getaffinity, __NR_sched_setaffinity }, false,
	};
	static const struct scenario two_apart = { "two threads, apart", bench_threads, { __NR_openat }, false };
	static const struct scenario two_together = {
		"two threads, together", bench_threads, { __NR_openat, __NR_sched_getaffinity, __NR_sched_setaffinity },
		false,
	};
	cpu_set_t all, one;

	bench_path = self;
	REQUIRE(sched_getaffinity(0, sizeof all, &all) == 0);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	printf("us per openat + close   untraced   bare loop   apart   together\n");
	for (int round = 0; round < 6; round++) {
		bool pinned = round % 2;
		double native, bare;

		REQUIRE(sched_setaffinity(0, sizeof one, pinned ? &one : &all) == 0);
		native = (double)bare_pairs(bench_path, bench_pairs) / 1000 / bench_pairs;
		bare = (double)bare_ptrace_pairs(bench_path, bench_pairs) / 1000 / bench_pairs;
		printf("%-23s %8.2f %11.2f %7.2f %10.2f\n", pinned ? "pinned" : "unpinned", native, bare,
		       loop_us(&apart), loop_us(&together));
		if (!pinned)
			printf("%-23s %8s %11s %7.2f %10.2f\n", "unpinned, two threads", "", "", loop_us(&two_apart),
			       loop_us(&two_together));
	}
	return TEST_RESULT();
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], EXECUTED) == 0)
		return sys(__NR_getppid) == -EXDEV && thread_id() == getpid() ? 7 : 8;
	(void)signal(SIGALRM, on_alarm);
	REQUIRE(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	if (argc >= 2 && strcmp(argv[1], "bench") == 0) {
		bench_pairs = argc > 2 ? (uint32_t)atoi(argv[2]) : 30000;
		return bench(argv[0]);
	}
	test_errno();
	test_kill();
	test_abis();
	test_storms();
	test_exec();
	test_signals();
	test_seize_fails();
	test_orphan();
	test_everybody_is_served();
	test_supervisor_killed();
	test_init_killed();
	test_ours();
	test_near();
	return TEST_RESULT();
}
