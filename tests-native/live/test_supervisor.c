/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor from outside: decisions by path, by number and by the caller, which are the same under both
 * engines. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/syscall.h>
#include "support/supervised.h"

#define CALLS "/programs/calls"

/* A file that the program brings along, in a place of each kind. */
static void places(struct supervised *v)
{
	static const struct cordon_copy_in files[] = {
		{ .name = "/tmp/allowed/a", .data = "public\n", .data_len = 7 },
		{ .name = "/tmp/secret/s", .data = "secret\n", .data_len = 7 },
		{ .name = "/tmp/level/x", .data = "x\n", .data_len = 2 },
		{ .name = "/tmp/level/deep/y", .data = "y\n", .data_len = 2 },
		{ .name = "/tmp/one", .data = "one\n", .data_len = 4 },
	};

	v->s.command.copy_in = files;
	v->s.command.ncopy_in = LENGTH(files);
	supervised_files(v);
	supervised_path(v, "/tmp/secret", CORDON_PATH_TREE, 0);
	supervised_path(v, "/tmp/level", CORDON_PATH_TREE, 0);
	supervised_path(v, "/tmp/level", CORDON_PATH_ENTRIES, CORDON_ACCESS_READ);
	supervised_path(v, "/tmp/one", CORDON_PATH_ONLY, CORDON_ACCESS_READ);
}

static void run_both_ways(struct supervised *v, const char *const *argv, const char *want)
{
	struct outcome o;

	sandbox_run(&v->s, argv, &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, want);
	CHECK_STR(o.errout, "");
	CHECK_EQ(o.result->engine, v->supervisor.engine);
	CHECK((o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_SUPERVISOR)) != 0);
	outcome_done(&o);
}

static void a_program_without_questions_runs(uint32_t engine)
{
	struct supervised v;

	supervised_init(&v, engine);
	supervised_files(&v);
	run_both_ways(&v, ARGV("/bin/sh", "-c", "echo hello | cat; ls /w; echo x > /w/f; cat /w/f"), "hello\nx\n");
}
BOTH_ENGINES(a_program_without_questions_runs)

static void the_longest_rule_decides(uint32_t engine)
{
	struct supervised v;

	supervised_init(&v, engine);
	places(&v);
	run_both_ways(
		&v,
		ARGV(CALLS, "read", "/tmp/allowed/a", ",", "read", "/tmp/secret/s", ",", "read", "/tmp/level/x", ",",
		     "read", "/tmp/level/deep/y", ",", "read", "/tmp/one", ",", "openat", "/tmp/one", "1", ",", "stat",
		     "/tmp/secret/s", ",", "read", "/proc/1/status", ",", "read", "/proc/self/status", ",", "stat", "/",
		     ",", "read", "/"),
		"text=public\nread=0\nread=13\ntext=x\nread=0\nread=13\ntext=one\nread=0\nopenat=13\nstat=13\nread=13\n"
		"text=Name:	calls\nread=0\nstat=0\nread=13\n");
}
BOTH_ENGINES(the_longest_rule_decides)

/* By every detour to the same file. */
static void links_and_dots_gain_nothing(uint32_t engine)
{
	struct supervised v;

	supervised_init(&v, engine);
	places(&v);
	run_both_ways(
		&v,
		ARGV(CALLS, "symlink", "/tmp/secret", "/w/out", ",", "read", "/w/out/s", ",", "symlink",
		     "../tmp/secret/s", "/w/file", ",", "read", "/w/file", ",", "lstat", "/w/file", ",", "stat",
		     "/w/file", ",", "readlink", "/w/file", ",", "read", "/tmp/allowed/../secret/s", ",", "read",
		     "//tmp/./secret//s", ",", "dir", "/tmp/allowed", ",", "read", "@../secret/s", ",", "read", "@a",
		     ",", "chdir", "/tmp/allowed", ",", "read", "../secret/s", ",", "read", "a", ",", "read",
		     "/proc/self/cwd/../secret/s", ",", "read", "/proc/self/root/tmp/secret/s", ",", "openat2",
		     "/w/file", "0", "0", ",", "symlink", "loop", "/w/loop", ",", "read", "/w/loop", ",", "unlink",
		     "/w/file", ",", "rename", "/w/out", "/w/out2", ",", "link", "/tmp/secret/s", "/w/hard"),
		"symlink=0\nread=13\nsymlink=0\nread=13\nlstat=0\nstat=13\nreadlink=0\nread=13\nread=13\ndir=0\n"
		"read=13\n"
		"text=public\nread=0\nchdir=0\nread=13\ntext=public\nread=0\nread=13\nread=13\nopenat2=13\nsymlink=0\n"
		"read=40\n"
		"unlink=0\nrename=0\nlink=13\n");
}
BOTH_ENGINES(links_and_dots_gain_nothing)

