/* SPDX-License-Identifier: Apache-2.0 */
/* sidecar: the inits of a shared container that run programs, one for each handle. */
#ifndef CORDON_HOST_SIDECAR_H
#define CORDON_HOST_SIDECAR_H

#include "cordon/error.h"
#include "host/container.h"

/* Opens a sidecar for a handle that has none, with its layers. Between shared_enter and shared_leave. 0, or -errno with
 * *err, also if the container has ended. */
int sidecar_open(struct cordon_container *kept, struct cordon_error *err);

/* Ends the sidecars of all handles, which run no program, and opens new ones: the old ones would keep, for example, a
 * network namespace that was replaced. 0, or -errno with *err after the container has ended. */
int sidecar_renew_all(struct shared *shared, struct cordon_error *err);

#endif
