/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <asm/statfs.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/openat2.h>
#include <linux/signal.h>
#include <linux/stat.h>
#include <linux/time.h>

#define ST_RDONLY 1	/* statfs(2); in no uapi header */

void bytes_copy(void *dst, const void *src, size_t len)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	while (len-- > 0)
		*d++ = *s++;
}

void bytes_zero(void *dst, size_t len)
{
	unsigned char *d = dst;

	while (len-- > 0)
		*d++ = 0;
}

size_t str_len(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0')
		n++;
	return n;
}

bool str_eq(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

const char *str_find(const char *s, char c)
{
	for (; *s != '\0'; s++)
		if (*s == c)
			return s;
	return NULL;
}

bool str_starts(const char *s, const char *prefix)
{
	while (*prefix != '\0' && *s == *prefix) {
		s++;
		prefix++;
	}
	return *prefix == '\0';
}

bool str_is_dots(const char *name)
{
	return str_eq(name, ".") || str_eq(name, "..");
}

bool str_concat(char *buf, size_t size, const char *a, const char *b, const char *c)
{
	const char *parts[] = { a, b, c };
	size_t used = 0;

	if (size == 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		size_t len = str_len(parts[i]);

		if (len >= size - used) {
			buf[used] = '\0';
			return false;
		}
		bytes_copy(buf + used, parts[i], len);
		used += len;
	}
	buf[used] = '\0';
	return true;
}

char *u64_text(char *buf, size_t size, uint64_t value)
{
	char *p = buf + size;

	*--p = '\0';
	do {
		*--p = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	return p;
}

void signals_default(void)
{
	struct {	/* struct sigaction of the kernel */
		void *handler;
		unsigned long flags;
		void *restorer;
		uint64_t mask;
	} dfl = { 0 };

	for (int sig = 1; sig <= 64; sig++)
		(void)sys(__NR_rt_sigaction, sig, &dfl, NULL, sizeof dfl.mask);	/* EINVAL for KILL and STOP */
}

uint64_t clock_ns(void)
{
	struct __kernel_timespec ts = { 0, 0 };

	(void)sys(__NR_clock_gettime, CLOCK_MONOTONIC, &ts);	/* cannot fail with this clock and a good pointer */
	return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

void fd_close(int *fd)
{
	if (*fd >= 0)
		(void)sys(__NR_close, *fd);
	*fd = -1;
}

int fd_mode(int fd)
{
	struct statx st;
	long rc = sys(__NR_statx, fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_MODE, &st);

	return rc < 0 ? (int)rc : st.stx_mode;
}

int fd_open_link_free(int dir, const char *path, uint64_t flags, uint64_t mode)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC, .mode = mode, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)sys(__NR_openat2, dir, path, &how, sizeof how);
}

int fd_is_read_only(int fd)
{
	struct statfs fs;
	long rc = sys(__NR_fstatfs, fd, &fs);

	return rc < 0 ? (int)rc : ((unsigned long)fs.f_flags & ST_RDONLY) != 0;
}

int fd_read_full(int fd, void *buf, size_t len)
{
	char *p = buf;

	while (len > 0) {
		long n = sys(__NR_read, fd, p, len);

		if (n == -EINTR)
			continue;
		if (n < 0)
			return (int)n;
		if (n == 0)
			return -EPIPE;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int fd_write_full(int fd, const void *buf, size_t len)
{
	const char *p = buf;

	while (len > 0) {
		long n = sys(__NR_write, fd, p, len);

		if (n == -EINTR)
			continue;
		if (n < 0)
			return (int)n;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

long fd_write_quietly(int fd, const void *buf, size_t len)
{
	const uint64_t pipe_set = UINT64_C(1) << (SIGPIPE - 1);
	const struct __kernel_timespec none = { 0, 0 };
	uint64_t saved = 0, pending = 0;
	long n;

	(void)sys(__NR_rt_sigprocmask, SIG_BLOCK, &pipe_set, &saved, sizeof saved);
	(void)sys(__NR_rt_sigpending, &pending, sizeof pending);
	n = sys(__NR_write, fd, buf, len);
	if (n == -EPIPE && (pending & pipe_set) == 0)
		while (sys(__NR_rt_sigtimedwait, &pipe_set, NULL, &none, sizeof pipe_set) == -EINTR)
			;
	(void)sys(__NR_rt_sigprocmask, SIG_SETMASK, &saved, NULL, sizeof saved);
	return n;
}

int file_write_at(int dirfd, const char *path, const char *text)
{
	size_t len = str_len(text);
	long fd = sys(__NR_openat, dirfd, path, O_WRONLY | O_CLOEXEC | O_NOCTTY, 0);
	long n;

	if (fd < 0)
		return (int)fd;
	/* One write: proc and cgroup files take a value as a whole or not at all. */
	n = sys(__NR_write, fd, text, len);
	(void)sys(__NR_close, fd);
	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : -EIO;
}
