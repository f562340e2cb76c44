/* SPDX-License-Identifier: Apache-2.0 */
/* The four functions that GCC may call even in a freestanding program (GCC manual, "Standards"), for struct copies and
 * initialisers in cordon-init, which has no libc. */
#include "base/base.h"

void *memcpy(void *restrict dst, const void *restrict src, size_t len);
void *memmove(void *dst, const void *src, size_t len);
void *memset(void *dst, int value, size_t len);
int memcmp(const void *a, const void *b, size_t len);

void *memcpy(void *restrict dst, const void *restrict src, size_t len)
{
	bytes_copy(dst, src, len);
	return dst;
}

void *memmove(void *dst, const void *src, size_t len)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	if (d <= s)
		for (size_t i = 0; i < len; i++)
			d[i] = s[i];
	else
		while (len-- > 0)
			d[len] = s[len];
	return dst;
}

void *memset(void *dst, int value, size_t len)
{
	unsigned char *d = dst;

	while (len-- > 0)
		*d++ = (unsigned char)value;
	return dst;
}

int memcmp(const void *a, const void *b, size_t len)
{
	const unsigned char *p = a, *q = b;

	for (; len > 0; len--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}
