/* SPDX-License-Identifier: Apache-2.0 */
/* target: find or make the place in the new root where something is mounted. */
#ifndef CORDON_MOUNT_TARGET_H
#define CORDON_MOUNT_TARGET_H

#include <stdbool.h>

enum target_kind {
	TARGET_DIRECTORY,
	TARGET_FILE,
};

/* O_PATH descriptor of target (absolute) below root, made with missing parents (0755), or -errno. */
int target_make(int root, const char *target, enum target_kind kind);

/* O_PATH descriptor of target as it is, or -errno (-ENOENT where it is not there). */
int target_find(int root, const char *target);

/* Makes missing parents of target and returns the last one's descriptor with *ret_name = the last component, or -errno. */
int target_parent(int root, const char *target, const char **ret_name);

/* Whether fd is a directory; -errno where it can't be told. */
int target_is_directory(int fd);

#endif
