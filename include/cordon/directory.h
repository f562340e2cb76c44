/* SPDX-License-Identifier: Apache-2.0 */
/* directory: what is in a directory of a container, read by the host from a descriptor that cordon_container_open_files
 * has opened with CORDON_FILE_DIRECTORY. The names are the program's: any bytes but '/' and NUL. */
#ifndef CORDON_DIRECTORY_H
#define CORDON_DIRECTORY_H

#include <stdint.h>
#include "cordon/error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum cordon_entry_kind {
	CORDON_ENTRY_FILE = 0,		/* a regular file */
	CORDON_ENTRY_DIRECTORY = 1,
	CORDON_ENTRY_LINK = 2,		/* a symbolic link */
	CORDON_ENTRY_OTHER = 3,		/* a FIFO, a socket, a device */
};

struct cordon_entry {
	const char *name;
	uint32_t kind;			/* enum cordon_entry_kind */
	uint32_t mode;			/* permission bits */
	uint64_t size;			/* bytes; of a link the length of its text */
	int64_t modified_ns;		/* since 1970 */
};

struct cordon_listing {
	struct cordon_entry *entries;	/* by name, byte by byte; without "." and ".." */
	uint32_t nentries;
	uint32_t truncated;		/* nonzero: there are more than were asked for */
	void *names;
};

/* Lists at most most entries: the first ones that the file system has. What vanishes meanwhile is left out. Nothing is
 * opened, no link is followed. 0 with *ret for cordon_listing_done, or -errno with *err. */
int cordon_directory_list(int fd, uint32_t most, struct cordon_listing *ret, struct cordon_error *err);

void cordon_listing_done(struct cordon_listing *listing);

#ifdef __cplusplus
}
#endif
#endif
