/* SPDX-License-Identifier: Apache-2.0 */
/* mask: makes the mounts of a path policy (supervisor/mask.h), in the vfork child, before its supervisor starts.
 *
 * Theory of operation. The child leaves init's mount namespace for one of its own, which dies with the run: nothing has
 * to be undone, and init and other commands of the container see the files as before. What hides files is a tmpfs with
 * one empty directory, one empty file, and for each hidden tree with an allowed one below it a skeleton of directories.
 * Binds of its parts are moved to the masked paths; where the kernel needs it, it is attached on "/" meanwhile, where
 * no path of the child leads to it.
 * I1  Follows the rules of the vfork child (forkexec/child.c): it makes raw system calls, and writes only variables of
 *     this file.
 * I2  A path is opened without following a symbolic link: a directory that became one since the policy was resolved
 *     ends the start of the run, and so does every other failure. */
#include "init/init.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/stat.h>
#include "base/base.h"
#include "mount/filesystem.h"
#include "supervisor/mask.h"

#define SPARE_INODES 8

#define NOTHING "d"	/* in the tmpfs: a directory that gives nothing, a file likewise, directories that may be */
#define NO_FILE "f"	/* searched, or also listed; and by number the skeletons */
#define SEARCHED "s"
#define LISTED "l"

struct making {
	const struct policy *policy;
	const struct mask_plan *plan;
	int tmpfs;
	bool attached;		/* the tmpfs is on "/" */
};

/* One child at a time makes masks. */
static char text[PATH_SIZE];
static int covered[POLICY_ENTRIES_MAX];	/* what a mask covers, if another one's tree lies in it; else -1 */

/* ---- paths ---- */

static const char *path_of(const struct making *m, uint32_t slot)
{
	uint32_t len;
	const char *path = mask_path(m->policy, slot, &len);

	if (len >= sizeof text)
		return NULL;
	bytes_copy(text, path, len);
	text[len] = '\0';
	return text;
}

static int open_place(int dir, const char *path)
{
	return path == NULL ? -ENAMETOOLONG : fd_open_link_free(dir, path, O_PATH, 0);
}

/* The path of an entry below the one of mask i. */
static const char *below(const struct making *m, const struct mask *i, uint32_t slot)
{
	uint32_t len;

	(void)mask_path(m->policy, i->slot, &len);
	return path_of(m, slot) != NULL ? text + len + 1 : NULL;
}

/* ---- the tmpfs ---- */

static long make_skeleton(const struct making *m, uint32_t i)
{
	char number[24];

	return sys(__NR_mkdirat, m->tmpfs, u64_text(number, sizeof number, i), 0111);
}

/* "<number of the mask>/<the path below it>" in the tmpfs. */
static long make_in_skeleton(const struct making *m, uint16_t above, uint32_t slot, bool directory)
{
	static char path[PATH_SIZE];
	char number[24];
	const char *rest = below(m, &m->plan->masks[above], slot);

	if (rest == NULL || !str_concat(path, sizeof path, u64_text(number, sizeof number, above), "/", rest))
		return -ENAMETOOLONG;
	return directory ? sys(__NR_mkdirat, m->tmpfs, path, 0111) : sys(__NR_mknodat, m->tmpfs, path, S_IFREG, 0);
}

/* The directories on the way to a tree, and the tree's mount point: in the order of the entries, those above first. */
static long make_skeletons(const struct making *m)
{
	long rc = 0;

	for (uint32_t i = 0; i < m->policy->nentries && rc >= 0; i++) {
		uint32_t slot = m->policy->used[i];
		const struct mask_state *s = &m->plan->states[i];
		const struct mask *own = s->mask != MASK_NONE ? &m->plan->masks[s->mask] : NULL;

		if (own != NULL && own->above != MASK_NONE && m->plan->masks[own->above].kind == MASK_WAYS &&
		    own->kind != MASK_PIN)
			rc = make_in_skeleton(m, own->above, slot, own->directory);
		else if (s->way)
			rc = make_in_skeleton(m, m->plan->states[s->cover].mask, slot, true);
		if (rc >= 0 && own != NULL && own->kind == MASK_WAYS)
			rc = make_skeleton(m, s->mask);
	}
	return rc;
}

static long make_tmpfs(struct making *m)
{
	const struct filesystem_tmpfs options = {
		.size_bytes = 4096, .inodes = SPARE_INODES + m->policy->nentries + (uint64_t)m->plan->n, .mode = 0711,
		.attrs = MOUNT_ATTR_NOEXEC,
	};
	struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };
	long rc = m->tmpfs = filesystem_tmpfs(&options);

	if (rc >= 0)
		rc = sys(__NR_mkdirat, m->tmpfs, NOTHING, 0);
	if (rc >= 0)
		rc = sys(__NR_mknodat, m->tmpfs, NO_FILE, S_IFREG, 0);
	if (rc >= 0)
		rc = sys(__NR_mkdirat, m->tmpfs, SEARCHED, 0111);
	if (rc >= 0)
		rc = sys(__NR_mkdirat, m->tmpfs, LISTED, 0555);
	if (rc >= 0)
		rc = make_skeletons(m);
	if (rc >= 0)
		rc = sys(__NR_mount_setattr, m->tmpfs, "", AT_EMPTY_PATH, &read_only, sizeof read_only);
	return rc;
}

