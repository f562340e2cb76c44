/* SPDX-License-Identifier: Apache-2.0 */
/* bench_cpu_time: whether the CPU time of the same program is as steady under Cordon as without it, with the other CPU
 * idle and busy. */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/measure.h"
#include "base/base.h"
#include "sandbox.h"

#define RUNS_MAX 1000

struct kind {
	const char *name;
	double (*run)(void);	/* CPU time in ms */
	bool busy;
	double ms[RUNS_MAX];
};

static const char *million = "75";	/* about 100 ms */
static struct kept kept, grouped;

static double timeval_ms(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static double run_bare(void)
{
	char path[4096];
	struct rusage usage;
	int status;
	pid_t pid;

	(void)snprintf(path, sizeof path, "%s/work_static", measure_programs());
	pid = vfork();
	if (pid == 0) {
		execl(path, path, million, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || status != 0)
		measure_die(path, errno);
	return timeval_ms(usage.ru_utime) + timeval_ms(usage.ru_stime);
}

static double run_in(struct kept *k)
{
	struct outcome o;
	double ms;

	kept_run(k, ARGV("/programs/work_static", million), &o);
	if (!o.ran || o.result->status != CORDON_STATUS_OK)
		measure_die("a run", 0);
	ms = (double)o.result->cpu_time_ns / 1e6;
	outcome_done(&o);
	return ms;
}

static double run_kept(void)
{
	return run_in(&kept);
}

static double run_grouped(void)
{
	return run_in(&grouped);
}

static void container(struct kept *k, uint32_t use_cgroup)
{
	struct cordon_error err;

	sandbox_init(&k->s);
	k->s.config.use_cgroup = use_cgroup;
	if (kept_open(k, &err) != 0)
		measure_die("a container", err.err);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(struct kind *k, uint32_t n)
{
	double sum = 0, squares = 0;

	qsort(k->ms, n, sizeof k->ms[0], ascending);
	for (uint32_t i = 0; i < n; i++)
		sum += k->ms[i];
	for (uint32_t i = 0; i < n; i++)
		squares += (k->ms[i] - sum / n) * (k->ms[i] - sum / n);
	printf("%-40s %9.2f %9.2f %9.2f %9.2f %9.2f\n", k->name, k->ms[n / 2], k->ms[n - 1] - k->ms[0],
	       k->ms[n * 99 / 100] - k->ms[n / 100], k->ms[n * 9 / 10] - k->ms[n / 10], sqrt(squares / n));
}

static pid_t load_start(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		alarm(600);
		for (volatile uint64_t i = 0;; i++)
			;
	}
	return pid;
}

int main(int argc, char **argv)
{
	static struct kind kinds[] = {
		{ "bare, alone", run_bare, false, { 0 } },
		{ "container without groups, alone", run_kept, false, { 0 } },
		{ "container with groups, alone", run_grouped, false, { 0 } },
		{ "bare, another program running", run_bare, true, { 0 } },
		{ "container without groups, another", run_kept, true, { 0 } },
		{ "container with groups, another", run_grouped, true, { 0 } },
	};
	struct measure_options options;
	uint32_t n;

	measure_options_read(&options, argc, argv);
	n = options.n < RUNS_MAX ? options.n : RUNS_MAX;
	if (n <= 3)
		million = "1";	/* ctest only sees that it runs */
	(void)setenv("CORDON_TEST_PROGRAMS", measure_programs(), 1);
	container(&kept, CORDON_CGROUP_OFF);
	container(&grouped, CORDON_CGROUP_AUTO);
	for (int busy = 0; busy < 2; busy++) {
		pid_t load = busy ? load_start() : -1;

		for (uint32_t i = 0; i < n; i++)
			for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
				if (kinds[k].busy == (busy != 0))
					kinds[k].ms[i] = kinds[k].run();
		if (load > 0) {
			kill(load, SIGKILL);
			waitpid(load, NULL, 0);
		}
	}
	printf("%-40s %9s %9s %9s %9s %9s\n", "ms of CPU time", "p50", "max-min", "p99-p1", "p90-p10", "stddev");
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
		report(&kinds[k], n);
	(void)kept_close(&kept);
	(void)kept_close(&grouped);
	return 0;
}
