/* SPDX-License-Identifier: Apache-2.0 */
#include "mount/reset.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/mount.h>
#include <linux/stat.h>
#include <asm/statfs.h>
#include "base/base.h"
#include "cordon/container.h"
#include "error/error.h"
#include "mount/build.h"
#include "mount/drop.h"
#include "mount/target.h"
#include "wire/wire.h"

/* A tmpfs with fewer files is freed by init itself: that costs about as much as starting a process. */
#define DROP_INODES 64

static const char *target_of(const struct mount_plan *plan, uint32_t i)
{
	return wire_string(plan->msg, plan->mounts[i].target);
}

static int fail(const struct build *b, uint32_t i, long rc)
{
	return error_set(b->err, (int)-rc, CORDON_STEP_RESET, b->plan->mounts[i].index, target_of(b->plan, i));
}

/* Whether path is in the directory dir. */
static bool lies_in(const char *path, const char *dir)
{
	return str_starts(path, dir) && path[str_len(dir)] == '/';
}

/* The index of the earlier tmpfs of the plan in which mount i lies, or -1. */
static int holder_of(const struct mount_plan *plan, uint32_t i)
{
	for (uint32_t t = 0; t < plan->ntracks; t++) {
		const struct mount_track *track = &plan->tracks[t];

		if (!track->shm && track->mount < i && lies_in(target_of(plan, i), target_of(plan, track->mount)))
			return (int)t;
	}
	return -1;
}

/* False if the path is too long. */
static bool track_path(const struct mount_plan *plan, const struct mount_track *track, char path[PATH_MAX])
{
	return str_concat(path, PATH_MAX, target_of(plan, track->mount), track->shm ? "/shm" : "", "");
}

static long look(struct mount_track *track, struct statx *st, uint64_t *free_inodes)
{
	struct statfs fs;
	long rc = sys(__NR_statx, track->fd, "", AT_EMPTY_PATH, STATX_MODE | STATX_UID | STATX_GID | STATX_CTIME, st);

	if (rc >= 0)
		rc = sys(__NR_fstatfs, track->fd, &fs);
	if (rc >= 0)
		*free_inodes = (uint64_t)fs.f_ffree;
	return rc;
}

/* Opens a track, again if necessary, and records the state of its new tmpfs. */
static int record(struct build *b, struct mount_track *track)
{
	char path[PATH_MAX];
	struct statx st;
	long rc;

	if (!track_path(b->plan, track, path))
		return fail(b, track->mount, -ENAMETOOLONG);
	track->fd = target_find(b->root, path);
	rc = track->fd < 0 ? track->fd : look(track, &st, &track->free_inodes);
	if (rc < 0)
		return fail(b, track->mount, rc);
	track->mode = st.stx_mode;
	track->uid = st.stx_uid;
	track->gid = st.stx_gid;
	track->ctime_sec = st.stx_ctime.tv_sec;
	track->ctime_nsec = st.stx_ctime.tv_nsec;
	return 0;
}

static int add_track(struct build *b, uint32_t i, bool shm)
{
	struct mount_plan *plan = b->plan;

	if (plan->ntracks == MOUNT_TRACKS_MAX)
		return fail(b, i, -E2BIG);
	plan->tracks[plan->ntracks] = (struct mount_track){ .mount = i, .shm = shm, .fd = -1 };
	return record(b, &plan->tracks[plan->ntracks++]);
}

/* Whether a mount in a tmpfs is moved to the new tmpfs in a reset, not made again: a bind, because its source is on the
 * host, out of reach; proc and dev, because the kernel may not allow another proc, or the devices for another dev. */
static bool is_moved_on(const struct cordon_conf_mount *m)
{
	return m->type == CORDON_MOUNT_BIND || m->type == CORDON_MOUNT_PROC || m->type == CORDON_MOUNT_DEV;
}

int mount_track(struct build *b)
{
	struct mount_plan *plan = b->plan;
	int rc = 0;

	plan->ntracks = 0;
	for (uint32_t i = 0; i < plan->nmounts && rc == 0; i++) {
		uint32_t type = plan->mounts[i].type;
		int holder = holder_of(plan, i);

		if (holder >= 0)
			plan->tracks[holder].has_nested = true;
		if (type == CORDON_MOUNT_TMPFS || type == CORDON_MOUNT_DEV)
			rc = add_track(b, i, type == CORDON_MOUNT_DEV);
		/* A descriptor of the mount itself, because a program may rename the directories in its path. An
		 * optional one may be missing. */
		if (is_moved_on(&plan->mounts[i]) && holder >= 0)
			plan->trees[i] = target_find(b->root, target_of(plan, i));
	}
	return rc;
}

/* Whether the tmpfs was never changed: it has no files, and its root is as it was. A change of an attribute in the
 * clock tick in which the tmpfs was made would not show in ctime, so the attributes are compared as well. */