static long drop_tmpfs(struct making *m)
{
	long rc;

	if (!m->attached)
		return 0;
	rc = sys(__NR_fchdir, m->tmpfs);

	if (rc >= 0)
		rc = sys(__NR_umount2, ".", MNT_DETACH);
	if (rc >= 0)
		rc = sys(__NR_chdir, "/");
	return rc;
}

/* ---- one mask ---- */

static long attach(int tree, int target)
{
	return sys(__NR_move_mount, tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

/* Before Linux 6.15 only what is attached is copied. Detaching it again waits for all CPUs. */
static int copy_part(struct making *m, const char *part)
{
	long tree = sys(__NR_open_tree, m->tmpfs, part, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC), rc;

	if (tree != -EINVAL || m->attached)
		return (int)tree;
	rc = sys(__NR_move_mount, m->tmpfs, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH);
	if (rc < 0)
		return (int)rc;
	m->attached = true;
	return (int)sys(__NR_open_tree, m->tmpfs, part, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

static long attach_part(struct making *m, const char *part, int target)
{
	AUTO_CLOSE int tree = copy_part(m, part);

	return tree < 0 ? tree : attach(tree, target);
}

static long attach_tree(int source, uint8_t attrs, int target)
{
	const unsigned flags = AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
	struct mount_attr attr = {
		.attr_set = (attrs & MASK_RDONLY ? MOUNT_ATTR_RDONLY : 0u) |
			    (attrs & MASK_NOEXEC ? MOUNT_ATTR_NOEXEC : 0u),
	};
	AUTO_CLOSE int tree = (int)sys(__NR_open_tree, source, "", flags);
	long rc = tree;

	if (rc >= 0 && attrs != 0)
		rc = sys(__NR_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr);
	return rc < 0 ? rc : attach(tree, target);
}

/* Covers the directory name in dir; not a link to one. */
static long hide_entry(struct making *m, int dir, const char *name, bool listable)
{
	AUTO_CLOSE int target = (int)sys(__NR_openat, dir, name, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC, 0);

	if (target == -ENOTDIR || target == -ENOENT || target == -ELOOP)
		return 0;
	return target < 0 ? target : attach_part(m, listable ? LISTED : SEARCHED, target);
}

static long hide_directories(struct making *m, const struct mask *i)
{
	_Alignas(8) static char buffer[4096];
	AUTO_CLOSE int path = open_place(AT_FDCWD, path_of(m, i->slot));
	AUTO_CLOSE int dir = path < 0 ? path : (int)sys(__NR_openat, path, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	long n = dir, rc = 0;

	while (n >= 0 && (n = sys(__NR_getdents64, dir, buffer, sizeof buffer)) > 0) {
		for (long at = 0; at < n && rc >= 0;) {
			const struct linux_dirent64 *entry = (const struct linux_dirent64 *)(buffer + at);

			at += entry->d_reclen;
			if (!str_is_dots(entry->d_name))
				rc = hide_entry(m, dir, entry->d_name, i->listable);
		}
		if (rc < 0)
			return rc;
	}
	return n;
}

/* A directory on a read-only mount cannot be renamed. */
static long pin(int target)
{
	int rc = fd_is_read_only(target);

	if (rc < 0)
		return rc;
	return rc != 0 ? 0 : attach_tree(target, 0, target);
}

static long make_mask(struct making *m, uint32_t at)
{
	const struct mask *i = &m->plan->masks[at];
	AUTO_CLOSE int target = open_place(AT_FDCWD, path_of(m, i->slot));
	AUTO_CLOSE int source = -1;
	char number[24];
	long rc = target;

	if (rc >= 0 && i->above != MASK_NONE && covered[i->above] >= 0)
		rc = source = open_place(covered[i->above], below(m, &m->plan->masks[i->above], i->slot));
	if (rc < 0)
		return rc;
	switch ((enum mask_kind)i->kind) {
	case MASK_EMPTY:
		rc = attach_part(m, i->directory ? NOTHING : NO_FILE, target);
		break;
	case MASK_WAYS:
		rc = attach_part(m, u64_text(number, sizeof number, at), target);
		break;
	case MASK_PIN:
		return pin(target);
	case MASK_TREE:
	case MASK_LEVEL:
		rc = attach_tree(source >= 0 ? source : target, i->attrs, target);
		if (rc >= 0 && i->kind == MASK_LEVEL)
			rc = hide_directories(m, i);
		break;
	}
	if (rc >= 0 && i->needed)
		covered[at] = source >= 0 ? fd_take(&source) : fd_take(&target);
	return rc;
}

int init_mask(void *arg, int32_t *ret_rule)
{
	const struct supervisor *sv = arg;
	struct making m = { .policy = &sv->policy, .plan = &sv->masks, .tmpfs = -1 };
	long rc = sys(__NR_unshare, CLONE_NEWNS);

	(void)sys(__NR_umask, 0);	/* the child sets its own */
	if (rc >= 0)
		rc = make_tmpfs(&m);
	for (uint32_t i = 0; i < m.plan->n; i++)
		covered[i] = -1;
	for (uint32_t i = 0; i < m.plan->n && rc >= 0; i++) {
		*ret_rule = m.plan->masks[i].rule;
		rc = make_mask(&m, i);
	}
	for (uint32_t i = 0; i < m.plan->n; i++)
		fd_close(&covered[i]);
	if (rc >= 0) {
		*ret_rule = CORDON_NO_INDEX;
		rc = drop_tmpfs(&m);
	}
	fd_close(&m.tmpfs);
	return rc < 0 ? (int)rc : 0;
}
