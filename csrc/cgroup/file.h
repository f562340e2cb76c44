/* SPDX-License-Identifier: Apache-2.0 */
/* file: reads and writes the small text files of a group. */
#ifndef CORDON_CGROUP_FILE_H
#define CORDON_CGROUP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the whole file at path (relative to dirfd) into a new heap buffer, NUL-terminated; the caller frees it. NULL if
 * it cannot be read or is longer than 16 MiB. */
char *cgroup_file_slurp(int dirfd, const char *path);

/* Reads the first size - 1 bytes of a file, NUL-terminated. 0 or -errno. */
int cgroup_file_read(int dirfd, const char *path, char *buf, size_t size);

/* Finds a line that starts with "key " and stores the number after it; false if there is none. With an empty key the
 * text is the number. */
bool cgroup_text_u64(const char *text, const char *key, uint64_t *ret);

/* Whether text contains word, delimited by spaces, line ends or the ends of text. */
bool cgroup_text_has_word(const char *text, const char *word);

/* The sum of all numbers that directly follow key, anywhere in text. */
uint64_t cgroup_text_sum(const char *text, const char *key);

/* Reads a file that holds one number. 0 or -errno (-EPROTO if it holds something else). */
int cgroup_file_read_u64(int dirfd, const char *path, uint64_t *ret);

/* Reads the number after key in a short file of lines "key number". 0 or -errno (-EPROTO if there is none). */
int cgroup_file_read_key(int dirfd, const char *path, const char *key, uint64_t *ret);

/* Writes value in decimal, CORDON_UNLIMITED as the text unlimited. 0 or -errno. */
int cgroup_file_write_limit(int dirfd, const char *path, uint64_t value, const char *unlimited);

#endif
