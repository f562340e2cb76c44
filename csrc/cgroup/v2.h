/* SPDX-License-Identifier: Apache-2.0 */
/* v2: the functions of version.h for cgroup v2. */
#ifndef CORDON_CGROUP_V2_H
#define CORDON_CGROUP_V2_H

#include "cgroup/version.h"

extern const struct cgroup_version_ops cgroup_v2_ops;

/* Names as in cgroup.controllers; NULL = needs no controller. */
extern const char *const cgroup_v2_names[CGROUP_CONTROLLERS];

#endif
