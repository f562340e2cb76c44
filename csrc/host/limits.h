/* SPDX-License-Identifier: Apache-2.0 */
/* limits: the table of limits, from the rows of cordon/limits.def. */
#ifndef CORDON_HOST_LIMITS_H
#define CORDON_HOST_LIMITS_H

#include "cordon/command.h"
#include "cordon/error.h"

extern const struct cordon_limits limits_usual;	/* the defaults */
extern const struct cordon_limits limits_none;	/* nothing is limited */

/* 0, or -EINVAL with *err (step VALIDATE) for the first limit that is out of its bounds. */
int limits_check(const struct cordon_limits *limits, struct cordon_error *err);

/* The same limits, with what CORDON_UNLIMITED stands for in its place. */
struct cordon_limits limits_settle(const struct cordon_limits *limits);

#endif
