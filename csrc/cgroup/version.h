/* version: what v1 and v2 do differently, as one table of functions each. */
#ifndef CORDON_CGROUP_VERSION_H
#define CORDON_CGROUP_VERSION_H

#include <stdbool.h>
#include <stdint.h>
#include "cgroup/cgroup.h"

struct cgroup_version_ops {
	uint32_t version;	/* enum cordon_cgroup_version */
	long magic;		/* statfs(2) f_type of its directories */
	const char *cpu_file;	/* see cgroup_cpu_fd */
	const char *join_file;	/* see cgroup_procs_fds */

	/* A file that a group has only when the controller is active in it. */
	const char *key_files[CGROUP_CONTROLLERS];

	/* Whether the controller is at home in the hierarchy of this own group; it need not be enabled for groups below. */
	bool (*offers)(int dirfd, enum cgroup_controller controller);

	/* Sets the limits of the controllers (1 << enum cgroup_controller) in a new group. 0 or -errno with *err (CGROUP_LIMIT). */
	int (*limit)(int dirfd, uint32_t controllers, const struct cgroup_limits *limits, struct cordon_error *err);

	/* Starts the memory peak anew. 0 or -errno: then the group can't be used for another run. */
	int (*reset_peak)(int dirfd);

	/* Adds the controllers' counters to *usage. 0 or -errno. */
	int (*usage)(int dirfd, uint32_t controllers, struct cgroup_usage *usage);
};

extern const struct cgroup_version_ops cgroup_v1_ops, cgroup_v2_ops;

#define CGROUP_BIT(controller) (UINT32_C(1) << (controller))

#endif
