/* SPDX-License-Identifier: Apache-2.0 */
/* bench_supervisor: the cost of a stopped call, compared with a bare loop of the same mechanism in the same run, and of
 * a call that is not stopped.
 *
 * One sample is a number of calls of one program, timed by the program itself, without its start. The kinds take turns.
 * The last ones are whole runs of tiny in a kept container: the cost of starting a supervisor. An argument selects the
 * kinds whose names contain it; what they are compared with is measured only if its name contains it as well. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bare_notify.h"
#include "bench/bare_ptrace.h"
#include "bench/measure.h"
#include "base/base.h"
#include "supervised.h"

#define PATH "/etc/passwd"
#define ROUNDS_MAX 101

struct kind {
	const char *name;
	uint32_t engine;		/* AUTO = no supervisor */
	uint64_t (*bare)(const char *path, uint32_t pairs);
	/* openat + close, stat, fstat and chdir, which are stopped; getppid, which is not; a run */
	enum { OPENS, STATS, FSTATS, CHDIRS, CALLS, RUNS } what;
	int floor;			/* index */
	double ns[ROUNDS_MAX];
};

static struct kind kinds[] = {
	{ "openat + close, not supervised", CORDON_ENGINE_AUTO, NULL, OPENS, 0, { 0 } },
	{ "bare loop, notify", 0, bare_notify_pairs, OPENS, 1, { 0 } },
	{ "bare loop, notify, pinned", 0, bare_notify_pinned_pairs, OPENS, 1, { 0 } },
	{ "the same, nothing but 'go on'", 0, bare_notify_continued_pairs, OPENS, 1, { 0 } },
	{ "cordon, notify, a path policy", CORDON_ENGINE_NOTIFY, NULL, OPENS, 1, { 0 } },
	{ "bare loop, ptrace", 0, bare_ptrace_pairs, OPENS, 5, { 0 } },
	{ "cordon, ptrace, a rule by number", CORDON_ENGINE_PTRACE, NULL, OPENS, 5, { 0 } },
	{ "bare loop, ptrace, the path read", 0, bare_ptrace_reading_pairs, OPENS, 7, { 0 } },
	{ "cordon, ptrace, a path policy", CORDON_ENGINE_PTRACE, NULL, OPENS, 7, { 0 } },
	{ "getppid, not supervised", CORDON_ENGINE_AUTO, NULL, CALLS, 9, { 0 } },
	{ "getppid, notify", CORDON_ENGINE_NOTIFY, NULL, CALLS, 9, { 0 } },
	{ "getppid, ptrace", CORDON_ENGINE_PTRACE, NULL, CALLS, 9, { 0 } },
	/* A stopped call that the kernel makes after the judgement, and those that the supervisor makes. */
	{ "chdir, notify", CORDON_ENGINE_NOTIFY, NULL, CHDIRS, 12, { 0 } },
	{ "stat, notify", CORDON_ENGINE_NOTIFY, NULL, STATS, 12, { 0 } },
	{ "fstat, notify", CORDON_ENGINE_NOTIFY, NULL, FSTATS, 12, { 0 } },
	{ "chdir, ptrace", CORDON_ENGINE_PTRACE, NULL, CHDIRS, 15, { 0 } },
	{ "stat, ptrace", CORDON_ENGINE_PTRACE, NULL, STATS, 15, { 0 } },
	{ "fstat, ptrace", CORDON_ENGINE_PTRACE, NULL, FSTATS, 15, { 0 } },
	{ "a run, not supervised", CORDON_ENGINE_AUTO, NULL, RUNS, 18, { 0 } },
	{ "a run, kernel (mounts, a denied tree)", CORDON_ENGINE_AUTO, NULL, RUNS, 18, { 0 } },
	{ "a run, kernel (Landlock alone)", CORDON_ENGINE_KERNEL, NULL, RUNS, 18, { 0 } },
	{ "a run, notify", CORDON_ENGINE_NOTIFY, NULL, RUNS, 18, { 0 } },
	{ "a run, ptrace", CORDON_ENGINE_PTRACE, NULL, RUNS, 18, { 0 } },
	{ "openat + close, mounts", CORDON_ENGINE_AUTO, NULL, OPENS, 0, { 0 } },
	{ "openat + close, Landlock", CORDON_ENGINE_KERNEL, NULL, OPENS, 0, { 0 } },
};

/* A policy that mounts hold alone. */
static void deny_a_tree(struct supervised *v)
{
	supervised_path(v, "/", CORDON_PATH_TREE, ACCESS_RX | CORDON_ACCESS_WRITE);
	supervised_path(v, "/usr/share/doc", CORDON_PATH_TREE, 0);
}

