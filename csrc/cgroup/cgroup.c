/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "base/base.h"
#include "cgroup/dir.h"
#include "cgroup/file.h"
#include "cgroup/hierarchy.h"
#include "cgroup/limits.h"
#include "cgroup/name.h"
#include "cgroup/setup.h"
#include "cordon/command.h"
#include "error/error.h"

/* Memory that a group may still hold when it is used again, for example page tables of the previous run. */
#define LEFT_BYTES (UINT64_C(1) << 20)

/* The group in one hierarchy. */
struct branch {
	const struct cgroup_hierarchy *hierarchy;
	int dirfd, procs_fd;
};

struct cgroup {
	char name[CGROUP_NAME_MAX];
	uint32_t nbranches;
	int cpu_fd, peak_fd, oom_fd;
	atomic_bool frozen;
	bool given;
	uint64_t pids_peak, pids_refused;	/* the last values read */
	struct cgroup_limits limits;	/* what it has now; cpuset points to the copy below */
	struct cpus cpuset;
	struct branch branches[CGROUP_CONTROLLERS];
};

void cgroup_controller_find(enum cgroup_controller controller, struct cordon_controller *ret)
{
	const struct cgroup_hierarchies *hierarchies;

	(void)cgroup_setup_find(&hierarchies);
	*ret = hierarchies->controller[controller];
}

const char *cgroup_controller_problem(enum cgroup_controller controller)
{
	const struct cgroup_hierarchies *hierarchies;

	return cgroup_setup_find(&hierarchies) < 0 ? "this process has too few free descriptors to look for it"
						   : hierarchies->problem[controller];
}

static const struct branch *branch_of(const struct cgroup *group, enum cgroup_controller controller)
{
	for (uint32_t i = 0; group != NULL && i < group->nbranches; i++)
		if ((group->branches[i].hierarchy->controllers & CGROUP_BIT(controller)) != 0)
			return &group->branches[i];
	return NULL;
}

static void branches_remove(struct cgroup *group)
{
	fd_close(&group->cpu_fd);
	fd_close(&group->peak_fd);
	fd_close(&group->oom_fd);
	while (group->nbranches > 0) {
		struct branch *b = &group->branches[--group->nbranches];

		fd_close(&b->procs_fd);
		cgroup_dir_remove(b->hierarchy->dirfd, group->name);
		fd_close(&b->dirfd);	/* last: holds the lock that makes other processes' cleaners skip the group */
	}
}

static int create_failed(const struct cgroup_hierarchy *h, const char *name, int errnum, struct cordon_error *err)
{
	char path[sizeof h->path + CGROUP_NAME_MAX];

	(void)str_concat(path, sizeof path, h->path, "/", name);	/* cut: the error cuts it as well */
	return error_set(err, errnum, CORDON_STEP_CGROUP_CREATE, CORDON_NO_INDEX, path);
}

/* Makes the group in every hierarchy that has one of the controllers, under one name. */
static int branches_make(struct cgroup *group, const struct cgroup_hierarchies *hierarchies, uint32_t controllers,
			 struct cordon_error *err)
{
	for (int attempt = 1;; attempt++) {
		int rc = 0;

		cgroup_name_next(group->name);
		for (uint32_t i = 0; i < hierarchies->n && rc >= 0; i++) {
			struct branch b = { .hierarchy = &hierarchies->items[i] };

			if ((b.hierarchy->controllers & controllers) == 0)
				continue;

			rc = b.dirfd = cgroup_dir_make(b.hierarchy->dirfd, group->name, b.hierarchy->ops->join_file,
						       &b.procs_fd);
			if (rc >= 0)
				group->branches[group->nbranches++] = b;
			else if (rc != -EAGAIN || attempt == CGROUP_NAME_ATTEMPTS)
				return create_failed(b.hierarchy, group->name, -rc, err);
		}
		if (rc >= 0)
			return 0;
		branches_remove(group);
	}
}

/* limits has been checked. */
static int branches_limit(struct cgroup *group, const struct cgroup_limits *limits, struct cordon_error *err)
{
	for (uint32_t i = 0; i < group->nbranches; i++) {
		const struct branch *b = &group->branches[i];
		int rc = cgroup_limits_write(b->hierarchy, b->dirfd, limits, &group->limits, err);

		if (rc < 0)
			return rc;
	}
	group->limits = *limits;
	if (limits->cpuset != NULL) {
		group->cpuset = *limits->cpuset;
		group->limits.cpuset = &group->cpuset;
	}
	return 0;
}

/* Opens the files that runs keep open. Without notice of an OOM kill a run only ends later, so that is not an error. */
static int branches_open(struct cgroup *group, struct cordon_error *err)
{
	const struct branch *cpu = branch_of(group, CGROUP_CPU), *memory = branch_of(group, CGROUP_MEMORY);

	if (cpu != NULL) {
		const char *file = cpu->hierarchy->ops->cpu_file;

		group->cpu_fd = (int)sys(__NR_openat, cpu->dirfd, file, O_RDONLY | O_CLOEXEC, 0);
		if (group->cpu_fd < 0)
			return error_set(err, -group->cpu_fd, CORDON_STEP_CGROUP_LIMIT, CORDON_NO_INDEX, file);
	}
	if (memory != NULL) {
		group->peak_fd = memory->hierarchy->ops->open_peak(memory->dirfd);
		group->oom_fd = memory->hierarchy->ops->oom_open(memory->dirfd);
	}
	return 0;
}

