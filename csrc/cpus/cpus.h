/* SPDX-License-Identifier: Apache-2.0 */
/* cpus: sets of CPUs, as bits for sched_setaffinity(2) and as lists of cpuset(7), "0-1,3". Pure functions. */
#ifndef CORDON_CPUS_H
#define CORDON_CPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cordon/command.h"

struct cpus {
	uint32_t words;		/* words of bits in use: up to the last one that is not 0 */
	uint64_t bits[CORDON_CPUS_MAX / 64];
};

/* The longest list that is accepted, in bytes with its NUL; no machine needs a longer one. */
#define CPUS_LIST_MAX 256

/* Parses a list of CPUs below CORDON_CPUS_MAX; false if text is not one. */
bool cpus_parse(const char *text, struct cpus *ret);

/* Writes the shortest list for a set that is not empty. False if it does not fit. */
bool cpus_list(const struct cpus *cpus, char *buf, size_t size);

/* Whether a is a subset of b. */
bool cpus_within(const struct cpus *a, const struct cpus *b);

bool cpus_same(const struct cpus *a, const struct cpus *b);

#endif
