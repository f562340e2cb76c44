/* SPDX-License-Identifier: Apache-2.0 */
/* run_copy: the files that are copied into the sandbox before a run. init opens them; the data is copied here. fetch.h
 * has those that are copied out afterwards. */
#ifndef CORDON_HOST_RUN_COPY_H
#define CORDON_HOST_RUN_COPY_H

#include "cordon/command.h"
#include "cordon/error.h"
#include "host/init_process.h"
#include "host/run_state.h"

/* Opens the host's files for copy_in and builds the command that makes init open theirs. 0 or -errno with *err. */
int run_copy_prepare_in(struct cordon_run *run, const struct cordon_command *command, struct init_message *message,
			struct cordon_error *err);

/* Copies into fds, which init has opened; errors has its failures. 0 or -errno with *err. */
int run_copy_in(struct cordon_run *run, const struct cordon_error *errors, const int *fds, struct cordon_error *err);

#endif
