/* SPDX-License-Identifier: Apache-2.0 */
/* measure: times several things in turn and prints their minimum, median and 99th percentile.
 *
 * Theory of operation. Things that are compared are measured in the same run and in turn: a block of samples of the
 * first, one of the second, ..., then the next round, until each has its number. So a busy moment of the machine hits
 * all of them alike. The first samples of a block are dropped: they pay for what the thing before left behind (the
 * kernel tears namespaces down later). All of it is done twice: as the scheduler likes, and with this process and its
 * children on one CPU. */
#ifndef CORDON_BENCH_MEASURE_H
#define CORDON_BENCH_MEASURE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define MEASURE_LAPS_MAX 5

struct measured {
	const char *name;		/* for people */
	const char *key;		/* in the JSON */
	/* Does it once. Lap times are optional: it sets lap_ns[i] for each laps[i]. Ends the process where it fails. */
	void (*run)(struct measured *m);
	void *arg;
	const char *laps[MEASURE_LAPS_MAX];	/* names; NULL = no more */
	uint64_t lap_ns[MEASURE_LAPS_MAX];
	const struct measured *floor;	/* the ratio to its median is printed; NULL = none */
	const struct measured *base;	/* the difference to its median is printed; NULL = none */
	uint64_t *samples[1 + MEASURE_LAPS_MAX];	/* the whole, then the laps; sorted at the end */
};

struct measure_options {
	uint32_t n;			/* samples of each */
	uint32_t warm_up;		/* dropped before the first */
	uint32_t gap_ms;		/* idle time before every sample: what a run costs that comes alone */
	const char *json;		/* file; NULL = none */
	const char *only;		/* "unpinned" or "pinned"; NULL = both */
	const char *rest[8];		/* other arguments: the benchmark's own */
	uint32_t nrest;
};

/* Reads --n N, --warm-up N, --gap-ms N, --json FILE, --only unpinned|pinned; leaves the rest. Wrong usage ends the
 * process with 2. */
void measure_options_read(struct measure_options *o, int argc, char **argv);

/* Measures all, prints the tables, writes the JSON. */
void measure_all(const struct measure_options *o, const char *title, struct measured *const *all, uint32_t count);

/* Prints what failed, with errno where it is not 0, and ends the process with 1. */
_Noreturn void measure_die(const char *what, int errnum);

/* The directory where this build has its test programs, without a slash at the end. Static storage. */
const char *measure_programs(void);

#endif