static int group_make(struct cgroup *group, const struct cgroup_hierarchies *hierarchies,
		      const struct cgroup_limits *limits, struct cordon_error *err)
{
	int rc = branches_make(group, hierarchies, cgroup_limits_controllers(limits), err);

	if (rc < 0)
		return rc;
	rc = branches_limit(group, limits, err);
	if (rc < 0)
		return rc;
	return branches_open(group, err);
}

int cgroup_open(const struct cgroup_limits *limits, struct cgroup **ret_group, struct cordon_error *err)
{
	const struct cgroup_hierarchies *hierarchies;
	struct cgroup *group;
	int rc = cgroup_setup_find(&hierarchies);

	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_CGROUP_CREATE, CORDON_NO_INDEX, "looking for controllers");
	rc = cgroup_limits_check(limits, hierarchies, err);
	if (rc < 0)
		return rc;
	if (hierarchies->n == 0) {
		*ret_group = NULL;
		return 0;
	}
	rc = cgroup_setup_start(hierarchies, err);
	if (rc < 0)
		return rc;
	group = calloc(1, sizeof *group);
	if (group == NULL)
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	group->cpu_fd = group->peak_fd = group->oom_fd = -1;
	group->limits = cgroup_no_limits;
	rc = group_make(group, hierarchies, limits, err);
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
		controllers |= group->branches[i].hierarchy->controllers;
	return controllers;
}

int cgroup_check(const struct cgroup *group, const struct cgroup_limits *limits, struct cordon_error *err)
{
	return cgroup_limits_enforced(limits, cgroup_controllers(group), err);
}

uint32_t cgroup_version(const struct cgroup *group, enum cgroup_controller controller)
{
	const struct branch *b = branch_of(group, controller);

	return b != NULL ? b->hierarchy->ops->version : CORDON_CGROUP_NONE;
}

uint32_t cgroup_procs_fds(const struct cgroup *group, int *fds, uint32_t max)
{
	uint32_t n = 0;

	for (; group != NULL && n < group->nbranches && n < max; n++)
		fds[n] = group->branches[n].procs_fd;
	return n;
}

/* The v2 part, if programs can be born in it. v2 comes last, so the last descriptor to join by is also of this
 * group. */
static const struct branch *birth_branch(const struct cgroup *group)
{
	const struct branch *last;

	if (group == NULL || group->nbranches == 0)
		return NULL;
	last = &group->branches[group->nbranches - 1];
	return last->hierarchy->inits_fd >= 0 ? last : NULL;
}

int cgroup_birth_fd(const struct cgroup *group)
{
	const struct branch *b = birth_branch(group);

	return b != NULL ? b->dirfd : -1;
}

int cgroup_inits_fd(const struct cgroup *group)
{
	const struct branch *b = birth_branch(group);

	return b != NULL ? b->hierarchy->inits_fd : -1;
}

void cgroup_give(struct cgroup *group, uint32_t uid)
{
	const struct branch *b = birth_branch(group);

	if (b == NULL || group->given)
		return;
	(void)sys(__NR_fchownat, b->dirfd, "cgroup.procs", uid, -1, 0);
	group->given = true;
}

int cgroup_cpu_fd(const struct cgroup *group)
{
	return group != NULL ? group->cpu_fd : -1;
}

/* Errors are dropped: if this fails, the caller makes a new group, which reports the same error. */
static bool limits_renew(struct cgroup *group, const struct cgroup_limits *limits)
{
	const struct cgroup_hierarchies *hierarchies;
	struct cordon_error unused;

	if (cgroup_limits_same(limits, &group->limits))
		return true;
	return cgroup_setup_find(&hierarchies) == 0 && cgroup_limits_check(limits, hierarchies, &unused) == 0 &&
	       (cgroup_limits_needed(limits) & ~cgroup_controllers(group)) == 0 &&
	       branches_limit(group, limits, &unused) == 0;
}

static int read_usage(const struct cgroup *group, uint32_t counters, struct cgroup_usage *ret)
{
	struct cgroup_usage usage = { 0 };

	if (group->limits.cpu_rate == CORDON_UNLIMITED)
		counters &= ~CGROUP_BIT(CGROUP_QUOTA);
	for (uint32_t i = 0; i < group->nbranches; i++) {
		const struct branch *b = &group->branches[i];
		const struct cgroup_hierarchy *h = b->hierarchy;
		int rc = h->ops->usage(b->dirfd, group->peak_fd, h->controllers & counters, &usage);

		if (rc < 0)
			return rc;
	}
	*ret = usage;
	return 0;
}

