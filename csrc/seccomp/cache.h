/* SPDX-License-Identifier: Apache-2.0 */
/* cache: the programs that were made of a policy, by what was asked for.
 *
 * They are kept in a list that only grows, one compare-and-swap an entry, and is freed with the policy: a reader needs
 * no lock, and what it got stays. */
#ifndef CORDON_SECCOMP_CACHE_H
#define CORDON_SECCOMP_CACHE_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/filter.h>
#include "seccomp/seccomp.h"

#define STOP_NUMBERS (SECCOMP_NUMBERS_MAX / 64)

/* What is asked for, whatever the names were. Without padding: keys are compared as bytes. */
struct seccomp_key {
	uint32_t action;
	uint16_t all, audit;
	uint64_t numbers[STOP_NUMBERS];		/* a bit each */
};

_Static_assert(sizeof(struct seccomp_key) == 8 + 8 * STOP_NUMBERS, "no padding");

struct seccomp_entry {
	struct seccomp_entry *next;
	struct seccomp_key key;
	struct sock_filter *stop, *truth;
	uint32_t nstop, ntruth;
};

struct seccomp_cache *seccomp_cache_new(void);		/* NULL: no memory */
void seccomp_cache_free(struct seccomp_cache *cache);	/* accepts NULL */

/* The entry with this key, or NULL. Any thread. */
struct seccomp_entry *seccomp_cache_find(struct seccomp_cache *cache, const struct seccomp_key *key);

/* Takes entry. False where the cache is full: then it is still the caller's. Two threads may add the same: that costs
 * memory, and each uses its own. */
bool seccomp_cache_add(struct seccomp_cache *cache, struct seccomp_entry *entry);

/* Accepts NULL. */
void seccomp_entry_free(struct seccomp_entry *entry);

#endif
