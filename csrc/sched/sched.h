/* SPDX-License-Identifier: Apache-2.0 */
/* sched: sets of CPUs and scheduling policies of the host's threads, cordon-init and the supervisor.
 *
 * Five measures make hand-overs between processes quick and limits exact. docs/internals/scheduling.md says what each
 * one is for, what it saves and what protects the program from it.
 *
 *   measure           file          what it does
 *   pinned hand-over  host.c        runs cordon-init and the waiting host thread on one CPU
 *   batch policy      init.c        cordon-init of a kept container runs under SCHED_BATCH
 *   short slice       init.c        in a long run cordon-init has the shortest time slice
 *   real-time policy  host.c        in a long run with a CPU limit cordon-init runs under SCHED_RR; init.c gives it up
 *   pinned stops      supervisor.c  runs the supervisor and a task that stops often on one CPU
 *
 * Words:
 *   pin, unpin   bind a task to one CPU; give it the set of CPUs that it had before
 *   own set      the CPUs on which a task may run when nothing is pinned
 *   long run     a run that is older than SCHED_LONG_RUN_NS
 *   switch       CORDON_SCHEDULING=off in the environment of the host process: no measure is taken
 *
 * All is best effort: if the kernel refuses a call, a run is only slower or a limit less exact. Limits that a command
 * asks for, its CPUs and its nice value, are no measures: the vfork child sets them (forkexec/child.c).
 *
 * This header has what the three files share. */
#ifndef CORDON_SCHED_SCHED_H
#define CORDON_SCHED_SCHED_H

#include <stdint.h>
#include "base/base.h"
#include "cordon/command.h"

#define SCHED_LONG_RUN_NS NSEC_PER_MSEC
#define SCHED_SHORTEST_SLICE_NS 100000	/* sched_runtime of struct sched_attr: Linux 6.12 */

struct sched_cpus {
	uint32_t size;		/* bytes of bits that are valid; 0 = unknown */
	uint64_t bits[CORDON_CPUS_MAX / 64];
};

/* The set of a task, 0 = the calling thread. False, and size 0, if the kernel refuses. */
bool sched_cpus_get(int32_t tid, struct sched_cpus *ret);

/* 0 or -errno. */
long sched_cpus_set(int32_t tid, const struct sched_cpus *cpus);

/* The number of CPUs in the set. */
uint32_t sched_cpus_count(const struct sched_cpus *cpus);

/* The set that has one CPU. */
void sched_cpus_one(struct sched_cpus *ret, int32_t cpu);

/* The CPU of the calling thread, or -1. */
int32_t sched_current_cpu(void);

/* SCHED_NORMAL or SCHED_BATCH for the calling thread. 0 or -errno. */
long sched_policy_set(int policy);

/* Policy, SCHED_FLAG_* and time slice (0 = the default) of a task, which keeps its nice value. */
void sched_attr_set(int32_t tid, uint32_t policy, uint64_t flags, uint64_t slice_ns);

#endif
