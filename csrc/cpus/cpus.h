/* SPDX-License-Identifier: Apache-2.0 */
/* cpus: sets of CPUs, as the bits of sched_setaffinity(2) and as the lists of cpuset(7), "0-1,3". Pure functions. */
#ifndef CORDON_CPUS_H
#define CORDON_CPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cordon/command.h"

struct cpus {
	uint32_t words;		/* of bits, up to the last one that is not 0 */
	uint64_t bits[CORDON_CPUS_MAX / 64];
};

/* Bytes of a list that a caller may give, with its NUL: a longer one comes from no machine. */
#define CPUS_LIST_MAX 256

/* A list and nothing else, of CPUs below CORDON_CPUS_MAX; false where text is none. */
bool cpus_parse(const char *text, struct cpus *ret);

/* The shortest list of a set that is not empty. False where it does not fit. */
bool cpus_list(const struct cpus *cpus, char *buf, size_t size);

/* Whether all of a are in b. */
bool cpus_within(const struct cpus *a, const struct cpus *b);

bool cpus_same(const struct cpus *a, const struct cpus *b);

#endif
