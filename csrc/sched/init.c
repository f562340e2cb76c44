/* SPDX-License-Identifier: Apache-2.0 */
#include "sched/init.h"

#include <linux/sched.h>

#define LONG_LOOK_NS 300000

void sched_init_begin(struct sched_init *s, bool on, bool kept)
{
	*s = (struct sched_init){ .on = on };
	(void)sched_cpus_get(0, &s->own);
	s->ncpus = (uint32_t)u64_max(sched_cpus_count(&s->own), 1);
	if (on && kept && sys(__NR_sched_getscheduler, 0) == SCHED_NORMAL)
		s->batch = sched_policy_set(SCHED_BATCH) == 0;
}

void sched_init_long_run(struct sched_init *s)
{
	long policy;

	if (!s->on)
		return;
	policy = sys(__NR_sched_getscheduler, 0);
	s->hurried = policy == SCHED_NORMAL || policy == SCHED_BATCH;
	s->policy = (uint32_t)policy;
	if (s->hurried)
		sched_attr_set(0, SCHED_NORMAL, 0, SCHED_SHORTEST_SLICE_NS);
}

/* SCHED_RESET_ON_FORK stays: only CAP_SYS_NICE could clear it. */
void sched_init_look_cost(uint64_t cost_ns)
{
	if (cost_ns > LONG_LOOK_NS && sys(__NR_sched_getscheduler, 0) == (SCHED_RR | SCHED_RESET_ON_FORK))
		sched_attr_set(0, SCHED_NORMAL, SCHED_FLAG_RESET_ON_FORK, SCHED_SHORTEST_SLICE_NS);
}

void sched_init_run_over(struct sched_init *s)
{
	if (s->hurried)
		sched_attr_set(0, s->policy, 0, 0);
	s->hurried = false;
}