/* Reads the eventfd's count (v1) or the file (v2), so that the descriptor polls again only after the next event. */
static void oom_drain(const struct cgroup *group)
{
	char text[256];

	if (group->oom_fd < 0)
		return;
	(void)(cgroup_version(group, CGROUP_MEMORY) == CORDON_CGROUP_V1
		       ? sys(__NR_read, group->oom_fd, text, sizeof(uint64_t))
		       : sys(__NR_pread64, group->oom_fd, text, sizeof text, 0));
}

/* Resets the peak and reads the counters. Memory of the previous run may still be being freed: then the new peak starts
 * too high, and a second reset is needed. */
static bool begin_anew(struct cgroup *group, uint32_t counters, struct cgroup_usage *ret)
{
	const struct branch *memory = branch_of(group, CGROUP_MEMORY);

	for (int attempt = 0; attempt < 2; attempt++) {
		if (memory != NULL && memory->hierarchy->ops->reset_peak(memory->dirfd, group->peak_fd) < 0)
			return false;
		if (read_usage(group, counters, ret) < 0 || ret->memory_bytes > LEFT_BYTES)
			return false;
		if (ret->memory_peak_bytes <= LEFT_BYTES)
			return true;
	}
	return false;
}

int cgroup_begin(struct cgroup *group, const struct cgroup_limits *limits, struct cgroup_usage *ret_before)
{
	const uint32_t counters = ~CGROUP_BIT(CGROUP_PIDS);	/* it does not change while the group is empty */
	struct cgroup_usage before;

	if (!limits_renew(group, limits) || !begin_anew(group, counters, &before))
		return -EAGAIN;
	before.pids_peak = group->pids_peak;
	before.pids_refused = group->pids_refused;
	oom_drain(group);	/* an event of the previous run that was not read */
	*ret_before = before;
	return 0;
}

int cgroup_usage(struct cgroup *group, struct cgroup_usage *ret)
{
	int rc;

	if (group == NULL) {
		*ret = (struct cgroup_usage){ 0 };
		return 0;
	}
	rc = read_usage(group, ~UINT32_C(0), ret);
	if (rc == 0) {
		group->pids_peak = ret->pids_peak;
		group->pids_refused = ret->pids_refused;
	}
	return rc;
}

void cgroup_usage_since(struct cgroup_usage *usage, const struct cgroup_usage *before)
{
	usage->memory_peak_bytes -= u64_min(usage->memory_peak_bytes, before->memory_bytes);
	usage->oom_kills -= u64_min(usage->oom_kills, before->oom_kills);
	usage->cpu_ns -= u64_min(usage->cpu_ns, before->cpu_ns);
	usage->user_ns -= u64_min(usage->user_ns, before->user_ns);
	usage->system_ns -= u64_min(usage->system_ns, before->system_ns);
	usage->pids_refused -= u64_min(usage->pids_refused, before->pids_refused);
	usage->throttled_ns -= u64_min(usage->throttled_ns, before->throttled_ns);
	usage->io_read_bytes -= u64_min(usage->io_read_bytes, before->io_read_bytes);
	usage->io_written_bytes -= u64_min(usage->io_written_bytes, before->io_written_bytes);
	if (usage->has_pids_peak && usage->pids_peak <= before->pids_peak) {
		usage->has_pids_peak = false;
		usage->pids_peak = 0;
	}
}

int cgroup_oom_fd(const struct cgroup *group, short *ret_events)
{
	const struct branch *memory = branch_of(group, CGROUP_MEMORY);

	if (memory == NULL || group->oom_fd < 0)
		return -1;
	*ret_events = memory->hierarchy->ops->oom_events;
	return group->oom_fd;
}

bool cgroup_oom_killed(const struct cgroup *group, const struct cgroup_usage *before)
{
	const struct branch *memory = branch_of(group, CGROUP_MEMORY);
	struct cgroup_usage usage = { 0 };

	if (memory == NULL || group->oom_fd < 0)
		return false;
	oom_drain(group);
	return memory->hierarchy->ops->usage(memory->dirfd, group->peak_fd, CGROUP_BIT(CGROUP_MEMORY), &usage) == 0 &&
	       usage.oom_kills > before->oom_kills;
}

int cgroup_freeze(struct cgroup *group, bool freeze)
{
	const struct branch *b = branch_of(group, CGROUP_FREEZER);
	const struct cgroup_version_ops *ops;

	if (b == NULL)
		return -ENOTSUP;
	if (freeze)
		atomic_store(&group->frozen, true);
	ops = b->hierarchy->ops;
	return file_write_at(b->dirfd, ops->freeze_file, freeze ? ops->freeze : ops->thaw);
}

void cgroup_free(struct cgroup *group)
{
	if (group == NULL)
		return;
	if (atomic_load(&group->frozen))
		(void)cgroup_freeze(group, false);	/* v1: a frozen process does not die */
	branches_remove(group);
	free(group);
}

void cgroup_release(void)
{
	cgroup_setup_release();
}
