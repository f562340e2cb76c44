/* SPDX-License-Identifier: Apache-2.0 */
/* dir: the directory of one group in one hierarchy: make it, remove it, remove those of dead processes.
 *
 * The creating process keeps a shared flock(2) on the directory until it dies or removes the group; a cleaner first
 * takes an exclusive one. So the kernel answers whether the owner is dead, also where pids mislead: reused after a
 * restart of a container, or seen from another pid namespace that shares the cgroup tree. In addition, rmdir(2) refuses
 * a group that has processes. */
#ifndef CORDON_CGROUP_DIR_H
#define CORDON_CGROUP_DIR_H

#include "cgroup/name.h"

/* Makes and locks the group. Returns its descriptor, and *ret_procs_fd open for writing its join_file; the caller owns
 * both. -EAGAIN if the name is taken, or a cleaner removed the directory before it was locked: try another name. Else
 * -errno. */
int cgroup_dir_make(int parent_fd, const char *name, const char *join_file, int *ret_procs_fd);

/* The same under the next free name, which is stored in name. Returns the descriptor, or -errno. */
int cgroup_dir_make_next(int parent_fd, const char *join_file, char name[CGROUP_NAME_MAX], int *ret_procs_fd);

/* Removes the group, waiting at most 1 s for processes that are ending. After 0.25 s it kills the processes that are
 * left, by v2's cgroup.kill, unless it is a host group (subtree.h), which holds processes that are not ours. */
void cgroup_dir_remove(int parent_fd, const char *name);

/* Removes the groups with our prefix that no process has locked. Processes that a dead owner left in one are thawed,
 * and killed if the kernel has cgroup.kill; the next call then removes the group. */
void cgroup_dir_remove_stale(int parent_fd);

#endif
