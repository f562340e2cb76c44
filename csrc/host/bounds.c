/* SPDX-License-Identifier: Apache-2.0 */
#include "host/bounds.h"

#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include "base/base.h"

struct row {
	const char *file;
	uint32_t most, share, least;
	bool only_unfiltered;
};

#define IS_ALWAYS false
#define IS_FILTERED true

static const struct row rows[CORDON_USER_MAXES] = {
#define CORDON_USER_MAX(name, most, share, least, when) { "/proc/sys/user/max_" #name, most, share, least, IS_##when },
#include "cordon/bounds.def"
};

uint64_t bounds_part(uint64_t host, uint64_t most, uint64_t share, uint64_t least)
{
	return u64_min(u64_max(u64_min(host / share, most), least), host);
}

/* A file that cannot be read sets no limit that we know. */
static uint64_t read_max(const char *path)
{
	AUTO_CLOSE int fd = (int)sys(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	char text[24];
	long len = fd < 0 ? fd : sys(__NR_read, fd, text, sizeof text);
	uint64_t n = 0;

	for (long i = 0; i < len && text[i] >= '0' && text[i] <= '9'; i++)
		n = n * 10 + (uint64_t)(text[i] - '0');
	return len > 0 ? n : INT_MAX;
}

/* What this process's user namespace gives its users: read once, for every sandbox needs it, and the kernel keeps to a
 * later and lower number all the same. */
static uint32_t host_max(uint32_t i)
{
	static atomic_uint known[CORDON_USER_MAXES];	/* 0 = not read yet, else one more */
	uint32_t max = atomic_load_explicit(&known[i], memory_order_relaxed);

	if (max == 0) {
		max = (uint32_t)u64_min(read_max(rows[i].file), INT_MAX) + 1;
		atomic_store_explicit(&known[i], max, memory_order_relaxed);
	}
	return max - 1;
}

void bounds_of_user(bool filtered, uint32_t ret[CORDON_USER_MAXES])
{
	for (uint32_t i = 0; i < CORDON_USER_MAXES; i++) {
		const struct row *row = &rows[i];

		ret[i] = filtered && row->only_unfiltered
				 ? 0
				 : (uint32_t)bounds_part(host_max(i), row->most, row->share, row->least);
	}
}
