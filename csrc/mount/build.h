/* SPDX-License-Identifier: Apache-2.0 */
/* build: makes one mount of a plan, for the first construction (mount.c) and for a reset (reset.c). */
#ifndef CORDON_MOUNT_BUILD_H
#define CORDON_MOUNT_BUILD_H

#include <stdbool.h>
#include <stdint.h>
#include "cordon/error.h"
#include "mount/plan.h"

struct build {
	struct mount_plan *plan;
	int root;			/* where targets are resolved: an O_PATH or a mount's own descriptor */
	int mask_directory, mask_file;	/* the first mask of each kind, to copy; -1 = none yet */
	bool proc;
	struct cordon_error *err;
};

/* Makes mount i of the plan. A BIND takes plan->trees[i]. 0 or -errno with *b->err. */
int build_mount(struct build *b, uint32_t i);

/* Moves a detached tree to the target of mount m, whatever its type. */
int build_tree(struct build *b, const struct cordon_conf_mount *m, int tree);

/* Makes only the tmpfs: a TMPFS, or the shm of a DEV. */
int build_tmpfs(struct build *b, const struct cordon_conf_mount *m);
int build_shm(struct build *b, const struct cordon_conf_mount *m);

#endif
