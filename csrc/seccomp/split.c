/* SPDX-License-Identifier: Apache-2.0 */
/* split: makes the two programs of a supervised run from a policy.
 *
 * notify_filter is the policy's table with other actions, compiled like any other table; policy_filter is a copy of the
 * policy's program. Both are cached in the policy (cache.h). */
#include "seccomp/seccomp.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include "base/base.h"
#include "error/error.h"
#include "seccomp/cache.h"

/* ---- which actions are the supervisor's ---- */

/* Whether the supervisor carries the action out instead of the kernel. */
static bool is_supervisors(uint32_t action, bool audit)
{
	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW: case SECCOMP_RET_LOG:
		return false;
	case SECCOMP_RET_ERRNO:
		return audit;
	default:
		return true;
	}
}

/* The action in notify_filter for a call that the policy answers with action. */
static uint32_t kernel_action(const struct seccomp_key *key, bool stopped, uint32_t action)
{
	if (is_supervisors(action, key->audit))
		return key->action;
	return stopped && (action & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ERRNO ? key->action : action;
}

static bool is_stopped(const struct seccomp_key *key, uint32_t nr)
{
	return key->all || (nr < SECCOMP_NUMBERS_MAX && (key->numbers[nr / 64] >> (nr % 64) & 1) != 0);
}

static bool needs_policy_filter(const struct seccomp_table *table, bool audit)
{
	for (uint32_t i = 0; i < table->nsteps; i++)
		if (is_supervisors(table->steps[i].action, audit))
			return true;
	return false;
}

/* ---- tables ---- */

/* Indices of the derived chains: of calls that are not stopped [0] and that are [1]. */
struct derived {
	struct seccomp_step *scratch;
	uint16_t *chains[2];
};

static void derive_chains(const struct seccomp_table *table, const struct seccomp_key *key, bool stopped,
			  struct derived *d, struct seccomp_table *out)
{
	for (uint32_t i = 0; i < table->nchains; i++) {
		const struct seccomp_chain *chain = &table->chains[i];

		for (uint32_t k = 0; k < chain->nsteps; k++) {
			d->scratch[k] = table->steps[chain->first + k];
			d->scratch[k].action = kernel_action(key, stopped, d->scratch[k].action);
		}
		d->chains[stopped][i] = seccomp_table_chain(out, d->scratch, chain->nsteps);
	}
}

/* Fills the empty table out; its conditions are borrowed from table. */
static void derive(const struct seccomp_table *table, const struct seccomp_key *key, struct derived *d,
		   struct seccomp_table *out)
{
	derive_chains(table, key, false, d, out);
	derive_chains(table, key, true, d, out);
	for (uint32_t nr = 0; nr < SECCOMP_NUMBERS_MAX; nr++)
		out->numbers[nr] = d->chains[is_stopped(key, nr)][table->numbers[nr]];
	out->unknown = d->chains[key->all][table->unknown];
}

static int compile_notify(const struct seccomp_table *table, const struct seccomp_key *key,
			  struct sock_filter **ret_program, uint32_t *ret_bytes, struct cordon_error *err)
{
	struct derived d = {
		.scratch = calloc(table->nsteps + 1u, sizeof *d.scratch),
		.chains = { calloc(table->nchains + 1u, sizeof(uint16_t)),
			    calloc(table->nchains + 1u, sizeof(uint16_t)) },
	};
	struct seccomp_table out;
	/* 3 * nsteps: a chain is written before it is compared with those that exist. */
	int rc = seccomp_table_init(&out, table->audit_arch, 2 * table->nchains, 3 * table->nsteps, 0);

	if (rc < 0 || d.scratch == NULL || d.chains[0] == NULL || d.chains[1] == NULL) {
		rc = error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	} else {
		derive(table, key, &d, &out);
		rc = seccomp_table_program(&out, ret_program, ret_bytes, err);
	}
	seccomp_table_free(&out);
	free(d.scratch);
	free(d.chains[0]);
	free(d.chains[1]);
	return rc;
}

/* ---- entries ---- */

static int entry_new(const struct cordon_seccomp *policy, const struct seccomp_key *key,
		     struct seccomp_entry **ret_entry, struct cordon_error *err)
{
	struct seccomp_entry *entry = calloc(1, sizeof *entry);
	int rc;

	if (entry == NULL)
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	entry->key = *key;
	rc = compile_notify(&policy->table, key, &entry->notify_filter, &entry->notify_len, err);
	if (rc == 0 && needs_policy_filter(&policy->table, key->audit)) {
		entry->policy_filter = malloc(policy->bytes);
		entry->policy_len = policy->bytes;
		if (entry->policy_filter == NULL)
			rc = error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
		else
			memcpy(entry->policy_filter, policy->program, policy->bytes);
	}
	if (rc < 0)
		seccomp_entry_free(entry);
	else
		*ret_entry = entry;
	return rc;
}

/* ---- the interface ---- */

static int make_key(uint32_t audit_arch, const struct seccomp_stops *stops, struct seccomp_key *key,
		    struct cordon_error *err)
{
	*key = (struct seccomp_key){ .action = stops->action, .all = stops->all, .audit = stops->audit };
	for (uint32_t i = 0; i < stops->nnames; i++) {
		int32_t nr;

		if (!seccomp_number(stops->names[i], audit_arch, &nr))
			return error_set(err, EINVAL, CORDON_STEP_SECCOMP_COMPILE, (int32_t)i, stops->names[i]);
		if (nr >= 0)
			key->numbers[nr / 64] |= UINT64_C(1) << (nr % 64);
	}
	return 0;
}

int seccomp_split(const struct cordon_seccomp *policy, const struct seccomp_stops *stops, struct seccomp_programs *ret,
		  struct cordon_error *err)
{
	struct seccomp_entry *entry;
	struct seccomp_key key;
	int rc = policy == NULL ? seccomp_default(CORDON_ARCH_NATIVE, &policy, err) : 0;

	if (rc == 0)
		rc = make_key(policy->table.audit_arch, stops, &key, err);
	if (rc < 0)
		return rc;
	*ret = (struct seccomp_programs){ 0 };
	entry = seccomp_cache_find(policy->cache, &key);
	if (entry == NULL) {
		rc = entry_new(policy, &key, &entry, err);
		if (rc < 0)
			return rc;
		if (!seccomp_cache_add(policy->cache, entry))
			ret->owned = entry;
	}
	ret->notify_filter = entry->notify_filter;
	ret->notify_len = entry->notify_len;
	ret->policy_filter = entry->policy_filter;
	ret->policy_len = entry->policy_len;
	return 0;
}

void seccomp_programs_free(struct seccomp_programs *programs)
{
	seccomp_entry_free(programs->owned);
	*programs = (struct seccomp_programs){ 0 };
}

bool seccomp_kills(const struct cordon_seccomp *policy)
{
	struct cordon_error err;

	/* Out of memory: true, the safe answer. */
	if (policy == NULL && seccomp_default(CORDON_ARCH_NATIVE, &policy, &err) < 0)
		return true;
	for (uint32_t i = 0; i < policy->table.nsteps; i++) {
		switch (policy->table.steps[i].action & SECCOMP_RET_ACTION_FULL) {
		case SECCOMP_RET_KILL_PROCESS: case SECCOMP_RET_KILL_THREAD: case SECCOMP_RET_TRAP:
			return true;
		default:
			break;
		}
	}
	return false;
}
