/* SPDX-License-Identifier: Apache-2.0 */
/* table: the chain of conditions of every system call number; equal chains are stored once. */
#include "seccomp/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "seccomp/x32.h"

int seccomp_table_init(struct seccomp_table *table, uint32_t audit_arch, uint32_t nchains, uint32_t nsteps,
		       uint32_t nconds)
{
	*table = (struct seccomp_table){ .audit_arch = audit_arch, .chains_max = nchains, .steps_max = nsteps };
	table->chains = calloc(nchains + 1u, sizeof *table->chains);
	table->steps = calloc(nsteps + 1u, sizeof *table->steps);
	table->conds = nconds == 0 ? NULL : calloc(nconds, sizeof *table->conds);
	if (table->chains == NULL || table->steps == NULL || (nconds > 0 && table->conds == NULL))
		return -ENOMEM;
	return 0;
}

void seccomp_table_free(struct seccomp_table *table)
{
	free(table->chains);
	free(table->steps);
	free(table->conds);
	*table = (struct seccomp_table){ 0 };
}

static bool same_steps(const struct seccomp_step *a, const struct seccomp_step *b, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (a[i].action != b[i].action || a[i].nconds != b[i].nconds ||
		    (a[i].conds != b[i].conds && a[i].nconds > 0 &&
		     memcmp(a[i].conds, b[i].conds, a[i].nconds * sizeof *a[i].conds) != 0))
			return false;
	return true;
}

uint16_t seccomp_table_chain(struct seccomp_table *table, const struct seccomp_step *steps, uint32_t nsteps)
{
	struct seccomp_step *fresh = table->steps + table->nsteps;
	uint32_t n = 0;

	for (bool last = false; n < nsteps && !last; n++) {
		fresh[n] = steps[n];
		last = steps[n].nconds == 0;
	}
	for (; n > 1 && fresh[n - 2].action == fresh[n - 1].action; n--)
		fresh[n - 2] = fresh[n - 1];
	for (uint32_t i = 0; i < table->nchains; i++)
		if (table->chains[i].nsteps == n && same_steps(table->steps + table->chains[i].first, fresh, n))
			return (uint16_t)i;
	table->chains[table->nchains] = (struct seccomp_chain){ .first = table->nsteps, .nsteps = n };
	table->nsteps += n;
	return (uint16_t)table->nchains++;
}

static bool cond_holds(const struct seccomp_cond *cond, const uint64_t args[6])
{
	uint64_t arg = args[cond->index];

	switch ((enum cordon_seccomp_op)cond->op) {
	case CORDON_SECCOMP_NE:
		return arg != cond->value;
	case CORDON_SECCOMP_LT:
		return arg < cond->value;
	case CORDON_SECCOMP_LE:
		return arg <= cond->value;
	case CORDON_SECCOMP_EQ:
		return arg == cond->value;
	case CORDON_SECCOMP_GE:
		return arg >= cond->value;
	case CORDON_SECCOMP_GT:
		return arg > cond->value;
	case CORDON_SECCOMP_MASKED_EQ:
		return (arg & cond->mask) == cond->value;
	}
	return false;
}

uint32_t seccomp_table_verdict(const struct seccomp_table *table, int32_t number, const uint64_t args[6])
{
	uint32_t nr = (uint32_t)number;
	const struct seccomp_step *step;

	if (table->audit_arch == AUDIT_ARCH_X86_64 && nr >= X32_FIRST && nr < NEGATIVE_FIRST)
		return SECCOMP_RET_KILL_PROCESS;
	step = table->steps + table->chains[nr < SECCOMP_NUMBERS_MAX ? table->numbers[nr] : table->unknown].first;
	for (;; step++) {
		bool holds = true;

		for (uint32_t i = 0; i < step->nconds && holds; i++)
			holds = cond_holds(&step->conds[i], args);
		if (holds)
			return step->action;
	}
}
