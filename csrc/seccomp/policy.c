/* SPDX-License-Identifier: Apache-2.0 */
/* policy: checks, sorts and compiles the caller's own policies. */
#include "seccomp/seccomp.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include "base/base.h"
#include "base/heap.h"
#include "error/error.h"
#include "use/use.h"

#define RULES_MAX 16384u
#define NO_RULE UINT32_MAX

/* Rules of one call as a list, in the policy's order. */
struct build {
	const struct cordon_seccomp_policy *policy;
	struct seccomp_table *table;
	struct seccomp_step *steps;	/* one for each rule */
	struct seccomp_step *chain;	/* scratch */
	uint32_t *next;
	uint32_t first[SECCOMP_NUMBERS_MAX], last[SECCOMP_NUMBERS_MAX];
};

/* ---- checking ---- */

static int refuse(struct cordon_error *err, size_t rule, const char *field, uint64_t value, const char *text)
{
	char number[24];
	int rc = error_refuse(err, rule == NO_RULE ? CORDON_NO_INDEX : (int32_t)rule, field,
			      u64_text(number, sizeof number, value), text);

	err->step = CORDON_STEP_SECCOMP_COMPILE;
	return rc;
}

static int check_action(uint32_t action, size_t rule, const char *field, struct cordon_error *err)
{
	uint32_t data = action & SECCOMP_RET_DATA;

	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ERRNO:
		return data <= CORDON_ERRNO_MAX ? 0 : refuse(err, rule, field, action, "an errno is 0 to 4095");
	case SECCOMP_RET_TRAP: case SECCOMP_RET_TRACE:
		return 0;
	case SECCOMP_RET_KILL_PROCESS: case SECCOMP_RET_KILL_THREAD: case SECCOMP_RET_USER_NOTIF: case SECCOMP_RET_LOG:
	case SECCOMP_RET_ALLOW:
		return data == 0 ? 0 : refuse(err, rule, field, action, "this action has no data");
	default:
		return refuse(err, rule, field, action, "not an action of linux/seccomp.h");
	}
}

static int check_rule(const struct cordon_seccomp_rule *rule, uint32_t index, struct cordon_error *err)
{
	if (rule->syscall == NULL)
		return refuse(err, index, "syscall", 0, "must be a name");
	if (rule->nargs > 6)
		return refuse(err, index, "nargs", rule->nargs, "at most 6");
	if (rule->nargs > 0 && rule->args == NULL)
		return refuse(err, index, "args", 0, "must not be NULL");
	for (uint32_t i = 0; i < rule->nargs; i++) {
		if (rule->args[i].index > 5)
			return refuse(err, index, "index", rule->args[i].index, "0 to 5");
		if (rule->args[i].op < CORDON_SECCOMP_NE || rule->args[i].op > CORDON_SECCOMP_MASKED_EQ)
			return refuse(err, index, "op", rule->args[i].op, "not an enum cordon_seccomp_op");
	}
	return check_action(rule->action, index, "action", err);
}

static int check(const struct cordon_seccomp_policy *policy, struct cordon_error *err)
{
	int rc = check_action(policy->default_action, NO_RULE, "default_action", err);

	if (rc == 0)
		rc = check_action(policy->unknown_action, NO_RULE, "unknown_action", err);
	if (rc == 0 && policy->reserved != 0)
		rc = refuse(err, NO_RULE, "reserved", policy->reserved, "must be 0");
	if (rc == 0 && policy->nrules > RULES_MAX)
		rc = refuse(err, NO_RULE, "nrules", policy->nrules, "at most 16384");
	if (rc == 0 && policy->nrules > 0 && policy->rules == NULL)
		rc = refuse(err, NO_RULE, "rules", 0, "must not be NULL");
	for (uint32_t i = 0; rc == 0 && i < policy->nrules; i++)
		rc = check_rule(&policy->rules[i], i, err);
	return rc;
}

/* ---- building ---- */

/* Copies a rule's conditions, sorted by argument; leaves out those that are always true, as libseccomp does. */
static void take_rule(struct build *b, uint32_t index, struct seccomp_cond *conds)
{
	const struct cordon_seccomp_rule *rule = &b->policy->rules[index];
	uint32_t n = 0;

	for (uint32_t arg = 0; arg < 6; arg++) {
		for (uint32_t i = 0; i < rule->nargs; i++) {
			const struct cordon_seccomp_arg *from = &rule->args[i];
			bool masked = from->op == CORDON_SECCOMP_MASKED_EQ;

			if (from->index != arg || (masked && from->value == 0))
				continue;
			conds[n++] = (struct seccomp_cond){
				.index = arg, .op = from->op, .mask = masked ? from->value : 0,
				.value = masked ? from->value_two & from->value : from->value,
			};
		}
	}
	b->steps[index] = (struct seccomp_step){ .action = rule->action, .nconds = n, .conds = conds };
}

