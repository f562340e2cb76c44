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
#include "cgroup/home.h"
#include "cgroup/limits.h"
#include "cgroup/name.h"
#include "cgroup/setup.h"
#include "cordon/command.h"
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
	int cpu_fd, peak_fd, oom_fd;
	atomic_bool frozen;
	bool given;
	uint64_t pids_peak;		/* as it was read last */
	struct cgroup_limits limits;	/* what it has now; cpuset points to the copy below */
	struct cpus cpuset;
	struct branch branches[CGROUP_CONTROLLERS];
};

void cgroup_controller_find(enum cgroup_controller controller, struct cordon_controller *ret)
{
	const struct cgroup_homes *homes;

	(void)cgroup_setup_homes(&homes);
	*ret = homes->controller[controller];
}

const char *cgroup_controller_problem(enum cgroup_controller controller)
{
	const struct cgroup_homes *homes;

	return cgroup_setup_homes(&homes) < 0 ? "descriptors are short" : homes->problem[controller];
}

static const struct branch *branch_of(const struct cgroup *group, enum cgroup_controller controller)
{
	for (uint32_t i = 0; group != NULL && i < group->nbranches; i++)
		if ((group->branches[i].home->controllers & CGROUP_BIT(controller)) != 0)
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

/* One name in every hierarchy that has one of the controllers. */
static int branches_make(struct cgroup *group, const struct cgroup_homes *homes, uint32_t controllers, struct cordon_error *err)
{
	for (int attempt = 1;; attempt++) {
		int rc = 0;

		cgroup_name_next(group->name);
		for (uint32_t i = 0; i < homes->n && rc >= 0; i++) {
			struct branch b = { .home = &homes->home[i] };

			if ((b.home->controllers & controllers) == 0)
				continue;

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

/* limits has been checked. */
static int branches_limit(struct cgroup *group, const struct cgroup_limits *limits, struct cordon_error *err)
{
	for (uint32_t i = 0; i < group->nbranches; i++) {
		const struct branch *b = &group->branches[i];
		int rc = cgroup_limits_write(b->home, b->dirfd, limits, &group->limits, err);

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

/* What the runs in it need to hold. Without notice of a lack of memory a run only ends later, so that is no error. */
static int branches_open(struct cgroup *group, struct cordon_error *err)
{
	const struct branch *cpu = branch_of(group, CGROUP_CPU), *memory = branch_of(group, CGROUP_MEMORY);

	if (cpu != NULL) {
		group->cpu_fd = (int)sys(__NR_openat, cpu->dirfd, cpu->home->ops->cpu_file, O_RDONLY | O_CLOEXEC, 0);
		if (group->cpu_fd < 0)
			return error_set(err, -group->cpu_fd, CORDON_STEP_CGROUP_LIMIT, CORDON_NO_INDEX, cpu->home->ops->cpu_file);
	}
	if (memory != NULL) {
		group->peak_fd = memory->home->ops->open_peak(memory->dirfd);
		group->oom_fd = memory->home->ops->oom_open(memory->dirfd);
	}
	return 0;
}

static int group_make(struct cgroup *group, const struct cgroup_homes *homes, const struct cgroup_limits *limits,
		      struct cordon_error *err)
{
	int rc = branches_make(group, homes, cgroup_limits_controllers(limits), err);

	if (rc < 0)
		return rc;
	rc = branches_limit(group, limits, err);
	if (rc < 0)
		return rc;
	return branches_open(group, err);
}

int cgroup_open(const struct cgroup_limits *limits, struct cgroup **ret_group, struct cordon_error *err)
{
	const struct cgroup_homes *homes;
	struct cgroup *group;
	int rc = cgroup_setup_homes(&homes);

	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_CGROUP_CREATE, CORDON_NO_INDEX, "looking for controllers");
	rc = cgroup_limits_check(limits, homes, err);
	if (rc < 0)
		return rc;
	if (homes->n == 0) {
		*ret_group = NULL;
		return 0;
	}
	rc = cgroup_setup_guard(homes, err);
	if (rc < 0)
		return rc;
	group = calloc(1, sizeof *group);
	if (group == NULL)
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	group->cpu_fd = group->peak_fd = group->oom_fd = -1;
	group->limits = cgroup_no_limits;
	rc = group_make(group, homes, limits, err);
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

int cgroup_check(const struct cgroup *group, const struct cgroup_limits *limits, struct cordon_error *err)
{
	return cgroup_limits_enforced(limits, cgroup_controllers(group), err);
}

uint32_t cgroup_version(const struct cgroup *group, enum cgroup_controller controller)
{
	const struct branch *b = branch_of(group, controller);

	return b != NULL ? b->home->ops->version : CORDON_CGROUP_NONE;
}

uint32_t cgroup_procs_fds(const struct cgroup *group, int *fds, uint32_t max)
{
	uint32_t n = 0;

	for (; group != NULL && n < group->nbranches && n < max; n++)
		fds[n] = group->branches[n].procs_fd;
	return n;
}

/* Where v2 is all there is, or found last: the last file to join by is then the same group's. */
static const struct branch *birth_branch(const struct cgroup *group)
{
	const struct branch *last = group != NULL && group->nbranches > 0 ? &group->branches[group->nbranches - 1] : NULL;

	return last != NULL && last->home->inits_fd >= 0 ? last : NULL;
}

int cgroup_birth_fd(const struct cgroup *group)
{
	const struct branch *b = birth_branch(group);

	return b != NULL ? b->dirfd : -1;
}

int cgroup_inits_fd(const struct cgroup *group)
{
	const struct branch *b = birth_branch(group);

	return b != NULL ? b->home->inits_fd : -1;
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

/* Whoever makes the next group meets the same refusal, and says so. */
static bool limits_renew(struct cgroup *group, const struct cgroup_limits *limits)
{
	const struct cgroup_homes *homes;
	struct cordon_error unused;

	if (cgroup_limits_same(limits, &group->limits))
		return true;
	return cgroup_setup_homes(&homes) == 0 && cgroup_limits_check(limits, homes, &unused) == 0 &&
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
		int rc = b->home->ops->usage(b->dirfd, group->peak_fd, b->home->controllers & counters, &usage);

		if (rc < 0)
			return rc;
	}
	*ret = usage;
	return 0;
}

/* v1: the eventfd's count; v2: the text, of which the kernel then knows that it has been read. */
static void oom_drain(const struct cgroup *group)
{
	char text[256];

	if (group->oom_fd < 0)
		return;
	(void)(cgroup_version(group, CGROUP_MEMORY) == CORDON_CGROUP_V1
		       ? sys(__NR_read, group->oom_fd, text, sizeof(uint64_t))
		       : sys(__NR_pread64, group->oom_fd, text, sizeof text, 0));
}

/* Starts the peak anew and reads the counters. The memory of the run before may still be on its way out: then the peak begins with it, and a second
 * try is due. */
static bool begin_anew(struct cgroup *group, uint32_t counters, struct cgroup_usage *ret)
{
	const struct branch *memory = branch_of(group, CGROUP_MEMORY);

	for (int attempt = 0; attempt < 2; attempt++) {
		if (memory != NULL && memory->home->ops->reset_peak(memory->dirfd, group->peak_fd) < 0)
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
	const uint32_t counters = ~CGROUP_BIT(CGROUP_PIDS);	/* the peak of processes stands still without any */
	struct cgroup_usage before;

	if (!limits_renew(group, limits) || !begin_anew(group, counters, &before))
		return -EAGAIN;
	before.pids_peak = group->pids_peak;
	oom_drain(group);	/* what the run before did not hear of any more */
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
	if (rc == 0)
		group->pids_peak = ret->pids_peak;
	return rc;
}

void cgroup_usage_since(struct cgroup_usage *usage, const struct cgroup_usage *before)
{
	usage->memory_peak_bytes -= u64_min(usage->memory_peak_bytes, before->memory_bytes);
	usage->oom_kills -= u64_min(usage->oom_kills, before->oom_kills);
	usage->cpu_ns -= u64_min(usage->cpu_ns, before->cpu_ns);
	usage->user_ns -= u64_min(usage->user_ns, before->user_ns);
	usage->system_ns -= u64_min(usage->system_ns, before->system_ns);
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
	*ret_events = memory->home->ops->oom_events;
	return group->oom_fd;
}

bool cgroup_oom_killed(const struct cgroup *group, const struct cgroup_usage *before)
{
	const struct branch *memory = branch_of(group, CGROUP_MEMORY);
	struct cgroup_usage usage = { 0 };

	if (memory == NULL || group->oom_fd < 0)
		return false;
	oom_drain(group);
	return memory->home->ops->usage(memory->dirfd, group->peak_fd, CGROUP_BIT(CGROUP_MEMORY), &usage) == 0 &&
	       usage.oom_kills > before->oom_kills;
}

int cgroup_freeze(struct cgroup *group, bool freeze)
{
	const struct branch *b = branch_of(group, CGROUP_FREEZER);

	if (b == NULL)
		return -ENOTSUP;
	if (freeze)
		atomic_store(&group->frozen, true);
	return file_write_at(b->dirfd, b->home->ops->freeze_file, freeze ? b->home->ops->freeze : b->home->ops->thaw);
}

void cgroup_free(struct cgroup *group)
{
	if (group == NULL)
		return;
	if (atomic_load(&group->frozen))
		(void)cgroup_freeze(group, false);	/* v1: the frozen do not die */
	branches_remove(group);
	free(group);
}

void cgroup_release(void)
{
	cgroup_setup_release();
}