/* Each kind of call, on a path that may not be used and on one that may. */
static void every_kind_of_call_is_judged(uint32_t engine)
{
	static const char *const calls[] = {
		"openat", "openat2", "stat", "lstat", "statx", "access", "unlink", "mkdir", "create", "chmod", "chown",
		"truncate", "utimes", "setxattr", "getxattr", "inotify", "exec", "mkfifo", "readlink", "rmdir", "chdir",
		"chroot",
	};
	struct supervised v;
	const char *argv[LENGTH(calls) * 3 + 2] = { CALLS };
	char want[1024] = "";
	size_t n = 1;

	supervised_init(&v, engine);
	places(&v);
	for (size_t i = 0; i < LENGTH(calls); i++) {
		argv[n++] = calls[i];
		argv[n++] = "/tmp/secret/s";
		argv[n++] = ",";
		(void)snprintf(want + strlen(want), sizeof want - strlen(want), "%s=%d\n", calls[i],
			       strcmp(calls[i], "chroot") == 0 ? EPERM : EACCES);
	}
	argv[n] = NULL;
	run_both_ways(&v, argv, want);
	supervised_init(&v, engine);
	places(&v);
	run_both_ways(&v,
		      ARGV(CALLS, "mkdir", "/w/d", ",", "create", "/w/d/f", ",", "rename", "/w/d/f", "/w/d/g", ",",
			   "link", "/w/d/g", "/w/h", ",", "symlink", "/tmp/nowhere", "/w/s", ",", "chmod", "/w/h", ",",
			   "chown", "/w/h", ",", "truncate", "/w/h", ",", "utimes", "/w/h", ",", "stat", "/w/h", ",",
			   "access", "/w/h", ",", "mkfifo", "/w/p", ",", "unlink", "/w/p", ",", "unlink", "/w/d/g", ",",
			   "rmdir", "/w/d", ",", "exec", "/bin/true", ",", "inotify", "/w", ",", "chdir", "/w"),
		      "mkdir=0\ncreate=0\nrename=0\nlink=0\nsymlink=0\nchmod=0\nchown=0\ntruncate=0\nutimes=0\nstat=0\n"
		      "access=0\nmkfifo=0\n"
		      "unlink=0\nunlink=0\nrmdir=0\nexec=0\ninotify=0\nchdir=0\n");
}
BOTH_ENGINES(every_kind_of_call_is_judged)

/* The program gets what the kernel would say. */
static void odd_paths_are_the_programs_problem(uint32_t engine)
{
	struct supervised v;

	supervised_init(&v, engine);
	places(&v);
	run_both_ways(&v,
		      ARGV(CALLS, "stat", "LONG", ",", "openat", "LONG", "0", ",", "stat", "-", ",", "openat", "-", "0",
			   ",", "stat", "", ",", "read", "/w/none", ",", "read", "/w/none/below", ",", "stat",
			   "/tmp/one/below", ",", "stat", "@x"),
		      "stat=36\nopenat=36\nstat=14\nopenat=14\nstat=2\nread=2\nread=2\nstat=20\nstat=2\n");
}
BOTH_ENGINES(odd_paths_are_the_programs_problem)

