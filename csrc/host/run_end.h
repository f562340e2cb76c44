/* SPDX-License-Identifier: Apache-2.0 */
/* run_end: the ways in which a run ends. */
#ifndef CORDON_HOST_RUN_END_H
#define CORDON_HOST_RUN_END_H

#include <stdint.h>
#include "cordon/error.h"
#include "host/run_state.h"

/* The end of the run: everything of a sandbox of its own goes. What the program left in its pipes is read first. */
void run_end(struct cordon_run *run);

/* The same with an error, which is kept unless there is an earlier one. */
void run_fail(struct cordon_run *run, const struct cordon_error *err);

/* A failure after which nothing that init says can be relied on: it ends the kept container, too. */
void run_fail_container(struct cordon_run *run, const struct cordon_error *err);
void run_fail_with(struct cordon_run *run, int errnum, enum cordon_step step);

/* Has init kill the program. The run then ends by init's reply, which is due soon. */
void run_kill(struct cordon_run *run);

#endif
