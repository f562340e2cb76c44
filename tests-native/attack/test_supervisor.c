/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that try to get past a supervisor: paths that change between check and use, processes that hide from a
 * tracer, floods, attacks on the supervisor itself. A checker that lets the kernel read the path again loses the first
 * of these once in five tries. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include "support/supervised.h"

#define CALLS "/programs/calls"

static const struct cordon_copy_in files[] = {
	{ .name = "/tmp/allowed/a", .data = "allowed\n", .data_len = 8 },
	{ .name = "/tmp/other/s", .data = "secret\n", .data_len = 7 },
};

/* Nothing above the forbidden file is allowed, so that the kernel's Landlock can say the same. */
static void narrow(struct supervised *v, uint32_t engine)
{
	supervised_init(v, engine);
	v->s.command.copy_in = files;
	v->s.command.ncopy_in = LENGTH(files);
	supervised_files(v);
	for (uint32_t i = 0; i < v->supervisor.npaths; i++)
		if (strcmp(v->paths[i].path, "/tmp") == 0)
			v->paths[i].path = "/tmp/allowed";
	v->s.command.limits.cpu_time_ns = 100 * SEC;
	v->s.command.limits.wall_time_ns = 100 * SEC;
}

/* CORDON_TEST_RACES=1000000 for as many as were promised. */
static void race(uint32_t engine, const char *kind)
{
	struct supervised v;
	struct outcome o;
	char tries[32];

	narrow(&v, engine);
	(void)snprintf(tries, sizeof tries, "%ld", number_from_env("CORDON_TEST_RACES", 50000));
	sandbox_run(&v.s, ARGV("/programs/race", kind, tries, "/tmp/allowed/a", "/tmp/other/s"), &o);
	CHECK_OK(&o);
	if (o.result->file_policy == CORDON_FILE_POLICY_ENFORCED || engine == CORDON_ENGINE_NOTIFY) {
		CHECK_EQ(text_number(o.out, "forbidden", -1), 0);
		CHECK(text_number(o.out, "allowed", 0) > 0);
	}
	(void)fprintf(stderr, "%s %s: %s", engine == CORDON_ENGINE_NOTIFY ? "notify" : "ptrace", kind, o.out);
	outcome_done(&o);
}

static void a_changing_buffer_wins_nothing(uint32_t engine)
{
	race(engine, "buffer");
}
BOTH_ENGINES(a_changing_buffer_wins_nothing)

static void a_changing_link_wins_nothing(uint32_t engine)
{
	race(engine, "link");
}
BOTH_ENGINES(a_changing_link_wins_nothing)

