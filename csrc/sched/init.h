/* SPDX-License-Identifier: Apache-2.0 */
/* sched, cordon-init's part: the batch policy, the short slice, and giving up the real-time policy.
 *
 * A waking task of SCHED_BATCH does not preempt. So in a kept container the host sleeps before init starts the program,
 * which then finds its CPU free and is not moved to another one by its exec (sched_exec in the kernel). Before the exec
 * the vfork child takes SCHED_NORMAL and init's own set (forkexec/child.c).
 *
 * In a long run init must not wait for the time slices of the tasks whose limit it enforces: it takes SCHED_NORMAL with
 * the shortest slice. The host may do more (sched/host.h). After the run init goes back to its former policy, which the
 * next program inherits. */
#ifndef CORDON_SCHED_INIT_H
#define CORDON_SCHED_INIT_H

#include <stdbool.h>
#include <stdint.h>
#include "sched/sched.h"

struct sched_init {
	bool on;		/* the switch, from CONF */
	bool batch;		/* init runs under SCHED_BATCH between long runs */
	bool hurried;		/* init has left `policy` for a long run */
	uint32_t policy;
	uint32_t ncpus;		/* number of CPUs in own; at least 1 */
	struct sched_cpus own;	/* the own set of init and the program; the host may pin init at any time */
};

/* To be called at CONF. kept: the sandbox is for more than one run. */
void sched_init_begin(struct sched_init *s, bool on, bool kept);

/* To be called when the run has become a long run. Does nothing if the switch is off. */
void sched_init_long_run(struct sched_init *s);

/* To be called after a check of the limits that took cost_ns of CPU time: gives up SCHED_RR if such checks could hold
 * up other tasks. */
void sched_init_look_cost(uint64_t cost_ns);

/* To be called when the run is over. */
void sched_init_run_over(struct sched_init *s);

#endif
