/* SPDX-License-Identifier: Apache-2.0 */
/* file: the small text files of a group. */
#ifndef CORDON_CGROUP_FILE_H
#define CORDON_CGROUP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The whole of a file at path (relative to dirfd) in a new buffer of the heap, NUL-terminated; the caller frees it.
 * NULL where it cannot be read or is longer than 16 MiB. */
char *cgroup_file_slurp(int dirfd, const char *path);

/* The first size - 1 bytes of a file, NUL-terminated. 0 or -errno. */
int cgroup_file_read(int dirfd, const char *path, char *buf, size_t size);

/* The number after "key " at the start of a line of text; false where there is none. An empty key: the text is the number. */
bool cgroup_text_u64(const char *text, const char *key, uint64_t *ret);

/* Whether word stands in text, between spaces, line ends or its ends. */
bool cgroup_text_has_word(const char *text, const char *word);

/* The sum of all numbers right behind key, wherever it stands in text. */
uint64_t cgroup_text_sum(const char *text, const char *key);

/* A file that holds one number. 0 or -errno (-EPROTO where it does not). */
int cgroup_file_read_u64(int dirfd, const char *path, uint64_t *ret);

/* Writes value in decimal, CORDON_UNLIMITED as the text unlimited. 0 or -errno. */
int cgroup_file_write_limit(int dirfd, const char *path, uint64_t value, const char *unlimited);

#endif
