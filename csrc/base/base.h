/* SPDX-License-Identifier: Apache-2.0 */
/* base: raw system calls, checked arithmetic, descriptors, memory and string primitives for every other module.
 *
 * Compiled for the library (inside the JVM) and for cordon-init (freestanding, no libc). Nothing here uses libc's
 * errno, allocates, locks or prints, so all of it may run in the vfork child.
 * I1  A system call returns its result, or -errno. Nothing else reports errors. */
#ifndef CORDON_BASE_H
#define CORDON_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <asm/unistd.h>
#include "base/kernel.h"
#include "base/syscall.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define NSEC_PER_SEC UINT64_C(1000000000)
#define NSEC_PER_MSEC UINT64_C(1000000)

static inline uint64_t u64_min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t u64_max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Plain byte loops, never a libc call, so that the vfork child may use them. dst and src do not overlap. */
void bytes_copy(void *dst, const void *src, size_t len);
void bytes_zero(void *dst, size_t len);

size_t str_len(const char *s);
bool str_eq(const char *a, const char *b);
const char *str_find(const char *s, char c);	/* the first c in s, or NULL */

bool str_starts(const char *s, const char *prefix);
bool str_is_dots(const char *name);		/* "." or "..", which every directory lists */

/* Concatenates a, b and c into buf, NUL-terminated if size > 0. False if it did not fit. */
bool str_concat(char *buf, size_t size, const char *a, const char *b, const char *c);

/* Decimal text of value at the end of buf (size >= 21); returns its first character. */
char *u64_text(char *buf, size_t size, uint64_t value);

/* Resets the disposition of every signal to the default: an exec keeps ignored signals. */
void signals_default(void);

/* The nice value of a task, 0 = the caller. getpriority(2) of the kernel gives 20 minus it. */
static inline int32_t nice_of(int32_t tid)
{
	long rc = sys(__NR_getpriority, 0 /* PRIO_PROCESS */, tid);

	return rc < 0 ? 0 : (int32_t)(20 - rc);
}

/* CLOCK_MONOTONIC in ns. */
uint64_t clock_ns(void);

/* Closes *fd if it is open, and sets it to -1. Ignores errors: Linux releases the descriptor in every case
 * (close(2)). */
void fd_close(int *fd);

/* For __attribute__((cleanup)) on a descriptor. */
#define AUTO_CLOSE __attribute__((cleanup(fd_close)))

/* Returns *fd and sets it to -1: the caller owns it now. */
static inline int fd_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/* The type and permission bits of an open file (O_PATH as well), or -errno. */
int fd_mode(int fd);

/* openat2(2) that follows no symbolic link, neither in the path nor at its end (-ELOOP). Close-on-exec. */
int fd_open_link_free(int dir, const char *path, uint64_t flags, uint64_t mode);

/* Whether fd is on a mount that is read-only: 0 or 1, or -errno. */
int fd_is_read_only(int fd);

/* Read or write exactly len bytes; retry EINTR and short counts. 0, or -errno (-EPIPE at the end of the file). */
int fd_read_full(int fd, void *buf, size_t len);
int fd_write_full(int fd, const void *buf, size_t len);

/* write(2) that answers -EPIPE without raising SIGPIPE: in a library the signal would end a host that has nothing to
 * do with it. One that was pending before stays pending. The number of bytes written, or -errno. */
long fd_write_quietly(int fd, const void *buf, size_t len);

/* Writes text to the file at path (relative to dirfd) with one write(2). 0 or -errno. */
int file_write_at(int dirfd, const char *path, const char *text);

#endif
