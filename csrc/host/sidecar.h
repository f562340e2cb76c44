/* SPDX-License-Identifier: Apache-2.0 */
/* sidecar: the inits of a shared container that run programs, one for each handle. */
#ifndef CORDON_HOST_SIDECAR_H
#define CORDON_HOST_SIDECAR_H

#include "cordon/error.h"
#include "host/container.h"

/* A sidecar for a handle that has none, and the layers that it has. Between shared_enter and shared_leave. 0 or -errno
 * with *err, also where the container has ended. */
int sidecar_open(struct cordon_container *kept, struct cordon_error *err);

/* Ends those of all handles, none of which runs anything, and opens new ones: nothing is left of what the old ones had,
 * a replaced network namespace say. 0, or -errno with *err after the end of the container. */
int sidecar_renew_all(struct shared *shared, struct cordon_error *err);

#endif
