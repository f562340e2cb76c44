/* SPDX-License-Identifier: Apache-2.0 */
/* How a run ended: each way in which a program can end has its own status. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include "support/sandbox.h"

static void signal_is(const char *verb, const char *arg, int sig)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, verb, arg), &o);
	CHECK_STATUS(&o, CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE);
	CHECK_EQ(o.result->signal, sig);
	CHECK_EQ(o.result->exit_code, -1);
	outcome_done(&o);
}

static void exit_zero_is_ok(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_OK(&o);
	CHECK_EQ(o.result->exit_code, 0);
	CHECK_EQ(o.result->signal, 0);
	CHECK_EQ(o.result->oom_kills, 0);
	CHECK(o.result->wall_time_ns > 0 && o.result->wall_time_ns < 20 * SEC);
	CHECK(o.result->setup_time_ns > 0 && o.result->setup_time_ns < 20 * SEC);
	CHECK(o.result->memory_peak_bytes > 0);
	CHECK(o.result->memory_source != CORDON_SOURCE_NONE);
	CHECK(o.result->cpu_source != CORDON_SOURCE_NONE);
	outcome_done(&o);
}

static void exit_three_is_nonzero(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "exit", "3"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
	CHECK_EQ(o.result->exit_code, 3);
	CHECK_EQ(o.result->signal, 0);
	outcome_done(&o);
}

static void exit_255_is_not_a_signal(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "exit", "255"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
	CHECK_EQ(o.result->exit_code, 255);
	outcome_done(&o);
}

static void abort_is_sigabrt(void)
{
	signal_is("abort", "", SIGABRT);
}

static void sigterm_to_itself_is_sigterm(void)
{
	signal_is("raise", "15", SIGTERM);
}

static void segfault_is_sigsegv(void)
{
	signal_is("segv", "0", SIGSEGV);
}

static void sigkill_by_itself_is_no_time_limit(void)
{
	signal_is("killself", "9", SIGKILL);
}

/* Without a limit of that kind the signals of the limits are only signals. */
static void sigxcpu_by_itself_is_no_time_limit(void)
{
	signal_is("killself", "24", SIGXCPU);
}

