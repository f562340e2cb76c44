/* SPDX-License-Identifier: Apache-2.0 */
/* run_group: the control group of a run: its limits, and the layers that it adds. */
#ifndef CORDON_HOST_RUN_GROUP_H
#define CORDON_HOST_RUN_GROUP_H

#include <stdbool.h>
#include <stdint.h>
#include "cgroup/cgroup.h"
#include "cordon/command.h"
#include "cordon/error.h"
#include "cpus/cpus.h"

/* What a run asks of its group. cpus, borrowed, may be NULL or empty; *ret has none where nobody could keep them. */
void run_group_limits(const struct cordon_limits *limits, const struct cpus *cpus, bool kept,
		      struct cgroup_limits *ret);

/* A group with the limits of a run, and the layers that every run in it has; NULL where none is to be had. 0, or
 * -errno with *err: also where it lacks one of require. */
int run_group_open(const struct cgroup_limits *limits, uint64_t require, struct cgroup **ret_group,
		   uint64_t *ret_layers, struct cordon_error *err);

/* Whether group, which may be NULL, holds what this run asks of it; adds to *layers what only this run has. 0, or
 * -errno with *err. */
int run_group_check(const struct cgroup *group, const struct cgroup_limits *limits, uint64_t require, uint64_t *layers,
		    struct cordon_error *err);

#endif
