/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/values.h"

#include "cordon/command.h"

const struct cgroup_limits cgroup_no_limits = {
#define CORDON_LIMIT(field, ...)
#define CORDON_GROUP_LIMIT(field, name, kind, usual, least, most, none, controller, lack) .field = none,
#include "cordon/limits.def"
};
