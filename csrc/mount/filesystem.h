/* SPDX-License-Identifier: Apache-2.0 */
/* filesystem: new, detached mounts of the kernel's own file systems. */
#ifndef CORDON_MOUNT_FILESYSTEM_H
#define CORDON_MOUNT_FILESYSTEM_H

#include <stdbool.h>
#include <stdint.h>

struct filesystem_tmpfs {
	uint64_t size_bytes, inodes;	/* 0 = 64 MiB, 65536 */
	uint32_t mode;
	bool owned;			/* by uid and gid; else by init */
	uint32_t uid, gid;
	uint64_t attrs;			/* MOUNT_ATTR_* besides NOSUID and NODEV */
};

/* Descriptors of detached mounts (close-on-exec), or -errno. */
int filesystem_tmpfs(const struct filesystem_tmpfs *options);
int filesystem_proc(void);

#endif
