/* SPDX-License-Identifier: Apache-2.0 */
/* outcome: from what init and the kernel's counters say to a status. The order of the questions is the order of the
 * statuses: what ended the program comes before what it looks like from outside. */
#ifndef CORDON_HOST_OUTCOME_H
#define CORDON_HOST_OUTCOME_H

#include "cgroup/cgroup.h"
#include "host/run_state.h"

/* Fills run->result from facts, the group's counters (NULL = none) and streams. */
void outcome_fill(struct cordon_run *run, const struct cgroup_usage *usage);

/* Once more the status alone, of a result that is filled: run->overflow became known later. */
void outcome_judge(struct cordon_run *run);

#endif
