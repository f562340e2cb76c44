/* SPDX-License-Identifier: Apache-2.0 */
/* describe: the texts of errors and of the names in a result; the only such place in C. */
#ifndef CORDON_INIT

#include <stdio.h>
#include <string.h>
#include "base/base.h"
#include "cordon/version.h"
#include "error/error.h"

const char *cordon_version(void)
{
	return CORDON_VERSION;
}

/* Escapes detail into text[4 * CORDON_ERROR_DETAIL_MAX + 1]. */
static void detail_escape(const struct cordon_error *err, char *text)
{
	static const char hex[] = "0123456789abcdef";
	uint32_t len = err->detail_len < CORDON_ERROR_DETAIL_MAX ? err->detail_len : CORDON_ERROR_DETAIL_MAX;

	for (uint32_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)err->detail[i];

		if (c >= 0x20 && c < 0x7f && c != '\\') {
			*text++ = (char)c;
			continue;
		}
		*text++ = '\\';
		*text++ = 'x';
		*text++ = hex[c >> 4];
		*text++ = hex[c & 15];
	}
	*text = '\0';
}

char *cordon_error_describe(const struct cordon_error *err, char *buf, size_t size)
{
	char detail[4 * CORDON_ERROR_DETAIL_MAX + 1];
	char index[24] = "";

	if (size == 0)
		return buf;
	detail_escape(err, detail);
	if (err->index >= 0)
		(void)snprintf(index, sizeof index, "[%d]", (int)err->index);
	(void)snprintf(buf, size, "%s%s%s%s%s%s (%s)", cordon_step_name(err->step), index,
		       detail[0] != '\0' ? ": " : "", detail, err->err != 0 ? ": " : "",
		       err->err != 0 ? strerror(err->err) : "", error_origin_name(err->origin));
	return buf;
}

#endif
