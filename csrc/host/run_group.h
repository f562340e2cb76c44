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

/* The limits of a run's group. cpus is borrowed and may be NULL or empty; *ret has none if no controller can enforce
 * them. */
void run_group_limits(const struct cordon_limits *limits, const struct cpus *cpus, bool kept,
		      struct cgroup_limits *ret);

/* Makes a group with the limits of a run, and returns the layers that every run in it has. *ret_group is NULL if no
 * controller is usable. 0, or -errno with *err, also if a layer of require is missing. */
int run_group_open(const struct cgroup_limits *limits, uint64_t require, struct cgroup **ret_group,
		   uint64_t *ret_layers, struct cordon_error *err);

/* The group of a run's supervisor: beside the run's own, so that the program cannot have it killed for memory, and with
 * the run's limits for what it uses on the program's behalf. limits: the run's. *ret_group may be a group of an earlier
 * run, which is used again or replaced; it becomes NULL without a memory controller. *ret_before: its counters. 0, or
 * -errno with *err. */
int run_group_supervisor(const struct cordon_limits *limits, struct cgroup **ret_group, struct cgroup_usage *ret_before,
			 struct cordon_error *err);

/* Checks that group, which may be NULL, enforces the limits of this run; adds the layers that only this run has to
 * *layers. 0, or -errno with *err. */
int run_group_check(const struct cgroup *group, const struct cgroup_limits *limits, uint64_t require, uint64_t *layers,
		    struct cordon_error *err);

#endif
