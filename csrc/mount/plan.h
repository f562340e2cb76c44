/* SPDX-License-Identifier: Apache-2.0 */
/* plan: the mounts of a sandbox in their order, and what resets need to know of them. */
#ifndef CORDON_MOUNT_PLAN_H
#define CORDON_MOUNT_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include "cordon/protocol.h"

#define MOUNT_TRACKS_MAX 64

/* The state of a tmpfs of the plan when it was new. */
struct mount_track {
	uint32_t mount;				/* index in the plan */
	bool shm;				/* the shm of a DEV */
	bool has_nested;			/* it contains other mounts of the plan, so it always counts as
						   touched */
	int fd;					/* O_PATH, of its root */
	uint64_t free_inodes;
	uint32_t mode, uid, gid;
	int64_t ctime_sec;
	uint32_t ctime_nsec;
};

struct mount_plan {
	const void *msg;			/* the message that the spans of mounts refer to; kept for resets */
	const struct cordon_conf_mount *mounts;
	uint32_t nmounts;
	uint32_t uid, gid;			/* owner of each tmpfs */
	bool keep;				/* there may be resets: track each tmpfs */
	int trees[CORDON_CONF_MOUNTS_MAX];	/* for each mount the detached tree or -1, owned by the plan. After
						   mount_root: O_PATH of a bind that lies in a tmpfs, or -1 */
	struct mount_track tracks[MOUNT_TRACKS_MAX];
	uint32_t ntracks;
};

#endif
