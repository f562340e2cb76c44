/* SPDX-License-Identifier: Apache-2.0 */
/* object: the life of compiled policies: made, kept until cordon_shutdown, freed. */
#include "seccomp/seccomp.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "error/error.h"
#include "seccomp/cache.h"

void cordon_seccomp_free(struct cordon_seccomp *seccomp)
{
	if (seccomp == NULL)
		return;
	seccomp_cache_free(seccomp->cache);
	seccomp_table_free(&seccomp->table);
	free(seccomp->program);
	free(seccomp);
}

int seccomp_new(struct seccomp_table *table, struct cordon_seccomp **ret_seccomp, struct cordon_error *err)
{
	struct cordon_seccomp *seccomp = calloc(1, sizeof *seccomp);
	int rc;

	if (seccomp == NULL) {
		seccomp_table_free(table);
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	}
	seccomp->table = *table;
	seccomp->cache = seccomp_cache_new();
	if (seccomp->cache == NULL)
		rc = error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	else
		rc = seccomp_table_program(&seccomp->table, &seccomp->program, &seccomp->bytes, err);
	if (rc == 0)
		*ret_seccomp = seccomp;
	else
		cordon_seccomp_free(seccomp);
	return rc;
}

static seccomp_kept all_kept;	/* the first of a list */

const struct cordon_seccomp *seccomp_keep(seccomp_kept *kept, struct cordon_seccomp *fresh)
{
	struct cordon_seccomp *other = NULL;

	if (!atomic_compare_exchange_strong(kept, &other, fresh)) {
		cordon_seccomp_free(fresh);
		return other;
	}
	fresh->place = kept;
	fresh->next = atomic_load(&all_kept);
	while (!atomic_compare_exchange_weak(&all_kept, &fresh->next, fresh))
		;
	return fresh;
}

void seccomp_kept_release(void)
{
	struct cordon_seccomp *next;

	for (struct cordon_seccomp *kept = atomic_exchange(&all_kept, NULL); kept != NULL; kept = next) {
		next = kept->next;
		atomic_store(kept->place, NULL);
		cordon_seccomp_free(kept);
	}
}

const void *cordon_seccomp_program(const struct cordon_seccomp *seccomp, uint32_t *ret_len)
{
	*ret_len = seccomp->bytes;
	return seccomp->program;
}
