/* SPDX-License-Identifier: Apache-2.0 */
/* child: the function of the vfork child, and what it shares with its suspended parent. */
#ifndef CORDON_FORKEXEC_CHILD_H
#define CORDON_FORKEXEC_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include "forkexec/plan.h"

struct child_report {
	volatile int32_t step;		/* the step that it is at */
	volatile int32_t err;		/* positive errno where that step failed */
	volatile int32_t index;
};

struct child_args {
	const struct child_plan *plan;
	struct child_report *report;
	bool born_in_group;		/* of plan->cgroup_fd */
};

/* arg is a struct child_args. Never returns: executes, or exits with 127 after the report. */
void child_main(void *arg);

#endif
