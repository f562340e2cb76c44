/* SPDX-License-Identifier: Apache-2.0 */
/* image: cordon-init's executable, carried inside the library and run from a sealed memory file.
 *
 * No file on disk takes part, so none can be swapped, and a noexec /tmp does not matter. The seals keep a program that
 * reaches the image through /proc/<pid>/exe from changing it (memfd_create(2), CVE-2019-5736). */
#ifndef CORDON_IMAGE_H
#define CORDON_IMAGE_H

#include "cordon/error.h"

/* An executable in this library's own data. */
struct image {
	const char *name;
	const char *start, *end;
	_Atomic int published;	/* the descriptor + 1; 0 = none yet */
	struct image *next;	/* of those that are published */
};

/* A sealed, close-on-exec memfd with it; made once, kept until image_release, borrowed by the caller. image is static.
 * Any thread. A descriptor, or -errno with *err (step MEMFD). */
int image_publish(struct image *image, struct cordon_error *err);

/* The same for cordon-init. */
int image_fd(struct cordon_error *err);

/* Closes all of them. Nobody uses one, or asks for one meanwhile. */
void image_release(void);

#endif
