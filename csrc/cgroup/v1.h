/* SPDX-License-Identifier: Apache-2.0 */
/* v1: the functions of version.h for cgroup v1. */
#ifndef CORDON_CGROUP_V1_H
#define CORDON_CGROUP_V1_H

#include "cgroup/version.h"

extern const struct cgroup_version_ops cgroup_v1_ops;

#endif
