/* SPDX-License-Identifier: Apache-2.0 */
/* plan: the mounts of a sandbox in their order, and what is kept of them for resets. */
#ifndef CORDON_MOUNT_PLAN_H
#define CORDON_MOUNT_PLAN_H

#include <stdbool.h>
#include <stdint.h>
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

#endif
