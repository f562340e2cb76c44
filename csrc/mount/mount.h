/* SPDX-License-Identifier: Apache-2.0 */
/* mount: turn the checked mounts of a CONF into the root that the program will see, and make its writable parts fresh again.
 *
 * Runs in cordon-init, in its own user and mount namespaces, while no program runs. One thread.
 * I1  Propagation is private before the first mount: nothing done here reaches the host.
 * I2  A plan is applied completely or the sandbox is thrown away: there is no undo.
 * I3  Targets are resolved with openat2(RESOLVE_IN_ROOT) from the new root's descriptor: a symbolic link that came with a
 *     bind mount never leads out of it.
 * I4  Sources that init opens by itself are opened before it takes its own identity (mount_sources), with the caller's uid.
 * I5  A reset replaces a tmpfs, it does not empty it: its cost does not grow with what a program left. A tmpfs that was not
 *     touched is left alone. The work of freeing a large one is done by a process of its own (drop.c).
 * See mount_namespaces(7), fsopen(2), open_tree(2), mount_setattr(2), pivot_root(2). */
#ifndef CORDON_MOUNT_INTERNAL_H
#define CORDON_MOUNT_INTERNAL_H

#include <stdbool.h>
#include "cordon/error.h"
#include "mount/plan.h"
#include "mount/reset.h"

/* Makes propagation private and fills plan->trees: from fds (taken, slots become -1) or by opening the source.
 * 0 or -errno with *err (MOUNT_PRIVATE, MOUNT_SOURCE, MOUNT_ATTR). */
int mount_sources(struct mount_plan *plan, int *fds, struct cordon_error *err);

/* Builds the new root, makes it "/" and drops the host's. *ret_proc says whether a PROC mount is there.
 * 0 or -errno with *err (MOUNT_ROOT, MOUNT_TARGET, MOUNT, MOUNT_ATTR, PIVOT_ROOT). Closes every tree in any case. */
int mount_root(struct mount_plan *plan, bool *ret_proc, struct cordon_error *err);

#endif
