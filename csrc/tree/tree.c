/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/tree.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mount.h>
#include "base/base.h"
#include "error/error.h"

int tree_open(const char *source, uint32_t flags, int32_t index, struct cordon_error *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOSUID };
	AUTO_CLOSE int fd = -1;
	long rc;

	if ((flags & TREE_DEVICE) == 0)
		attr.attr_set |= MOUNT_ATTR_NODEV;
	if ((flags & TREE_RW) == 0)
		attr.attr_set |= MOUNT_ATTR_RDONLY;
	if ((flags & TREE_NOEXEC) != 0)
		attr.attr_set |= MOUNT_ATTR_NOEXEC;
	rc = sys(__NR_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (rc < 0)
		return error_set(err, (int)-rc, CORDON_STEP_MOUNT_SOURCE, index, source);
	fd = (int)rc;
	/* The copy must not stay a peer of the host's mounts: later mounts there would appear inside. */
	attr.propagation = MS_PRIVATE;
	rc = sys(__NR_mount_setattr, fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr);
	if (rc < 0)
		return error_set(err, (int)-rc, CORDON_STEP_MOUNT_ATTR, index, source);
	return fd_take(&fd);
}