/* With a limit it cannot be told from the real one: wait(2) does not say who sent a signal. */
static void sigxfsz_without_an_output_limit_is_signaled(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.output_bytes = CORDON_UNLIMITED;
	sandbox_run(&s, ARGV(SUBJECT, "killself", "25"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE);
	CHECK_EQ(o.result->signal, SIGXFSZ);
	outcome_done(&o);
}

static void realtime_signal_is_signaled(void)
{
	signal_is("killself", "40", 40);
}

/* A run whose program has printed "ready"; *ret_pid is its pid on the host. */
static bool ready_run(struct sandbox *s, struct outcome *o, const char *const *argv, int pipe_fd[2], pid_t *ret_pid)
{
	char c[8];

	if (pipe2(pipe_fd, O_CLOEXEC) != 0)
		return false;
	s->command.sync = 1;
	s->command.stdio[1].kind = CORDON_STDIO_FD;
	s->command.stdio[1].fd = pipe_fd[1];
	sandbox_open(s, argv, o);
	if (!o->run || cordon_run_wait(o->run) != CORDON_RUN_SYNC)
		return false;
	*ret_pid = cordon_run_pid(o->run);
	cordon_run_release(o->run, 1);
	return run_until_readable(o->run, pipe_fd[0]) && read(pipe_fd[0], c, sizeof c) > 0;
}

static void sigkill_from_the_host_is_signaled(void)
{
	struct sandbox s;
	struct outcome o;
	int p[2];
	pid_t pid = 0;
	bool ready;

	sandbox_init(&s);
	ready = ready_run(&s, &o, ARGV(SUBJECT, "sleep", "60"), p, &pid);
	CHECK(ready);
	if (ready)
		CHECK_EQ(kill(pid, SIGKILL), 0);
	else if (o.run)
		cordon_run_cancel(o.run);
	outcome_wait(&o);
	CHECK_STATUS(&o, CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE);
	CHECK_EQ(o.result->signal, SIGKILL);
	CHECK(o.result->wall_time_ns < 15 * SEC);
	outcome_done(&o);
	close(p[0]);
	close(p[1]);
}

/* The program's own handler sees a SIGTERM of the host as any other program's would. */
static void stop_and_continue_from_the_host_is_not_an_end(void)
{
	struct sandbox s;
	struct outcome o;
	int p[2];
	pid_t pid = 0;
	bool ready;

	sandbox_init(&s);
	ready = ready_run(&s, &o, ARGV(SUBJECT, "sleep", "1"), p, &pid);
	CHECK(ready);
	if (ready) {
		CHECK_EQ(kill(pid, SIGSTOP), 0);
		CHECK_EQ(kill(pid, SIGCONT), 0);
	}
	outcome_wait(&o);
	CHECK_OK(&o);
	outcome_done(&o);
	close(p[0]);
	close(p[1]);
}

static void *cancel_later(void *run)
{
	cordon_run_cancel(run);
	return NULL;
}

static void cancel_by_another_thread_is_cancelled_within_a_second(void)
{
	struct sandbox s;
	struct outcome o;
	pthread_t t;
	int p[2];
	pid_t pid = 0;
	uint64_t start;

	sandbox_init(&s);
	CHECK(ready_run(&s, &o, ARGV(SUBJECT, "sleep", "60"), p, &pid));
	start = now_ns();
	if (o.run) {
		CHECK_EQ(pthread_create(&t, NULL, cancel_later, o.run), 0);
		outcome_wait(&o);
		pthread_join(t, NULL);
	}
	CHECK(now_ns() - start < SEC);
	CHECK_STATUS(&o, CORDON_STATUS_CANCELLED, CORDON_CAUSE_NONE);
	CHECK(pid > 0 && kill(pid, 0) == -1 && errno == ESRCH);
	outcome_done(&o);
	close(p[0]);
	close(p[1]);
}

static void cancel_at_once_is_cancelled(void)
{
	struct sandbox s;
	struct outcome o;
	uint64_t start;

	sandbox_init(&s);
	sandbox_open(&s, ARGV(SUBJECT, "sleep", "60"), &o);
	start = now_ns();
	if (o.run) {
		cordon_run_cancel(o.run);
		cordon_run_cancel(o.run);
	}
	outcome_wait(&o);
	CHECK_STATUS(&o, CORDON_STATUS_CANCELLED, CORDON_CAUSE_NONE);
	CHECK(now_ns() - start < 2 * SEC);
	outcome_done(&o);
}

static void cancel_at_the_sync_point_is_cancelled(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.sync = 1;
	sandbox_open(&s, ARGV(SUBJECT, "sleep", "60"), &o);
	CHECK(o.run && cordon_run_wait(o.run) == CORDON_RUN_SYNC);
	if (o.run) {
		cordon_run_cancel(o.run);
		CHECK_EQ(cordon_run_wait(o.run), CORDON_RUN_DONE);
	}
	outcome_wait(&o);
	CHECK_STATUS(&o, CORDON_STATUS_CANCELLED, CORDON_CAUSE_NONE);
	outcome_done(&o);
}

static void cancel_after_the_end_changes_nothing(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "exit", "4"), &o);
	if (o.run) {
		cordon_run_cancel(o.run);
		CHECK_EQ(cordon_run_wait(o.run), CORDON_RUN_DONE);
	}
	CHECK_STATUS(&o, CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
	outcome_done(&o);
}

/* Freed without ever being stepped: the leak check of the scenario is the assertion. */
static void free_ends_a_running_program(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_open(&s, ARGV(SUBJECT, "sleep", "60"), &o);
	CHECK(o.run != NULL);
	outcome_done(&o);
	sandbox_init(&s);
	s.command.sync = 1;
	sandbox_open(&s, ARGV(SUBJECT, "sleep", "60"), &o);
	CHECK(o.run && cordon_run_wait(o.run) == CORDON_RUN_SYNC);
	outcome_done(&o);
	cordon_run_free(NULL);
}

