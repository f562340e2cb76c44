/* SPDX-License-Identifier: Apache-2.0 */
/* guard: starts and ends cordon-janitor, which removes the groups of this process when it has died (csrc/janitor).
 *
 * A socket pair connects the two. Our end tells the janitor to begin: the kernel closes it when we die, and we shut it
 * down to end the janitor earlier. The janitor's end is closed when it has ended. One thread at a time. */
#ifndef CORDON_CGROUP_GUARD_H
#define CORDON_CGROUP_GUARD_H

#include "cgroup/hierarchy.h"
#include "cordon/error.h"

/* Starts the janitor for the groups in hierarchies. After fork(2) the parent keeps its own janitor. 0, or -errno with
 * *err. */
int cgroup_guard_start(const struct cgroup_hierarchies *hierarchies, struct cordon_error *err);

/* Makes the janitor remove every group that is not locked, and waits at most 3 s for its end. Does nothing if there is
 * no janitor. */
void cgroup_guard_end(void);

#endif
