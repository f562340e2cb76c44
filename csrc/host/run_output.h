/* SPDX-License-Identifier: Apache-2.0 */
/* run_output: read what the program writes, within the output limits of its run. */
#ifndef CORDON_HOST_RUN_OUTPUT_H
#define CORDON_HOST_RUN_OUTPUT_H

#include <stdbool.h>
#include "host/run_state.h"

/* Reads from stream number (1, 2) what is there. As stream_read. */
int run_output_read(struct cordon_run *run, int number);

/* Reads all that a program that has ended left in its pipes. 0 or -errno. */
int run_output_rest(struct cordon_run *run);

/* True where an output limit is passed now; the first one that was passed stays the one. */
bool run_output_over(struct cordon_run *run);

#endif
