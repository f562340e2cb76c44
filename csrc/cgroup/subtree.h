/* SPDX-License-Identifier: Apache-2.0 */
/* subtree: enables controllers in cgroup.subtree_control of the own group of v2, so that groups below it have them.
 *
 * The kernel refuses that while the group itself holds processes (cgroup-v2.rst, "No Internal Process Constraint"), as
 * it does in a user slice, and in Docker and Kubernetes with their own cgroup namespaces. Then its processes are moved
 * to a group below, the host group cordon.<pid>.host, but only if all of this holds:
 *   - the group is delegated to us: its cgroup.procs and cgroup.subtree_control can be opened for writing
 *   - it is the root of our cgroup namespace, so that everything in it belongs to our container; or this process is
 *     alone in it
 *   - every process in it can be moved; if one cannot, those moved before are moved back
 * The host group stays as long as it holds processes, also after cgroup_release. A later Cordon that starts in it makes
 * its groups in the group above (find.c), and removes host groups that are empty. Processes in it are never killed.
 * I1  Either the controllers are enabled afterwards, or everything is as it was before. */
#ifndef CORDON_CGROUP_SUBTREE_H
#define CORDON_CGROUP_SUBTREE_H

#include <stdbool.h>

/* Enables the controllers of dirfd, the own group; namespace_root says whether that is the root of the cgroup
 * namespace. Returns NULL if all controllers that matter are enabled afterwards, else why not: static text.
 * *ret_host_fd is a new host group, locked while it is open, or -1. One thread at a time. */
const char *cgroup_subtree_enable(int dirfd, bool namespace_root, int *ret_host_fd);

#endif
