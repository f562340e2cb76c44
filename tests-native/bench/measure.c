/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "bench/measure.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"

#define BLOCK 25		/* samples of one thing before the next thing's turn */
#define DROPPED 3		/* at the start of each block */
#define PAUSE_NS 3000000	/* before each block: for what the kernel does later */

_Noreturn void measure_die(const char *what, int errnum)
{
	fprintf(stderr, "%s%s%s\n", what, errnum != 0 ? ": " : "", errnum != 0 ? strerror(errnum) : "");
	exit(1);
}

const char *measure_programs(void)
{
	static char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof path - sizeof "/programs");

	if (len <= 0)
		measure_die("/proc/self/exe", errno);
	path[len] = '\0';
	for (int i = 0; i < 2; i++)	/* the file's name, then the folder of this build's tests */
		*strrchr(path, '/') = '\0';
	return strcat(path, "/programs");
}

/* ---- options ---- */

static _Noreturn void usage(const char *program)
{
	fprintf(stderr,
		"usage: %s [--n N] [--warm-up N] [--gap-ms N] [--json FILE] [--only unpinned|pinned] [OPTION...]\n",
		program);
	exit(2);
}

static uint32_t read_count(const char *text, const char *program)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end != '\0' || n < 1 || n > 1000000)
		usage(program);
	return (uint32_t)n;
}

void measure_options_read(struct measure_options *o, int argc, char **argv)
{
	*o = (struct measure_options){ .n = 2000, .warm_up = 100 };
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (value != NULL && strcmp(argv[i], "--n") == 0)
			o->n = read_count(value, argv[0]);
		else if (value != NULL && strcmp(argv[i], "--warm-up") == 0)
			o->warm_up = read_count(value, argv[0]);
		else if (value != NULL && strcmp(argv[i], "--gap-ms") == 0)
			o->gap_ms = read_count(value, argv[0]);
		else if (value != NULL && strcmp(argv[i], "--json") == 0)
			o->json = value;
		else if (value != NULL && strcmp(argv[i], "--only") == 0)
			o->only = value;
		else if (o->nrest < ARRAY_LEN(o->rest)) {
			o->rest[o->nrest++] = argv[i];
			continue;
		} else
			usage(argv[0]);
		i++;
	}
	if (o->only != NULL && strcmp(o->only, "unpinned") != 0 && strcmp(o->only, "pinned") != 0)
		usage(argv[0]);
}

/* ---- measuring ---- */

static void sample(struct measured *m, uint32_t at, bool keep)
{
	uint64_t start = clock_ns(), whole;

	m->run(m);
	whole = clock_ns() - start;
	if (!keep)
		return;
	m->samples[0][at] = whole;
	for (uint32_t i = 0; i < MEASURE_LAPS_MAX && m->laps[i] != NULL; i++)
		m->samples[1 + i][at] = m->lap_ns[i];
}

static void pause_ns(uint64_t ns)
{
	const struct timespec ts = { (time_t)(ns / NSEC_PER_SEC), (long)(ns % NSEC_PER_SEC) };

	(void)nanosleep(&ts, NULL);
}

static void block(const struct measure_options *o, struct measured *m, uint32_t at, uint32_t len)
{
	pause_ns(PAUSE_NS);
	for (uint32_t i = 0; i < DROPPED; i++)
		sample(m, 0, false);
	for (uint32_t i = 0; i < len; i++) {
		if (o->gap_ms > 0)
			pause_ns(o->gap_ms * NSEC_PER_MSEC);
		sample(m, at + i, true);
	}
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static uint64_t percentile(const uint64_t *sorted, uint32_t n, uint32_t percent)
{
	return sorted[(uint64_t)(n - 1) * percent / 100];
}

static void measure(const struct measure_options *o, struct measured *const *all, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t w = 0; w < o->warm_up; w++)
			sample(all[i], 0, false);
	for (uint32_t at = 0; at < o->n; at += BLOCK)
		for (uint32_t i = 0; i < count; i++)
			block(o, all[i], at, o->n - at < BLOCK ? o->n - at : BLOCK);
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t s = 0; s < 1 + MEASURE_LAPS_MAX; s++)
			qsort(all[i]->samples[s], o->n, sizeof all[i]->samples[s][0], compare);
}

/* ---- printing ---- */

static void print_one(FILE *out, const struct measured *m, uint32_t n)
{
	const uint64_t *whole = m->samples[0];
	double p50 = (double)percentile(whole, n, 50);

	fprintf(out, "%-56s %8.1f %8.1f %8.1f %8.1f", m->name, (double)whole[0] / 1e3,
		(double)percentile(whole, n, 25) / 1e3, p50 / 1e3, (double)percentile(whole, n, 99) / 1e3);
	if (m->floor != NULL)
		fprintf(out, "  %5.2f x", p50 / (double)percentile(m->floor->samples[0], n, 50));
	if (m->base != NULL)
		fprintf(out, "  %+7.1f", (p50 - (double)percentile(m->base->samples[0], n, 50)) / 1e3);
	fprintf(out, "\n");
	for (uint32_t i = 0; i < MEASURE_LAPS_MAX && m->laps[i] != NULL; i++) {
		const uint64_t *lap = m->samples[1 + i];

		fprintf(out, "    %-52s %8.1f %8.1f %8.1f %8.1f\n", m->laps[i], (double)lap[0] / 1e3,
			(double)percentile(lap, n, 25) / 1e3, (double)percentile(lap, n, 50) / 1e3,
			(double)percentile(lap, n, 99) / 1e3);
	}
}

