/* SPDX-License-Identifier: Apache-2.0 */
/* validate: refuses an invalid request with the field, the value and the rule, before anything is started. Pure
 * functions. */
#ifndef CORDON_HOST_VALIDATE_H
#define CORDON_HOST_VALIDATE_H

#include <stdbool.h>
#include "cordon/command.h"
#include "cordon/container.h"
#include "cordon/error.h"
#include "cordon/runner.h"
#include "cpus/cpus.h"

/* 0, or -EINVAL with *err (step VALIDATE; LAYER if the request excludes a required layer). */
int validate_config(const struct cordon_container_config *config, struct cordon_error *err);
int validate_command(const struct cordon_command *command, struct cpus *ret_cpus,	/* no words: no cpuset */
		     struct cordon_error *err);
int validate_together(const struct cordon_container_config *config, const struct cordon_command *command,
		      struct cordon_error *err);	/* whether the command fits the sandbox; each is valid by
							   itself */
int validate_files(const struct cordon_file *files, uint32_t n, bool symlink, struct cordon_error *err);

#endif
