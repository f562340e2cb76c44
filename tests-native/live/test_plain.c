/* SPDX-License-Identifier: Apache-2.0 */
/* Runs without namespaces: the tracer, the filters, Landlock and rlimits alone must contain the program. As an ordinary
 * user, for whom this mode is meant; as root the program gets another user's ids. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "support/supervised.h"

/* A user of this test's alone: without namespaces and groups the limit counts all processes of the user. */
#define OTHER_USER 47111

/* The host's paths, as there are no others. */
static void plain_init(struct supervised *v)
{
	static const char *const readable[] = { "/usr", "/bin", "/lib", "/lib64", "/etc" };
	const char *programs = getenv("CORDON_TEST_PROGRAMS");

	supervised_init(v, CORDON_ENGINE_AUTO);
	v->s.config.nmounts = 0;
	v->s.config.namespaces = CORDON_NAMESPACES_NONE;
	if (getuid() == 0)	/* as the victim of others_are_out_of_reach */
		v->s.config.host_uid = v->s.config.host_gid = OTHER_USER;
	v->s.command.work_dir = "/";
	for (size_t i = 0; i < LENGTH(readable); i++)
		supervised_path(v, readable[i], CORDON_PATH_TREE, ACCESS_RX);
	if (programs)
		supervised_path(v, programs, CORDON_PATH_TREE, ACCESS_RX);
	supervised_path(v, "/dev/null", CORDON_PATH_ONLY, ACCESS_RW);
	supervised_path(v, "/proc/self", CORDON_PATH_TREE, CORDON_ACCESS_READ);
}

static const char *program(const char *name)
{
	static char path[4096];

	(void)snprintf(path, sizeof path, "%s/%s", getenv("CORDON_TEST_PROGRAMS"), name);
	return path;
}

static void a_program_runs(void)
{
	struct supervised v;
	struct outcome o;

	plain_init(&v);
	sandbox_run(&v.s, ARGV("/bin/sh", "-c", "echo hello | cat; id -u; (exit 3); echo $?"), &o);
	CHECK_OK(&o);
	CHECK(strncmp(o.out, "hello\n", 6) == 0 && strstr(o.out, "\n3\n") != NULL);
	CHECK(strstr(o.out, "\n0\n") == NULL);
	CHECK_STR(o.errout, "");
	CHECK_EQ(o.result->engine, CORDON_ENGINE_PTRACE);
	CHECK_EQ(o.result->layers & (CORDON_LAYER_BIT(CORDON_LAYER_USER_NS) | CORDON_LAYER_BIT(CORDON_LAYER_PID_NS) |
				     CORDON_LAYER_BIT(CORDON_LAYER_PIVOT_ROOT)),
		 0);
	CHECK((o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_SUPERVISOR)) != 0);
	outcome_done(&o);
}

