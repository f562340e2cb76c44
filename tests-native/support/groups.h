/* SPDX-License-Identifier: Apache-2.0 */
/* groups: finds the control groups whose names are Cordon's, and removes them. */
#ifndef CORDON_TEST_GROUPS_H
#define CORDON_TEST_GROUPS_H

#include <sys/types.h>
#include "cgroup/cgroup.h"

/* Directories named cordon.<pid>.* in any hierarchy. */
long cgroups_of(pid_t pid);

/* Those right below own, the group of process pid, which are its sandboxes': on v2 they are in a group in between
 * (csrc/cgroup/parent.h), beside the one of the inits. */
long cgroups_in_use(const char *own, pid_t pid);

/* Where they are. Static storage. */
const char *cgroups_place(const char *own, pid_t pid);

/* The janitor that waits for the process pid; 0 = none. */
pid_t janitor_of(pid_t pid);

/* Nothing but memory and processes is limited. */
static inline struct cgroup_limits group_limits(uint64_t memory_bytes, uint64_t processes)
{
	struct cgroup_limits limits = cgroup_no_limits;

	limits.memory_bytes = memory_bytes;
	limits.processes = processes;
	return limits;
}

#endif
