/* SPDX-License-Identifier: Apache-2.0 */
/* sched, cordon-init's half: the batch policy, the short slice, and giving up the real-time policy.
 *
 * A waking task of SCHED_BATCH does not preempt. So in a kept container the host is asleep before init starts the
 * program, which then finds its CPU free and is not moved to another one by its exec (sched_exec in the kernel). The
 * vfork child takes SCHED_NORMAL and init's own set before it executes (forkexec/child.c).
 *
 * In a long run init must not wait for the time slices of those whose limit it enforces: it takes SCHED_NORMAL with
 * the shortest slice. The host may do more (sched/host.h). When the run is over, init goes back to its former policy,
 * which the next program inherits. */
#ifndef CORDON_SCHED_INIT_H
#define CORDON_SCHED_INIT_H

#include <stdbool.h>
#include <stdint.h>
#include "sched/sched.h"

struct sched_init {
	bool on;		/* the switch, as CONF says */
	bool batch;		/* init runs under SCHED_BATCH between long runs */
	bool hurried;		/* init has left `policy` for a long run */
	uint32_t policy;
	uint32_t ncpus;		/* of own; at least 1 */
	struct sched_cpus own;	/* init's own set, and the program's: the host may pin init at any time */
};

/* At CONF. kept: for more than one run. */
void sched_init_begin(struct sched_init *s, bool on, bool kept);

/* The run has become a long one. Nothing where the switch is off. */
void sched_init_long_run(struct sched_init *s);

/* A look at the limits has taken cost_ns of CPU time: gives up SCHED_RR if that may hold up others. */
void sched_init_look_cost(uint64_t cost_ns);

/* The run is over. */
void sched_init_run_over(struct sched_init *s);

#endif
