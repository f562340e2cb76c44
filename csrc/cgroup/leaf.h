/* SPDX-License-Identifier: Apache-2.0 */
/* leaf: make the own group of v2 hand its controllers on to groups below it.
 *
 * That takes a write to its cgroup.subtree_control, which the kernel refuses while the group itself holds processes (cgroup-v2.rst, "No
 * Internal Process Constraint"): the usual case in a user slice, and in Docker and Kubernetes with a cgroup namespace of their own. Then the
 * processes are moved into a group below, cordon.<pid>.host, and only where all of this holds:
 *   - the group is delegated to us: its cgroup.procs and cgroup.subtree_control can be opened for writing
 *   - it is the root of our cgroup namespace, so that everything in it belongs to our container; or this process is alone in it
 *   - every process in it can be moved; where one can't, those before it are moved back
 * The leaf stays as long as anybody is in it, also after cgroup_release, and is in nobody's way: a later Cordon that
 * starts in it takes the group above for its home (find.c), and removes the ones that are empty. Nobody is ever
 * killed in it.
 * I1  Either the controllers are handed on afterwards, or everything is as it was before. */
#ifndef CORDON_CGROUP_LEAF_H
#define CORDON_CGROUP_LEAF_H

#include <stdbool.h>

/* dirfd is the own group, namespace_root whether it is the root of the cgroup namespace. Returns NULL where no controller is held back, else
 * why: static text. *ret_leaf_fd = a new leaf, which is locked as long as it is open, or -1. One thread at a time. */
const char *cgroup_leaf_prepare(int dirfd, bool namespace_root, int *ret_leaf_fd);

#endif
