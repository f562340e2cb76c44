/* SPDX-License-Identifier: Apache-2.0 */
/* values: the limits of a group, and its counters. */
#ifndef CORDON_CGROUP_VALUES_H
#define CORDON_CGROUP_VALUES_H

#include <stdbool.h>
#include <stdint.h>
#include "cpus/cpus.h"

/* The limits of a group. cgroup_no_limits has the value of each that means no limit. */
struct cgroup_limits {
#define CORDON_LIMIT(field, ...)
#define CORDON_GROUP_LIMIT(field, ...) uint64_t field;
#include "cordon/limits.def"
	const struct cpus *cpuset;	/* the CPUs allowed; NULL = no limit. Borrowed for the call */
	uint32_t want;		/* CGROUP_BITs of IO and FREEZER that the group is to have if they are usable */
	bool spared;		/* only the controllers of the limits; at the memory limit nothing is killed:
				   allocations fail (v1), or wait (v2) */
};

/* The index of each limit, in the order of struct cgroup_limits. */
enum cgroup_limit {
#define CORDON_LIMIT(field, ...)
#define CORDON_GROUP_LIMIT(field, ...) CGROUP_LIMIT_##field,
#include "cordon/limits.def"
	CGROUP_LIMITS
};

extern const struct cgroup_limits cgroup_no_limits;

/* Counters. A value whose has_ field is false is 0. */
struct cgroup_usage {
	bool has_memory, has_cpu, has_throttled, has_pids_peak, has_pids_refused, has_io;
	uint64_t memory_bytes;	/* in use now */
	uint64_t memory_peak_bytes;
	uint64_t oom_kills;
	uint64_t cpu_ns, user_ns, system_ns;	/* user + system may differ from cpu by rounding */
	uint64_t throttled_ns;	/* time throttled by cpu_rate, summed over CPUs */
	uint64_t pids_peak;	/* the most processes and threads at once; not on kernels before 6.11 (v1) or 6.6
				   (v2) */
	uint64_t pids_refused;	/* how often the limit of processes and threads refused one */
	uint64_t io_read_bytes, io_written_bytes;	/* at block devices */
};

#endif
