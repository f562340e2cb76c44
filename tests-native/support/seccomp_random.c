/* SPDX-License-Identifier: Apache-2.0 */
#include "seccomp_random.h"

#include <linux/audit.h>
#include <errno.h>
#include <seccomp.h>
#include <unistd.h>

#include "bpf.h"
#include "test.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

const struct random_cpu random_cpus[2] = {
	{ CORDON_ARCH_X86_64, AUDIT_ARCH_X86_64, "x86_64" },
	{ CORDON_ARCH_AARCH64, AUDIT_ARCH_AARCH64, "aarch64" },
};

static uint64_t random_state;

void random_seed(uint64_t seed)
{
	random_state = seed;
}

/* splitmix64 */
uint64_t random_u64(void)
{
	uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint32_t random_below(uint32_t n)
{
	return (uint32_t)(random_u64() % n);
}

uint32_t random_action(void)
{
	static const uint32_t actions[] = {
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO | 1,
		SECCOMP_RET_ERRNO | 38, SECCOMP_RET_ERRNO | 4094, SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE | 7,
		SECCOMP_RET_LOG, SECCOMP_RET_ALLOW,
	};

	return actions[random_below(LENGTH(actions))];
}

void random_name(const struct random_cpu *cpu, char *buf)
{
	char *name;

	do
		name = seccomp_syscall_resolve_num_arch(cpu->audit, (int)random_below(460));
	while (name == NULL);
	snprintf(buf, 40, "%s", name);
	free(name);
}

/* Few values, so that rules meet; the halves of some differ, and some are at the ends of a half. */
static uint64_t random_value(void)
{
	static const uint64_t values[] = {
		0, 1, 5, 6, 7, 10, 0x80000000, 0xffffffff, 0x100000000, 0x100000005, 0x1ffffffff, 0x700000005,
		0xffffffff00000000, 0xffffffffffffffff,
	};

	return values[random_below(LENGTH(values))];
}

static void random_arg(struct cordon_seccomp_arg *arg, uint32_t index)
{
	*arg = (struct cordon_seccomp_arg){ .index = index, .op = 1 + random_below(7), .value = random_value() };
	if (arg->op == CORDON_SECCOMP_MASKED_EQ)
		arg->value_two = random_below(4) ? random_value() & arg->value : random_value();
}

static void random_rule(struct random_rules *r, const char *name, uint32_t nargs)
{
	uint32_t i = r->policy.nrules++, n = random_below(nargs + 1), used = 0;
	struct cordon_seccomp_rule *rule = &r->rules[i];

	snprintf(r->names[i], sizeof r->names[i], "%s", name);
	*rule = (struct cordon_seccomp_rule){ .syscall = r->names[i], .args = r->args[i] };
	do
		rule->action = random_action();
	while (rule->action == r->policy.default_action);
	while (rule->nargs < n) {
		uint32_t index = random_below(n > 3 ? 6 : 3);

		if ((used >> index & 1) == 0)
			random_arg(&r->args[i][rule->nargs++], index);
		used |= 1u << index;
	}
}

static bool has_name(const struct random_rules *r, const char *name)
{
	for (uint32_t i = 0; i < r->policy.nrules; i++)
		if (strcmp(r->names[i], name) == 0)
			return true;
	return false;
}

void random_policy(struct random_rules *r, const struct random_cpu *cpu, uint32_t ncalls, uint32_t each, uint32_t nargs)
{
	uint32_t action;
	char name[40];

	do
		action = random_action();
	while (action == SECCOMP_RET_USER_NOTIF);	/* libseccomp refuses it as the default */
	r->policy = (struct cordon_seccomp_policy){
		.default_action = action, .unknown_action = action, .rules = r->rules,
	};
	for (uint32_t i = 0; i < ncalls; i++) {
		uint32_t n = 1 + random_below(each);

		do
			random_name(cpu, name);
		while (has_name(r, name));
		for (uint32_t k = 0; k < n && r->policy.nrules < RANDOM_RULES_MAX; k++)
			random_rule(r, name, nargs);
	}
}

static uint64_t near_value(const struct random_rules *r, uint32_t rule, uint32_t index)
{
	const struct cordon_seccomp_rule *from = &r->rules[rule];
	uint64_t value = random_value();

	for (uint32_t i = 0; i < from->nargs; i++)
		if (from->args[i].index == index)
			value = from->args[i].op == CORDON_SECCOMP_MASKED_EQ
					? from->args[i].value_two | (random_u64() & ~from->args[i].value)
					: from->args[i].value;
	switch (random_below(8)) {
	case 0:
		return random_u64();
	case 1:
		return value + 1;
	case 2:
		return value - 1;
	case 3:
		return value ^ UINT64_C(1) << random_below(64);
	default:
		return value;
	}
}

struct random_call random_call(const struct random_rules *r, const struct random_cpu *cpu)
{
	struct random_call call = { .data = { .nr = (int)random_below(470), .arch = cpu->audit,
					      .instruction_pointer = random_u64() } };
	uint32_t rule = r->policy.nrules == 0 ? 0 : random_below(r->policy.nrules);

	if (r->policy.nrules > 0 && random_below(8) > 0)
		call.data.nr = seccomp_syscall_resolve_name_arch(cpu->audit, r->rules[rule].syscall);
	for (uint32_t i = 0; i < 6; i++)
		call.data.args[i] = call.args[i] = near_value(r, rule, i);
	return call;
}

bool rule_holds(const struct cordon_seccomp_rule *rule, const uint64_t args[6])
{
	bool holds = true;

	for (uint32_t i = 0; i < rule->nargs && holds; i++) {
		uint64_t arg = args[rule->args[i].index], value = rule->args[i].value;

		switch (rule->args[i].op) {
		case CORDON_SECCOMP_NE:
			holds = arg != value;
			break;
		case CORDON_SECCOMP_LT:
			holds = arg < value;
			break;
		case CORDON_SECCOMP_LE:
			holds = arg <= value;
			break;
		case CORDON_SECCOMP_EQ:
			holds = arg == value;
			break;
		case CORDON_SECCOMP_GE:
			holds = arg >= value;
			break;
		case CORDON_SECCOMP_GT:
			holds = arg > value;
			break;
		default:
			/* libseccomp masks both sides. */
			holds = (arg & value) == (rule->args[i].value_two & value);
		}
	}
	return holds;
}

/* ---- libseccomp ---- */

static scmp_filter_ctx context_new(const struct random_cpu *cpu, uint32_t action)
{
	scmp_filter_ctx ctx;

	/* User notification needs an API level that libseccomp may not find out on this kernel. */
	REQUIRE(seccomp_api_set(6) == 0);
	ctx = seccomp_init(action);
	REQUIRE(ctx);
	(void)seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE);
	REQUIRE(seccomp_arch_add(ctx, cpu->audit) == 0);
	REQUIRE(seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0);
	return ctx;
}

