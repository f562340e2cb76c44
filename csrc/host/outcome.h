/* SPDX-License-Identifier: Apache-2.0 */
/* outcome: makes the status and the numbers of a result from init's facts and the kernel's counters. Known causes
 * (limits, violations) take precedence over the exit status. */
#ifndef CORDON_HOST_OUTCOME_H
#define CORDON_HOST_OUTCOME_H

#include "cgroup/cgroup.h"
#include "host/run_state.h"

/* Fills run->result from the facts, the group's counters (NULL = none) and the streams. */
void outcome_fill(struct cordon_run *run, const struct cgroup_usage *usage);

/* Once more the status alone, of a result that is filled: run->overflow became known later. */
void outcome_judge(struct cordon_run *run);

#endif
