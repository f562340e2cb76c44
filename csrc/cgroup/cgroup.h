/* cgroup: one group per sandbox, with limits, kernel counters and removal; v1 and v2 behind one set of functions.
 *
 * Runs in the library only. Groups are made below the group that this process is in, each controller where it is mounted:
 *   v1  <mount>/<own group>/cordon.<pid>.<n>       v2  the same in the unified tree
 * <pid> is this process's, so that the groups of a dead process can be told from a living one's.
 * I1  Nothing outside the prefix "cordon." is ever written, and nothing is removed that is not empty.
 * I2  A counter that says "out of memory" is the kernel's (memory.oom_control oom_kill, memory.events), never a guess.
 * I3  A janitor process, started with the first group, removes this process's groups when it dies, also by SIGKILL.
 * See cgroups(7), Documentation/admin-guide/cgroup-v1/memory.rst, cgroup-v2.rst. */
#ifndef CORDON_CGROUP_INTERNAL_H
#define CORDON_CGROUP_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include "cordon/error.h"
#include "cordon/features.h"

enum cgroup_controller { CGROUP_MEMORY = 0, CGROUP_PIDS = 1, CGROUP_CPU = 2, CGROUP_CONTROLLERS };

/* Limits; CORDON_UNLIMITED sets none. */
struct cgroup_limits {
	uint64_t memory_bytes;
	uint64_t processes;
};

struct cgroup_usage {
	bool has_memory, has_cpu;
	uint64_t memory_bytes;	/* in use now */
	uint64_t memory_peak_bytes;
	uint64_t oom_kills;
	uint64_t cpu_ns, user_ns, system_ns;	/* user + system may differ from cpu by rounding */
};

struct cgroup;	/* opaque; heap */

/* What this process can use of controller, found once per process. Any thread. */
void cgroup_controller_find(enum cgroup_controller controller, struct cordon_controller *ret);

/* Makes a group in every usable controller and sets the limits. *ret_group is NULL where no controller is usable: that is
 * not an error. 0 or -errno with *err (steps CGROUP_CREATE, CGROUP_LIMIT) and nothing left over. */
int cgroup_open(const struct cgroup_limits *limits, struct cgroup **ret_group, struct cordon_error *err);

/* The controllers it has, as 1 << enum cgroup_controller; 0 for NULL. */
uint32_t cgroup_controllers(const struct cgroup *group);

/* CORDON_CGROUP_V1 or _V2 for a controller that it has. */
uint32_t cgroup_version(const struct cgroup *group, enum cgroup_controller controller);

/* Descriptors of the cgroup.procs files, open for writing, at most max; a process that writes "0" to each of them joins, and
 * the kernel checks the right to do so against the opener: the process may have dropped everything. Owned by the group. */
uint32_t cgroup_procs_fds(const struct cgroup *group, int *fds, uint32_t max);

/* A descriptor whose text is the CPU time used so far (v1: cpuacct.usage, ns; v2: cpu.stat, first line "usage_usec N"), or -1.
 * Owned by the group. */
int cgroup_cpu_fd(const struct cgroup *group);

/* Makes an empty group ready for another run: sets limits that differ from the ones before, starts the peak anew, and reads the
 * counters into *ret_before: what they say later counts from there.
 * 0, or -EAGAIN where another group is needed: this one still holds memory worth mentioning, or can't be started anew. */
int cgroup_begin(struct cgroup *group, const struct cgroup_limits *limits, struct cgroup_usage *ret_before);

/* Reads the counters. 0 or -errno. */
int cgroup_usage(const struct cgroup *group, struct cgroup_usage *ret);

/* Kills nothing; removes the directories, waiting for at most 1 s for the kernel to let go of processes that have just ended.
 * Frees group. Accepts NULL. */
void cgroup_free(struct cgroup *group);

#endif
