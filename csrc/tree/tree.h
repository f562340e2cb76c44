/* SPDX-License-Identifier: Apache-2.0 */
/* tree: makes a detached, hardened copy of a host directory or file with all its submounts, to be moved into a sandbox.
 *
 * Runs on the host if the caller may copy mounts (CAP_SYS_ADMIN); then the source is resolved with the caller's rights.
 * Otherwise in cordon-init, in its own user and mount namespaces, while it still has the caller's uid.
 * I1  nosuid (and nodev, except for our own device nodes) and the read-only flag apply to every submount:
 *     mount_setattr(2) with AT_RECURSIVE, Linux 5.12. Older kernels are refused, because a submount would stay
 *     writable. */
#ifndef CORDON_TREE_H
#define CORDON_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include "cordon/error.h"

enum tree_flag {
	TREE_RW = 1 << 0,
	TREE_NOEXEC = 1 << 1,
	TREE_DEVICE = 1 << 2,	/* a device node of ours: nodev would disable it */
};

/* Returns a descriptor of the copy (close-on-exec, owned by the caller), or -errno with *err (steps MOUNT_SOURCE,
 * MOUNT_ATTR; with index and detail = source). Follows a symbolic link at source, as mount(8) does. */
int tree_open(const char *source, uint32_t flags, int32_t index, struct cordon_error *err);

#endif
