/* SPDX-License-Identifier: Apache-2.0 */
/* home: the directories under which this process makes its groups.
 *
 * A directory stays open until cgroup_homes_close: a run then costs no path walk, and a mount that appears over it
 * later changes nothing. */
#ifndef CORDON_CGROUP_HOME_H
#define CORDON_CGROUP_HOME_H

#include <stdint.h>
#include "cgroup/controller.h"
#include "cgroup/version.h"
#include "cordon/features.h"

struct cgroup_home {
	const struct cgroup_version_ops *ops;
	int dirfd;		/* below which groups are made */
	int own_fd;		/* the group of this process; the same, but for a stem (stem.h) */
	int inits_fd;		/* with a stem, the group in which every init is born; else -1 */
	uint32_t controllers;	/* those usable here, 1 << enum cgroup_controller */
	char path[256];
};

struct cgroup_homes {
	uint32_t n;
	struct cgroup_home home[CGROUP_CONTROLLERS];
	struct cordon_controller controller[CGROUP_CONTROLLERS];
	const char *problem[CGROUP_CONTROLLERS];	/* why it is not usable; NULL where it is */
	bool prepared;			/* v2's own group has been asked to hand its controllers on (leaf.h) */
	const char *held_back;		/* why it does not; NULL where it does */
	int leaf_fd;			/* where this process has been moved to, kept open for its lock; -1 = nowhere */
};

#define CGROUP_HOMES_NONE (struct cgroup_homes){ .leaf_fd = -1 }

/* Looks for the home of each controller and opens it; homes has none. One thread at a time. */
void cgroup_homes_find(struct cgroup_homes *homes);

/* Leaves none. */
void cgroup_homes_close(struct cgroup_homes *homes);

#endif
