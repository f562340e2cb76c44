/* SPDX-License-Identifier: Apache-2.0 */
/* hierarchy: the directories in which this process makes its groups, one for each hierarchy.
 *
 * A directory stays open until cgroup_hierarchies_close: a run then needs no path look-up, and a later mount over it
 * changes nothing. */
#ifndef CORDON_CGROUP_HIERARCHY_H
#define CORDON_CGROUP_HIERARCHY_H

#include <stdint.h>
#include "cgroup/controller.h"
#include "cgroup/version.h"
#include "cordon/features.h"

struct cgroup_hierarchy {
	const struct cgroup_version_ops *ops;
	int dirfd;		/* the group in which groups are made */
	int own_fd;		/* the own group of this process; the same unless there is a parent group (parent.h) */
	int inits_fd;		/* with a parent group, the group in which every cordon-init is born; else -1 */
	uint32_t controllers;	/* usable in this hierarchy, 1 << enum cgroup_controller */
	char path[256];
};

struct cgroup_hierarchies {
	uint32_t n;
	struct cgroup_hierarchy items[CGROUP_CONTROLLERS];
	struct cordon_controller controller[CGROUP_CONTROLLERS];
	const char *problem[CGROUP_CONTROLLERS];	/* why it is not usable; NULL if it is */
	bool subtree_tried;			/* v2: cgroup_subtree_enable has been called */
	const char *subtree_problem;		/* v2: what cgroup_subtree_enable returned */
	int host_fd;			/* the new host group, kept open for its lock; -1 = none */
};

#define CGROUP_HIERARCHIES_NONE (struct cgroup_hierarchies){ .host_fd = -1 }

/* Finds and opens the hierarchy of each controller. hierarchies is empty before. One thread at a time. */
void cgroup_hierarchies_find(struct cgroup_hierarchies *hierarchies);

/* Closes all; hierarchies is empty afterwards. */
void cgroup_hierarchies_close(struct cgroup_hierarchies *hierarchies);

#endif
