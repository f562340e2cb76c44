/* SPDX-License-Identifier: Apache-2.0 */
/* setup: what this process does once for all its groups: find the hierarchies, start the janitor before the first
 * group, and undo both at the end. */
#ifndef CORDON_CGROUP_SETUP_H
#define CORDON_CGROUP_SETUP_H

#include "cgroup/hierarchy.h"
#include "cordon/error.h"

/* Finds the hierarchies, in the first call that succeeds; static storage. Any thread. 0, or -errno if the process has
 * too few free descriptors; then *ret_hierarchies may be empty, and the next call tries again. */
int cgroup_setup_find(const struct cgroup_hierarchies **ret_hierarchies);

/* To be called before a group is made. The first call of a process removes the groups of dead processes, starts the
 * janitor, and makes the parent group. 0, or -errno with *err. Any thread. */
int cgroup_setup_start(const struct cgroup_hierarchies *hierarchies, struct cordon_error *err);

/* Undoes both calls; see cgroup_release. */
void cgroup_setup_release(void);

#endif
