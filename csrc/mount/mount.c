/* SPDX-License-Identifier: Apache-2.0 */
#include "mount/mount.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mount.h>
#include "base/base.h"
#include "cordon/container.h"
#include "error/error.h"
#include "mount/build.h"
#include "mount/filesystem.h"
#include "tree/tree.h"
#include "wire/wire.h"

/* The tmpfs at "/" holds only directories, links, and empty files as mount points. */
#define ROOT_SIZE_BYTES (UINT64_C(4) << 20)
#define ROOT_INODES 16384

int mount_sources(struct mount_plan *plan, int *fds, struct cordon_error *err)
{
	long rc = sys(__NR_mount, NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);

	for (uint32_t i = 0; i < plan->nmounts; i++)
		plan->trees[i] = -1;
	if (rc < 0)
		return error_set(err, (int)-rc, CORDON_STEP_MOUNT_PRIVATE, CORDON_NO_INDEX, NULL);
	for (uint32_t i = 0; i < plan->nmounts; i++) {
		const struct cordon_conf_mount *m = &plan->mounts[i];
		uint32_t flags = (m->flags & CORDON_MOUNT_RW) != 0 ? TREE_RW : 0;

		if (m->type != CORDON_MOUNT_BIND)
			continue;
		if (m->fd >= 0) {
			plan->trees[i] = fd_take(&fds[m->fd]);
			continue;
		}
		if ((m->flags & CORDON_MOUNT_NOEXEC) != 0)
			flags |= TREE_NOEXEC;
		plan->trees[i] = tree_open(wire_string(plan->msg, m->source), flags, m->index, err);
		if (plan->trees[i] == -ENOENT && (m->flags & CORDON_MOUNT_OPTIONAL) != 0)
			plan->trees[i] = -1;
		else if (plan->trees[i] < 0)
			return plan->trees[i];
	}
	return 0;
}

/* The new root is attached on top of "/", so no directory of the host is needed as its mount point. Paths of the host
 * are still found, because a process's root stays below what is mounted on it. */
static int root_attach(struct build *b)
{
	const struct filesystem_tmpfs options = { .size_bytes = ROOT_SIZE_BYTES, .inodes = ROOT_INODES, .mode = 0755 };
	long rc;

	b->root = filesystem_tmpfs(&options);
	rc = b->root;
	if (rc >= 0)
		rc = sys(__NR_move_mount, b->root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH);
	if (rc < 0)
		return error_set(b->err, (int)-rc, CORDON_STEP_MOUNT_ROOT, CORDON_NO_INDEX, NULL);
	return 0;
}

/* pivot_root(".", ".") stacks the old root on the new one, where the detaching umount finds it (pivot_root(2),
 * NOTES). */
static int root_enter(struct build *b)
{
	struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };
	long rc = sys(__NR_mount_setattr, b->root, "", AT_EMPTY_PATH, &read_only, sizeof read_only);

	if (rc >= 0)
		rc = sys(__NR_fchdir, b->root);
	if (rc >= 0)
		rc = sys(__NR_pivot_root, ".", ".");
	if (rc >= 0)
		rc = sys(__NR_umount2, ".", MNT_DETACH);
	if (rc >= 0)
		rc = sys(__NR_chdir, "/");
	if (rc < 0)
		return error_set(b->err, (int)-rc, CORDON_STEP_PIVOT_ROOT, CORDON_NO_INDEX, NULL);
	return 0;
}

int mount_root(struct mount_plan *plan, bool *ret_proc, struct cordon_error *err)
{
	struct build b = { .plan = plan, .root = -1, .mask_directory = -1, .mask_file = -1, .err = err };
	int rc = root_attach(&b);

	for (uint32_t i = 0; i < plan->nmounts && rc == 0; i++)
		rc = build_mount(&b, i);
	fd_close(&b.mask_directory);
	fd_close(&b.mask_file);
	if (rc == 0)
		rc = root_enter(&b);
	for (uint32_t i = 0; i < plan->nmounts; i++)
		fd_close(&plan->trees[i]);
	if (rc == 0 && plan->keep)
		rc = mount_track(&b);
	fd_close(&b.root);
	if (rc == 0)
		*ret_proc = b.proc;
	return rc;
}