static void json_numbers(FILE *out, const uint64_t *sorted, uint32_t n)
{
	fprintf(out, "{\"minNs\": %llu, \"p25Ns\": %llu, \"p50Ns\": %llu, \"p99Ns\": %llu}",
		(unsigned long long)sorted[0], (unsigned long long)percentile(sorted, n, 25),
		(unsigned long long)percentile(sorted, n, 50), (unsigned long long)percentile(sorted, n, 99));
}

static void json_one(FILE *out, const struct measured *m, uint32_t n, bool last)
{
	fprintf(out, "    \"%s\": {\"total\": ", m->key);
	json_numbers(out, m->samples[0], n);
	for (uint32_t i = 0; i < MEASURE_LAPS_MAX && m->laps[i] != NULL; i++) {
		fprintf(out, ", \"%s\": ", m->laps[i]);
		json_numbers(out, m->samples[1 + i], n);
	}
	fprintf(out, "}%s\n", last ? "" : ",");
}

static double load_average(void)
{
	double load[1] = { 0 };

	return getloadavg(load, 1) == 1 ? load[0] : -1;
}

static void print_table(const struct measure_options *o, const char *placement, double load_before,
			struct measured *const *all, uint32_t count)
{
	printf("\n%s, n = %u, %u ms apart, load %.2f before, %.2f after (us)\n", placement, o->n, o->gap_ms,
	       load_before, load_average());
	printf("%-56s %8s %8s %8s %8s  to floor\n", "", "min", "p25", "p50", "p99");
	for (uint32_t i = 0; i < count; i++)
		print_one(stdout, all[i], o->n);
	fflush(stdout);
}

static void json_table(FILE *out, const struct measure_options *o, const char *placement, struct measured *const *all,
		       uint32_t count)
{
	fprintf(out, ",\n  \"%s\": {\n", placement);
	for (uint32_t i = 0; i < count; i++)
		json_one(out, all[i], o->n, i + 1 == count);
	fprintf(out, "  }");
}

/* ---- all of it ---- */

static void pin(cpu_set_t *ret_before)
{
	cpu_set_t one;
	int cpu = CPU_SETSIZE - 1;

	if (sched_getaffinity(0, sizeof *ret_before, ret_before) != 0)
		measure_die("sched_getaffinity", errno);
	while (cpu > 0 && !CPU_ISSET(cpu, ret_before))
		cpu--;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof one, &one) != 0)
		measure_die("sched_setaffinity", errno);
}

static void allocate(struct measured *m, uint32_t n)
{
	for (uint32_t s = 0; s < 1 + MEASURE_LAPS_MAX; s++) {
		m->samples[s] = calloc(n, sizeof *m->samples[s]);
		if (m->samples[s] == NULL)
			measure_die("samples", ENOMEM);
	}
}

static void release(struct measured *m)
{
	for (uint32_t s = 0; s < 1 + MEASURE_LAPS_MAX; s++)
		free(m->samples[s]);
}

void measure_all(const struct measure_options *o, const char *title, struct measured *const *all, uint32_t count)
{
	static const char *const placements[] = { "unpinned", "pinned" };
	FILE *json = o->json != NULL ? fopen(o->json, "we") : NULL;
	struct utsname system;
	cpu_set_t before;

	if (o->json != NULL && json == NULL)
		measure_die(o->json, errno);
	(void)uname(&system);
	printf("%s: Linux %s, %s, %ld CPUs\n", title, system.release, system.machine, sysconf(_SC_NPROCESSORS_ONLN));
	if (json != NULL)
		fprintf(json,
			"{\n  \"benchmark\": \"%s\",\n  \"kernel\": \"%s\",\n  \"n\": %u,\n  \"gapMs\": %u,\n"
			"  \"load\": %.2f",
			title, system.release, o->n, o->gap_ms, load_average());
	for (uint32_t i = 0; i < count; i++)
		allocate(all[i], o->n);
	for (size_t p = 0; p < ARRAY_LEN(placements); p++) {
		double load = load_average();

		if (o->only != NULL && strcmp(o->only, placements[p]) != 0)
			continue;
		if (p == 1)
			pin(&before);
		measure(o, all, count);
		if (p == 1)
			(void)sched_setaffinity(0, sizeof before, &before);
		print_table(o, placements[p], load, all, count);
		if (json != NULL)
			json_table(json, o, placements[p], all, count);
	}
	for (uint32_t i = 0; i < count; i++)
		release(all[i]);
	if (json != NULL && (fprintf(json, "\n}\n") < 0 || fclose(json) != 0))
		measure_die(o->json, errno);
}