static void its_statuses_are_right(void)
{
	struct supervised v;
	struct outcome o;

	plain_init(&v);
	sandbox_run(&v.s, ARGV("/bin/sh", "-c", "exit 7"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
	CHECK_EQ(o.result->exit_code, 7);
	outcome_done(&o);
	sandbox_run(&v.s, ARGV("/bin/sh", "-c", "kill -SEGV $$"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE);
	CHECK_EQ(o.result->signal, SIGSEGV);
	outcome_done(&o);
	v.s.command.limits.cpu_time_ns = 300 * MS;
	sandbox_run(&v.s, ARGV("/bin/sh", "-c", "(while :; do :; done) & while :; do :; done"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_CPU);
	outcome_done(&o);
	v.s.command.limits.cpu_time_ns = 5 * SEC;
	v.s.command.limits.wall_time_ns = 200 * MS;
	sandbox_run(&v.s, ARGV("/bin/sleep", "30"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
	outcome_done(&o);
}

/* Signals, memory and files of the same user's other processes: here a child of the test's. */
static void others_are_out_of_reach(void)
{
	struct supervised v;
	struct outcome o;
	char victim[16], group[16], mem[64], script[512];
	pid_t pid = fork();

	if (pid == 0) {
		if (getuid() == 0 && (setgroups(0, NULL) != 0 || setresgid(OTHER_USER, OTHER_USER, OTHER_USER) != 0 ||
				      setresuid(OTHER_USER, OTHER_USER, OTHER_USER) != 0))
			_exit(9);
		(void)setpgid(0, 0);
		for (;;)
			pause();
	}
	(void)snprintf(victim, sizeof victim, "%d", (int)pid);
	(void)snprintf(group, sizeof group, "-%d", (int)pid);
	(void)snprintf(mem, sizeof mem, "/proc/%d/mem", (int)pid);
	plain_init(&v);
	sandbox_run(&v.s,
		    ARGV(program("calls"), "kill", victim, "9", ",", "kill", group, "9", ",", "kill", "-1", "9", ",",
			 "kill", "1", "9", ",", "read", mem, ",", "socket", "1"),
		    &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "kill=1\nkill=1\nkill=1\nkill=1\nread=13\nsocket=13\n");
	outcome_done(&o);
	(void)snprintf(script, sizeof script, "kill -9 %s; sleep 0 & kill $!; wait; kill -0 $$ && echo own", victim);
	sandbox_run(&v.s, ARGV("/bin/bash", "-c", script), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "own\n");
	outcome_done(&o);
	CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* The end of the main program is the end of all, wherever they went. */
static void nothing_outlives_the_run(void)
{
	struct supervised v;
	struct outcome o;
	pid_t left = -1;

	plain_init(&v);
	sandbox_run(&v.s,
		    ARGV("/bin/bash", "-c",
			 "setsid sleep 1000 & "
			 "setsid bash -c 'trap \"\" TERM HUP; (sleep 1000 & echo $!) ' & wait $!; exit 4"),
		    &o);
	CHECK_STATUS(&o, CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
	left = (pid_t)strtol(o.out, NULL, 10);
	CHECK(left > 0 && kill(left, 0) != 0 && errno == ESRCH);
	outcome_done(&o);
}

/* The host is killed: everything ends with it, by the end of its socket. */
static void a_killed_host_leaves_nothing(void)
{
	int out[2];
	char text[32] = "";
	pid_t host, left;

	CHECK_EQ(pipe(out), 0);
	host = fork();
	if (host == 0) {
		struct supervised v;
		struct outcome o;

		plain_init(&v);
		v.s.command.stdio[1] = (struct cordon_stdio){ .kind = CORDON_STDIO_FD, .fd = out[1] };
		sandbox_run(&v.s, ARGV("/bin/bash", "-c", "setsid sleep 1000 & echo $!; sleep 1000"), &o);
		_exit(0);
	}
	close(out[1]);
	CHECK(read(out[0], text, sizeof text - 1) > 0);
	left = (pid_t)strtol(text, NULL, 10);
	CHECK(left > 0 && kill(left, 0) == 0);
	kill(host, SIGKILL);
	waitpid(host, NULL, 0);
	CHECK_EQ(read(out[0], text, sizeof text), 0);	/* the last holder of the pipe is gone */
	close(out[0]);
}

/* Root's program gets ids that no other process has. */
static void root_is_not_its_user(void)
{
	struct supervised v;
	struct outcome o;

	if (getuid() != 0)
		SKIP_SCENARIO("root: needed");
	plain_init(&v);
	v.s.config.host_uid = v.s.config.host_gid = 0;
	sandbox_run(&v.s, ARGV("/bin/sh", "-c", "id -u; id -g"), &o);
	CHECK_OK(&o);
	CHECK(strtol(o.out, NULL, 10) >= 0x70000000);
	outcome_done(&o);
}

static void what_it_cannot_have_is_refused(void)
{
	struct supervised v;
	struct outcome o;

	plain_init(&v);
	v.s.command.supervisor = NULL;
	sandbox_run(&v.s, ARGV("/bin/true"), &o);
	CHECK(!o.ran && o.err.step == CORDON_STEP_VALIDATE);
	outcome_done(&o);
	plain_init(&v);
	v.s.command.supervisor = &v.supervisor;
	v.supervisor.engine = CORDON_ENGINE_NOTIFY;
	sandbox_run(&v.s, ARGV("/bin/true"), &o);
	CHECK(!o.ran && o.err.step == CORDON_STEP_VALIDATE);
	outcome_done(&o);
}

static void as_an_ordinary_user(void)
{
	if (getuid() != 0)
		SKIP_SCENARIO("root: the other scenarios ran as an ordinary user");
	CHECK_EQ(self_run("a_program_runs", OTHER_USER), 0);
	CHECK_EQ(self_run("its_statuses_are_right", OTHER_USER), 0);
	CHECK_EQ(self_run("others_are_out_of_reach", OTHER_USER), 0);
	CHECK_EQ(self_run("nothing_outlives_the_run", OTHER_USER), 0);
	CHECK_EQ(self_run("a_killed_host_leaves_nothing", OTHER_USER), 0);
}

static const struct scenario scenarios[] = {
	SCENARIO(a_program_runs),
	SCENARIO(its_statuses_are_right),
	SCENARIO(others_are_out_of_reach),
	SCENARIO(nothing_outlives_the_run),
	SCENARIO(a_killed_host_leaves_nothing),
	SCENARIO(root_is_not_its_user),
	SCENARIO(what_it_cannot_have_is_refused),
	SCENARIO(as_an_ordinary_user),
};

int main(int argc, char **argv)
{
	return scenario_main(argc, argv, scenarios, LENGTH(scenarios));
}
