/* SPDX-License-Identifier: Apache-2.0 */
#include "error/error.h"

#include <linux/errno.h>
#include "base/base.h"

static uint32_t detail_append(struct cordon_error *err, uint32_t used, const char *text)
{
	for (; *text != '\0'; text++) {
		if (used == CORDON_ERROR_DETAIL_MAX) {
			err->flags |= CORDON_ERROR_TRUNCATED;
			break;
		}
		err->detail[used++] = *text;
	}
	return used;
}

int error_set_at(struct cordon_error *err, enum cordon_origin origin, int errnum, enum cordon_step step, int32_t index,
		 const char *detail)
{
	bytes_zero(err, sizeof *err);
	err->err = errnum;
	err->step = (uint16_t)step;
	err->origin = (uint8_t)origin;
	err->index = index;
	if (detail != NULL)
		err->detail_len = detail_append(err, 0, detail);
	return -errnum;
}

int error_set(struct cordon_error *err, int errnum, enum cordon_step step, int32_t index, const char *detail)
{
	return error_set_at(err, ERROR_ORIGIN, errnum, step, index, detail);
}

int error_refuse(struct cordon_error *err, int32_t index, const char *field, const char *value, const char *rule)
{
	const char *parts[] = { field, ": ", value, ": ", rule };
	uint32_t used = 0;

	error_set(err, 0, CORDON_STEP_VALIDATE, index, NULL);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		used = detail_append(err, used, parts[i]);
	err->detail_len = used;
	return -EINVAL;
}
