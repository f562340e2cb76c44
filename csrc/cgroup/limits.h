/* SPDX-License-Identifier: Apache-2.0 */
/* limits: what a group limits, from the rows of cordon/limits.def that name a controller.
 *
 * A number equal to its row's `none` asks for nothing; another one needs the row's controller. Every group is in
 * MEMORY, PIDS and CPU wherever they are usable, and in the others only where something asks for them: each hierarchy
 * of v1 costs every run a few microseconds. */
#ifndef CORDON_CGROUP_LIMITS_H
#define CORDON_CGROUP_LIMITS_H

#include <stdbool.h>
#include <stdint.h>
#include "cgroup/home.h"
#include "cgroup/values.h"
#include "cordon/error.h"

/* 0, or -errno with *err (step CGROUP_LIMIT): a limit that is out of its bounds, or that no usable controller could
 * enforce. */
int cgroup_limits_check(const struct cgroup_limits *limits, const struct cgroup_homes *homes, struct cordon_error *err);

/* The controllers that a group with these limits is to be in, as 1 << enum cgroup_controller. */
uint32_t cgroup_limits_controllers(const struct cgroup_limits *limits);

/* Those of them that the group must be in, or it can't be used. */
uint32_t cgroup_limits_needed(const struct cgroup_limits *limits);

/* Whether a group with these controllers has one for each limit that nothing else enforces. 0 or -EINVAL with *err (step
 * VALIDATE). */
int cgroup_limits_enforced(const struct cgroup_limits *limits, uint32_t controllers, struct cordon_error *err);

bool cgroup_limits_same(const struct cgroup_limits *a, const struct cgroup_limits *b);

/* Writes those limits of home's controllers that differ from before's, which the group has.
 * 0 or -errno with *err (step CGROUP_LIMIT). */
int cgroup_limits_write(const struct cgroup_home *home, int dirfd, const struct cgroup_limits *limits,
			const struct cgroup_limits *before, struct cordon_error *err);

#endif
