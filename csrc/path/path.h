/* path: open regular files inside the container for the host.
 *
 * Runs in cordon-init after pivot_root, while no program runs: nothing changes between check and use.
 * I1  No symbolic link is followed, at any place of a path; no FIFO is waited for; no device is opened. */
#ifndef CORDON_PATH_H
#define CORDON_PATH_H

#include <stdint.h>

/* An existing regular file, for reading. A descriptor or -errno (-ELOOP: a symbolic link, -EINVAL: not a regular file). */
int path_open_read(const char *path);

/* A new file for writing, owned by uid:gid as are the parents made for it. A descriptor or -errno (-EEXIST). */
int path_create(const char *path, uint32_t mode, uint32_t uid, uint32_t gid);

#endif