/* What the program leaves running ends with it, and does not delay the result. */
static void daemon_ends_with_the_program(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "daemon"), &o);
	CHECK_OK(&o);
	CHECK(o.result->wall_time_ns < 5 * SEC);
	outcome_done(&o);
}

static void other_abi(const char *which)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV("/programs/other_abi", which), &o);
	CHECK_STATUS(&o, CORDON_STATUS_DISALLOWED_SYSCALL, CORDON_CAUSE_NONE);
	CHECK_EQ(o.result->signal, SIGSYS);
	outcome_done(&o);
}

static void i386_call_is_disallowed(void)
{
	const char *dir = getenv("CORDON_TEST_PROGRAMS");
	char command[4096];
	int status;

	snprintf(command, sizeof command, "'%s/other_abi' i386 >/dev/null", dir ? dir : "");
	status = system(command);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		SKIP_SCENARIO("i386-abi: this kernel or CPU has no int 0x80");
	other_abi("i386");
}

static void x32_call_is_disallowed(void)
{
#ifdef __x86_64__
	other_abi("x32");
#else
	SKIP_SCENARIO("x32-abi: not an x86_64 machine");
#endif
}

static void many_orphans_are_reaped_while_the_program_runs(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "orphans", "300"), &o);
	CHECK_OK(&o);
	CHECK(text_number(o.out, "pids", 999) <= 4);
	outcome_done(&o);
}

/* The JVM blocks and ignores signals; a program must start with none of that. */
static void signals_start_unblocked_and_default(void)
{
	struct sandbox s;
	struct outcome o;
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "signals"), &o);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	CHECK_OK(&o);
	CHECK_EQ(text_number(o.out, "blocked", -1), 0);
	CHECK_EQ(text_number(o.out, "ignored", -1), 0);
	outcome_done(&o);
}

/* A caller's mask is its own: the library blocks signals only inside a call. */
static void the_callers_signal_mask_is_kept(void)
{
	struct sandbox s;
	struct outcome o;
	sigset_t before, after;

	pthread_sigmask(SIG_BLOCK, NULL, &before);
	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	pthread_sigmask(SIG_BLOCK, NULL, &after);
	for (int sig = 1; sig < 65; sig++)
		CHECK_EQ(sigismember(&after, sig), sigismember(&before, sig));
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(exit_zero_is_ok),
		SCENARIO(exit_three_is_nonzero),
		SCENARIO(exit_255_is_not_a_signal),
		SCENARIO(abort_is_sigabrt),
		SCENARIO(sigterm_to_itself_is_sigterm),
		SCENARIO(segfault_is_sigsegv),
		SCENARIO(sigkill_by_itself_is_no_time_limit),
		SCENARIO(sigxcpu_by_itself_is_no_time_limit),
		SCENARIO(sigxfsz_without_an_output_limit_is_signaled),
		SCENARIO(realtime_signal_is_signaled),
		SCENARIO(sigkill_from_the_host_is_signaled),
		SCENARIO(stop_and_continue_from_the_host_is_not_an_end),
		SCENARIO(cancel_by_another_thread_is_cancelled_within_a_second),
		SCENARIO(cancel_at_once_is_cancelled),
		SCENARIO(cancel_at_the_sync_point_is_cancelled),
		SCENARIO(cancel_after_the_end_changes_nothing),
		SCENARIO(free_ends_a_running_program),
		SCENARIO(daemon_ends_with_the_program),
		SCENARIO(i386_call_is_disallowed),
		SCENARIO(x32_call_is_disallowed),
		SCENARIO(many_orphans_are_reaped_while_the_program_runs),
		SCENARIO(signals_start_unblocked_and_default),
		SCENARIO(the_callers_signal_mask_is_kept),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
