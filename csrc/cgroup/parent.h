/* SPDX-License-Identifier: Apache-2.0 */
/* parent: the v2 group in which this process makes the groups of its runs, so that a program can be born in its group
 * (clone3(2), CLONE_INTO_CGROUP).
 *
 * A process that joins by a write waits for an RCU grace period, about 10 ms on an idle machine. CLONE_INTO_CGROUP
 * avoids that, but the caller of clone3 needs the right to write cgroup.procs of the common ancestor of its own group
 * and the new one (cgroups(7), cgroup_procs_write_permission in the kernel). The caller is cordon-init, with its own
 * uid, and the own group of this process is not ours to give away. So a parent group of ours is put in between:
 *   <own group>/cordon.<pid>.<n>/                    the parent group: enables its controllers, holds no process
 *                                cordon.<pid>.<n>/   where every cordon-init is born; without limits
 *                                cordon.<pid>.<n>/   one per run; cgroup_give gives its cgroup.procs away
 * I1  Every user may write the parent group's cgroup.procs. That alone moves nothing: the kernel moves no process into
 *     a group that enables controllers for its children, and a move to another group below needs write access to that
 *     group's file as well, which only its cordon-init has. (A sandbox also has no cgroup file system.)
 * I2  Without a parent group everything works as on v1: groups lie below the own group, and programs join them.
 * The parent group is made with the first group and stays until cgroup_release, or until the janitor removes it. */
#ifndef CORDON_CGROUP_PARENT_H
#define CORDON_CGROUP_PARENT_H

#include "cgroup/hierarchy.h"

/* Makes the parent group of this process in a v2 hierarchy, where groups are then made. After fork(2) the parent
 * process keeps its own. */
void cgroup_parent_make(struct cgroup_hierarchy *h);

#endif
