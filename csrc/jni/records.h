/* SPDX-License-Identifier: Apache-2.0 */
/* records: the structs of this module that the tables of format.c describe; other structs are the library's. */
#ifndef CORDON_JNI_RECORDS_H
#define CORDON_JNI_RECORDS_H

#include <stdint.h>
#include "cordon/command.h"
#include "cordon/container.h"
#include "cordon/directory.h"
#include "cordon/error.h"
#include "cordon/runner.h"
#include "cordon/seccomp.h"

/* A decoded request. Strings and bytes point into the message, which must not change until request_done (request.h);
 * the arrays are allocated. */
struct request {
	struct cordon_container_config config;
	struct cordon_command command;
	const struct cordon_file *files;
	uint32_t nfiles;
	uint32_t policy_arch;
	struct cordon_seccomp_policy policy;
	struct request_block *blocks;
};

/* The reply for a file that was to be opened, made or removed. */
struct file_reply {
	int32_t fd;
	struct cordon_error error;
};

#endif
