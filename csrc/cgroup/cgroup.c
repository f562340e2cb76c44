#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include "base/base.h"
#include "cgroup/dir.h"
#include "cgroup/home.h"
#include "error/error.h"

/* What a group may still hold when it is used again: page tables and the like of the run before. */
#define LEFT_BYTES (UINT64_C(1) << 20)

/* The group in one hierarchy. */
struct branch {
	const struct cgroup_home *home;
	int dirfd, procs_fd;
};

struct cgroup {
	char name[CGROUP_NAME_MAX];
	uint32_t nbranches;
	int cpu_fd;
	struct cgroup_limits limits;
	struct branch branches[CGROUP_CONTROLLERS];
};

void cgroup_controller_find(enum cgroup_controller controller, struct cordon_controller *ret)
{
	const struct cgroup_homes *homes;

	(void)cgroup_homes_get(&homes);
	*ret = homes->controller[controller];
}

static void branches_remove(struct cgroup *group)
{
	fd_close(&group->cpu_fd);
	while (group->nbranches > 0) {
		struct branch *b = &group->branches[--group->nbranches];

		fd_close(&b->procs_fd);
		cgroup_dir_remove(b->home->dirfd, group->name);
		fd_close(&b->dirfd);	/* last: it holds the lock that keeps another process's cleaner away */
	}
}

static int create_failed(const struct cgroup_home *home, const char *name, int errnum, struct cordon_error *err)
{
	char path[sizeof home->path + CGROUP_NAME_MAX];

	(void)str_concat(path, sizeof path, home->path, "/", name);	/* cut off where it is too long for the error anyway */
	return error_set(err, errnum, CORDON_STEP_CGROUP_CREATE, CORDON_NO_INDEX, path);
}

/* One name in every hierarchy. */
static int branches_make(struct cgroup *group, const struct cgroup_homes *homes, struct cordon_error *err)
{
	for (int attempt = 1;; attempt++) {
		int rc = 0;

		cgroup_name_next(group->name);
		while (group->nbranches < homes->n && rc >= 0) {
			struct branch b = { .home = &homes->home[group->nbranches] };

			rc = b.dirfd = cgroup_dir_make(b.home->dirfd, group->name, b.home->ops->join_file, &b.procs_fd);
			if (rc >= 0)
				group->branches[group->nbranches++] = b;
			else if (rc != -EAGAIN || attempt == CGROUP_NAME_ATTEMPTS)
				return create_failed(b.home, group->name, -rc, err);
		}
		if (rc >= 0)
			return 0;
		branches_remove(group);
	}
}

static int branches_limit(struct cgroup *group, const struct cgroup_limits *limits, struct cordon_error *err)
{
	for (uint32_t i = 0; i < group->nbranches; i++) {
		const struct cgroup_home *home = group->branches[i].home;
		int rc = home->ops->limit(group->branches[i].dirfd, home->controllers, limits, err);

		if (rc < 0)
			return rc;
	}
	group->limits = *limits;
	return 0;
}

static int branches_open_cpu(struct cgroup *group, struct cordon_error *err)
{
	for (uint32_t i = 0; i < group->nbranches; i++) {
		const struct cgroup_home *home = group->branches[i].home;
		int dirfd = group->branches[i].dirfd;

		if ((home->controllers & CGROUP_BIT(CGROUP_CPU)) == 0)
			continue;
		group->cpu_fd = (int)sys(__NR_openat, dirfd, home->ops->cpu_file, O_RDONLY | O_CLOEXEC, 0);
		if (group->cpu_fd < 0)
			return error_set(err, -group->cpu_fd, CORDON_STEP_CGROUP_LIMIT, CORDON_NO_INDEX, home->ops->cpu_file);
	}
	return 0;
}

int cgroup_open(const struct cgroup_limits *limits, struct cgroup **ret_group, struct cordon_error *err)
{
	const struct cgroup_homes *homes;
	struct cgroup *group;
	int rc = cgroup_homes_get(&homes);

	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_CGROUP_CREATE, CORDON_NO_INDEX, "looking for controllers");
	if (homes->n == 0) {
		*ret_group = NULL;
		return 0;
	}
	rc = cgroup_homes_guard(homes, err);
	if (rc < 0)
		return rc;
	group = calloc(1, sizeof *group);
	if (group == NULL)
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	group->cpu_fd = -1;
	rc = branches_make(group, homes, err);
	if (rc == 0)
		rc = branches_limit(group, limits, err);
	if (rc == 0)
		rc = branches_open_cpu(group, err);
	if (rc < 0) {
		cgroup_free(group);
		return rc;
	}
	*ret_group = group;
	return 0;
}

uint32_t cgroup_controllers(const struct cgroup *group)
{
	uint32_t controllers = 0;

	for (uint32_t i = 0; group != NULL && i < group->nbranches; i++)
		controllers |= group->branches[i].home->controllers;
	return controllers;
}

uint32_t cgroup_version(const struct cgroup *group, enum cgroup_controller controller)
{
	for (uint32_t i = 0; group != NULL && i < group->nbranches; i++)
		if ((group->branches[i].home->controllers & CGROUP_BIT(controller)) != 0)
			return group->branches[i].home->ops->version;
	return CORDON_CGROUP_NONE;
}

uint32_t cgroup_procs_fds(const struct cgroup *group, int *fds, uint32_t max)
{
	uint32_t n = 0;

	for (; group != NULL && n < group->nbranches && n < max; n++)
		fds[n] = group->branches[n].procs_fd;
	return n;
}

int cgroup_cpu_fd(const struct cgroup *group)
{
	return group != NULL ? group->cpu_fd : -1;
}

/* Numbers that take a limit away again: what both versions clamp to, and one less than pids.max refuses (PID_MAX_LIMIT). */
static struct cgroup_limits as_numbers(const struct cgroup_limits *limits)
{
	return (struct cgroup_limits){
		.memory_bytes = u64_min(limits->memory_bytes, INT64_MAX),
		.processes = u64_min(limits->processes, 4194304),
	};
}

int cgroup_begin(struct cgroup *group, const struct cgroup_limits *limits, struct cgroup_usage *ret_before)
{
	const struct cgroup_limits numbers = as_numbers(limits);
	struct cgroup_usage before;
	struct cordon_error unused;	/* whoever makes the next group meets the same refusal */

	if (limits->memory_bytes != group->limits.memory_bytes || limits->processes != group->limits.processes) {
		if (branches_limit(group, &numbers, &unused) < 0)
			return -EAGAIN;
		group->limits = *limits;
	}
	for (uint32_t i = 0; i < group->nbranches; i++) {
		const struct branch *b = &group->branches[i];

		if ((b->home->controllers & CGROUP_BIT(CGROUP_MEMORY)) != 0 && b->home->ops->reset_peak(b->dirfd) < 0)
			return -EAGAIN;
	}
	if (cgroup_usage(group, &before) < 0 || before.memory_bytes > LEFT_BYTES)
		return -EAGAIN;
	*ret_before = before;
	return 0;
}

int cgroup_usage(const struct cgroup *group, struct cgroup_usage *ret)
{
	struct cgroup_usage usage = { 0 };

	for (uint32_t i = 0; group != NULL && i < group->nbranches; i++) {
		const struct branch *b = &group->branches[i];
		int rc = b->home->ops->usage(b->dirfd, b->home->controllers, &usage);

		if (rc < 0)
			return rc;
	}
	*ret = usage;
	return 0;
}

void cgroup_free(struct cgroup *group)
{
	if (group == NULL)
		return;
	branches_remove(group);
	free(group);
}
