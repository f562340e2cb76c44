/* SPDX-License-Identifier: Apache-2.0 */
/* judged: a call that was allowed and that the supervisor makes for the program. */
#ifndef CORDON_SUPERVISOR_JUDGED_H
#define CORDON_SUPERVISOR_JUDGED_H

#include <stdint.h>
#include "calls/calls.h"
#include "supervisor/resolve.h"

#define JUDGED_PATHS 2
#define JUDGED_ADDRESS_SIZE 128	/* sizeof(struct sockaddr_storage); EINVAL above */

struct judged {
	const struct call *call;	/* NULL: there is nothing to be made */
	uint32_t npaths;
	struct resolved paths[JUDGED_PATHS];	/* as in the table; an open has one, with .open */
	/* CALL_ADDRESS: the address, copied once. npaths is 0 if it names no file. */
	unsigned char address[JUDGED_ADDRESS_SIZE];
	uint32_t address_len;
};

#endif