static bool is_untouched(const struct mount_plan *plan, struct mount_track *track)
{
	char path[PATH_MAX];
	uint64_t free_inodes;
	struct statx st;

	if (track->has_nested || look(track, &st, &free_inodes) < 0)
		return false;
	if (free_inodes != track->free_inodes || st.stx_mode != track->mode || st.stx_uid != track->uid ||
	    st.stx_gid != track->gid || st.stx_ctime.tv_sec != track->ctime_sec ||
	    st.stx_ctime.tv_nsec != track->ctime_nsec)
		return false;
	return track_path(plan, track, path) && sys(__NR_llistxattr, path, NULL, 0) <= 0;
}

/* Copies the mounts that are moved while they are still attached: a detached mount cannot be copied. */
static int copy_nested(struct build *b, uint32_t holder, int *copies)
{
	struct mount_plan *plan = b->plan;
	const char *dir = target_of(plan, holder);

	for (uint32_t i = holder + 1; i < plan->nmounts; i++) {
		long copy;

		copies[i] = -1;
		if (plan->trees[i] < 0 || !is_moved_on(&plan->mounts[i]) || !lies_in(target_of(plan, i), dir))
			continue;
		copy = sys(__NR_open_tree, plan->trees[i], "",
			   AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
		if (copy < 0)
			return fail(b, i, copy);
		copies[i] = (int)copy;
	}
	return 0;
}

/* Detaches the old tmpfs, whatever its path leads to now, and closes it. */
static long detach(struct mount_track *track, uint64_t free_inodes)
{
	long rc = sys(__NR_fchdir, track->fd);

	if (rc >= 0)
		rc = sys(__NR_umount2, ".", MNT_DETACH);
	(void)sys(__NR_chdir, "/");
	if (rc < 0)
		return rc;
	if (track->free_inodes - free_inodes > DROP_INODES)
		drop_close(&track->fd);
	else
		fd_close(&track->fd);
	return 0;
}

static int renew(struct build *b, struct mount_track *track);

/* Attaches the copy of mount i at its target and keeps a descriptor of it. */
static int move_on(struct build *b, uint32_t i, int *copy)
{
	struct mount_plan *plan = b->plan;
	int rc;

	fd_close(&plan->trees[i]);
	if (*copy < 0)
		return 0;	/* an optional mount that was never made */
	rc = build_tree(b, &plan->mounts[i], *copy);
	fd_close(copy);
	if (rc == 0)
		plan->trees[i] = target_find(b->root, target_of(plan, i));
	return rc;
}

/* Makes the mounts of the plan that lie in the new tmpfs, and tracks them. */
static int build_nested(struct build *b, uint32_t holder, int *copies)
{
	struct mount_plan *plan = b->plan;
	const char *dir = target_of(plan, holder);
	int rc = 0;

	for (uint32_t i = holder + 1; i < plan->nmounts && rc == 0; i++)
		if (lies_in(target_of(plan, i), dir))
			rc = is_moved_on(&plan->mounts[i]) ? move_on(b, i, &copies[i]) : build_mount(b, i);
	for (uint32_t t = 0; t < plan->ntracks && rc == 0; t++) {
		struct mount_track *track = &plan->tracks[t];

		if (track->mount <= holder || !lies_in(target_of(plan, track->mount), dir))
			continue;
		drop_close(&track->fd);
		rc = record(b, track);
		if (rc == 0 && track->shm)	/* it was moved with its dev, and holds what the program left */
			rc = renew(b, track);
	}
	return rc;
}

static int renew(struct build *b, struct mount_track *track)
{
	const struct cordon_conf_mount *m = &b->plan->mounts[track->mount];
	int copies[CORDON_CONF_MOUNTS_MAX];
	uint64_t free_inodes = 0;
	struct statx st;
	int rc = 0;
	long gone;

	(void)look(track, &st, &free_inodes);
	if (track->has_nested)
		rc = copy_nested(b, track->mount, copies);
	if (rc != 0)
		return rc;
	gone = detach(track, free_inodes);
	if (gone < 0)
		return fail(b, track->mount, gone);
	rc = track->shm ? build_shm(b, m) : build_tmpfs(b, m);
	if (rc == 0 && track->has_nested)
		rc = build_nested(b, track->mount, copies);
	return rc == 0 ? record(b, track) : rc;
}

bool mount_is_untouched(struct mount_plan *plan)
{
	for (uint32_t t = 0; t < plan->ntracks; t++)
		if (!is_untouched(plan, &plan->tracks[t]))
			return false;
	return true;
}

int mount_reset(struct mount_plan *plan, struct cordon_error *err)
{
	struct build b = { .plan = plan, .mask_directory = -1, .mask_file = -1, .err = err };
	int rc = 0;

	b.root = (int)sys(__NR_openat, AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);

	drop_reap();
	if (b.root < 0)
		return error_set(err, -b.root, CORDON_STEP_RESET, CORDON_NO_INDEX, "/");
	for (uint32_t t = 0; t < plan->ntracks && rc == 0; t++) {
		struct mount_track *track = &plan->tracks[t];
		int holder = holder_of(plan, track->mount);

		/* A tmpfs in another one was made again with that one. */
		if (holder < 0 && !is_untouched(plan, track))
			rc = renew(&b, track);
	}
	fd_close(&b.mask_directory);
	fd_close(&b.mask_file);
	fd_close(&b.root);
	return rc;
}
