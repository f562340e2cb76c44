/* SPDX-License-Identifier: Apache-2.0 */
/* A program that gets 5,000 signals a second, with a handler that has no SA_RESTART, under each engine: no call fails
 * that would not fail without a supervisor, except that NOTIFY may fail the calls that its policy stops with EINTR
 * (supervisor.h). CORDON_TEST_CALLS=1000000, with a longer CORDON_TEST_SECONDS, for as many calls as were promised. */
#define _GNU_SOURCE
#include "support/supervised.h"

#define CALLS_A_ROUND 9

/* The calls that a path policy stops; the others are stopped by none. */
static const char *const files[] = {
	"open", "stat", "mkdir", "rename", "rmdir", "access", "readlink", "chdir", "unlink"
};
static const char *const tasks[] = { "fork", "vfork", "thread", "affinity" };

enum rules { NO_SUPERVISOR, BY_CALLS, BY_PATHS };

/* Runs the program in a new sandbox or in a container that is kept. */
static void run(struct supervised *v, bool kept, struct outcome *o)
{
	long calls = number_from_env("CORDON_TEST_CALLS", test_rounds(20000));
	uint64_t limit = 280 * SEC + (uint64_t)calls * MS;
	struct kept k;
	char rounds[24];

	(void)snprintf(rounds, sizeof rounds, "%ld", calls / CALLS_A_ROUND);
	v->s.command.limits.cpu_time_ns = v->s.command.limits.wall_time_ns = limit;
	if (!kept) {
		sandbox_run(&v->s, ARGV("/programs/interrupted", rounds), o);
		return;
	}
	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	k.s.command.supervisor = v->s.command.supervisor;
	k.s.command.limits.cpu_time_ns = k.s.command.limits.wall_time_ns = limit;
	kept_run(&k, ARGV("/programs/interrupted", rounds), o);
	KEPT_CLOSE(&k);
}

static void check(const struct outcome *o, uint32_t engine, bool may_interrupt_files)
{
	long made = text_number(o->out, "made", 0), of_files = 0;

	CHECK_OK(o);
	CHECK_STR(o->errout, "");
	CHECK_EQ(o->result->engine, engine);
	CHECK_EQ(text_number(o->out, "other", -1), 0);
	CHECK(text_number(o->out, "ticks", 0) > 0);
	for (size_t i = 0; i < LENGTH(tasks); i++)
		if (text_number(o->out, tasks[i], -1) != 0)
			TEST_FAIL("%s was interrupted %ld times", tasks[i], text_number(o->out, tasks[i], -1));
	if (!may_interrupt_files)
		CHECK_EQ(text_number(o->out, "exec", -1), 0);
	for (size_t i = 0; i < LENGTH(files); i++) {
		long n = text_number(o->out, files[i], -1);

		of_files += n;
		if (!may_interrupt_files && n != 0)
			TEST_FAIL("%s was interrupted %ld times", files[i], n);
	}
	(void)fprintf(stderr, "engine %u: %ld calls, %ld interrupted\n", o->result->engine, made, of_files);
}

static void under(uint32_t asked, uint32_t engine, enum rules rules, bool kept)
{
	struct supervised v;
	struct outcome o;

	supervised_init(&v, asked);
	if (rules == BY_PATHS)
		supervised_files(&v);
	else if (rules == BY_CALLS)
		(void)supervised_syscall(&v, "socket", CORDON_DECISION_ERRNO);
	else
		v.s.command.supervisor = NULL;
	run(&v, kept, &o);
	check(&o, engine, engine == CORDON_ENGINE_NOTIFY && rules == BY_PATHS);
	outcome_done(&o);
}

static void without_a_supervisor(void)
{
	under(0, CORDON_ENGINE_AUTO, NO_SUPERVISOR, false);
}

static void under_the_kernel_alone(void)
{
	under(CORDON_ENGINE_KERNEL, CORDON_ENGINE_KERNEL, BY_PATHS, false);
}

static void under_ptrace(void)
{
	under(CORDON_ENGINE_PTRACE, CORDON_ENGINE_PTRACE, BY_PATHS, false);
	under(CORDON_ENGINE_PTRACE, CORDON_ENGINE_PTRACE, BY_PATHS, true);
}
ROOTLESS(under_ptrace)

static void under_notify(void)
{
	under(CORDON_ENGINE_NOTIFY, CORDON_ENGINE_NOTIFY, BY_PATHS, false);
	under(CORDON_ENGINE_NOTIFY, CORDON_ENGINE_NOTIFY, BY_PATHS, true);
	under(CORDON_ENGINE_NOTIFY, CORDON_ENGINE_NOTIFY, BY_CALLS, false);
}
ROOTLESS(under_notify)

/* The engine that does not interrupt. */
static void under_the_engine_that_is_chosen(void)
{
	under(CORDON_ENGINE_AUTO, CORDON_ENGINE_PTRACE, BY_PATHS, false);
	under(CORDON_ENGINE_AUTO, CORDON_ENGINE_PTRACE, BY_PATHS, true);
	under(CORDON_ENGINE_AUTO, CORDON_ENGINE_PTRACE, BY_CALLS, false);
}
ROOTLESS(under_the_engine_that_is_chosen)

/* A shell whose children end all the time: an interrupted fork would be "Cannot fork". */
static void a_pipeline_loses_nothing(uint32_t engine)
{
	struct supervised v;
	struct outcome o;

	supervised_init(&v, engine);
	(void)supervised_syscall(&v, "socket", CORDON_DECISION_ERRNO);
	v.s.command.limits.wall_time_ns = v.s.command.limits.cpu_time_ns = 100 * SEC;
	sandbox_run(&v.s,
		    ARGV("/bin/dash", "-c",
			 "i=0; while [ $i -lt 100 ]; do r=$(echo abc | cat | cat); [ \"$r\" = abc ] || echo \"$i $r\"; "
			 "i=$((i+1)); done; echo done"),
		    &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "done\n");
	CHECK_STR(o.errout, "");
	outcome_done(&o);
}
BOTH_ENGINES(a_pipeline_loses_nothing)

static const struct scenario scenarios[] = {
	SCENARIO(without_a_supervisor),
	SCENARIO(under_the_kernel_alone),
	SCENARIO(under_ptrace),
	ROOTLESS_SCENARIO(under_ptrace),
	SCENARIO(under_notify),
	ROOTLESS_SCENARIO(under_notify),
	SCENARIO(under_the_engine_that_is_chosen),
	ROOTLESS_SCENARIO(under_the_engine_that_is_chosen),
	BOTH_SCENARIOS(a_pipeline_loses_nothing),
};

int main(int argc, char **argv)
{
	return scenario_main(argc, argv, scenarios, LENGTH(scenarios));
}
