/* SPDX-License-Identifier: Apache-2.0 */
/* run_execve: builds the EXECVE of a run: its strings, limits, descriptors and supervisor. */
#ifndef CORDON_HOST_RUN_EXECVE_H
#define CORDON_HOST_RUN_EXECVE_H

#include "cordon/command.h"
#include "cordon/container.h"
#include "cordon/error.h"
#include "host/run_state.h"

/* Builds run->execve and run->fds for a valid command in a sandbox with config, whose filter is resolved. 0 or -errno
 * with *err. */
int run_execve_prepare(struct cordon_run *run, const struct cordon_container_config *config,
		       const struct cordon_command *command, struct cordon_error *err);

/* Sends it, and closes the descriptors that only the program is to have. 0 or -errno with *err. */
int run_execve_send(struct cordon_run *run, struct cordon_error *err);

/* If the kernel refused memory to the child because a limit of the run is too low for any program, *err names the limit
 * from now on, not the step at which the memory ran out. */
void run_execve_blame(const struct cordon_run *run, struct cordon_error *err);

#endif
