#include "mount/mount.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mount.h>
#include "base/base.h"
#include "cordon/container.h"
#include "error/error.h"
#include "mount/build.h"
#include "mount/filesystem.h"
#include "mount/target.h"
#include "tree/tree.h"
#include "wire/wire.h"

/* The tmpfs under everything holds only directories, links and empty files to mount on. */
#define ROOT_SIZE_BYTES (UINT64_C(4) << 20)
#define ROOT_INODES 16384

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

/* Moves the detached mount onto target. */
static long attach(int mount, int target)
{
	return sys(__NR_move_mount, mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

static int attach_at(struct build *b, const struct cordon_conf_mount *m, int mount, const char *path, enum target_kind kind)
{
	AUTO_CLOSE int target = target_make(b->root, path, kind);
	long rc;

	if (target < 0)
		return fail(b, m, target, CORDON_STEP_MOUNT_TARGET);
	rc = attach(mount, target);
	return rc < 0 ? fail(b, m, rc, CORDON_STEP_MOUNT) : 0;
}

static int build_bind(struct build *b, const struct cordon_conf_mount *m, int tree)
{
	int directory;

	if (tree < 0)
		return 0;	/* an optional source that does not exist */
	directory = target_is_directory(tree);
	if (directory < 0)
		return fail(b, m, directory, CORDON_STEP_MOUNT);
	return attach_at(b, m, tree, target_of(b, m), directory ? TARGET_DIRECTORY : TARGET_FILE);
}

static int tmpfs_at(struct build *b, const struct cordon_conf_mount *m, const char *path, uint32_t mode, uint64_t attrs)
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
	AUTO_CLOSE int mount = filesystem_tmpfs(&options);

	return mount < 0 ? fail(b, m, mount, CORDON_STEP_MOUNT) : attach_at(b, m, mount, path, TARGET_DIRECTORY);
}

int build_tmpfs(struct build *b, const struct cordon_conf_mount *m)
{
	return tmpfs_at(b, m, target_of(b, m), m->mode != 0 ? m->mode : 0755,
			(m->flags & CORDON_MOUNT_NOEXEC) != 0 ? MOUNT_ATTR_NOEXEC : 0);
}

int build_shm(struct build *b, const struct cordon_conf_mount *m)
{
	char path[4096];

	if (!str_concat(path, sizeof path, target_of(b, m), "/shm", ""))
		return fail(b, m, -ENAMETOOLONG, CORDON_STEP_MOUNT_TARGET);
	return tmpfs_at(b, m, path, 01777, 0);
}

static int build_proc(struct build *b, const struct cordon_conf_mount *m)
{
	AUTO_CLOSE int mount = filesystem_proc();
	int rc;

	/* A container that covers parts of its own /proc may not get an uncovered one: mount_too_revealing in the kernel. */
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

static int build_symlink_at(struct build *b, const struct cordon_conf_mount *m, const char *text, const char *path)
{
	AUTO_CLOSE int parent = -1;
	const char *name;
	long rc;

	parent = target_parent(b->root, path, &name);
	rc = parent < 0 ? parent : sys(__NR_symlinkat, text, parent, name);
	return rc < 0 ? fail(b, m, rc, CORDON_STEP_MOUNT_TARGET) : 0;
}

static int build_mask(struct build *b, const struct cordon_conf_mount *m)
{
	const struct filesystem_tmpfs empty = { .size_bytes = 4096, .inodes = 2, .mode = 0555, .attrs = MOUNT_ATTR_RDONLY };
	AUTO_CLOSE int target = target_find(b->root, target_of(b, m));
	AUTO_CLOSE int mount = -1;
	int directory;
	long rc;

	if (target == -ENOENT || target == -ENOTDIR)
		return 0;
	directory = target < 0 ? target : target_is_directory(target);
	if (directory < 0)
		return fail(b, m, directory, CORDON_STEP_MOUNT_TARGET);
	mount = directory ? filesystem_tmpfs(&empty) : tree_open("/dev/null", TREE_DEVICE, m->index, b->err);
	if (mount < 0)
		return directory ? fail(b, m, mount, CORDON_STEP_MOUNT) : mount;
	rc = attach(mount, target);
	return rc < 0 ? fail(b, m, rc, CORDON_STEP_MOUNT) : 0;
}

static int build_device(struct build *b, const struct cordon_conf_mount *m, const char *dev, const char *node)
{
	char source[32], path[4096];
	AUTO_CLOSE int tree = -1;

	if (!str_concat(source, sizeof source, "/dev", node, "") || !str_concat(path, sizeof path, dev, node, ""))
		return fail(b, m, -ENAMETOOLONG, CORDON_STEP_MOUNT_TARGET);
	tree = tree_open(source, TREE_DEVICE, m->index, b->err);
	return tree < 0 ? tree : attach_at(b, m, tree, path, TARGET_FILE);
}

static int build_dev(struct build *b, const struct cordon_conf_mount *m)
{
	static const char *const nodes[] = { "/null", "/zero", "/full", "/random", "/urandom", "/tty" };
	static const char *const links[][2] = {
		{ "/proc/self/fd", "/fd" },
		{ "/proc/self/fd/0", "/stdin" },
		{ "/proc/self/fd/1", "/stdout" },
		{ "/proc/self/fd/2", "/stderr" },
	};
	const struct filesystem_tmpfs options = { .size_bytes = 1 << 20, .inodes = 64, .mode = 0755 };
	struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };
	const char *dev = target_of(b, m);
	AUTO_CLOSE int mount = filesystem_tmpfs(&options);
	char path[4096];
	long rc;

	rc = mount < 0 ? fail(b, m, mount, CORDON_STEP_MOUNT) : attach_at(b, m, mount, dev, TARGET_DIRECTORY);
	for (size_t i = 0; i < ARRAY_LEN(nodes) && rc == 0; i++)
		rc = build_device(b, m, dev, nodes[i]);
	for (size_t i = 0; i < ARRAY_LEN(links) && rc == 0; i++) {
		if (!str_concat(path, sizeof path, dev, links[i][1], ""))
			return fail(b, m, -ENAMETOOLONG, CORDON_STEP_MOUNT_TARGET);
		rc = build_symlink_at(b, m, links[i][0], path);
	}
	if (rc == 0)
		rc = build_shm(b, m);
	if (rc != 0)
		return (int)rc;
	rc = sys(__NR_mount_setattr, mount, "", AT_EMPTY_PATH, &read_only, sizeof read_only);
	return rc < 0 ? fail(b, m, rc, CORDON_STEP_MOUNT_ATTR) : 0;
}

int build_mount(struct build *b, uint32_t i)
{
	const struct cordon_conf_mount *m = &b->plan->mounts[i];

	switch ((enum cordon_mount_type)m->type) {
	case CORDON_MOUNT_BIND:
		return build_bind(b, m, b->plan->trees[i]);
	case CORDON_MOUNT_TMPFS:
		return build_tmpfs(b, m);
	case CORDON_MOUNT_PROC:
		return build_proc(b, m);
	case CORDON_MOUNT_DEV:
		return build_dev(b, m);
	case CORDON_MOUNT_MASK:
		return build_mask(b, m);
	case CORDON_MOUNT_SYMLINK:
		return build_symlink_at(b, m, source_of(b, m), target_of(b, m));
	}
	return fail(b, m, -EINVAL, CORDON_STEP_MOUNT);
}

/* The new root is attached on top of "/", so no directory of the host has to serve as its mount point. Paths of the host are
 * still found, because a process's root stays under what is mounted on it. */
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

/* pivot_root(".", ".") stacks the old root on the new one, where the detaching umount finds it (pivot_root(2), NOTES). */
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
	struct build b = { .plan = plan, .root = -1, .err = err };
	int rc = root_attach(&b);

	for (uint32_t i = 0; i < plan->nmounts && rc == 0; i++)
		rc = build_mount(&b, i);
	if (rc == 0)
		rc = root_enter(&b);
	for (uint32_t i = 0; i < plan->nmounts; i++)
		fd_close(&plan->trees[i]);
	if (rc == 0)
		rc = mount_track(&b);
	fd_close(&b.root);
	if (rc == 0)
		*ret_proc = b.proc;
	return rc;
}
