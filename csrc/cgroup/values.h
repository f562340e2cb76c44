/* SPDX-License-Identifier: Apache-2.0 */
/* values: what a group limits, and what it has counted. */
#ifndef CORDON_CGROUP_VALUES_H
#define CORDON_CGROUP_VALUES_H

#include <stdbool.h>
#include <stdint.h>
#include "cpus/cpus.h"

/* What a group limits; a number that asks for nothing is that of cgroup_no_limits. */
struct cgroup_limits {
#define CORDON_LIMIT(field, ...)
#define CORDON_GROUP_LIMIT(field, ...) uint64_t field;
#include "cordon/limits.def"
	const struct cpus *cpuset;	/* the only CPUs; NULL = no limit. Borrowed for the call */
	uint32_t want;		/* of CGROUP_BIT(IO) and (FREEZER): what the group is to have as well, where it can be had */
};

/* The numbers in their order, without their offsets. */
enum cgroup_limit {
#define CORDON_LIMIT(field, ...)
#define CORDON_GROUP_LIMIT(field, ...) CGROUP_LIMIT_##field,
#include "cordon/limits.def"
	CGROUP_LIMITS
};

extern const struct cgroup_limits cgroup_no_limits;

/* Counters. What has no bit set is 0. */
struct cgroup_usage {
	bool has_memory, has_cpu, has_throttled, has_pids_peak, has_io;
	uint64_t memory_bytes;	/* in use now */
	uint64_t memory_peak_bytes;
	uint64_t oom_kills;
	uint64_t cpu_ns, user_ns, system_ns;	/* user + system may differ from cpu by rounding */
	uint64_t throttled_ns;	/* that the cpu_rate held it back, summed over CPUs */
	uint64_t pids_peak;	/* the most processes and threads at once; kernels before 6.11 lack it on v1, before 6.6 on v2 */
	uint64_t io_read_bytes, io_written_bytes;	/* at block devices */
};

#endif
