/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/hierarchy.h"

#include <asm/statfs.h>
#include <fcntl.h>
#include <stdlib.h>
#include "base/base.h"
#include "cgroup/dir.h"
#include "cgroup/file.h"
#include "cgroup/find.h"
#include "cgroup/name.h"
#include "cgroup/subtree.h"
#include "cgroup/v1.h"
#include "cgroup/v2.h"

/* Makes a group and looks whether it has the controller. This one test covers read-only mounts, missing rights, and on
 * v2 a controller that is not in cgroup.subtree_control. */
static bool probe_group(int parent_fd, const struct cgroup_version_ops *ops, enum cgroup_controller controller)
{
	char name[CGROUP_NAME_MAX];
	AUTO_CLOSE int dirfd = -1, procs_fd = -1;
	bool usable;

	dirfd = cgroup_dir_make_next(parent_fd, ops->join_file, name, &procs_fd);
	if (dirfd < 0)
		return false;
	usable = sys(__NR_faccessat, dirfd, ops->key_files[controller], 0) == 0;
	cgroup_dir_remove(parent_fd, name);
	return usable;
}

static int hierarchy_open(const char *path, long magic)
{
	AUTO_CLOSE int fd = (int)sys(__NR_openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	struct statfs fs;

	/* Another file system may be mounted over it, where a group would be an ordinary directory. */
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

/* Whether groups in this hierarchy get the controller; if not, *ret_problem says why. v2's freezer is in every group,
 * but is not by itself a reason to join one: a join takes milliseconds. */
static bool hierarchy_has(struct cgroup_hierarchies *hierarchies, const struct cgroup_hierarchy *h,
			  enum cgroup_controller controller, bool root, const char **ret_problem)
{
	bool v2 = h->ops->version == CORDON_CGROUP_V2;

	*ret_problem = "the kernel or the group of this process does not offer it";
	if (!h->ops->offers(h->dirfd, controller) || (controller == CGROUP_FREEZER && v2 && h->controllers == 0))
		return false;
	if (v2 && !hierarchies->subtree_tried) {
		hierarchies->subtree_tried = true;
		hierarchies->subtree_problem = cgroup_subtree_enable(h->dirfd, root, &hierarchies->host_fd);
	}
	*ret_problem = v2 && hierarchies->subtree_problem != NULL
			       ? hierarchies->subtree_problem
			       : "no group that has it can be made below the group of this process";
	return probe_group(h->dirfd, h->ops, controller);
}

/* Adds controller to the hierarchy at place, which is opened if it is new. Several controllers may share a
 * directory. */
static void hierarchy_try(struct cgroup_hierarchies *hierarchies, enum cgroup_controller controller,
			  const struct cgroup_place *place)
{
	const struct cgroup_version_ops *ops = place->version == CORDON_CGROUP_V1 ? &cgroup_v1_ops : &cgroup_v2_ops;
	struct cordon_controller *found = &hierarchies->controller[controller];
	struct cgroup_hierarchy *h = hierarchies->items;
	AUTO_CLOSE int opened = -1;
	const char *problem;
	bool usable;

	while (h < hierarchies->items + hierarchies->n && !str_eq(h->path, place->path))
		h++;
	if (h == hierarchies->items + hierarchies->n) {
		opened = hierarchy_open(place->path, ops->magic);
		if (opened < 0)
			return;
		*h = (struct cgroup_hierarchy){ .ops = ops, .dirfd = opened, .own_fd = opened, .inits_fd = -1 };
		bytes_copy(h->path, place->path, sizeof h->path);
	}
	usable = hierarchy_has(hierarchies, h, controller, place->root, &problem);
	hierarchies->problem[controller] = usable ? NULL : problem;
	if (usable || (found->version == CORDON_CGROUP_NONE && ops->offers(h->dirfd, controller)))
		controller_set(found, place, usable);
	if (!usable)
		return;
	h->controllers |= CGROUP_BIT(controller);
	if (opened >= 0) {
		(void)fd_take(&opened);
		hierarchies->n++;
	}
}

void cgroup_hierarchies_find(struct cgroup_hierarchies *hierarchies)
{
	char *mountinfo = cgroup_file_slurp(AT_FDCWD, "/proc/self/mountinfo");
	char *own = cgroup_file_slurp(AT_FDCWD, "/proc/self/cgroup");

	for (int c = 0; mountinfo != NULL && own != NULL && c < CGROUP_CONTROLLERS; c++) {
		struct cgroup_place places[CGROUP_PLACES_MAX];
		uint32_t n = cgroup_find_places(mountinfo, own, (enum cgroup_controller)c, places);

		hierarchies->problem[c] = "it is not mounted where this process could see its own group";
		for (uint32_t i = 0; i < n && !hierarchies->controller[c].usable; i++)
			hierarchy_try(hierarchies, (enum cgroup_controller)c, &places[i]);
	}
	free(own);
	free(mountinfo);
}

void cgroup_hierarchies_close(struct cgroup_hierarchies *hierarchies)
{
	for (uint32_t i = 0; i < hierarchies->n; i++) {
		struct cgroup_hierarchy *h = &hierarchies->items[i];

		if (h->dirfd != h->own_fd)
			fd_close(&h->dirfd);
		fd_close(&h->inits_fd);
		fd_close(&h->own_fd);
	}
	fd_close(&hierarchies->host_fd);
	*hierarchies = CGROUP_HIERARCHIES_NONE;
}
