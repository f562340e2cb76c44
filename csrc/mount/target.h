/* SPDX-License-Identifier: Apache-2.0 */
/* target: finds or creates the mount point for a target in the new root. */
#ifndef CORDON_MOUNT_TARGET_H
#define CORDON_MOUNT_TARGET_H

#include <stdbool.h>

enum target_kind {
	TARGET_DIRECTORY,
	TARGET_FILE,
};

/* Creates target (absolute, below root) with missing parents (0755). An O_PATH descriptor or -errno. */
int target_make(int root, const char *target, enum target_kind kind);

/* Opens an existing target. An O_PATH descriptor or -errno (-ENOENT if it is missing). */
int target_find(int root, const char *target);

/* Creates missing parents of target. Returns a descriptor of the last one, with *ret_name = the last component, or
 * -errno. */
int target_parent(int root, const char *target, const char **ret_name);

/* Whether fd is a directory; -errno if that is unknown. */
int target_is_directory(int fd);

#endif
