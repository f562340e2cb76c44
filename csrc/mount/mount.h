/* SPDX-License-Identifier: Apache-2.0 */
/* mount: turn the checked mounts of a CONF into the root that the program will see, and make its writable parts fresh again.
 *
 * Runs in cordon-init, in its own user and mount namespaces, while no program runs. One thread.
 * I1  Propagation is private before the first mount: nothing done here reaches the host.
 * I2  A plan is applied completely or the sandbox is thrown away: there is no undo.
 * I3  Targets are resolved with openat2(RESOLVE_IN_ROOT) from the new root's descriptor: a symbolic link that came with a
 *     bind mount never leads out of it.
 * I4  Sources that init opens by itself are opened before it takes its own identity (mount_sources), with the caller's uid.
 * I5  A reset replaces a tmpfs, it does not empty it: its cost does not grow with what a program left. A tmpfs that was not
 *     touched is left alone. The work of freeing a large one is done by a process of its own (drop.c).
 * See mount_namespaces(7), fsopen(2), open_tree(2), mount_setattr(2), pivot_root(2). */
#ifndef CORDON_MOUNT_INTERNAL_H
#define CORDON_MOUNT_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include "cordon/error.h"
#include "cordon/protocol.h"

#define MOUNT_TRACKS_MAX 64

/* A tmpfs of the plan as it was when it was new. */
struct mount_track {
	uint32_t mount;				/* index in the plan */
	bool shm;				/* the shm of a DEV */
	bool has_nested;			/* other mounts of the plan lie in it: it is never taken for untouched */
	int fd;					/* O_PATH, of its root */
	uint64_t free_inodes;
	uint32_t mode, uid, gid;
	int64_t ctime_sec;
	uint32_t ctime_nsec;
};

struct mount_plan {
	const void *msg;			/* what the spans of mounts count from; stays with the plan for resets */
	const struct cordon_conf_mount *mounts;
	uint32_t nmounts;
	uint32_t uid, gid;			/* owner of each tmpfs */
	bool keep;				/* there will be resets: each tmpfs is tracked */
	int trees[CORDON_CONF_MOUNTS_MAX];	/* per mount: the detached tree, or -1; owned by the plan. After mount_root: a bind
						   that lies in a tmpfs, O_PATH, or -1 */
	struct mount_track tracks[MOUNT_TRACKS_MAX];
	uint32_t ntracks;
};

/* Makes propagation private and fills plan->trees: from fds (taken, slots become -1) or by opening the source.
 * 0 or -errno with *err (MOUNT_PRIVATE, MOUNT_SOURCE, MOUNT_ATTR). */
int mount_sources(struct mount_plan *plan, int *fds, struct cordon_error *err);

/* Builds the new root, makes it "/" and drops the host's. *ret_proc says whether a PROC mount is there.
 * 0 or -errno with *err (MOUNT_ROOT, MOUNT_TARGET, MOUNT, MOUNT_ATTR, PIVOT_ROOT). Closes every tree in any case. */
int mount_root(struct mount_plan *plan, bool *ret_proc, struct cordon_error *err);

/* Whether every tmpfs of the plan is as it was after mount_root. */
bool mount_is_untouched(struct mount_plan *plan);

/* Makes every tmpfs of the plan as it was after mount_root. No program may run. 0 or -errno with *err (RESET, detail = target);
 * then the sandbox is not fit for another run. */
int mount_reset(struct mount_plan *plan, struct cordon_error *err);

#endif