static void children_that_leave_the_session_are_ended(uint32_t engine)
{
	struct supervised v;
	struct outcome o;

	supervised_init(&v, engine);
	supervised_files(&v);
	sandbox_run(&v.s, ARGV("/bin/sh", "-c", "for i in 1 2 3; do setsid sleep 1000 & done; exit 5"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
	CHECK_EQ(o.result->exit_code, 5);
	outcome_done(&o);
}
BOTH_ENGINES(children_that_leave_the_session_are_ended)

static void stopping_itself_is_not_the_end(uint32_t engine)
{
	struct supervised v;
	struct outcome o;

	supervised_init(&v, engine);
	supervised_files(&v);
	sandbox_run(&v.s,
		    ARGV("/bin/bash", "-c",
			 "(kill -STOP $BASHPID; echo went on) & p=$!; "
			 "while kill -CONT $p 2>/dev/null; do sleep 0.02; done; wait $p; echo $?"),
		    &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "went on\n0\n");
	outcome_done(&o);
}
BOTH_ENGINES(stopping_itself_is_not_the_end)

static void many_short_children_are_all_seen(uint32_t engine)
{
	struct supervised v;
	struct outcome o;
	char script[256];

	supervised_init(&v, engine);
	supervised_files(&v);
	v.s.command.limits.cpu_time_ns = v.s.command.limits.wall_time_ns = 100 * SEC;
	(void)snprintf(script, sizeof script,
		       "i=0; while [ $i -lt %ld ]; do (exit 3) || n=$((n+1)); i=$((i+1)); done; echo $n",
		       number_from_env("CORDON_TEST_RUNS", 2000));
	sandbox_run(&v.s, ARGV("/bin/dash", "-c", script), &o);
	CHECK_OK(&o);
	CHECK_EQ(strtol(o.out, NULL, 10), number_from_env("CORDON_TEST_RUNS", 2000));
	outcome_done(&o);
}
BOTH_ENGINES(many_short_children_are_all_seen)

/* The supervisor has, for files, the ids of the program; nothing that follows from that is enough to reach it. */
static void the_supervisor_is_out_of_reach(uint32_t engine)
{
	struct supervised v;
	struct outcome o;

	supervised_init(&v, engine);
	supervised_files(&v);
	supervised_path(&v, "/proc", CORDON_PATH_TREE, CORDON_ACCESS_READ | CORDON_ACCESS_WRITE);
	sandbox_run(&v.s,
		    ARGV("/bin/bash", "-c",
			 "for p in /proc/[0-9]*; do n=$(cat $p/comm 2>/dev/null); case $n in cordon-*) "
			 "for f in mem environ maps fd/0 root/etc auxv stack syscall; do "
			 "if head -c1 $p/$f >/dev/null 2>&1; then echo read $n $f; fi; done; "
			 "if (: > $p/mem) 2>/dev/null; then echo wrote $n; fi;; esac; done; echo end"),
		    &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "end\n");
	outcome_done(&o);
}
BOTH_ENGINES(the_supervisor_is_out_of_reach)

/* Ending it ends the program: nothing goes on without it. Where the kernel keeps signals within a Landlock domain it
 * can't be ended. */
static void killing_the_supervisor_ends_the_run(uint32_t engine)
{
	struct supervised v;
	struct outcome o;

	supervised_init(&v, engine);
	supervised_files(&v);
	supervised_path(&v, "/proc", CORDON_PATH_TREE, CORDON_ACCESS_READ);
	sandbox_run(&v.s,
		    ARGV("/bin/bash", "-c",
			 "for p in /proc/[0-9]*; do [ ${p#/proc/} != $$ ] && kill -9 ${p#/proc/} 2>/dev/null && "
			 "echo killed && while :; do :; done; done; echo refused"),
		    &o);
	CHECK(o.ran);
	if (strcmp(o.out, "refused\n") != 0)
		CHECK_STATUS(&o, CORDON_STATUS_DISALLOWED_SYSCALL, CORDON_CAUSE_NONE);
	outcome_done(&o);
}
BOTH_ENGINES(killing_the_supervisor_ends_the_run)

static void a_fork_bomb_ends(uint32_t engine)
{
	struct supervised v;
	struct outcome o;

	supervised_init(&v, engine);
	supervised_files(&v);
	v.s.command.limits.wall_time_ns = 2 * SEC;
	v.s.command.limits.processes = 32;
	sandbox_run(&v.s, ARGV("/bin/bash", "-c", "b() { b | b & }; b; sleep 100"), &o);
	CHECK(o.ran && o.result->status != CORDON_STATUS_OK);
	outcome_done(&o);
}
BOTH_ENGINES(a_fork_bomb_ends)

static const struct scenario scenarios[] = {
	BOTH_SCENARIOS(a_changing_buffer_wins_nothing),
	BOTH_SCENARIOS(a_changing_link_wins_nothing),
	BOTH_SCENARIOS(children_that_leave_the_session_are_ended),
	BOTH_SCENARIOS(stopping_itself_is_not_the_end),
	BOTH_SCENARIOS(many_short_children_are_all_seen),
	BOTH_SCENARIOS(the_supervisor_is_out_of_reach),
	BOTH_SCENARIOS(killing_the_supervisor_ends_the_run),
	BOTH_SCENARIOS(a_fork_bomb_ends),
};

int main(int argc, char **argv)
{
	return scenario_main(argc, argv, scenarios, LENGTH(scenarios));
}
