/* SPDX-License-Identifier: Apache-2.0 */
/* bench_container: runs in kept containers, compared with the floor of the same program: tiny, one that leaves files,
 * and /bin/true. */
#define _GNU_SOURCE
#include <unistd.h>

#include "base/base.h"
#include "bench/ended.h"
#include "bench/floor.h"
#include "bench/measure.h"
#include "sandbox.h"
#include "test.h"

struct kept_runs {
	struct sandbox sandbox;
	struct cordon_container *container;
	const char *argv[2];
	uint32_t flags;
};

static void exec_run(struct measured *m)
{
	floor_exec(m->arg);
}

static void container_run(struct measured *m)
{
	struct kept_runs *k = m->arg;
	struct cordon_error err;
	struct cordon_run *run;

	if (cordon_container_run_open(k->container, &k->sandbox.command, k->flags, &run, &err) != 0)
		die_of(&err);
	(void)cordon_run_wait(run);
	(void)ended_well(run);
	cordon_run_free(run);
}

static void container_make(struct measured *m)
{
	const struct sandbox *s = m->arg;
	struct cordon_container *container;
	struct cordon_error err;

	if (cordon_container_open(&s->config, &container, &err) != 0)
		die_of(&err);
	cordon_container_free(container);
}

static void open_runs(struct kept_runs *k, const char *program, uint32_t seccomp, uint32_t cgroups, uint32_t flags)
{
	struct cordon_error err;

	sandbox_init(&k->sandbox);
	k->argv[0] = program;
	k->flags = flags;
	k->sandbox.config.seccomp_kind = seccomp;
	k->sandbox.config.use_cgroup = cgroups;
	k->sandbox.command.argv = k->argv;
	for (int i = 1; i < 3; i++)
		k->sandbox.command.stdio[i].kind = CORDON_STDIO_NULL;
	if (cordon_container_open(&k->sandbox.config, &k->container, &err) != 0)
		die_of(&err);
}

int main(int argc, char **argv)
{
	static struct kept_runs plain, filtered, reset, writing, grouped, dynamic, making;
	static char tiny_path[4096];
	struct measured tiny = { "floor: exec + wait of tiny", "floorTiny", .run = exec_run, .arg = tiny_path };
	struct measured bin_true = {
		"floor: exec + wait of /bin/true", "floorTrue", .run = exec_run, .arg = (void *)"/bin/true",
	};
	struct measured c_plain = {
		"container: no seccomp", "plain", .run = container_run, .arg = &plain, .floor = &tiny, .base = &tiny,
	};
	struct measured c_filter = { "container: default seccomp",
				     "seccomp",
				     .run = container_run,
				     .arg = &filtered,
				     .floor = &tiny,
				     .base = &tiny };
	struct measured c_reset = { "the same, reset after each",
				    "reset",
				    .run = container_run,
				    .arg = &reset,
				    .floor = &tiny,
				    .base = &tiny };
	struct measured c_write = { "a program that leaves two files, reset after each",
				    "writeReset",
				    .run = container_run,
				    .arg = &writing,
				    .floor = &tiny,
				    .base = &c_reset };
	struct measured c_group = { "container: default seccomp, control groups",
				    "cgroups",
				    .run = container_run,
				    .arg = &grouped,
				    .floor = &tiny,
				    .base = &c_filter };
	struct measured c_true = { "container: default seccomp, /bin/true",
				   "seccompTrue",
				   .run = container_run,
				   .arg = &dynamic,
				   .floor = &bin_true,
				   .base = &bin_true };
	struct measured c_make = { "making and ending a container, no control groups", "make", .run = container_make,
				   .arg = &making.sandbox };
	struct measured *const all[] = { &tiny,	   &bin_true, &c_plain, &c_filter, &c_reset,
					 &c_write, &c_group,  &c_true,	&c_make };
	struct kept_runs *const open[] = { &plain, &filtered, &reset, &writing, &grouped, &dynamic, &making };
	struct measure_options options;

	measure_options_read(&options, argc, argv);
	(void)setenv("CORDON_TEST_PROGRAMS", measure_programs(), 1);
	(void)snprintf(tiny_path, sizeof tiny_path, "%s/tiny_nolibc", measure_programs());
	open_runs(&plain, "/programs/tiny_nolibc", CORDON_SECCOMP_NONE, CORDON_CGROUP_OFF, 0);
	open_runs(&filtered, "/programs/tiny_nolibc", CORDON_SECCOMP_DEFAULT, CORDON_CGROUP_OFF, 0);
	open_runs(&reset, "/programs/tiny_nolibc", CORDON_SECCOMP_DEFAULT, CORDON_CGROUP_OFF, CORDON_RUN_RESET);
	open_runs(&writing, "/programs/writer_nolibc", CORDON_SECCOMP_DEFAULT, CORDON_CGROUP_OFF, CORDON_RUN_RESET);
	open_runs(&grouped, "/programs/tiny_nolibc", CORDON_SECCOMP_DEFAULT, CORDON_CGROUP_AUTO, 0);
	open_runs(&dynamic, "/bin/true", CORDON_SECCOMP_DEFAULT, CORDON_CGROUP_OFF, 0);
	open_runs(&making, "/programs/tiny_nolibc", CORDON_SECCOMP_DEFAULT, CORDON_CGROUP_OFF, 0);
	measure_all(&options, "container", all, ARRAY_LEN(all));
	for (size_t i = 0; i < ARRAY_LEN(open); i++)
		cordon_container_free(open[i]->container);
	return 0;
}
