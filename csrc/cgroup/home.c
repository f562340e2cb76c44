/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/home.h"

#include <asm/statfs.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "base/base.h"
#include "cgroup/dir.h"
#include "cgroup/file.h"
#include "cgroup/find.h"
#include "cgroup/guard.h"
#include "cgroup/leaf.h"
#include "cgroup/stem.h"
#include "error/error.h"

enum { LOCK_FREE, LOCK_HELD, LOCK_AWAITED };

/* Guards the first use; afterwards the two flags are read without it. A futex, because the library may not need pthread. */
static _Atomic uint32_t setup_lock = LOCK_FREE;

static struct cgroup_homes homes_found = { .leaf_fd = -1 };
static atomic_bool homes_ready;

/* The process that the janitor waits for: after fork(2) the child needs one of its own. */
static _Atomic long guarded_pid;

static void setup_enter(void)
{
	uint32_t seen = LOCK_FREE;

	if (atomic_compare_exchange_strong(&setup_lock, &seen, LOCK_HELD))
		return;
	while (atomic_exchange(&setup_lock, LOCK_AWAITED) != LOCK_FREE)
		(void)sys(__NR_futex, &setup_lock, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, LOCK_AWAITED, NULL);
}

static void setup_leave(void)
{
	if (atomic_exchange(&setup_lock, LOCK_FREE) == LOCK_AWAITED)
		(void)sys(__NR_futex, &setup_lock, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1);
}

void cgroup_name_prefix(char name[CGROUP_NAME_MAX])
{
	char pid[24];

	(void)str_concat(name, CGROUP_NAME_MAX, CGROUP_PREFIX, u64_text(pid, sizeof pid, (uint64_t)sys(__NR_getpid)), ".");
}

void cgroup_name_next(char name[CGROUP_NAME_MAX])
{
	static _Atomic uint64_t used;
	char prefix[CGROUP_NAME_MAX], number[24];

	cgroup_name_prefix(prefix);
	(void)str_concat(name, CGROUP_NAME_MAX, prefix, u64_text(number, sizeof number, atomic_fetch_add(&used, 1)), "");
}

int cgroup_home_make(int dirfd, const char *join_file, char name[CGROUP_NAME_MAX], int *ret_procs_fd)
{
	int fd = -EAGAIN;

	for (int attempt = 0; attempt < CGROUP_NAME_ATTEMPTS && fd == -EAGAIN; attempt++) {
		cgroup_name_next(name);
		fd = cgroup_dir_make(dirfd, name, join_file, ret_procs_fd);
	}
	return fd;
}

/* Whether a group made below dirfd has the controller: the one question that covers read-only mounts, missing rights, and on v2
 * a controller that is not enabled in cgroup.subtree_control. */
static bool probe_group(int home_dirfd, const struct cgroup_version_ops *ops, enum cgroup_controller controller)
{
	char name[CGROUP_NAME_MAX];
	AUTO_CLOSE int dirfd = -1, procs_fd = -1;
	bool usable;

	dirfd = cgroup_home_make(home_dirfd, ops->join_file, name, &procs_fd);
	if (dirfd < 0)
		return false;
	usable = sys(__NR_faccessat, dirfd, ops->key_files[controller], 0) == 0;
	cgroup_dir_remove(home_dirfd, name);
	return usable;
}

