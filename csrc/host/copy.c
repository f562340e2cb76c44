/* SPDX-License-Identifier: Apache-2.0 */
#include "host/copy.h"

#include <errno.h>
#include "base/base.h"

#define COPY_CHUNK 65536

int copy_bytes(int in, int out, uint64_t limit, uint64_t *ret_len)
{
	unsigned char chunk[COPY_CHUNK];
	long n;
	int rc;

	*ret_len = 0;
	for (;;) {
		uint64_t left = limit - *ret_len;

		n = sys(__NR_read, in, chunk, sizeof chunk);
		if (n == -EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		rc = fd_write_full(out, chunk, (size_t)u64_min((uint64_t)n, left));
		if (rc < 0)
			return rc;
		*ret_len += u64_min((uint64_t)n, left);
		if ((uint64_t)n > left)
			return -EFBIG;
	}
}
