/* SPDX-License-Identifier: Apache-2.0 */
/* run_output: reads the program's output, within the output limits of its run. */
#ifndef CORDON_HOST_RUN_OUTPUT_H
#define CORDON_HOST_RUN_OUTPUT_H

#include <stdbool.h>
#include "host/run_state.h"

/* Reads what is available from stream number 1 or 2. Returns as stream_read. */
int run_output_read(struct cordon_run *run, int number);

/* Moves what can be moved between the program and files of the caller's. A file that could not be written to is an
 * error of the run, which the caller ends then. */
void run_output_pump(struct cordon_run *run);

/* Reads everything that is left in the pipes after the program's end. 0 or -errno. */
int run_output_rest(struct cordon_run *run);

/* Whether an output limit is exceeded; the first one exceeded is remembered. */
bool run_output_over(struct cordon_run *run);

#endif
