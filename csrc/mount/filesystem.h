/* SPDX-License-Identifier: Apache-2.0 */
/* filesystem: makes new, detached mounts of the kernel's file systems. */
#ifndef CORDON_MOUNT_FILESYSTEM_H
#define CORDON_MOUNT_FILESYSTEM_H

#include <stdbool.h>
#include <stdint.h>

struct filesystem_tmpfs {
	uint64_t size_bytes, inodes;	/* 0 = 64 MiB, 65536 */
	uint32_t mode;
	bool owned;			/* owned by uid and gid; else by init */
	uint32_t uid, gid;
	uint64_t attrs;			/* MOUNT_ATTR_* in addition to NOSUID and NODEV */
};

/* Each returns a descriptor of a detached mount (close-on-exec), or -errno. */
int filesystem_tmpfs(const struct filesystem_tmpfs *options);
int filesystem_proc(void);

#endif
