/* SPDX-License-Identifier: Apache-2.0 */
/* v2: the functions of version.h for cgroup v2. */
#ifndef CORDON_CGROUP_V2_H
#define CORDON_CGROUP_V2_H

#include "cgroup/version.h"

extern const struct cgroup_version_ops cgroup_v2_ops;

/* Names in cgroup.controllers, by enum cgroup_controller; NULL = available in every group. */
extern const char *const cgroup_v2_names[CGROUP_CONTROLLERS];

#endif
