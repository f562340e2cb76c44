/* SPDX-License-Identifier: Apache-2.0 */
/* parent: resolves a path whose last component is a name that is made, removed or moved. */
#ifndef CORDON_SUPERVISOR_PARENT_H
#define CORDON_SUPERVISOR_PARENT_H

#include <stdbool.h>
#include <stdint.h>
#include "supervisor/resolve.h"

/* As resolve, but the last component is not looked up: *ret has its directory and name. A slash after it does not have
 * a link followed. */
int parent_resolve(int proc_fd, int32_t tid, int dirfd, const char *path, struct resolved *ret);

/* Sets the directory and name of a path without links, dots and slashes at its end. False if the name is too long. */
bool parent_of(struct resolved *r);

#endif
