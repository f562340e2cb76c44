/* SPDX-License-Identifier: Apache-2.0 */
/* find: where this process's own group of each controller is mounted, from the text of two proc files.
 *
 * Pure functions of their arguments, so that the layouts of other machines are tested from their texts.
 * See proc_pid_mountinfo(5), cgroups(7) "/proc files", cgroup_namespaces(7). */
#ifndef CORDON_CGROUP_FIND_H
#define CORDON_CGROUP_FIND_H

#include <stdbool.h>
#include <stdint.h>
#include "cgroup/controller.h"
#include "cordon/features.h"

#define CGROUP_PLACES_MAX 2

struct cgroup_place {
	uint32_t version;	/* enum cordon_cgroup_version */
	bool root;		/* v2: it is the root of the cgroup namespace, or of all */
	char path[256];		/* the directory of the own group; of the one above where that is a leaf (leaf.h) */
};

/* The places to try for controller, best first: v1, which has it exclusively where it is mounted there, then v2. A hierarchy
 * whose mounts do not show the own group (seen from inside a cgroup namespace as "/..") is left out. v2 is a possibility only:
 * which controllers it has is written in its cgroup.controllers.
 * mountinfo and own are the contents of /proc/self/mountinfo and /proc/self/cgroup. Returns the number of places. */
uint32_t cgroup_find_places(const char *mountinfo, const char *own, enum cgroup_controller controller,
			    struct cgroup_place ret[CGROUP_PLACES_MAX]);

#endif
