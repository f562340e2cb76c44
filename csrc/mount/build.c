/* SPDX-License-Identifier: Apache-2.0 */
#include "mount/build.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mount.h>
#include <linux/stat.h>
#include "base/base.h"
#include "cordon/container.h"
#include "error/error.h"
#include "mount/filesystem.h"
#include "mount/target.h"
#include "tree/tree.h"
#include "wire/wire.h"

static int fail(struct build *b, const struct cordon_conf_mount *m, long rc, enum cordon_step step)
{
	return error_set(b->err, (int)-rc, step, m->index, wire_string(b->plan->msg, m->target));
}

static const char *source_of(const struct build *b, const struct cordon_conf_mount *m)
{
	return wire_string(b->plan->msg, m->source);
}

static const char *target_of(const struct build *b, const struct cordon_conf_mount *m)
{
	return wire_string(b->plan->msg, m->target);
}

/* Moves the detached mount onto target. */
static long attach(int mount, int target)
{
	return sys(__NR_move_mount, mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

/* Makes name in dir, which must not exist, and moves the mount there. A symbolic link at name is not followed. */
static long attach_new(int mount, int dir, const char *name, enum target_kind kind)
{
	long rc;

	if (kind == TARGET_DIRECTORY)
		rc = sys(__NR_mkdirat, dir, name, 0755);
	else
		rc = sys(__NR_mknodat, dir, name, S_IFREG | 0644, 0);
	return rc < 0 ? rc : sys(__NR_move_mount, mount, "", dir, name, MOVE_MOUNT_F_EMPTY_PATH);
}

static int attach_at(struct build *b, const struct cordon_conf_mount *m, int mount, const char *path,
		     enum target_kind kind)
{
	AUTO_CLOSE int target = -1;
	long rc;

	/* The common case, a new entry in the root itself, needs no path resolution. */
	if (str_find(path + 1, '/') == NULL) {
		rc = attach_new(mount, b->root, path + 1, kind);
		if (rc != -EEXIST)
			return rc < 0 ? fail(b, m, rc, CORDON_STEP_MOUNT) : 0;
	}
	target = target_make(b->root, path, kind);
	if (target < 0)
		return fail(b, m, target, CORDON_STEP_MOUNT_TARGET);
	rc = attach(mount, target);
	return rc < 0 ? fail(b, m, rc, CORDON_STEP_MOUNT) : 0;
}

int build_tree(struct build *b, const struct cordon_conf_mount *m, int tree)
{
	int directory = target_is_directory(tree);

	if (directory < 0)
		return fail(b, m, directory, CORDON_STEP_MOUNT);
	return attach_at(b, m, tree, target_of(b, m), directory ? TARGET_DIRECTORY : TARGET_FILE);
}

static int tmpfs_open(struct build *b, const struct cordon_conf_mount *m, uint32_t mode, uint64_t attrs)
{
	const struct filesystem_tmpfs options = {
		.size_bytes = m->size_bytes,
		.inodes = m->inodes,
		.mode = mode,
		.owned = true,
		.uid = b->plan->uid,
		.gid = b->plan->gid,
		.attrs = attrs,
	};
	int mount = filesystem_tmpfs(&options);

	return mount < 0 ? fail(b, m, mount, CORDON_STEP_MOUNT) : mount;
}

int build_tmpfs(struct build *b, const struct cordon_conf_mount *m)
{
	AUTO_CLOSE int mount = tmpfs_open(b, m, m->mode != 0 ? m->mode : 0755,
					  (m->flags & CORDON_MOUNT_NOEXEC) != 0 ? MOUNT_ATTR_NOEXEC : 0);

	return mount < 0 ? mount : attach_at(b, m, mount, target_of(b, m), TARGET_DIRECTORY);
}

int build_shm(struct build *b, const struct cordon_conf_mount *m)
{
	AUTO_CLOSE int mount = tmpfs_open(b, m, 01777, 0);
	char path[4096];

	if (mount < 0)
		return mount;
	if (!str_concat(path, sizeof path, target_of(b, m), "/shm", ""))
		return fail(b, m, -ENAMETOOLONG, CORDON_STEP_MOUNT_TARGET);
	return attach_at(b, m, mount, path, TARGET_DIRECTORY);
}

static int build_proc(struct build *b, const struct cordon_conf_mount *m)
{
	AUTO_CLOSE int mount = filesystem_proc();
	int rc;

	/* A container that covers parts of its own /proc may not mount an uncovered one: mount_too_revealing in the
	 * kernel. */
	if (mount == -EPERM && (m->flags & CORDON_MOUNT_OPTIONAL) != 0)
		return 0;
	if (mount == -EPERM)
		return error_set(b->err, EPERM, CORDON_STEP_LAYER, m->index, "proc");
	if (mount < 0)
		return fail(b, m, mount, CORDON_STEP_MOUNT);
	rc = attach_at(b, m, mount, target_of(b, m), TARGET_DIRECTORY);
	if (rc == 0)
		b->proc = true;
	return rc;
}

static int build_symlink(struct build *b, const struct cordon_conf_mount *m)
{
	const char *text = source_of(b, m), *path = target_of(b, m), *name;
	AUTO_CLOSE int parent = -1;
	long rc;

	if (str_find(path + 1, '/') == NULL) {
		rc = sys(__NR_symlinkat, text, b->root, path + 1);
	} else {
		parent = target_parent(b->root, path, &name);
		rc = parent < 0 ? parent : sys(__NR_symlinkat, text, parent, name);
	}
	return rc < 0 ? fail(b, m, rc, CORDON_STEP_MOUNT_TARGET) : 0;
}

/* Copies what covers masked paths: an empty directory or an empty device, made once. */
static int mask_copy(struct build *b, const struct cordon_conf_mount *m, bool directory)
{
	const struct filesystem_tmpfs empty = {
		.size_bytes = 4096, .inodes = 2, .mode = 0555, .attrs = MOUNT_ATTR_RDONLY,
	};
	int *first = directory ? &b->mask_directory : &b->mask_file;
	long copy;

	if (*first < 0) {
		*first = directory ? filesystem_tmpfs(&empty) : tree_open("/dev/null", TREE_DEVICE, m->index, b->err);
		if (*first < 0)
			return directory ? fail(b, m, *first, CORDON_STEP_MOUNT) : *first;
		return (int)sys(__NR_fcntl, *first, F_DUPFD_CLOEXEC, 0);
	}
	copy = sys(__NR_open_tree, *first, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	return copy < 0 ? fail(b, m, copy, CORDON_STEP_MOUNT) : (int)copy;
}

static int build_mask(struct build *b, const struct cordon_conf_mount *m)
{
	AUTO_CLOSE int target = target_find(b->root, target_of(b, m));
	AUTO_CLOSE int mount = -1;
	int directory;
	long rc;

	if (target == -ENOENT || target == -ENOTDIR)
		return 0;
	directory = target < 0 ? target : target_is_directory(target);
	if (directory < 0)
		return fail(b, m, directory, CORDON_STEP_MOUNT_TARGET);
	mount = mask_copy(b, m, directory != 0);
	if (mount < 0)
		return mount;
	rc = attach(mount, target);
	return rc < 0 ? fail(b, m, rc, CORDON_STEP_MOUNT) : 0;
}

static int build_device(struct build *b, const struct cordon_conf_mount *m, int dev, const char *source,
			const char *name)
{
	AUTO_CLOSE int tree = tree_open(source, TREE_DEVICE, m->index, b->err);
	long rc;

	if (tree < 0)
		return tree;
	rc = attach_new(tree, dev, name, TARGET_FILE);
	return rc < 0 ? fail(b, m, rc, CORDON_STEP_MOUNT) : 0;
}

/* Works in the new tmpfs through its descriptor, so no path needs to be resolved. */
static int fill_dev(struct build *b, const struct cordon_conf_mount *m, int dev)
{
	static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };
	static const char *const sources[] = { "/dev/null",   "/dev/zero",    "/dev/full",
					       "/dev/random", "/dev/urandom", "/dev/tty" };
	static const char *const links[][2] = {
		{ "/proc/self/fd", "fd" },
		{ "/proc/self/fd/0", "stdin" },
		{ "/proc/self/fd/1", "stdout" },
		{ "/proc/self/fd/2", "stderr" },
	};
	AUTO_CLOSE int shm = -1;
	long rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
		rc = build_device(b, m, dev, sources[i], nodes[i]);
		if (rc != 0)
			return (int)rc;
	}
	for (size_t i = 0; i < ARRAY_LEN(links) && rc >= 0; i++)
		rc = sys(__NR_symlinkat, links[i][0], dev, links[i][1]);
	if (rc < 0)
		return fail(b, m, rc, CORDON_STEP_MOUNT_TARGET);
	shm = tmpfs_open(b, m, 01777, 0);
	if (shm < 0)
		return shm;
	rc = attach_new(shm, dev, "shm", TARGET_DIRECTORY);
	return rc < 0 ? fail(b, m, rc, CORDON_STEP_MOUNT) : 0;
}

static int build_dev(struct build *b, const struct cordon_conf_mount *m)
{
	const struct filesystem_tmpfs options = { .size_bytes = 1 << 20, .inodes = 64, .mode = 0755 };
	struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };
	AUTO_CLOSE int dev = filesystem_tmpfs(&options);
	long rc;

	rc = dev < 0 ? fail(b, m, dev, CORDON_STEP_MOUNT) : attach_at(b, m, dev, target_of(b, m), TARGET_DIRECTORY);
	if (rc == 0)
		rc = fill_dev(b, m, dev);
	if (rc != 0)
		return (int)rc;
	rc = sys(__NR_mount_setattr, dev, "", AT_EMPTY_PATH, &read_only, sizeof read_only);
	return rc < 0 ? fail(b, m, rc, CORDON_STEP_MOUNT_ATTR) : 0;
}

int build_mount(struct build *b, uint32_t i)
{
	const struct cordon_conf_mount *m = &b->plan->mounts[i];

	switch ((enum cordon_mount_type)m->type) {
	case CORDON_MOUNT_BIND:
		/* -1: an optional source that does not exist */
		return b->plan->trees[i] < 0 ? 0 : build_tree(b, m, b->plan->trees[i]);
	case CORDON_MOUNT_TMPFS:
		return build_tmpfs(b, m);
	case CORDON_MOUNT_PROC:
		return build_proc(b, m);
	case CORDON_MOUNT_DEV:
		return build_dev(b, m);
	case CORDON_MOUNT_MASK:
		return build_mask(b, m);
	case CORDON_MOUNT_SYMLINK:
		return build_symlink(b, m);
	}
	return fail(b, m, -EINVAL, CORDON_STEP_MOUNT);
}
