/* SPDX-License-Identifier: Apache-2.0 */
/* version: what v1 and v2 do differently, as one table of functions each. */
#ifndef CORDON_CGROUP_VERSION_H
#define CORDON_CGROUP_VERSION_H

#include <stdbool.h>
#include <stdint.h>
#include "cgroup/controller.h"
#include "cgroup/values.h"
#include "cordon/error.h"
#include "cordon/features.h"

struct cgroup_version_ops {
	uint32_t version;	/* enum cordon_cgroup_version */
	long magic;		/* statfs(2) f_type of its directories */
	const char *cpu_file;	/* see cgroup_cpu_fd */
	const char *join_file;	/* see cgroup_procs_fds */

	/* A file that a group has only when the controller is active in it. */
	const char *key_files[CGROUP_CONTROLLERS];

	/* Whether the controller is at home in the hierarchy of this own group; it need not be enabled for groups below. */
	bool (*offers)(int dirfd, enum cgroup_controller controller);

	/* Each writes one limit into the files of a group. 0 or -errno with *err (CGROUP_LIMIT). */
	int (*limit[CGROUP_LIMITS])(int dirfd, uint64_t value, struct cordon_error *err);

	/* The same for the CPUs, or NULL: all of the group above. before: what the group has. */
	int (*limit_cpuset)(int dirfd, const struct cpus *cpus, const struct cpus *before, struct cordon_error *err);

	/* A descriptor through which the memory peak can be started anew, or -1 where that needs none, or can't be done. */
	int (*open_peak)(int dirfd);

	/* Starts the memory peak anew. 0 or -errno: then the group can't be used for another run. */
	int (*reset_peak)(int dirfd, int peak_fd);

	/* Adds the controllers' counters to *usage. 0 or -errno. */
	int (*usage)(int dirfd, int peak_fd, uint32_t controllers, struct cgroup_usage *usage);

	/* A descriptor that polls oom_events when the group is out of memory, or -errno. */
	int (*oom_open)(int dirfd);
	short oom_events;

	const char *freeze_file, *freeze, *thaw;	/* and what is written to it */
};

/* Whether both are absent, or equal. */
static inline bool cgroup_cpuset_same(const struct cpus *a, const struct cpus *b)
{
	return a == b || (a != NULL && b != NULL && cpus_same(a, b));
}

/* The period that a rate is given in: the usual one, or the longest where its share of that would be below the 1 ms that the kernel
 * takes as the least. */
static inline uint64_t cgroup_rate_period_us(uint64_t rate)
{
	return rate < 10 ? 1000000 : 100000;
}

#endif
