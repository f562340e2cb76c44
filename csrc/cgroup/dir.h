/* SPDX-License-Identifier: Apache-2.0 */
/* dir: the directory of one group in one hierarchy: make it, remove it, remove those of dead processes.
 *
 * Whoever makes a group holds a shared flock(2) on its directory as long as he lives and the group is his; a cleaner takes an
 * exclusive one first. So "dead" is asked of the kernel, and the answer is right where pids mislead: used again after a
 * restart of a container, or seen from another pid namespace that shares the cgroup tree. Besides, rmdir(2) refuses a group that has
 * processes. */
#ifndef CORDON_CGROUP_DIR_H
#define CORDON_CGROUP_DIR_H

#include "cgroup/name.h"

/* Makes and locks the group. Returns its descriptor, with *ret_procs_fd open for writing its join_file; both are owned by the
 * caller. -EAGAIN where the name is taken, or where another process's cleaner came between making and locking: try another
 * name. Else -errno. */
int cgroup_dir_make(int home_dirfd, const char *name, const char *join_file, int *ret_procs_fd);

/* The same under the next name that is free, which is left in name. Its descriptor, with *ret_procs_fd, or -errno. */
int cgroup_dir_make_next(int home_dirfd, const char *join_file, char name[CGROUP_NAME_MAX], int *ret_procs_fd);

/* Removes the group, waiting for at most 1 s for processes that are ending. After a quarter of that it kills what is in it, by v2's
 * cgroup.kill, unless it is a leaf (leaf.h), where others live. */
void cgroup_dir_remove(int home_dirfd, const char *name);

/* Removes the groups with our prefix that nobody has locked. What a dead process left in one is thawed, and killed where the kernel has
 * cgroup.kill; its group then goes next time. */
void cgroup_dir_remove_stale(int home_dirfd);

#endif
