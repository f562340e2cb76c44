/* SPDX-License-Identifier: Apache-2.0 */
/* search: the regular files inside that match a pattern. It says which directories are to be opened, and reads them.
 *
 * The program has made what is read: names of any bytes, and any number of entries. No more than SEARCH_ENTRIES_MAX are
 * looked at in all, and nothing is opened here. */
#ifndef CORDON_HOST_SEARCH_H
#define CORDON_HOST_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cordon/error.h"

#define SEARCH_ENTRIES_MAX 32768

struct search;

/* Begins a search for at most most files with names of at most longest bytes. 0, or -errno as pattern_parse. */
int search_open(const char *pattern, uint32_t most, size_t longest, struct search **ret, const char **ret_problem);

/* How many directories are to be opened, and which: relative as the pattern is ("" = where it begins), or absolute. */
uint32_t search_pending(const struct search *search);
const char *search_directory(const struct search *search, uint32_t i);

/* Reads the first of them from its descriptor, or takes the error with which it could not be opened. One below the
 * first that cannot be opened holds nothing. Does nothing where the search is cut. 0 or -ENOMEM. */
int search_read(struct search *search, const struct cordon_error *error, int fd);

/* When none is pending: the files in the order in which they were found, or after search_sort by name. */
void search_sort(struct search *search);
uint32_t search_found(const struct search *search);
const char *search_name(const struct search *search, uint32_t i);

/* The same name below the directory in which the pattern has no wildcard. */
const char *search_name_below(const struct search *search, uint32_t i);

/* Whether there are more files than were asked for, or may be: more entries than are looked at. */
bool search_is_cut(const struct search *search);

/* Why the first directory could not be read; step NONE = it was. */
const struct cordon_error *search_error(const struct search *search);

void search_free(struct search *search);

#endif
