/* SPDX-License-Identifier: Apache-2.0 */
/* carrying: a call that the supervisor makes for the program: what the parts of carry.c share. */
#ifndef CORDON_SUPERVISOR_CARRYING_H
#define CORDON_SUPERVISOR_CARRYING_H

#include <stddef.h>
#include <stdint.h>
#include "supervisor/judged.h"
#include "supervisor/pin.h"
#include "supervisor/supervisor.h"

/* The largest value that is copied: XATTR_SIZE_MAX and XATTR_LIST_MAX of linux/limits.h. */
#define CARRYING_BUFFER_SIZE 65536

/* A path argument. dir and path are for the *at calls, with empty in their flags; link is for calls without a
 * directory, relative to proc, which is the supervisor's working directory. An object has all of them, a name that is
 * made or removed only dir and path. */
struct carrying_place {
	int fd;			/* owned, or -1 */
	int dir;
	const char *path;
	uint32_t empty;		/* AT_EMPTY_PATH or 0 */
	char link[PIN_LINK_SIZE];
};

struct carrying {
	struct supervisor *sv;
	const struct stop *s;
	uint64_t id;			/* of the notification */
	const struct judged *judged;
	uint32_t flags;			/* the call's, without those that were for the lookup */
	const uint64_t *rest;		/* the arguments after the first path */
	struct carrying_place at[JUDGED_PATHS];
	/* What is to be written into the program's memory. */
	uint64_t address;
	const void *data;
	size_t len;
};

/* The result rc of a call that filled data[0..len). */
static inline int64_t carrying_give(struct carrying *c, uint64_t address, const void *data, size_t len, int64_t rc)
{
	if (rc >= 0) {
		c->address = address;
		c->data = data;
		c->len = len;
	}
	return rc;
}

#endif
