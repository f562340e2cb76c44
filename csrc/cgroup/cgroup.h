/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup: control groups for sandboxes: limits, the kernel's counters, the freezer, removal. One interface for v1 and
 * v2.
 *
 * Runs in the library only. Groups are made below the group of this process, in each hierarchy that is used:
 *   v1  <mount>/<own group>/cordon.<pid>.<n>
 *   v2  the same in the unified hierarchy, with a parent group of ours in between (parent.h)
 * <pid> is this process's, so that the groups of a dead process can be told from those of a living one. On v2 the first
 * use may also write cgroup.subtree_control of the own group, and move the processes in it to <own
 * group>/cordon.<pid>.host (subtree.h says when).
 * I1  Nothing else outside the prefix "cordon." is written, and only empty groups are removed.
 * I2  Out of memory is reported only if the kernel counted it (memory.oom_control oom_kill, memory.events).
 * I3  A janitor process, started with the first group, removes the groups of this process when it dies, also by SIGKILL
 *     (guard.h).
 * I4  A missing controller is not an error unless a requested limit depends on it.
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

/* Fills *ret with where the controller is mounted and whether it is usable. Found once, until cgroup_release; the first
 * call may move processes (subtree.h). Any thread. */
void cgroup_controller_find(enum cgroup_controller controller, struct cordon_controller *ret);

/* Why the controller is not usable: one line of static text; NULL if it is. Any thread. */
const char *cgroup_controller_problem(enum cgroup_controller controller);

/* Makes a group in MEMORY, PIDS and CPU where they are usable, and in the controllers that the limits need or want, and
 * sets the limits. *ret_group is NULL if no controller is usable; that is not an error. 0 or -errno with *err (step
 * CGROUP_CREATE or CGROUP_LIMIT; a limit that cannot be enforced is refused as "field: value: why"); after an error
 * nothing is left over. */
int cgroup_open(const struct cgroup_limits *limits, struct cgroup **ret_group, struct cordon_error *err);

/* Checks that group has a controller for each limit that only a controller can enforce. group may be NULL. 0 or -EINVAL
 * with *err (step VALIDATE). */
int cgroup_check(const struct cgroup *group, const struct cgroup_limits *limits, struct cordon_error *err);

/* The controllers of the group, 1 << enum cgroup_controller; 0 for NULL. */
uint32_t cgroup_controllers(const struct cgroup *group);

/* CORDON_CGROUP_V1 or CORDON_CGROUP_V2 if the group has the controller, else CORDON_CGROUP_NONE. */
uint32_t cgroup_version(const struct cgroup *group, enum cgroup_controller controller);

/* Stores at most max descriptors of the group's cgroup.procs (v1: tasks) files in fds, open for writing, and returns
 * their number. A process joins by writing "0" to each of them; the kernel checks the opener's rights, so the process
 * may have dropped its own. Owned by the group. */
uint32_t cgroup_procs_fds(const struct cgroup *group, int *fds, uint32_t max);

/* The group's v2 directory, for clone3(2) with CLONE_INTO_CGROUP, or -1. If it is -1, or clone3 is refused, the program
 * joins by a write instead. The last descriptor of cgroup_procs_fds is of this group. Owned by the group. */
int cgroup_birth_fd(const struct cgroup *group);

/* The v2 directory in which cordon-init must be born so that it may use cgroup_birth_fd, or -1. Owned by this
 * module. */
int cgroup_inits_fd(const struct cgroup *group);

/* Lets processes with this uid use cgroup_birth_fd: gives them cgroup.procs. Does so once per group. Best effort: if
 * the kernel refuses, programs join by a write. */
void cgroup_give(struct cgroup *group, uint32_t uid);

/* A descriptor whose text is the CPU time used so far (v1: cpuacct.usage, in ns; v2: cpu.stat, whose first line is
 * "usage_usec N"), or -1. Owned by the group. */
int cgroup_cpu_fd(const struct cgroup *group);

/* Makes an empty group ready for another run: writes the limits that changed, resets the memory peak, and stores the
 * counters in *ret_before, to be subtracted later (cgroup_usage_since). 0, or -EAGAIN if the group cannot be used
 * again: it still holds more than 1 MiB of memory, its peak cannot be reset, or it lacks a controller that a limit
 * needs. */
int cgroup_begin(struct cgroup *group, const struct cgroup_limits *limits, struct cgroup_usage *ret_before);

/* Reads the counters; all 0 for NULL. 0 or -errno. */
int cgroup_usage(struct cgroup *group, struct cgroup_usage *ret);

/* Subtracts *before from *usage. The peak of processes cannot be reset: if it did not rise, it becomes unknown
 * (has_pids_peak false). */
void cgroup_usage_since(struct cgroup_usage *usage, const struct cgroup_usage *before);

/* A descriptor that polls *ret_events when the group was out of memory, or -1 if the kernel has no such notice. Owned
 * by the group. */
int cgroup_oom_fd(const struct cgroup *group, short *ret_events);

/* Reads the notice from cgroup_oom_fd, and returns whether the OOM killer has killed a process of the group since
 * before. v1 notifies a moment before it kills. */
bool cgroup_oom_killed(const struct cgroup *group, const struct cgroup_usage *before);

/* Freezes or thaws every process in the group, and those that join it. It takes effect a moment later, and the
 * processes cannot undo it. SIGKILL ends a frozen process at once on v2, but only when it is thawed on v1. Any thread,
 * until the group is freed. 0 or -errno; -ENOTSUP without a freezer. */
int cgroup_freeze(struct cgroup *group, bool freeze);

/* Thaws the group, removes its directories and frees it. Waits at most 1 s for processes that are ending; after 0.25 s,
 * processes that are left are killed if the kernel has cgroup.kill (v2, Linux 5.14). Accepts NULL. */
void cgroup_free(struct cgroup *group);

/* Closes the directories in which groups are made, removes the parent group of v2 (parent.h), and ends the janitor.
 * Later calls set up everything again. The caller makes sure that there is no group, and that no thread makes one
 * meanwhile. */
void cgroup_release(void);

#endif
