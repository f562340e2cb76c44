/* SPDX-License-Identifier: Apache-2.0 */
/* A program with a supervisor tries every way to stop, end, slow down, trace or read the processes that supervise it:
 * as root and as an ordinary user, once and in a container that is kept, under the default policy and under none, and
 * without namespaces. */
#define _GNU_SOURCE
#include <sys/stat.h>
#include "support/supervised.h"

#define REACH "/programs/reach"

/* Call rules alone: no path policy closes anything. */
static void by_calls(struct supervised *v, uint32_t engine, uint32_t policy)
{
	supervised_init(v, engine);
	v->s.config.seccomp_kind = policy;
	v->s.command.limits.wall_time_ns = 60 * SEC;
	(void)supervised_syscall(v, "mkdir", CORDON_DECISION_ALLOW);
}

/* The supervisor answered to the end, and nothing else worked. */
static void check_nothing(struct outcome *o)
{
	CHECK_OK(o);
	CHECK_OUT(o, "end\n");
}

static void once(uint32_t engine, uint32_t policy)
{
	struct supervised v;
	struct outcome o;

	by_calls(&v, engine, policy);
	sandbox_run(&v.s, ARGV(REACH), &o);
	check_nothing(&o);
	outcome_done(&o);
}

static void nothing_reaches_it(uint32_t engine)
{
	once(engine, CORDON_SECCOMP_DEFAULT);
}
BOTH_ENGINES(nothing_reaches_it)
ROOTLESS(nothing_reaches_it_notify)
ROOTLESS(nothing_reaches_it_ptrace)

static void nothing_reaches_it_without_a_policy(uint32_t engine)
{
	once(engine, CORDON_SECCOMP_NONE);
}
BOTH_ENGINES(nothing_reaches_it_without_a_policy)
ROOTLESS(nothing_reaches_it_without_a_policy_notify)
ROOTLESS(nothing_reaches_it_without_a_policy_ptrace)

static void nothing_reaches_it_under_paths(uint32_t engine)
{
	struct supervised v;
	struct outcome o;

	by_calls(&v, engine, CORDON_SECCOMP_DEFAULT);
	supervised_files(&v);
	supervised_path(&v, "/proc", CORDON_PATH_TREE, ACCESS_RW);
	sandbox_run(&v.s, ARGV(REACH), &o);
	check_nothing(&o);
	outcome_done(&o);
}
BOTH_ENGINES(nothing_reaches_it_under_paths)
ROOTLESS(nothing_reaches_it_under_paths_notify)
ROOTLESS(nothing_reaches_it_under_paths_ptrace)

/* Twice, as the first program could have changed what the second one's supervisor inherits; then one without a
 * supervisor. */
static void nothing_reaches_it_in_a_kept_container(uint32_t engine)
{
	struct kept k;
	struct supervised v;
	struct outcome o;

	by_calls(&v, engine, CORDON_SECCOMP_DEFAULT);
	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	k.s.command.limits.wall_time_ns = 60 * SEC;
	for (int i = 0; i < 2; i++) {
		k.s.command.supervisor = &v.supervisor;
		kept_start(&k, ARGV(REACH), CORDON_RUN_RESET, &o);
		outcome_wait(&o);
		check_nothing(&o);
		outcome_done(&o);
	}
	k.s.command.supervisor = NULL;
	kept_run(&k, ARGV("/bin/sh", "-c", "cut -d' ' -f19 /proc/self/stat; ulimit -Hn"), &o);
	CHECK_OK(&o);
	CHECK(strncmp(o.out, "0\n", 2) == 0);	/* the nice value */
	outcome_done(&o);
	KEPT_CLOSE(&k);
}
BOTH_ENGINES(nothing_reaches_it_in_a_kept_container)
ROOTLESS(nothing_reaches_it_in_a_kept_container_notify)
ROOTLESS(nothing_reaches_it_in_a_kept_container_ptrace)

static void nothing_reaches_it_without_namespaces(void)
{
	struct supervised v;
	struct outcome o;
	char dir[] = "/tmp/cordon-reach-XXXXXX", *program = NULL;

	REQUIRE(mkdtemp(dir) != NULL && chmod(dir, 0777) == 0);
	REQUIRE(asprintf(&program, "%s/reach", getenv("CORDON_TEST_PROGRAMS")) > 0);
	by_calls(&v, CORDON_ENGINE_PTRACE, CORDON_SECCOMP_DEFAULT);
	v.s.config.namespaces = CORDON_NAMESPACES_NONE;
	v.s.config.nmounts = 0;
	v.s.command.work_dir = dir;
	supervised_path(&v, "/", CORDON_PATH_TREE, ACCESS_RX);
	supervised_path(&v, "/proc", CORDON_PATH_TREE, ACCESS_RW);
	supervised_path(&v, dir, CORDON_PATH_TREE, ACCESS_RW);
	sandbox_run(&v.s, ARGV(program, "cordons"), &o);
	check_nothing(&o);
	outcome_done(&o);
	CHECK(rmdir(strcat(strcpy(v.s.text, dir), "/reached")) == 0);
	CHECK(rmdir(dir) == 0);
	free(program);
}
ROOTLESS(nothing_reaches_it_without_namespaces)

static const struct scenario scenarios[] = {
	BOTH_SCENARIOS(nothing_reaches_it),
	ROOTLESS_SCENARIO(nothing_reaches_it_notify),
	ROOTLESS_SCENARIO(nothing_reaches_it_ptrace),
	BOTH_SCENARIOS(nothing_reaches_it_without_a_policy),
	ROOTLESS_SCENARIO(nothing_reaches_it_without_a_policy_notify),
	ROOTLESS_SCENARIO(nothing_reaches_it_without_a_policy_ptrace),
	BOTH_SCENARIOS(nothing_reaches_it_under_paths),
	ROOTLESS_SCENARIO(nothing_reaches_it_under_paths_notify),
	ROOTLESS_SCENARIO(nothing_reaches_it_under_paths_ptrace),
	BOTH_SCENARIOS(nothing_reaches_it_in_a_kept_container),
	ROOTLESS_SCENARIO(nothing_reaches_it_in_a_kept_container_notify),
	ROOTLESS_SCENARIO(nothing_reaches_it_in_a_kept_container_ptrace),
	SCENARIO(nothing_reaches_it_without_namespaces),
	ROOTLESS_SCENARIO(nothing_reaches_it_without_namespaces),
};

int main(int argc, char **argv)
{
	return scenario_main(argc, argv, scenarios, LENGTH(scenarios));
}
