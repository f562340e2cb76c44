/* SPDX-License-Identifier: Apache-2.0 */
/* fetch: files that are copied out of a sandbox. init opens them, and for a pattern the directories in which they may
 * be; the data is copied here.
 *
 * It takes as many commands to init as fetch_next gives, one after the other: nothing here waits for init. What the
 * program has left decides neither how long that goes on (search.h) nor how much is taken (limit_bytes, most). */
#ifndef CORDON_HOST_FETCH_H
#define CORDON_HOST_FETCH_H

#include <stdint.h>
#include "cordon/command.h"
#include "cordon/error.h"
#include "cordon/result.h"
#include "host/init_process.h"

struct fetch;

/* Prepares for n items, whose names are below base unless they are absolute. 0 with *ret, or -errno with *err. */
int fetch_open(const struct cordon_copy_out *items, uint32_t n, const char *base, struct fetch **ret,
	       struct cordon_error *err);

/* Builds the next command for init, which the caller frees. How many files it opens, 0 when nothing is left to do, or
 * -errno with *err. */
int fetch_next(struct fetch *fetch, struct init_message *ret, struct cordon_error *err);

/* Takes the reply: an error for each file, and a descriptor for each without one. 0 or -ENOMEM. */
int fetch_take(struct fetch *fetch, const struct cordon_error *errors, const int *fds);

/* One for each item, until fetch_free. All zeros before fetch_next has returned 0. */
const struct cordon_copied *fetch_copied(const struct fetch *fetch);
uint32_t fetch_count(const struct fetch *fetch);

void fetch_free(struct fetch *fetch);

#endif