static int home_open(const char *path, long magic)
{
	AUTO_CLOSE int fd = (int)sys(__NR_openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	struct statfs fs;

	/* Something else may be mounted over it, where a group would be an ordinary directory. */
	if (fd < 0 || sys(__NR_fstatfs, fd, &fs) < 0 || (long)fs.f_type != magic)
		return -1;
	return fd_take(&fd);
}

static void controller_set(struct cordon_controller *c, const struct cgroup_place *place, bool usable)
{
	c->version = place->version;
	c->usable = usable;
	bytes_copy(c->path, place->path, sizeof c->path);
}

/* Whether groups of the home are to have the controller; *ret_problem says why not. v2's freezer works in every group, but does
 * not by itself make it worth joining one: that costs milliseconds there. */
static bool home_has(struct cgroup_homes *homes, const struct cgroup_home *home, enum cgroup_controller controller, bool root,
		     const char **ret_problem)
{
	bool v2 = home->ops->version == CORDON_CGROUP_V2;

	*ret_problem = "the kernel or the group of this process does not offer it";
	if (!home->ops->offers(home->dirfd, controller) || (controller == CGROUP_FREEZER && v2 && home->controllers == 0))
		return false;
	if (v2 && !homes->prepared) {
		homes->prepared = true;
		homes->held_back = cgroup_leaf_prepare(home->dirfd, root, &homes->leaf_fd);
	}
	*ret_problem = v2 && homes->held_back != NULL ? homes->held_back : "no group that has it can be made where this process is";
	return probe_group(home->dirfd, home->ops, controller);
}

/* Puts controller into the home at place, which is opened where it is a new one. Two controllers may share a directory. */
static void home_try(struct cgroup_homes *homes, enum cgroup_controller controller, const struct cgroup_place *place)
{
	const struct cgroup_version_ops *ops = place->version == CORDON_CGROUP_V1 ? &cgroup_v1_ops : &cgroup_v2_ops;
	struct cordon_controller *found = &homes->controller[controller];
	struct cgroup_home *home = homes->home;
	AUTO_CLOSE int opened = -1;
	const char *problem;
	bool usable;

	while (home < homes->home + homes->n && !str_eq(home->path, place->path))
		home++;
	if (home == homes->home + homes->n) {
		opened = home_open(place->path, ops->magic);
		if (opened < 0)
			return;
		*home = (struct cgroup_home){ .ops = ops, .dirfd = opened, .own_fd = opened, .inits_fd = -1 };
		bytes_copy(home->path, place->path, sizeof home->path);
	}
	usable = home_has(homes, home, controller, place->root, &problem);
	homes->problem[controller] = usable ? NULL : problem;
	if (usable || (found->version == CORDON_CGROUP_NONE && ops->offers(home->dirfd, controller)))
		controller_set(found, place, usable);
	if (!usable)
		return;
	home->controllers |= CGROUP_BIT(controller);
	if (opened >= 0) {
		(void)fd_take(&opened);
		homes->n++;
	}
}

static void homes_find(struct cgroup_homes *homes)
{
	char *mountinfo = cgroup_file_slurp(AT_FDCWD, "/proc/self/mountinfo");
	char *own = cgroup_file_slurp(AT_FDCWD, "/proc/self/cgroup");

	for (int c = 0; mountinfo != NULL && own != NULL && c < CGROUP_CONTROLLERS; c++) {
		struct cgroup_place places[CGROUP_PLACES_MAX];
		uint32_t n = cgroup_find_places(mountinfo, own, (enum cgroup_controller)c, places);

		homes->problem[c] = "it is not mounted where this process could see its own group";
		for (uint32_t i = 0; i < n && !homes->controller[c].usable; i++)
			home_try(homes, (enum cgroup_controller)c, &places[i]);
	}
	free(own);
	free(mountinfo);
}

/* Whether as many descriptors are to be had as the look-up needs at once. A controller that was not seen for want of them must not
 * be taken for one that is not there. */
static int spare_descriptors(void)
{
	int ends[4][2], n = 0, rc = 0;

	while (n < 4 && rc >= 0) {
		rc = (int)sys(__NR_pipe2, ends[n], O_CLOEXEC);
		n += rc >= 0;
	}
	for (int i = 0; i < n; i++) {
		fd_close(&ends[i][0]);
		fd_close(&ends[i][1]);
	}
	return rc < 0 ? rc : 0;
}

int cgroup_homes_get(const struct cgroup_homes **ret_homes)
{
	int rc = 0;

	if (!atomic_load_explicit(&homes_ready, memory_order_acquire)) {
		setup_enter();
		if (!atomic_load(&homes_ready))
			rc = spare_descriptors();
		if (rc == 0 && !atomic_load(&homes_ready)) {
			homes_find(&homes_found);
			atomic_store_explicit(&homes_ready, true, memory_order_release);
		}
		setup_leave();
	}
	*ret_homes = &homes_found;
	return rc;
}

int cgroup_homes_guard(const struct cgroup_homes *homes, struct cordon_error *err)
{
	long pid = sys(__NR_getpid);
	int rc = 0;

	if (atomic_load_explicit(&guarded_pid, memory_order_acquire) == pid)
		return 0;
	setup_enter();
	if (atomic_load(&guarded_pid) != pid) {
		for (uint32_t i = 0; i < homes->n; i++)
			cgroup_dir_remove_stale(homes->home[i].own_fd);
		rc = cgroup_guard_start(homes, err);
		for (uint32_t i = 0; rc == 0 && i < homes->n; i++)
			if (homes->home[i].ops->version == CORDON_CGROUP_V2)
				cgroup_stem_make(&homes_found.home[i]);
		if (rc == 0)
			atomic_store_explicit(&guarded_pid, pid, memory_order_release);
	}
	setup_leave();
	return rc;
}

/* The locks go with the descriptors: then the janitor, which is told last, can remove the stem. */
void cgroup_homes_release(void)
{
	setup_enter();
	for (uint32_t i = 0; i < homes_found.n; i++) {
		struct cgroup_home *home = &homes_found.home[i];

		if (home->dirfd != home->own_fd)
			fd_close(&home->dirfd);
		fd_close(&home->inits_fd);
		fd_close(&home->own_fd);
	}
	fd_close(&homes_found.leaf_fd);
	homes_found = (struct cgroup_homes){ .leaf_fd = -1 };
	atomic_store(&homes_ready, false);
	cgroup_guard_end();
	atomic_store(&guarded_pid, 0);
	setup_leave();
}
