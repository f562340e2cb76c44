/* SPDX-License-Identifier: Apache-2.0 */
/* image: cordon-init's executable, which is part of the library and runs from a sealed memfd.
 *
 * There is no file on disk that could be exchanged, and a noexec /tmp does not matter. The seals prevent a program that
 * reaches the image through /proc/<pid>/exe from changing it (memfd_create(2), CVE-2019-5736). */
#ifndef CORDON_IMAGE_H
#define CORDON_IMAGE_H

#include "cordon/error.h"

/* An executable in this library's data. */
struct image {
	const char *name;
	const char *start, *end;
	_Atomic int published;	/* the descriptor + 1; 0 = none yet */
	struct image *next;	/* the next one in the list of published images */
};

/* Returns a sealed, close-on-exec memfd with the image; made once, kept until image_release, borrowed by the caller.
 * image is static. Any thread. -errno with *err (step MEMFD) on failure. */
int image_publish(struct image *image, struct cordon_error *err);

/* The same for cordon-init. */
int image_fd(struct cordon_error *err);

/* Closes all of them. The caller makes sure that no thread uses one or asks for one meanwhile. */
void image_release(void);

#endif