static int context_add(scmp_filter_ctx ctx, const struct cordon_seccomp_rule *rule)
{
	struct scmp_arg_cmp args[6];

	for (uint32_t i = 0; i < rule->nargs; i++)
		args[i] = (struct scmp_arg_cmp){ .arg = rule->args[i].index,
						 .op = (enum scmp_compare)rule->args[i].op,
						 .datum_a = rule->args[i].value,
						 .datum_b = rule->args[i].value_two };
	/* libseccomp takes numbers of the machine's own CPU and translates them. */
	return seccomp_rule_add_array(ctx, rule->action, seccomp_syscall_resolve_name(rule->syscall), rule->nargs,
				      args);
}

void libseccomp_program(struct random_rules *r, const struct random_cpu *cpu, struct program *p, uint32_t *ret_refused)
{
	scmp_filter_ctx ctx = context_new(cpu, r->policy.default_action);
	FILE *file = tmpfile();
	uint32_t n = 0;
	size_t bad;

	*ret_refused = 0;
	for (uint32_t i = 0; i < r->policy.nrules; i++) {
		int rc = context_add(ctx, &r->rules[i]);

		if (rc == 0)
			r->rules[n++] = r->rules[i];
		else if (rc == -EEXIST)
			++*ret_refused;
		else
			TEST_FAIL("libseccomp refuses rule %u for %s: %d", i, r->rules[i].syscall, rc);
	}
	r->policy.nrules = n;
	REQUIRE(file);
	REQUIRE(seccomp_export_bpf(ctx, fileno(file)) == 0);
	rewind(file);
	p->len = fread(p->insns, sizeof *p->insns, LENGTH(p->insns), file);
	REQUIRE(p->len > 0 && p->len < LENGTH(p->insns));
	REQUIRE(bpf_valid(p->insns, p->len, &bad));
	fclose(file);
	seccomp_release(ctx);
}

uint32_t program_run(const void *bpf, uint32_t bytes, const struct random_call *call)
{
	return bpf_run(bpf, bytes / sizeof(struct sock_filter), &call->data, NULL);
}
