/* cpus: a list of CPUs, "0-1,3" (cpuset(7)), as the bits of sched_setaffinity(2). */
#ifndef CORDON_HOST_CPUS_H
#define CORDON_HOST_CPUS_H

#include <stdint.h>
#include "cordon/error.h"
#include "cordon/protocol.h"

struct cpus {
	uint32_t words;		/* of bits, up to the last one that is not 0 */
	uint64_t bits[CORDON_CPUS_MAX / 64];
};

/* Pure. 0, or -EINVAL with *err (step VALIDATE). */
int cpus_parse(const char *list, struct cpus *ret, struct cordon_error *err);

/* The same, and each must be one of the calling thread's. */
int cpus_parse_own(const char *list, struct cpus *ret, struct cordon_error *err);

#endif
