/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor pins the program to its own CPU while that saves wake-ups across CPUs (sched/supervisor.h): it does
 * so, and the program, its children, its threads and programs that it executes do not notice. */
#define _GNU_SOURCE
#include <sched.h>
#include "support/supervised.h"

/* Under notify the supervisor may pin only where the caller's own rules stop what could show it: nothing is stopped for
 * its sake (decision 033). */
static void stop_what_reveals(struct supervised *v)
{
	static const char *const names[] = {
		"clone", "clone3", "fork", "vfork", "execve", "execveat", "sched_getaffinity", "sched_setaffinity"
	};

	for (size_t i = 0; i < LENGTH(names); i++)
		(void)supervised_syscall(v, names[i], CORDON_DECISION_ALLOW);
}

static void only_the_time_tells(uint32_t engine)
{
	struct supervised v;
	struct outcome o;

	supervised_init(&v, engine);
	if (engine == CORDON_ENGINE_NOTIFY)
		stop_what_reveals(&v);
	supervised_files(&v);
	supervised_path(&v, "/proc/thread-self", CORDON_PATH_TREE, CORDON_ACCESS_READ);
	v.s.command.limits.wall_time_ns = v.s.command.limits.cpu_time_ns = 100 * SEC;
	sandbox_run(&v.s, ARGV("/programs/cpus_static"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "bound=1 freed=1 seen=0 born=0 threads=0 executed=0 own=1\n");
	outcome_done(&o);
}
BOTH_ENGINES(only_the_time_tells)

int main(int argc, char **argv)
{
	static const struct scenario scenarios[] = { BOTH_SCENARIOS(only_the_time_tells) };
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set) != 0 || CPU_COUNT(&set) < 2)
		SKIP("two CPUs");
	return scenario_main(argc, argv, scenarios, LENGTH(scenarios));
}
