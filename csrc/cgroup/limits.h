/* SPDX-License-Identifier: Apache-2.0 */
/* limits: checks and writes a group's limits, from the rows of cordon/limits.def that name a controller.
 *
 * A value equal to its row's `none` is no limit; any other value needs the row's controller. Every group is in MEMORY,
 * PIDS and CPU if they are usable, and in the others only if a limit needs them: each hierarchy of v1 costs every run a
 * few microseconds. */
#ifndef CORDON_CGROUP_LIMITS_H
#define CORDON_CGROUP_LIMITS_H

#include <stdbool.h>
#include <stdint.h>
#include "cgroup/hierarchy.h"
#include "cgroup/values.h"
#include "cordon/error.h"

/* Refuses a limit that is out of bounds, or that no usable controller can enforce. 0, or -errno with *err (step
 * CGROUP_LIMIT). */
int cgroup_limits_check(const struct cgroup_limits *limits, const struct cgroup_hierarchies *hierarchies,
			struct cordon_error *err);

/* The controllers that a group with these limits joins, 1 << enum cgroup_controller. */
uint32_t cgroup_limits_controllers(const struct cgroup_limits *limits);

/* Those of them without which the limits cannot be enforced. */
uint32_t cgroup_limits_needed(const struct cgroup_limits *limits);

/* Checks that these controllers can enforce each limit that only a controller can enforce. 0 or -EINVAL with *err (step
 * VALIDATE). */
int cgroup_limits_enforced(const struct cgroup_limits *limits, uint32_t controllers, struct cordon_error *err);

bool cgroup_limits_same(const struct cgroup_limits *a, const struct cgroup_limits *b);

/* Writes the limits of this hierarchy's controllers that differ from before, the group's present limits. 0 or -errno
 * with *err (step CGROUP_LIMIT). */
int cgroup_limits_write(const struct cgroup_hierarchy *h, int dirfd, const struct cgroup_limits *limits,
			const struct cgroup_limits *before, struct cordon_error *err);

#endif
