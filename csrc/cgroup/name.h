/* SPDX-License-Identifier: Apache-2.0 */
/* name: the names of the groups that this process makes. */
#ifndef CORDON_CGROUP_NAME_H
#define CORDON_CGROUP_NAME_H

#include <stdbool.h>

#define CGROUP_PREFIX "cordon."	/* of every group that we make (cgroup.h, I1) */

#define CGROUP_NAME_MAX 48

/* Names tried before giving up. A name is taken only by another pid namespace that shares the hierarchy, or by a
 * process that had this pid before. */
#define CGROUP_NAME_ATTEMPTS 64

/* "cordon.<pid>." of this process. */
void cgroup_name_prefix(char name[CGROUP_NAME_MAX]);

/* "cordon.<pid>.<n>" with an <n> that this process has not used before. */
void cgroup_name_next(char name[CGROUP_NAME_MAX]);

/* "cordon.<pid>.host", the name of the host group (subtree.h). */
void cgroup_name_host(char name[CGROUP_NAME_MAX]);

/* Whether name is that of a host group, of any process. */
bool cgroup_name_is_host(const char *name);

#endif