static int take_rules(struct build *b, struct cordon_error *err)
{
	struct seccomp_cond *conds = b->table->conds;

	for (size_t nr = 0; nr < SECCOMP_NUMBERS_MAX; nr++)
		b->first[nr] = NO_RULE;
	for (uint32_t i = 0; i < b->policy->nrules; i++) {
		const struct cordon_seccomp_rule *rule = &b->policy->rules[i];
		int32_t nr;

		if (!seccomp_number(rule->syscall, b->table->audit_arch, &nr))
			return error_set(err, EINVAL, CORDON_STEP_SECCOMP_COMPILE, (int32_t)i, rule->syscall);
		if (nr < 0)
			continue;
		take_rule(b, i, conds);
		conds += rule->nargs;
		b->next[i] = NO_RULE;
		if (b->first[nr] == NO_RULE)
			b->first[nr] = i;
		else
			b->next[b->last[nr]] = i;
		b->last[nr] = i;
	}
	return 0;
}

/* Makes the chain of a call's rules. The first rule without conditions decides alone, as in libseccomp. */
static uint16_t make_chain(struct build *b, uint32_t rule)
{
	uint32_t n = 0;

	for (; rule != NO_RULE; rule = b->next[rule]) {
		if (b->steps[rule].nconds == 0)
			return seccomp_table_chain(b->table, &b->steps[rule], 1);
		b->chain[n++] = b->steps[rule];
	}
	seccomp_order(b->chain, n);
	b->chain[n] = (struct seccomp_step){ .action = b->policy->default_action };
	return seccomp_table_chain(b->table, b->chain, n + 1);
}

static int fill(struct build *b, struct cordon_error *err)
{
	struct seccomp_table *table = b->table;
	uint16_t known = seccomp_table_chain(table, &(struct seccomp_step){ .action = b->policy->default_action }, 1);
	int rc = take_rules(b, err);

	if (rc < 0)
		return rc;
	table->unknown = seccomp_table_chain(table, &(struct seccomp_step){ .action = b->policy->unknown_action }, 1);
	for (int32_t nr = 0; nr < SECCOMP_NUMBERS_MAX; nr++) {
		if (b->first[nr] != NO_RULE)
			table->numbers[nr] = make_chain(b, b->first[nr]);
		else
			table->numbers[nr] = seccomp_known(nr, table->audit_arch, true) ? known : table->unknown;
	}
	return 0;
}

static int policy_table(const struct cordon_seccomp_policy *policy, uint32_t audit_arch, struct seccomp_table *table,
			struct cordon_error *err)
{
	uint32_t n = policy->nrules, nconds = 0;
	AUTO_FREE struct build *b = calloc(1, sizeof *b);
	AUTO_FREE struct seccomp_step *steps = calloc(n + 1u, sizeof *steps);
	AUTO_FREE struct seccomp_step *chain = calloc(n + 1u, sizeof *chain);
	AUTO_FREE uint32_t *next = calloc(n + 1u, sizeof *next);
	int rc;

	if (b == NULL || steps == NULL || chain == NULL || next == NULL)
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	for (uint32_t i = 0; i < n; i++)
		nconds += policy->rules[i].nargs;
	/* One step for each rule and one more for each call; a chain is written before it is compared with those that
	 * exist. */
	rc = seccomp_table_init(table, audit_arch, (uint32_t)u64_min(n, SECCOMP_NUMBERS_MAX) + 2, 3 * n + 4, nconds);
	if (rc < 0)
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	b->policy = policy;
	b->table = table;
	b->steps = steps;
	b->chain = chain;
	b->next = next;
	return fill(b, err);
}

int cordon_seccomp_new(const struct cordon_seccomp_policy *policy, uint32_t arch, struct cordon_seccomp **ret_seccomp,
		       struct cordon_error *err)
{
	uint32_t audit_arch = seccomp_audit_arch(arch);
	struct seccomp_table table = { 0 };
	int rc;

	if (audit_arch == 0)
		return refuse(err, NO_RULE, "arch", arch, "not an enum cordon_arch");
	rc = check(policy, err);
	if (rc < 0)
		return rc;
	rc = policy_table(policy, audit_arch, &table, err);
	if (rc < 0) {
		seccomp_table_free(&table);
		return rc;
	}
	return seccomp_new(&table, ret_seccomp, err);
}

uint32_t cordon_seccomp_verdict(const struct cordon_seccomp *seccomp, int32_t syscall, const uint64_t args[6])
{
	struct cordon_error err;
	uint32_t verdict = SECCOMP_RET_KILL_PROCESS;	/* out of memory: kill, as no program may run without a
							   policy */

	if (seccomp != NULL)
		return seccomp_table_verdict(&seccomp->table, syscall, args);
	use_begin();
	if (seccomp_default(CORDON_ARCH_NATIVE, &seccomp, &err) == 0)
		verdict = seccomp_table_verdict(&seccomp->table, syscall, args);
	use_end();
	return verdict;
}