static bool by_mounts(const struct kind *k)
{
	return strstr(k->name, "mounts") != NULL;
}

static uint64_t run_program(const struct kind *k, uint32_t calls)
{
	static const char *const paths[] = { PATH, PATH, PATH, "/etc", NULL }, *const names[] = { NULL, "stat", "fstat",
												  "chdir", NULL };
	static struct supervised v;
	struct outcome o;
	char number[16], text[256];
	uint64_t ns;

	supervised_init(&v, k->engine);
	if (strstr(k->name, "number") != NULL)	/* stopped and let go, without a look at its path */
		supervised_syscall(&v, "openat", CORDON_DECISION_ALLOW)->limit = UINT64_MAX;
	else if (by_mounts(k))
		deny_a_tree(&v);
	else
		supervised_files(&v);
	if (k->engine == CORDON_ENGINE_AUTO && !by_mounts(k))
		v.s.command.supervisor = NULL;
	sandbox_mount(&v.s, CORDON_MOUNT_BIND, 0, PATH, PATH);
	v.s.command.limits.cpu_time_ns = v.s.command.limits.wall_time_ns = 100 * SEC;
	(void)snprintf(number, sizeof number, "%u", calls);
	sandbox_run(&v.s, (const char *const[]){ "/programs/opens", number, paths[k->what], names[k->what], NULL }, &o);
	if (!o.ran || o.result->status != CORDON_STATUS_OK)
		measure_die(outcome_describe(&o, text, sizeof text), 0);
	ns = (uint64_t)text_number(o.out, "ns", 0);
	outcome_done(&o);
	return ns;
}

/* ns of n runs. */
static uint64_t run_tiny(const struct kind *k, uint32_t n)
{
	static struct supervised v;
	static struct kept kept;
	struct cordon_error err;
	struct outcome o;
	uint64_t start;

	supervised_init(&v, k->engine);
	if (by_mounts(k))
		deny_a_tree(&v);
	else
		supervised_files(&v);
	sandbox_init(&kept.s);
	kept.s.command.stdio[1].kind = kept.s.command.stdio[2].kind = CORDON_STDIO_NULL;
	kept.s.config.use_cgroup = CORDON_CGROUP_OFF;
	if (k->engine != CORDON_ENGINE_AUTO || by_mounts(k))
		kept.s.command.supervisor = &v.supervisor;
	if (kept_open(&kept, &err) != 0)
		measure_die("a container", err.err);
	start = clock_ns();
	for (uint32_t i = 0; i < n; i++) {
		kept_run(&kept, ARGV("/programs/tiny_nolibc"), &o);
		if (!o.ran || o.result->status != CORDON_STATUS_OK)
			measure_die("a run of tiny", 0);
		outcome_done(&o);
	}
	start = clock_ns() - start;
	(void)kept_close(&kept);
	return start;
}

static double measured(const struct kind *k, uint32_t n)
{
	if (k->bare != NULL)
		return (double)k->bare(PATH, n);
	return (double)(k->what == RUNS ? run_tiny(k, n) : run_program(k, n));
}

static bool is_wanted(const struct measure_options *options, const struct kind *k)
{
	return options->nrest == 0 || strstr(k->name, options->rest[0]) != NULL;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	struct measure_options options;
	uint32_t calls, rounds;

	measure_options_read(&options, argc, argv);
	(void)setenv("CORDON_TEST_PROGRAMS", measure_programs(), 1);
	rounds = options.n < ROUNDS_MAX ? options.n : 11;
	calls = options.n <= 3 ? 1000 : 50000;	/* ctest only sees that it runs */
	for (uint32_t r = 0; r < rounds; r++)
		for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
			struct kind *k = &kinds[i];
			uint32_t n = k->what < CALLS ? calls : k->what == CALLS ? 10 * calls : calls / 100;

			if (is_wanted(&options, k))
				k->ns[r] = measured(k, n) / n;
		}
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		qsort(kinds[i].ns, rounds, sizeof kinds[i].ns[0], ascending);
	printf("%-34s %12s %12s %12s %8s\n", "us a call (or pair)", "min", "p50", "max", "x floor");
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (!is_wanted(&options, &kinds[i]))
			continue;
		printf("%-34s %12.3f %12.3f %12.3f %8.2f\n", kinds[i].name, kinds[i].ns[0] / 1e3,
		       kinds[i].ns[rounds / 2] / 1e3, kinds[i].ns[rounds - 1] / 1e3,
		       kinds[i].ns[rounds / 2] / kinds[kinds[i].floor].ns[rounds / 2]);
	}
	return 0;
}
