/* SPDX-License-Identifier: Apache-2.0 */
/* mount: builds the root that the program sees from the mounts of a CONF, and makes its writable parts fresh again.
 *
 * Runs in cordon-init, in its own user and mount namespaces, while no program runs. One thread.
 * I1  Propagation is private before the first mount: nothing here reaches the host.
 * I2  A plan is applied completely or the sandbox is given up: there is no undo.
 * I3  Targets are resolved with openat2(RESOLVE_IN_ROOT) from the new root's descriptor: a symbolic link in a bind
 *     mount never leads out of it.
 * I4  Sources that init opens itself are opened before it takes its own ids (mount_sources), with the caller's uid.
 * I5  A reset replaces a tmpfs instead of emptying it, so its cost does not depend on what a program left. A tmpfs that
 *     was not touched is kept. A separate process frees a large one (drop.c).
 * See mount_namespaces(7), fsopen(2), open_tree(2), mount_setattr(2), pivot_root(2). */
#ifndef CORDON_MOUNT_INTERNAL_H
#define CORDON_MOUNT_INTERNAL_H

#include <stdbool.h>
#include "cordon/error.h"
#include "mount/plan.h"
#include "mount/reset.h"

/* Makes propagation private and fills plan->trees: from fds (taken; their slots become -1) or by opening the sources. 0
 * or -errno with *err (MOUNT_PRIVATE, MOUNT_SOURCE, MOUNT_ATTR). */
int mount_sources(struct mount_plan *plan, int *fds, struct cordon_error *err);

/* Builds the new root, makes it "/" and detaches the host's. *ret_proc says whether the plan has a PROC. 0 or -errno
 * with *err (MOUNT_ROOT, MOUNT_TARGET, MOUNT, MOUNT_ATTR, PIVOT_ROOT). Closes every tree in any case. */
int mount_root(struct mount_plan *plan, bool *ret_proc, struct cordon_error *err);

#endif
