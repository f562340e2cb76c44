/* SPDX-License-Identifier: Apache-2.0 */
#include "host/urgency.h"

#include <linux/sched.h>
#include <linux/sched/types.h>
#include "base/base.h"

bool urgency_raise(int32_t init_pid)
{
	int priority = 1;	/* the least */

	/* A host that has chosen another policy has chosen it for init as well. */
	return sys(__NR_sched_getscheduler, 0) == SCHED_NORMAL &&
	       sys(__NR_sched_setscheduler, init_pid, SCHED_RR | SCHED_RESET_ON_FORK, &priority) == 0;
}

void urgency_lower(int32_t init_pid)
{
	struct sched_attr attr = {
		.size = sizeof attr, .sched_policy = SCHED_BATCH, .sched_nice = nice_of(init_pid),
	};

	(void)sys(__NR_sched_setattr, init_pid, &attr, 0);
}
