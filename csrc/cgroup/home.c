/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/home.h"

#include <asm/statfs.h>
#include <fcntl.h>
#include <stdlib.h>
#include "base/base.h"
#include "cgroup/dir.h"
#include "cgroup/file.h"
#include "cgroup/find.h"
#include "cgroup/leaf.h"
#include "cgroup/name.h"
#include "cgroup/v1.h"
#include "cgroup/v2.h"

/* Whether a group made below dirfd has the controller: the one question that covers read-only mounts, missing rights, and on v2
 * a controller that is not enabled in cgroup.subtree_control. */
static bool probe_group(int home_dirfd, const struct cgroup_version_ops *ops, enum cgroup_controller controller)
{
	char name[CGROUP_NAME_MAX];
	AUTO_CLOSE int dirfd = -1, procs_fd = -1;
	bool usable;

	dirfd = cgroup_dir_make_next(home_dirfd, ops->join_file, name, &procs_fd);
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

void cgroup_homes_find(struct cgroup_homes *homes)
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

void cgroup_homes_close(struct cgroup_homes *homes)
{
	for (uint32_t i = 0; i < homes->n; i++) {
		struct cgroup_home *home = &homes->home[i];

		if (home->dirfd != home->own_fd)
			fd_close(&home->dirfd);
		fd_close(&home->inits_fd);
		fd_close(&home->own_fd);
	}
	fd_close(&homes->leaf_fd);
	*homes = CGROUP_HOMES_NONE;
}
