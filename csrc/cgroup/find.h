/* SPDX-License-Identifier: Apache-2.0 */
/* find: finds the directory of this process's own group for each controller, from the text of two proc files.
 *
 * Pure functions of their arguments, so that tests can use the texts of other machines. See proc_pid_mountinfo(5),
 * cgroups(7) "/proc files", cgroup_namespaces(7). */
#ifndef CORDON_CGROUP_FIND_H
#define CORDON_CGROUP_FIND_H

#include <stdbool.h>
#include <stdint.h>
#include "cgroup/controller.h"
#include "cordon/features.h"

#define CGROUP_PLACES_MAX 2

struct cgroup_place {
	uint32_t version;	/* enum cordon_cgroup_version */
	bool root;		/* v2: path is the root of the cgroup namespace, or of the hierarchy */
	char path[256];		/* the directory of the own group, or of its parent if it is a host group (subtree.h) */
};

/* Stores the places to try for controller, best first, and returns their number: v1 if the controller is mounted there
 * (a controller is in one hierarchy only), then v2. A hierarchy whose mounts do not show the own group (a cgroup
 * namespace shows it as "/..") is left out. Whether v2 has the controller is not known here: cgroup.controllers says
 * it. mountinfo and own are the contents of /proc/self/mountinfo and /proc/self/cgroup. */
uint32_t cgroup_find_places(const char *mountinfo, const char *own, enum cgroup_controller controller,
			    struct cgroup_place ret[CGROUP_PLACES_MAX]);

#endif
