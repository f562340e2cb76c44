/* SPDX-License-Identifier: Apache-2.0 */
/* strings: argv, envp and the candidate paths of one execve(2), as arrays of pointers. In init's own memory if they
 * fit, else in a mapping. */
#ifndef CORDON_INIT_STRINGS_H
#define CORDON_INIT_STRINGS_H

#include <stddef.h>

struct child_plan;
struct wire_execve;

struct init_strings {
	char *base;
	size_t size, used;
};

/* Sets plan->argv, envp and paths, which are valid until init_strings_close. 0 or -errno. */
int init_strings_open(struct init_strings *s, const struct wire_execve *e, struct child_plan *plan);
void init_strings_close(struct init_strings *s);

#endif
