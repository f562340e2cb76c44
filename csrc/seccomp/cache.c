/* SPDX-License-Identifier: Apache-2.0 */
#include "seccomp/cache.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct seccomp_cache {
	_Atomic(struct seccomp_entry *) head;
	atomic_uint count;
};

void seccomp_entry_free(struct seccomp_entry *entry)
{
	if (entry == NULL)
		return;
	free(entry->notify_filter);
	free(entry->policy_filter);
	free(entry);
}

struct seccomp_cache *seccomp_cache_new(void)
{
	return calloc(1, sizeof(struct seccomp_cache));
}

void seccomp_cache_free(struct seccomp_cache *cache)
{
	struct seccomp_entry *next;

	if (cache == NULL)
		return;
	for (struct seccomp_entry *entry = atomic_load(&cache->head); entry != NULL; entry = next) {
		next = entry->next;
		seccomp_entry_free(entry);
	}
	free(cache);
}

struct seccomp_entry *seccomp_cache_find(struct seccomp_cache *cache, const struct seccomp_key *key)
{
	struct seccomp_entry *entry = atomic_load_explicit(&cache->head, memory_order_acquire);

	while (entry != NULL && memcmp(&entry->key, key, sizeof *key) != 0)
		entry = entry->next;
	return entry;
}

bool seccomp_cache_add(struct seccomp_cache *cache, struct seccomp_entry *entry)
{
	struct seccomp_entry *head;

	if (atomic_fetch_add(&cache->count, 1) >= SECCOMP_CACHE_MAX) {
		atomic_fetch_sub(&cache->count, 1);
		return false;
	}
	head = atomic_load_explicit(&cache->head, memory_order_acquire);
	do
		entry->next = head;
	while (!atomic_compare_exchange_weak(&cache->head, &head, entry));
	return true;
}
