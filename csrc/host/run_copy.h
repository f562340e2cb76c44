/* SPDX-License-Identifier: Apache-2.0 */
/* run_copy: the files that are copied into the sandbox before a run, and out of it afterwards. init opens them; the
 * bytes are moved here. */
#ifndef CORDON_HOST_RUN_COPY_H
#define CORDON_HOST_RUN_COPY_H

#include "cordon/command.h"
#include "cordon/error.h"
#include "host/init_process.h"
#include "host/run_state.h"

/* Opens the host's files of command, which has some, and makes the command that asks init for theirs. 0 or -errno with
 * *err. */
int run_copy_prepare_in(struct cordon_run *run, const struct cordon_command *command, struct init_message *message,
			struct cordon_error *err);

/* The same for the files to be fetched; the command is run->fetch. */
int run_copy_prepare_out(struct cordon_run *run, const struct cordon_command *command, struct cordon_error *err);

/* Copies into fds, which init has opened, or not, as errors says. 0 or -errno with *err. */
int run_copy_in(struct cordon_run *run, const struct cordon_error *errors, const int *fds, struct cordon_error *err);

/* Copies out of fds, one for each of errors that is none. What fails stands in run->copied. */
void run_copy_out(struct cordon_run *run, const struct cordon_error *errors, const int *fds);

#endif
