/* SPDX-License-Identifier: Apache-2.0 */
/* ended: the runs of a benchmark, which must succeed: any error ends the process. */
#ifndef CORDON_BENCH_ENDED_H
#define CORDON_BENCH_ENDED_H

#include "cordon/runner.h"

_Noreturn void die_of(const struct cordon_error *err);

/* The result of a run that has ended: OK. It is the run's, which the caller frees. */
const struct cordon_result *ended_well(struct cordon_run *run);

#endif
