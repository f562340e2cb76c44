/* SPDX-License-Identifier: Apache-2.0 */
/* version: what differs between v1 and v2, as a table of functions for each. */
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

	/* A file that exists only if the controller is enabled in the group. */
	const char *key_files[CGROUP_CONTROLLERS];

	/* Whether the controller is in the hierarchy of the own group dirfd; it need not be enabled for groups
	 * below. */
	bool (*offers)(int dirfd, enum cgroup_controller controller);

	/* Each writes one limit to the files of a group. 0 or -errno with *err (step CGROUP_LIMIT). */
	int (*limit[CGROUP_LIMITS])(int dirfd, uint64_t value, struct cordon_error *err);

	/* After the memory limit was written: limits.spared. */
	int (*spare)(int dirfd, uint64_t memory_bytes, struct cordon_error *err);

	/* The same for the CPUs; NULL = all CPUs of the parent. before: what the group has now. */
	int (*limit_cpuset)(int dirfd, const struct cpus *cpus, const struct cpus *before, struct cordon_error *err);

	/* A descriptor through which the memory peak is reset, or -1 if none is needed or it cannot be reset. */
	int (*open_peak)(int dirfd);

	/* Resets the memory peak. 0 or -errno: then the group cannot be used for another run. */
	int (*reset_peak)(int dirfd, int peak_fd);

	/* Adds the controllers' counters to *usage. 0 or -errno. */
	int (*usage)(int dirfd, int peak_fd, uint32_t controllers, struct cgroup_usage *usage);

	/* A descriptor that polls oom_events when the group is out of memory, or -errno. */
	int (*oom_open)(int dirfd);
	short oom_events;

	const char *freeze_file, *freeze, *thaw;	/* the file, and what freezes and thaws */
};

/* Whether both are NULL, or equal. */
static inline bool cgroup_cpuset_same(const struct cpus *a, const struct cpus *b)
{
	return a == b || (a != NULL && b != NULL && cpus_same(a, b));
}

/* The period for a CPU rate: 100 ms, or 1 s if the quota would be below 1 ms, the kernel's minimum. */
static inline uint64_t cgroup_rate_period_us(uint64_t rate)
{
	return rate < 10 ? 1000000 : 100000;
}

#endif
