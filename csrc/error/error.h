/* SPDX-License-Identifier: Apache-2.0 */
/* error: fill, copy and describe struct cordon_error. May run in the vfork child (except describe). */
#ifndef CORDON_ERROR_INTERNAL_H
#define CORDON_ERROR_INTERNAL_H

#include <stdbool.h>
#include "cordon/error.h"

/* The process that this object file is compiled for. The vfork child passes its origin itself. */
#ifdef CORDON_INIT
#define ERROR_ORIGIN CORDON_AT_INIT
#else
#define ERROR_ORIGIN CORDON_AT_HOST
#endif

/* Fills *err (detail may be NULL) and returns -errnum. errnum is positive. */
int error_set(struct cordon_error *err, int errnum, enum cordon_step step, int32_t index, const char *detail);

/* The same with another origin. */
int error_set_at(struct cordon_error *err, enum cordon_origin origin, int errnum, enum cordon_step step, int32_t index,
		 const char *detail);

/* Whether rc is -errno. Other negative values may be addresses. */
static inline bool error_is(long rc)
{
	return rc < 0 && rc >= -CORDON_ERRNO_MAX;
}

/* Refuses a request: err 0, step VALIDATE, detail "field: value: rule". Returns -EINVAL. */
int error_refuse(struct cordon_error *err, int32_t index, const char *field, const char *value, const char *rule);

/* The process of enum cordon_origin, "?" for a number that is none. Static storage. */
const char *error_origin_name(uint32_t origin);

#endif
