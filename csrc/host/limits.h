/* SPDX-License-Identifier: Apache-2.0 */
/* limits: the table of limits, from the rows of cordon/limits.def. */
#ifndef CORDON_HOST_LIMITS_H
#define CORDON_HOST_LIMITS_H

#include "cordon/command.h"
#include "cordon/error.h"

extern const struct cordon_limits limits_usual;	/* the defaults */
extern const struct cordon_limits limits_none;	/* no limits */

/* 0, or -EINVAL with *err (step VALIDATE) for the first limit that is out of its bounds. */
int limits_check(const struct cordon_limits *limits, struct cordon_error *err);

/* The limits, with each CORDON_UNLIMITED replaced by the `none` of its row. */
struct cordon_limits limits_settle(const struct cordon_limits *limits);

#endif
