/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup: one group per sandbox, with limits, kernel counters, a freezer and removal; v1 and v2 behind one set of functions.
 *
 * Runs in the library only. Groups are made below the group that this process is in, each controller where it is mounted:
 *   v1  <mount>/<own group>/cordon.<pid>.<n>       v2  the same in the unified tree, with a group of ours in between (stem.h)
 * <pid> is this process's, so that the groups of a dead process can be told from a living one's.
 * What is touched outside the prefix "cordon.", at the first use, and only on v2: cgroup.subtree_control of the own group, where that
 * group offers controllers that it does not hand on. A group that hands controllers on may not hold processes itself, so those in
 * it are moved to <own group>/cordon.<pid>.host (leaf.h says when, and what becomes of it).
 * I1  Nothing else outside the prefix is ever written, and nothing is removed that is not empty.
 * I2  A counter that says "out of memory" is the kernel's (memory.oom_control oom_kill, memory.events), never a guess.
 * I3  A janitor process, started with the first group, removes this process's groups when it dies, also by SIGKILL
 *     (guard.h).
 * I4  A controller that is not there makes nothing fail, unless it is what a limit that was asked for needs.
 * See cgroups(7), Documentation/admin-guide/cgroup-v1/memory.rst, freezer-subsystem.rst, cgroup-v2.rst. */
#ifndef CORDON_CGROUP_INTERNAL_H
#define CORDON_CGROUP_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include "cgroup/controller.h"
#include "cgroup/values.h"
#include "cordon/error.h"
#include "cordon/features.h"

struct cgroup;	/* opaque; heap */

/* What this process can use of controller, found once until cgroup_release, which may move processes (leaf.h).
 * Any thread. */
void cgroup_controller_find(enum cgroup_controller controller, struct cordon_controller *ret);

/* Why it is not usable: one line of static text; NULL where it is. Any thread. */
const char *cgroup_controller_problem(enum cgroup_controller controller);

/* Makes a group in MEMORY, PIDS and CPU where they are usable, in the others where limits ask for them, and in what
 * else they want, and sets the limits. *ret_group is NULL where no controller is usable: that is not an error.
 * 0 or -errno with *err (steps CGROUP_CREATE, CGROUP_LIMIT; a limit that can't be had is refused with "field: value:
 * why") and nothing left over. */
int cgroup_open(const struct cgroup_limits *limits, struct cgroup **ret_group, struct cordon_error *err);

/* Whether group, which may be NULL, has a controller for each limit that nothing else enforces.
 * 0 or -EINVAL with *err (step VALIDATE). */
int cgroup_check(const struct cgroup *group, const struct cgroup_limits *limits, struct cordon_error *err);

/* The controllers it has, as 1 << enum cgroup_controller; 0 for NULL. */
uint32_t cgroup_controllers(const struct cgroup *group);

/* CORDON_CGROUP_V1 or _V2 for a controller that it has. */
uint32_t cgroup_version(const struct cgroup *group, enum cgroup_controller controller);

/* Descriptors of the cgroup.procs files, open for writing, at most max; a process that writes "0" to each of them joins, and
 * the kernel checks the right to do so against the opener: the process may have dropped everything. Owned by the group. */
uint32_t cgroup_procs_fds(const struct cgroup *group, int *fds, uint32_t max);

/* The directory of the group of v2 in which a program may be born (clone3(2), CLONE_INTO_CGROUP), or -1: then, and where that is
 * refused, it joins. The last one of cgroup_procs_fds is this group's. Owned by the group. */
int cgroup_birth_fd(const struct cgroup *group);

/* The directory of the group in which whoever starts such a program is to be born, or -1. Owned by the process. */
int cgroup_inits_fd(const struct cgroup *group);

/* Lets a process with this uid do that, once per group. A wish: where it is refused programs join. */
void cgroup_give(struct cgroup *group, uint32_t uid);

/* A descriptor whose text is the CPU time used so far (v1: cpuacct.usage, ns; v2: cpu.stat, first line "usage_usec N"), or -1.
 * Owned by the group. */
int cgroup_cpu_fd(const struct cgroup *group);

/* Makes an empty group ready for another run: sets limits that differ from the ones before, starts the peak anew, and reads the
 * counters into *ret_before: what they say later counts from there (cgroup_usage_since).
 * 0, or -EAGAIN where another group is needed: this one still holds memory worth mentioning, can't be started anew, or lacks
 * what a limit needs. */
int cgroup_begin(struct cgroup *group, const struct cgroup_limits *limits, struct cgroup_usage *ret_before);

/* Reads the counters; all 0 for NULL. 0 or -errno. */
int cgroup_usage(struct cgroup *group, struct cgroup_usage *ret);

/* Leaves in *usage what came since *before. The peak of processes can't be started anew: where it did not rise, it is not known. */
void cgroup_usage_since(struct cgroup_usage *usage, const struct cgroup_usage *before);

/* A descriptor that polls *ret_events when the group has been out of memory, or -1 where that can't be told. Owned by the group. */
int cgroup_oom_fd(const struct cgroup *group, short *ret_events);

/* Takes what that descriptor has to say; true where processes have been killed for it since before. v1 tells a moment before it kills. */
bool cgroup_oom_killed(const struct cgroup *group, const struct cgroup_usage *before);

/* Freezes or thaws every process that is in it or joins it: a moment later none of them runs, and nothing that they do changes
 * that. A frozen process takes SIGKILL at once on v2, on v1 when it thaws. Any thread, while the group is not freed. 0 or -errno; -ENOTSUP
 * where it has no freezer. */
int cgroup_freeze(struct cgroup *group, bool freeze);

/* Thaws it and removes the directories, waiting for at most 1 s for the kernel to let go of processes that have just ended. What is still in
 * it after a quarter of that is killed where the kernel has cgroup.kill (v2, Linux 5.14). Frees group. Accepts NULL. */
void cgroup_free(struct cgroup *group);

/* Closes the directories that groups are made in, removes the one of v2 that is ours (stem.h), and ends the janitor.
 * The next call of another function looks for them anew. There is no group, and nobody makes one meanwhile. */
void cgroup_release(void);

#endif
