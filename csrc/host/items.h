/* SPDX-License-Identifier: Apache-2.0 */
/* items: the command that opens, removes or makes files inside. */
#ifndef CORDON_HOST_ITEMS_H
#define CORDON_HOST_ITEMS_H

#include <stdint.h>
#include "cordon/error.h"
#include "cordon/protocol.h"
#include "cordon/runner.h"
#include "host/init_process.h"

/* An ITEMS command for n paths, each made absolute by base. 0, or -errno with *err. message is the caller's to free,
 * also where it fails. */
int items_prepare(struct init_message *message, enum cordon_msg_type type, const char *base,
		  const struct cordon_file *files, uint32_t n, struct cordon_error *err);

#endif
