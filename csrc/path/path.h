/* SPDX-License-Identifier: Apache-2.0 */
/* path: open, make and remove files inside the container for the host.
 *
 * Runs in cordon-init after pivot_root. In a shared container programs run meanwhile, and change what they may.
 * I1  No symbolic link is followed, at any place of a path; no FIFO is waited for; only a regular file is handed out.
 * I2  Removing a tree needs bounded memory, descriptors and time, however deep it is and whatever is added meanwhile.
 * I3  What is made is the program's from its first moment: nothing that is there already changes its owner. */
#ifndef CORDON_PATH_H
#define CORDON_PATH_H

#include <stdint.h>

/* An existing regular file, for reading. A descriptor or -errno (-ELOOP: a symbolic link, -EINVAL: not a regular file). */
int path_open_read(const char *path);

/* A new file for writing, owned by uid:gid as are the parents made for it. A descriptor or -errno (-EEXIST). */
int path_create(const char *path, uint32_t mode, uint32_t uid, uint32_t gid);

/* A symbolic link, owned by uid:gid. 0 or -errno. */
int path_symlink(const char *path, const char *text, uint32_t uid, uint32_t gid);

/* Removes a file, a link or an empty directory. 0 or -errno. */
int path_delete(const char *path);

/* Removes path with all that is below it. 0 or -errno, -ETIMEDOUT at until_ns (CLOCK_MONOTONIC); what was removed before a
 * failure stays removed. */
int path_delete_tree(const char *path, uint64_t until_ns);

#endif
