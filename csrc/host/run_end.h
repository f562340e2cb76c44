/* SPDX-License-Identifier: Apache-2.0 */
/* run_end: the ways in which a run ends. */
#ifndef CORDON_HOST_RUN_END_H
#define CORDON_HOST_RUN_END_H

#include <stdint.h>
#include "cordon/error.h"
#include "host/run_state.h"

/* Ends the run. Reads first what the program left in its pipes; ends a sandbox that is not a container's. */
void run_end(struct cordon_run *run);

/* The same with an error, which is stored unless there is an earlier one. */
void run_fail(struct cordon_run *run, const struct cordon_error *err);

/* The same for a failure after which init must not be trusted: also ends the container. */
void run_fail_container(struct cordon_run *run, const struct cordon_error *err);
void run_fail_with(struct cordon_run *run, int errnum, enum cordon_step step);

/* Makes init kill the program. The run then ends with init's reply, which follows soon. */
void run_kill(struct cordon_run *run);

#endif
