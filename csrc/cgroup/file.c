/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include "base/base.h"
#include "cordon/command.h"

#define SLURP_MAX ((size_t)16 << 20)

/* Reads until the end of fd or size - 1 bytes; returns the length or -errno. One read(2) of a proc file may return less
 * than there is. */
static long read_text(int fd, char *buf, size_t size)
{
	size_t used = 0;

	while (used + 1 < size) {
		long n = sys(__NR_read, fd, buf + used, size - 1 - used);

		if (n == -EINTR)
			continue;
		if (n < 0)
			return n;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	buf[used] = '\0';
	return (long)used;
}

char *cgroup_file_slurp(int dirfd, const char *path)
{
	for (size_t size = (size_t)16 << 10; size <= SLURP_MAX; size *= 4) {
		AUTO_CLOSE int fd = (int)sys(__NR_openat, dirfd, path, O_RDONLY | O_CLOEXEC, 0);
		char *text = fd >= 0 ? malloc(size) : NULL;
		long len = text != NULL ? read_text(fd, text, size) : -1;

		if (len >= 0 && (size_t)len < size - 1)
			return text;
		free(text);
		if (len < 0)
			break;
	}
	return NULL;
}

int cgroup_file_read(int dirfd, const char *path, char *buf, size_t size)
{
	AUTO_CLOSE int fd = (int)sys(__NR_openat, dirfd, path, O_RDONLY | O_CLOEXEC, 0);
	long len = fd >= 0 ? read_text(fd, buf, size) : fd;

	return len < 0 ? (int)len : 0;
}

static bool number_parse(const char *text, uint64_t *ret)
{
	uint64_t value = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
			return false;
	if (p == text || (*p != '\n' && *p != '\0'))
		return false;
	*ret = value;
	return true;
}

bool cgroup_text_u64(const char *text, const char *key, uint64_t *ret)
{
	size_t len = strlen(key);

	if (len == 0)
		return number_parse(text, ret);
	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) == 0 && line[len] == ' ')
			return number_parse(line + len + 1, ret);
	}
	return false;
}

bool cgroup_text_has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = strstr(text, word); p != NULL; p = strstr(p + 1, word))
		if ((p == text || p[-1] == ' ') && (p[len] == ' ' || p[len] == '\n' || p[len] == '\0'))
			return true;
	return false;
}

uint64_t cgroup_text_sum(const char *text, const char *key)
{
	uint64_t sum = 0;
	size_t len = strlen(key);

	for (const char *p = strstr(text, key); p != NULL; p = strstr(p, key)) {
		uint64_t value = 0;

		for (p += len; *p >= '0' && *p <= '9'; p++)
			value = value * 10 + (uint64_t)(*p - '0');
		sum += value;
	}
	return sum;
}

int cgroup_file_read_key(int dirfd, const char *path, const char *key, uint64_t *ret)
{
	char text[128];
	int rc = cgroup_file_read(dirfd, path, text, sizeof text);

	if (rc == 0 && !cgroup_text_u64(text, key, ret))
		rc = -EPROTO;
	return rc;
}

int cgroup_file_read_u64(int dirfd, const char *path, uint64_t *ret)
{
	return cgroup_file_read_key(dirfd, path, "", ret);
}

int cgroup_file_write_limit(int dirfd, const char *path, uint64_t value, const char *unlimited)
{
	char text[24];

	return file_write_at(dirfd, path, value == CORDON_UNLIMITED ? unlimited : u64_text(text, sizeof text, value));
}
