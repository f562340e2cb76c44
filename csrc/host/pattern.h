/* SPDX-License-Identifier: Apache-2.0 */
/* pattern: which paths a pattern means: those of glob(7), and any number of directories where a part is "**". Pure
 * functions.
 *
 * '*' is any text in a name, '?' a character, [a-z] and [!a-z] a set; '\' takes the meaning from the next character. A
 * period at the start of a name is matched by a period only. */
#ifndef CORDON_HOST_PATTERN_H
#define CORDON_HOST_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

#define PATTERN_PARTS_MAX 60

struct pattern;

/* Reads a pattern, which is relative or absolute. 0, -ENOMEM, or -EINVAL with what is wrong in *ret_problem. */
int pattern_parse(const char *text, struct pattern **ret, const char **ret_problem);

/* The directories with which all paths begin, because the pattern has no wildcard there: "", "/", "a/b", "/a". */
const char *pattern_directory(const struct pattern *pattern);

/* A path is read name by name from that directory on: the state before its first name, and after each name. */
uint64_t pattern_begin(const struct pattern *pattern);
uint64_t pattern_step(const struct pattern *pattern, uint64_t state, const char *name);

/* Whether the path that was read is one that the pattern means; and whether one that begins with it can be. */
bool pattern_is_match(const struct pattern *pattern, uint64_t state);
bool pattern_goes_on(const struct pattern *pattern, uint64_t state);

void pattern_free(struct pattern *pattern);

#endif