static void a_path_can_end_the_program(uint32_t engine)
{
	struct supervised v;
	struct outcome o;

	supervised_init(&v, engine);
	places(&v);
	v.supervisor.outside = CORDON_DECISION_KILL;
	sandbox_run(&v.s,
		    ARGV(CALLS, "read", "/tmp/allowed/a", ",", "read", "/tmp/secret/s", ",", "read", "/tmp/allowed/a"),
		    &o);
	CHECK_STATUS(&o, CORDON_STATUS_ACCESS_DENIED, CORDON_CAUSE_NONE);
	CHECK_OUT(&o, "text=public\nread=0\n");
	CHECK(o.result->violation != NULL);
	if (o.result->violation) {
		CHECK_EQ(o.result->violation->kind, CORDON_EVENT_PATH);
		CHECK_EQ(o.result->violation->syscall, SYS_openat);
		CHECK_EQ(o.result->violation->err, -1);
		CHECK(o.result->violation->path_len == 13 &&
		      memcmp(o.result->violation->path, "/tmp/secret/s", 13) == 0);
		CHECK(o.result->violation->ip != 0);
	}
	outcome_done(&o);
}
BOTH_ENGINES(a_path_can_end_the_program)

static void refused_paths_are_events(uint32_t engine)
{
	const struct cordon_event *e;
	struct supervised v;
	struct outcome o;

	supervised_init(&v, engine);
	places(&v);
	sandbox_run(&v.s,
		    ARGV(CALLS, "read", "/tmp/secret/s", ",", "read", "/tmp/secret/s", ",", "read", "/tmp/secret/s"),
		    &o);
	CHECK_OK(&o);
	e = event_find(&o, CORDON_EVENT_PATH);
	CHECK(e != NULL);
	if (e) {
		CHECK_EQ(e->err, EACCES);
		CHECK_EQ(e->syscall, SYS_openat);
	}
	CHECK_EQ(o.result->events_total, 3);
	CHECK_EQ(o.result->file_policy, (o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_LANDLOCK))
						? CORDON_FILE_POLICY_ENFORCED
						: CORDON_FILE_POLICY_ADVISORY);
	outcome_done(&o);
}
BOTH_ENGINES(refused_paths_are_events)

