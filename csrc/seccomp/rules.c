/* SPDX-License-Identifier: Apache-2.0 */
/* rules: makes a table from a policy whose rules are tried in their order. */
#include "seccomp/seccomp.h"

#include <errno.h>
#include <stdlib.h>

#include "base/base.h"
#include "error/error.h"

static bool rule_valid(const struct seccomp_rule *rule)
{
	if (rule->nargs > ARRAY_LEN(rule->args))
		return false;
	for (uint32_t i = 0; i < rule->nargs; i++)
		if (rule->args[i].index > 5 || rule->args[i].op < SECCOMP_OP_EQ ||
		    rule->args[i].op > SECCOMP_OP_MASKED_EQ)
			return false;
	return true;
}

static struct seccomp_cond cond_of(const struct seccomp_arg *arg)
{
	switch ((enum seccomp_op)arg->op) {
	case SECCOMP_OP_NE:
		return (struct seccomp_cond){ arg->index, CORDON_SECCOMP_NE, arg->value, 0 };
	case SECCOMP_OP_MASKED_EQ:
		return (struct seccomp_cond){ arg->index, CORDON_SECCOMP_MASKED_EQ, arg->value, arg->mask };
	case SECCOMP_OP_EQ:
		break;
	}
	return (struct seccomp_cond){ arg->index, CORDON_SECCOMP_EQ, arg->value, 0 };
}

/* Collects the rules of one call; returns their number. */
static uint32_t steps_of(const struct seccomp_policy *policy, const char *syscall, const struct seccomp_table *table,
			 struct seccomp_step *steps)
{
	uint32_t n = 0;

	for (size_t i = 0; i < policy->nrules; i++) {
		const struct seccomp_rule *rule = &policy->rules[i];

		if (str_eq(rule->syscall, syscall))
			steps[n++] = (struct seccomp_step){ rule->action, rule->nargs,
							    table->conds + i * ARRAY_LEN(rule->args) };
	}
	steps[n++] = (struct seccomp_step){ .action = policy->known };
	return n;
}

static int fill(const struct seccomp_policy *policy, struct seccomp_table *table, struct seccomp_step *steps,
		struct cordon_error *err)
{
	uint16_t known = seccomp_table_chain(table, &(struct seccomp_step){ .action = policy->known }, 1);

	table->unknown = seccomp_table_chain(table, &(struct seccomp_step){ .action = policy->unknown }, 1);
	for (int32_t nr = 0; nr < SECCOMP_NUMBERS_MAX; nr++)
		table->numbers[nr] = seccomp_known(nr, table->audit_arch, false) ? known : table->unknown;
	for (size_t i = 0; i < policy->nrules; i++) {
		const struct seccomp_rule *rule = &policy->rules[i];
		int32_t nr;

		if (!rule_valid(rule) || !seccomp_number(rule->syscall, table->audit_arch, &nr))
			return error_set(err, EINVAL, CORDON_STEP_SECCOMP_COMPILE, (int32_t)i, rule->syscall);
		for (uint32_t k = 0; k < rule->nargs; k++)
			table->conds[i * ARRAY_LEN(rule->args) + k] = cond_of(&rule->args[k]);
	}
	for (size_t i = 0; i < policy->nrules; i++) {
		const char *syscall = policy->rules[i].syscall;
		int32_t nr;

		if (seccomp_number(syscall, table->audit_arch, &nr) && nr >= 0)
			table->numbers[nr] = seccomp_table_chain(table, steps, steps_of(policy, syscall, table, steps));
	}
	return 0;
}

int seccomp_rules_table(const struct seccomp_policy *policy, uint32_t arch, struct seccomp_table *table,
			struct cordon_error *err)
{
	uint32_t audit_arch = seccomp_audit_arch(arch), n = (uint32_t)policy->nrules;
	struct seccomp_step *steps;
	int rc;

	if (audit_arch == 0)
		return error_set(err, EINVAL, CORDON_STEP_SECCOMP_COMPILE, CORDON_NO_INDEX, "arch");
	/* A call with k rules has k + 1 steps; a chain is written before it is compared with those that exist. */
	rc = seccomp_table_init(table, audit_arch, n + 2, 3 * n + 4, n * (uint32_t)ARRAY_LEN(policy->rules->args));
	steps = calloc(n + 1u, sizeof *steps);
	if (rc < 0 || steps == NULL)
		rc = error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	else
		rc = fill(policy, table, steps, err);
	free(steps);
	if (rc < 0)
		seccomp_table_free(table);
	return rc;
}

int seccomp_compile(const struct seccomp_policy *policy, uint32_t arch, struct sock_filter *program, size_t *ret_len,
		    struct cordon_error *err)
{
	struct seccomp_table table;
	int rc = seccomp_rules_table(policy, arch, &table, err);

	if (rc < 0)
		return rc;
	rc = seccomp_table_compile(&table, program, CORDON_SECCOMP_MAX, ret_len, err);
	seccomp_table_free(&table);
	return rc;
}

int seccomp_rules_new(const struct seccomp_policy *policy, uint32_t arch, struct cordon_seccomp **ret_seccomp,
		      struct cordon_error *err)
{
	struct seccomp_table table;
	int rc = seccomp_rules_table(policy, arch, &table, err);

	return rc < 0 ? rc : seccomp_new(&table, ret_seccomp, err);
}
