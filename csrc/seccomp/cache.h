/* SPDX-License-Identifier: Apache-2.0 */
/* cache: the programs that seccomp_split has made from a policy, by their key.
 *
 * A list that only grows, by one compare-and-swap for each entry, and is freed with the policy. So readers need no
 * lock, and entries stay valid. */
#ifndef CORDON_SECCOMP_CACHE_H
#define CORDON_SECCOMP_CACHE_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/filter.h>
#include "seccomp/seccomp.h"

#define KEY_WORDS (SECCOMP_NUMBERS_MAX / 64)

/* The request, with names resolved to numbers. No padding: keys are compared as bytes. */
struct seccomp_key {
	uint32_t action;
	uint16_t all, audit;
	uint64_t numbers[KEY_WORDS];		/* one bit for each number */
};

_Static_assert(sizeof(struct seccomp_key) == 8 + 8 * KEY_WORDS, "no padding");

struct seccomp_entry {
	struct seccomp_entry *next;
	struct seccomp_key key;
	struct sock_filter *notify_filter, *policy_filter;
	uint32_t notify_len, policy_len;
};

struct seccomp_cache *seccomp_cache_new(void);		/* NULL: out of memory */
void seccomp_cache_free(struct seccomp_cache *cache);	/* accepts NULL */

/* The entry with this key, or NULL. Any thread. */
struct seccomp_entry *seccomp_cache_find(struct seccomp_cache *cache, const struct seccomp_key *key);

/* Takes ownership of entry. False if the cache is full; then the caller keeps it. Two threads may add equal entries:
 * each uses its own. */
bool seccomp_cache_add(struct seccomp_cache *cache, struct seccomp_entry *entry);

/* Accepts NULL. */
void seccomp_entry_free(struct seccomp_entry *entry);

#endif