static void calls_are_decided_by_number(uint32_t engine)
{
	struct supervised v;
	struct outcome o;

	supervised_init(&v, engine);
	supervised_syscall(&v, "getppid", CORDON_DECISION_ERRNO)->err = ENOTTY;
	supervised_syscall(&v, "mkdirat", CORDON_DECISION_ERRNO)->limit = 2;
	run_both_ways(&v, ARGV(CALLS, "getppid", ",", "mkdir", "/w/1", ",", "mkdir", "/w/2", ",", "mkdir", "/w/3"),
		      "getppid=25\nmkdir=0\nmkdir=0\nmkdir=1\n");
	supervised_init(&v, engine);
	supervised_syscall(&v, "socket", CORDON_DECISION_KILL);
	sandbox_run(&v.s, ARGV(CALLS, "getppid", ",", "socket", "1", ",", "getppid"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_DISALLOWED_SYSCALL, CORDON_CAUSE_NONE);
	CHECK_OUT(&o, "getppid=0\n");
	CHECK_EQ(o.result->syscall, SYS_socket);
	CHECK(o.result->violation != NULL && o.result->violation->args[0] == 1);
	outcome_done(&o);
}
BOTH_ENGINES(calls_are_decided_by_number)

/* Runs while answering each question by answer(). */
static void run_asked(struct supervised *v, const char *const *argv,
		      void (*answer)(struct cordon_run *run, const struct cordon_question *q), struct outcome *o)
{
	enum cordon_run_state state;

	sandbox_open(&v->s, argv, o);
	while (o->run && (state = cordon_run_wait(o->run)) != CORDON_RUN_DONE) {
		CHECK_EQ(state, CORDON_RUN_ASK);
		CHECK(cordon_run_question(o->run) != NULL);
		answer(o->run, cordon_run_question(o->run));
	}
	outcome_wait(o);
}

static void allow_names_with_a(struct cordon_run *run, const struct cordon_question *q)
{
	bool has_a = q->npaths == 1 && strchr(q->paths[0], 'a') != NULL;

	CHECK_EQ(q->syscall, SYS_openat);
	CHECK_EQ(q->access, CORDON_ACCESS_READ | CORDON_ACCESS_STAT);
	cordon_run_answer(run, has_a ? CORDON_DECISION_ALLOW : CORDON_DECISION_ERRNO, ENXIO);
}

static void kill_it(struct cordon_run *run, const struct cordon_question *q)
{
	(void)q;
	cordon_run_answer(run, CORDON_DECISION_KILL, 0);
}

static void the_caller_can_be_asked(uint32_t engine)
{
	struct supervised v;
	struct outcome o;

	supervised_init(&v, engine);
	places(&v);
	v.supervisor.outside = CORDON_DECISION_ASK;
	run_asked(&v, ARGV(CALLS, "read", "/aa", ",", "read", "/bb", ",", "read", "/tmp/allowed/a"), allow_names_with_a,
		  &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "read=2\nread=6\ntext=public\nread=0\n");
	outcome_done(&o);
	supervised_init(&v, engine);
	supervised_syscall(&v, "getppid", CORDON_DECISION_ASK);
	run_asked(&v, ARGV(CALLS, "getppid"), kill_it, &o);
	CHECK_STATUS(&o, CORDON_STATUS_DISALLOWED_SYSCALL, CORDON_CAUSE_NONE);
	CHECK_EQ(o.result->syscall, SYS_getppid);
	outcome_done(&o);
}
BOTH_ENGINES(the_caller_can_be_asked)

static struct {
	int in, out;	/* the test's ends of the program's stdin and stdout */
} ends;

/* The run's descriptor does not tell when the call has returned: other messages of init make it readable, too. What the
 * program writes after the call does. */
static void answer_late(struct cordon_run *run, const struct cordon_question *q)
{
	struct pollfd said = { .fd = ends.out, .events = POLLIN };
	char text[64] = "";

	(void)q;
	CHECK_EQ(poll(&said, 1, 10000), 1);
	CHECK(read(ends.out, text, sizeof text - 1) > 0);
	CHECK_STR(text, "getppid=1\n");
	cordon_run_answer(run, CORDON_DECISION_ALLOW, 0);
	CHECK_EQ(write(ends.in, "x", 1), 1);
}

static void a_late_answer_is_a_refusal(uint32_t engine)
{
	int in[2], out[2];
	struct supervised v;
	struct outcome o;
	char text[64] = "";

	REQUIRE(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
	ends.in = in[1];
	ends.out = out[0];
	supervised_init(&v, engine);
	supervised_syscall(&v, "getppid", CORDON_DECISION_ASK);
	/* Long enough for init to ask before it is over, also on a machine with no time for it: a question that was
	 * never asked is refused as well, but no process would write to the program's stdin. */
	v.supervisor.ask_timeout_ns = SEC;
	v.s.command.stdio[0] = (struct cordon_stdio){ .kind = CORDON_STDIO_FD, .fd = in[0] };
	v.s.command.stdio[1] = (struct cordon_stdio){ .kind = CORDON_STDIO_FD, .fd = out[1] };
	run_asked(&v, ARGV(CALLS, "getppid", ",", "wait"), answer_late, &o);
	close(out[1]);
	CHECK_OK(&o);
	CHECK(read(out[0], text, sizeof text - 1) > 0);
	CHECK_STR(text, "wait=0\n");
	CHECK(event_find(&o, CORDON_EVENT_UNANSWERED) != NULL);
	outcome_done(&o);
	close(in[0]);
	close(in[1]);
	close(out[0]);
}
BOTH_ENGINES(a_late_answer_is_a_refusal)

static void limits_hold_under_a_supervisor(uint32_t engine)
{
	struct supervised v;
	struct outcome o;

	supervised_init(&v, engine);
	supervised_files(&v);
	v.s.command.limits.cpu_time_ns = 300 * MS;
	v.s.command.limits.wall_time_ns = 200 * SEC;	/* where it gets little of the CPUs */
	sandbox_run(&v.s, ARGV("/bin/sh", "-c", "while :; do :; done"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_CPU);
	outcome_done(&o);
	v.s.command.limits.cpu_time_ns = 5 * SEC;
	v.s.command.limits.wall_time_ns = 200 * MS;
	sandbox_run(&v.s, ARGV("/bin/sleep", "30"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
	outcome_done(&o);
}
BOTH_ENGINES(limits_hold_under_a_supervisor)

/* Kept containers: the filter that init has loaded for others must not be in the way. */
static void ends_with(struct supervised *v, const char *const *argv, enum cordon_status status, enum cordon_cause cause,
		      int signal)
{
	struct outcome o;

	sandbox_run(&v->s, argv, &o);
	CHECK_STATUS(&o, status, cause);
	if (o.ran && o.result->signal != signal)
		TEST_FAIL("%s %s: signal %d, not %d", argv[1], argv[2], o.result->signal, signal);
	outcome_done(&o);
}

/* A tracer sees where a signal came from: neither the policy nor a limit has ended these programs. */
static void signals_of_limits_that_were_sent(void)
{
	static const char *const ways[] = {
		"kill", "group", "raise", "tgkill", "tkill", "sigqueue", "rt_tgsigqueueinfo", "child",
	};
	struct supervised v;

	supervised_init(&v, CORDON_ENGINE_PTRACE);
	v.s.command.limits.output_bytes = MIB;
	for (size_t i = 0; i < LENGTH(ways); i++) {
		ends_with(&v, ARGV(SUBJECT, "send", ways[i], "31"), CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE, SIGSYS);
		ends_with(&v, ARGV(SUBJECT, "send", ways[i], "25"), CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE, SIGXFSZ);
	}
	ends_with(&v, ARGV("/bin/sh", "-c", "kill -SYS $$"), CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE, SIGSYS);
	ends_with(&v, ARGV("/bin/sh", "-c", "kill -XFSZ $$"), CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE, SIGXFSZ);
}

/* And these have. What a program has sent itself before changes nothing. */
static void signals_of_limits_that_the_kernel_sent(void)
{
	struct supervised v;

	supervised_init(&v, CORDON_ENGINE_PTRACE);
	v.s.command.limits.output_bytes = MIB;
	ends_with(&v, ARGV(SUBJECT, "file", "2000000", "/w/f"), CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, CORDON_CAUSE_FILE,
		  SIGXFSZ);
	ends_with(&v, ARGV(SUBJECT, "beyond", "seek", "2000000", "/w/f"), CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED,
		  CORDON_CAUSE_FILE, SIGXFSZ);
	ends_with(&v, ARGV(SUBJECT, "beyond", "length", "2000000", "/w/f"), CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED,
		  CORDON_CAUSE_FILE, SIGXFSZ);
	ends_with(&v, ARGV(SUBJECT, "send-and-exceed", "25", "/w/f"), CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED,
		  CORDON_CAUSE_FILE, SIGXFSZ);
	ends_with(&v, ARGV(SUBJECT, "send-and-exceed", "31", "/w/f"), CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED,
		  CORDON_CAUSE_FILE, SIGXFSZ);
#ifdef __x86_64__
	ends_with(&v, ARGV("/programs/other_abi", "x32"), CORDON_STATUS_DISALLOWED_SYSCALL, CORDON_CAUSE_NONE, SIGSYS);
#endif
}

static void runs_in_a_kept_container(uint32_t engine)
{
	struct supervised v;
	struct cordon_error err;
	static struct kept k;
	struct outcome o;

	supervised_init(&v, engine);
	places(&v);
	sandbox_init(&k.s);
	CHECK_EQ(kept_open(&k, &err), 0);
	for (int i = 0; k.c && i < 3; i++) {
		k.s.command.supervisor = NULL;
		kept_run(&k, ARGV(CALLS, "stat", "/tmp"), &o);
		CHECK_OK(&o);
		outcome_done(&o);
		k.s.command.supervisor = &v.supervisor;
		k.s.command.copy_in = v.s.command.copy_in;
		k.s.command.ncopy_in = i == 0 ? v.s.command.ncopy_in : 0;
		kept_run(&k, ARGV(CALLS, "read", "/tmp/allowed/a", ",", "read", "/tmp/secret/s", ",", "stat", "/w"),
			 &o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "text=public\nread=0\nread=13\nstat=0\n");
		outcome_done(&o);
		k.s.command.ncopy_in = 0;
	}
	CHECK(kept_close(&k));
}
BOTH_ENGINES(runs_in_a_kept_container)

/* Opens of FIFOs that wait at the end of a run are forgotten: the next run's supervisor would close its own descriptors
 * instead. */
static void waiting_opens_end_with_their_run(uint32_t engine)
{
	struct supervised v;
	struct kept k;
	struct outcome o;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	const struct cordon_fd more = { .target = 7, .fd = fd };

	supervised_init(&v, engine);
	supervised_files(&v);
	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	k.s.command.supervisor = &v.supervisor;
	for (int i = 0; i < 3; i++) {
		/* The pause only lets the opens come to wait: too short a one shows less. */
		kept_start(&k,
			   ARGV("/bin/bash", "-c",
				"for i in 0 1 2 3 4 5 6 7 8 9; do mkfifo /w/f$i; (: < /w/f$i) & (: > /w/f$i.w) & done; "
				"sleep 0.2; echo end"),
			   i == 0 ? CORDON_RUN_RESET : 0, &o);
		outcome_wait(&o);
		CHECK_OK(&o);
		outcome_done(&o);
		k.s.command.fds = i == 1 ? &more : NULL;
		k.s.command.nfds = i == 1;
		kept_start(
			&k,
			ARGV("/bin/dash", "-c",
			     "i=0; n=0; while [ $i -lt 20 ]; do true < /usr/bin/env && n=$((n+1)); i=$((i+1)); done; "
			     "echo $n"),
			CORDON_RUN_RESET, &o);
		outcome_wait(&o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "20\n");
		CHECK_EQ(o.result->nevents, 0);
		outcome_done(&o);
		k.s.command.nfds = 0;
	}
	KEPT_CLOSE(&k);
	(void)close(fd);
}
BOTH_ENGINES(waiting_opens_end_with_their_run)
ROOTLESS(waiting_opens_end_with_their_run_notify)

static void with_policy(struct supervised *v, const struct cordon_seccomp *policy)
{
	supervised_init(v, CORDON_ENGINE_AUTO);
	v->s.command.supervisor = NULL;
	v->s.config.seccomp_kind = CORDON_SECCOMP_POLICY;
	v->s.config.seccomp_policy = policy;
}

/* The command asks for no supervisor: the policy needs one. */
static void a_policy_that_kills_says_for_what(void)
{
	static const struct cordon_seccomp_arg unix_family = { 0, CORDON_SECCOMP_EQ, 1, 0 };
	static const struct cordon_seccomp_rule rules[] = {
		{ "socket", SECCOMP_RET_KILL_PROCESS, 1, &unix_family },
		{ "getppid", SECCOMP_RET_ERRNO | ENOTTY, 0, NULL },
	};
	static const struct cordon_seccomp_policy policy = {
		SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | ENOSYS, rules, LENGTH(rules), 0,
	};
	struct cordon_seccomp *seccomp;
	struct cordon_error err;
	struct supervised v;
	struct outcome o;

	CHECK_EQ(cordon_seccomp_new(&policy, CORDON_ARCH_NATIVE, &seccomp, &err), 0);
	with_policy(&v, seccomp);
	sandbox_run(&v.s, ARGV(CALLS, "socket", "2", ",", "getppid", ",", "socket", "1", ",", "getppid"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_DISALLOWED_SYSCALL, CORDON_CAUSE_NONE);
	CHECK_OUT(&o, "socket=0\ngetppid=25\n");
	CHECK_EQ(o.result->syscall, SYS_socket);
	CHECK(o.result->violation && o.result->violation->args[0] == 1 && o.result->violation->ip != 0);
	outcome_done(&o);
	cordon_seccomp_free(seccomp);
}

/* What Cordon's own child still does when the filter is loaded need not be in the list. */
static void a_strict_list_needs_only_the_programs_calls(void)
{
	static const struct cordon_seccomp_rule rules[] = {
		{ "exit_group", SECCOMP_RET_ALLOW, 0, NULL }, { "exit", SECCOMP_RET_ALLOW, 0, NULL },
	};
	static const struct cordon_seccomp_policy policy = {
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_PROCESS, rules, LENGTH(rules), 0,
	};
	struct cordon_seccomp *seccomp;
	struct cordon_error err;
	struct supervised v;
	struct outcome o;

	CHECK_EQ(cordon_seccomp_new(&policy, CORDON_ARCH_NATIVE, &seccomp, &err), 0);
	with_policy(&v, seccomp);
	sandbox_run(&v.s, ARGV("/programs/tiny_nolibc"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	sandbox_run(&v.s, ARGV("/programs/tiny_static"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_DISALLOWED_SYSCALL, CORDON_CAUSE_NONE);
	CHECK(o.result->syscall >= 0);
	outcome_done(&o);
	cordon_seccomp_free(seccomp);
}

static void refused_calls_are_events_on_request(uint32_t engine)
{
	const struct cordon_event *e;
	struct supervised v;
	struct outcome o;

	supervised_init(&v, engine);
	v.supervisor.flags = CORDON_SUPERVISOR_AUDIT;
	sandbox_run(&v.s, ARGV(CALLS, "chroot", "/", ",", "setuid", "0"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "chroot=1\nsetuid=1\n");
	e = event_find(&o, CORDON_EVENT_SYSCALL);
	CHECK(e && e->syscall == SYS_chroot && e->err == EPERM);
	e = event_find(&o, CORDON_EVENT_PRIVILEGE);
	CHECK(e && e->syscall == SYS_setuid && e->err == 0);
	outcome_done(&o);
}
BOTH_ENGINES(refused_calls_are_events_on_request)

static void every_call_is_counted(void)
{
	struct supervised v;
	struct outcome o;

	supervised_init(&v, CORDON_ENGINE_AUTO);
	v.supervisor.flags = CORDON_SUPERVISOR_RECORD;
	sandbox_run(&v.s, ARGV("/programs/tiny_nolibc"), &o);
	CHECK(o.ran && o.result->counts != NULL && o.result->setup_counts != NULL);
	if (o.ran && o.result->counts) {
		uint64_t sum = 0;

		for (uint32_t i = 0; i < o.result->ncounts; i++)
			sum += o.result->counts[i];
		CHECK_EQ(sum, 1);
		CHECK(o.result->counts[SYS_exit_group] + o.result->counts[SYS_exit] == 1);
		CHECK(o.result->setup_counts[SYS_execve] >= 1);
	}
	outcome_done(&o);
}

static void the_kernel_alone_holds_a_path_policy(void)
{
	struct supervised v;
	struct outcome o;

	supervised_init(&v, CORDON_ENGINE_KERNEL);
	supervised_files(&v);
	v.paths[0].access = ACCESS_RX;
	sandbox_run(&v.s,
		    ARGV(CALLS, "read", "/proc/1/status", ",", "create", "/w/x", ",", "openat", "/sys", "0", ",",
			 "create", "/usr/x"),
		    &o);
	if (!o.ran && o.err.step == CORDON_STEP_LANDLOCK)
		SKIP_SCENARIO("Landlock: not in this kernel");
	CHECK_OK(&o);
	CHECK(strstr(o.out, "create=0\n") != NULL);
	CHECK_EQ(o.result->file_policy, CORDON_FILE_POLICY_ENFORCED);
	CHECK_EQ(o.result->engine, CORDON_ENGINE_KERNEL);
	outcome_done(&o);
}

static const struct scenario scenarios[] = {
	BOTH_SCENARIOS(a_program_without_questions_runs),
	BOTH_SCENARIOS(the_longest_rule_decides),
	BOTH_SCENARIOS(links_and_dots_gain_nothing),
	BOTH_SCENARIOS(every_kind_of_call_is_judged),
	BOTH_SCENARIOS(odd_paths_are_the_programs_problem),
	BOTH_SCENARIOS(a_path_can_end_the_program),
	BOTH_SCENARIOS(refused_paths_are_events),
	BOTH_SCENARIOS(calls_are_decided_by_number),
	BOTH_SCENARIOS(the_caller_can_be_asked),
	BOTH_SCENARIOS(a_late_answer_is_a_refusal),
	BOTH_SCENARIOS(limits_hold_under_a_supervisor),
	SCENARIO(signals_of_limits_that_were_sent),
	SCENARIO(signals_of_limits_that_the_kernel_sent),
	BOTH_SCENARIOS(runs_in_a_kept_container),
	BOTH_SCENARIOS(waiting_opens_end_with_their_run),
	ROOTLESS_SCENARIO(waiting_opens_end_with_their_run_notify),
	SCENARIO(a_policy_that_kills_says_for_what),
	SCENARIO(a_strict_list_needs_only_the_programs_calls),
	BOTH_SCENARIOS(refused_calls_are_events_on_request),
	SCENARIO(every_call_is_counted),
	SCENARIO(the_kernel_alone_holds_a_path_policy),
};

int main(int argc, char **argv)
{
	return scenario_main(argc, argv, scenarios, LENGTH(scenarios));
}
