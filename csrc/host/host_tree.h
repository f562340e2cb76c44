/* SPDX-License-Identifier: Apache-2.0 */
/* host_tree: files below a directory of the host that have names from inside. No link below the directory is followed,
 * so nothing is written elsewhere, whatever the names are. */
#ifndef CORDON_HOST_HOST_TREE_H
#define CORDON_HOST_HOST_TREE_H

#include <stdbool.h>

/* Opens the directory, and makes it where it is missing. A descriptor or -errno. */
int host_tree_open(const char *path);

/* Makes a file (mode 0644), and the directories on the way to it. name is relative, without "." and "..". What has the
 * name already is an error (-EEXIST), or with replace removed first, unless it is a directory. A descriptor to write
 * to, or -errno. */
int host_tree_create(int dir, const char *name, bool replace);

#endif
