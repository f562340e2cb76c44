/* SPDX-License-Identifier: Apache-2.0 */
/* name: the names of the groups that this process makes. */
#ifndef CORDON_CGROUP_NAME_H
#define CORDON_CGROUP_NAME_H

#include <stdbool.h>

#define CGROUP_PREFIX "cordon."	/* of every name that we give (cgroup.h, I1) */

#define CGROUP_NAME_MAX 48

/* Names tried before giving up: they are only taken by another pid namespace that shares the tree, or by an earlier
 * life. */
#define CGROUP_NAME_ATTEMPTS 64

/* "cordon.<pid>." of this process. */
void cgroup_name_prefix(char name[CGROUP_NAME_MAX]);

/* A name that this process has not used before. */
void cgroup_name_next(char name[CGROUP_NAME_MAX]);

/* "cordon.<pid>.host", of the group to which processes are moved (leaf.h). */
void cgroup_name_leaf(char name[CGROUP_NAME_MAX]);

/* Whether name is one of those, of any process. */
bool cgroup_name_is_leaf(const char *name);

#endif
