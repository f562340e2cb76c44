/* SPDX-License-Identifier: Apache-2.0 */
/* connects: connections that take time. One thread; state of one run, which begins with connects_begin. */
#ifndef CORDON_SUPERVISOR_CONNECTS_H
#define CORDON_SUPERVISOR_CONNECTS_H

#include <stdbool.h>
#include <stdint.h>
#include "supervisor/supervisor.h"

/* A socket of the program's, which it connects. */
struct connecting {
	struct stop s;
	uint64_t id;		/* of the notification */
	int fd;
	int file;		/* what the address leads to, or -1 */
	uint64_t until_ns;	/* SO_SNDTIMEO; UINT64_MAX = none */
	int32_t err;		/* of the last attempt */
	uint32_t address_len;
	unsigned char address[128];
};

void connects_begin(void);

/* Connects without waiting, as the program: 0 or -errno; EAGAIN, EINPROGRESS and EALREADY mean that it takes longer. */
int connects_try(struct supervisor *sv, const struct connecting *c);

/* Keeps c, and owns its descriptors then. False if there are too many. */
bool connects_add(const struct connecting *c);

/* How long a loop may wait before connects_look, in ms; -1 = for ever. */
int connects_wait_ms(void);

#define CONNECTS_INTERRUPTED 512	/* ERESTARTSYS of include/linux/errno.h: EINTR, or anew, as SA_RESTART says */

/* Tries all again. finished is called for those that have an end, with an errno, CONNECTS_INTERRUPTED or 0;
 * waits says whether a call is still there. */
void connects_look(struct supervisor *sv, bool (*waits)(struct supervisor *sv, const struct connecting *c),
		   void (*finished)(struct supervisor *sv, const struct connecting *c, int32_t err));

#endif
