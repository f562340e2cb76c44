/* SPDX-License-Identifier: Apache-2.0 */
/* items: builds the commands that open, remove or make files inside the sandbox. */
#ifndef CORDON_HOST_ITEMS_H
#define CORDON_HOST_ITEMS_H

#include <stdint.h>
#include "cordon/error.h"
#include "cordon/protocol.h"
#include "cordon/runner.h"
#include "host/init_process.h"

/* Builds an OPEN, DELETE or SYMLINK command for n paths, made absolute by base. 0, or -errno with *err. The caller
 * frees message in both cases. */
int items_prepare(struct init_message *message, enum cordon_msg_type type, const char *base,
		  const struct cordon_file *files, uint32_t n, struct cordon_error *err);

#endif
