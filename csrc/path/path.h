/* SPDX-License-Identifier: Apache-2.0 */
/* path: opens, creates and removes files inside the container for the host.
 *
 * Runs in cordon-init after pivot_root. Programs may run meanwhile and change what they may write to, so each component
 * of a path is opened in the one before.
 * I1  Follows no symbolic link anywhere in a path, waits for no FIFO, opens no device.
 * I2  Removing a tree needs bounded memory, descriptors and time, at any depth and whatever programs add meanwhile. */
#ifndef CORDON_PATH_H
#define CORDON_PATH_H

#include <stdbool.h>
#include <stdint.h>

/* Opens an existing regular file for reading. A descriptor or -errno (-ELOOP: a symbolic link, -EINVAL: not a regular
 * file). */
int path_open_read(const char *path);

/* Opens an existing directory, to list it. A descriptor or -errno. */
int path_open_directory(const char *path);

/* Creates a file for writing, owned by uid:gid, as are missing parents. replace removes an existing file or link first,
 * but no directory (-EISDIR); a process that has it open keeps it. A descriptor or -errno (-EEXIST). */
int path_create(const char *path, uint32_t mode, bool replace, uint32_t uid, uint32_t gid);

/* Creates a symbolic link, owned by uid:gid. 0 or -errno. */
int path_symlink(const char *path, const char *text, uint32_t uid, uint32_t gid);

/* Removes a file, a link or an empty directory. 0 or -errno. */
int path_delete(const char *path);

/* Removes path with everything below it. 0 or -errno (-ETIMEDOUT at until_ns, see clock_ns); after a failure, some of
 * it may be removed. */
int path_delete_tree(const char *path, uint64_t until_ns);

#endif
