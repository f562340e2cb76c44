/* compile: a seccomp policy becomes a short classic BPF program.
 *
 * Theory of operation. Every system call number has a verdict: an action, or a chain of rules that look at arguments.
 * Neighbours with one verdict form a range, and a tree of comparisons finds the range of a number: a node splits by
 * "number >= start"; few single numbers among others of one verdict are compared for equality instead, which saves the
 * second comparison. Loading costs about as much per instruction as the kernel needs to translate it, and the kernel then
 * walks the program once for every number to learn which calls it always allows: both want a short and shallow program.
 * Only LD, JMP and RET are used outside argument chains: that walk gives up on anything else (kernel/seccomp.c,
 * seccomp_is_const_allow) and the call would lose its fast path.
 *
 * The program is written backwards, from its last instruction to its first, because BPF only jumps forward: every target is
 * known when the jump to it is written, so there are no labels and no patching. A place is its height: the number of
 * instructions after it.
 *
 * I1  Every instruction either returns, jumps, or is followed by the one that was written just before it.
 * I2  The whole number space is covered: the ranges start at 0, ascend, and the last has no end. Numbers from 2^31 on
 *     (-1 is what a tracer writes to skip a call) are unknown calls, not x32 ones, although they carry x32's bit.
 * See seccomp(2), linux/filter.h; x32's bit: arch/x86/include/uapi/asm/unistd.h. */
#include "seccomp/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "error/error.h"

#define NUMBERS_MAX 1024		/* above every number of both CPUs */
#define VERDICTS_MAX 512
#define RANGES_MAX (NUMBERS_MAX + 4)	/* every number, the unknown ones after them, x32, negative numbers */
#define X32_FIRST 0x40000000u
#define NEGATIVE_FIRST 0x80000000u
#define EQUALS_MAX 4			/* single numbers compared one after the other at a leaf; more saves nothing */
#define JUMP_MAX 253u			/* 255 less the hops of both branches, which far() puts in between */
#define NO_HEIGHT SIZE_MAX

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the low half of an argument comes first");

/* An action, or the rules for `syscall` in the policy's order. */
struct verdict {
	const char *syscall;		/* NULL: action */
	uint32_t action;
	size_t height;			/* where its code is, once it is written */
};

struct range {
	uint32_t first;
	uint32_t verdict;		/* index */
};

struct compiler {
	const struct seccomp_policy *policy;
	uint32_t scmp_arch;
	struct verdict verdicts[VERDICTS_MAX];
	uint32_t nverdicts;
	struct range ranges[RANGES_MAX];
	size_t nranges;
	struct sock_filter *end;	/* one after the last instruction */
	size_t size;			/* instructions written: the next one's height */
	bool overflow;
};

/* ---- writing, last instruction first ---- */

static size_t write_insn(struct compiler *c, unsigned code, uint32_t k, size_t jt, size_t jf)
{
	if (c->size == SECCOMP_PROGRAM_MAX) {
		c->overflow = true;
		return c->size - 1;
	}
	c->size++;
	*(c->end - c->size) = (struct sock_filter){ (uint16_t)code, (uint8_t)jt, (uint8_t)jf, k };
	return c->size - 1;
}

static const struct sock_filter *insn_at(const struct compiler *c, size_t height)
{
	return c->end - height - 1;
}

/* A conditional jump reaches 255 instructions; where the target is farther, it goes by an unconditional one. */
static size_t far(struct compiler *c, size_t target)
{
	size_t distance = c->size - target - 1;

	if (distance <= JUMP_MAX)
		return target;
	return write_insn(c, BPF_JMP | BPF_JA, (uint32_t)distance, 0, 0);
}

static size_t write_jump(struct compiler *c, unsigned op, uint32_t k, size_t yes, size_t no)
{
	yes = far(c, yes);
	no = far(c, no);
	return write_insn(c, BPF_JMP | op | BPF_K, k, c->size - yes - 1, c->size - no - 1);
}

static size_t write_load(struct compiler *c, uint32_t offset)
{
	return write_insn(c, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

/* One return instruction per action serves everyone that reaches it. */
static size_t write_return(struct compiler *c, uint32_t action)
{
	for (size_t h = c->size; h-- > 0 && c->size - h - 1 <= JUMP_MAX;) {
		const struct sock_filter *insn = insn_at(c, h);

		if (insn->code == (BPF_RET | BPF_K) && insn->k == action)
			return h;
	}
	return write_insn(c, BPF_RET | BPF_K, action, 0, 0);
}

/* ---- argument chains ---- */

/* Tests one half of an argument: yes where (half & mask) == value. */
static size_t write_half(struct compiler *c, uint32_t offset, uint32_t mask, uint32_t value, size_t yes, size_t no)
{
	if ((value & ~mask) != 0)
		return no;
	if (mask == 0)
		return yes;
	if (mask == UINT32_MAX) {
		write_jump(c, BPF_JEQ, value, yes, no);
	} else if (value == 0) {
		write_jump(c, BPF_JSET, mask, no, yes);
	} else {
		write_jump(c, BPF_JEQ, value, yes, no);
		write_insn(c, BPF_ALU | BPF_AND | BPF_K, mask, 0, 0);
	}
	return write_load(c, offset);
}

static size_t write_arg(struct compiler *c, const struct seccomp_arg *arg, size_t yes, size_t no)
{
	uint32_t offset = (uint32_t)(offsetof(struct seccomp_data, args) + arg->index * sizeof(uint64_t));
	uint64_t mask = arg->op == SECCOMP_OP_MASKED_EQ ? arg->mask : UINT64_MAX;
	size_t high;

	if (arg->op == SECCOMP_OP_NE) {
		size_t swap = yes;

		yes = no;
		no = swap;
	}
	high = write_half(c, offset + 4, (uint32_t)(mask >> 32), (uint32_t)(arg->value >> 32), yes, no);
	return write_half(c, offset, (uint32_t)mask, (uint32_t)arg->value, high, no);
}

/* True where a rule is one comparison of one word: that word is still in the accumulator where the rule does not fit. */
static bool rule_leaves_word(const struct seccomp_rule *rule, uint32_t *ret_offset)
{
	const struct seccomp_arg *arg = &rule->args[0];
	uint32_t mask = (uint32_t)arg->mask;

	if (rule->nargs != 1 || arg->op != SECCOMP_OP_MASKED_EQ || (arg->mask >> 32) != 0 || (arg->value >> 32) != 0)
		return false;
	if (mask != UINT32_MAX && (uint32_t)arg->value != 0)
		return false;
	*ret_offset = (uint32_t)(offsetof(struct seccomp_data, args) + arg->index * sizeof(uint64_t));
	return true;
}

/* Writes a rule in front of what follows where it does not fit (at height no, written last). */
static size_t write_rule(struct compiler *c, const struct seccomp_rule *rule, size_t no)
{
	size_t yes = write_return(c, rule->action);
	uint32_t offset;

	if (rule_leaves_word(rule, &offset) && no > 0 && no == c->size - 1 &&
	    insn_at(c, no)->code == (BPF_LD | BPF_W | BPF_ABS) && insn_at(c, no)->k == offset) {
		c->size--;	/* the next rule's load of the same word; nothing but this rule leads to it */
		no--;
	}
	for (uint32_t i = rule->nargs; i-- > 0;)
		yes = write_arg(c, &rule->args[i], yes, no);
	return yes;
}

static size_t write_chain(struct compiler *c, const char *syscall)
{
	const struct seccomp_policy *policy = c->policy;
	size_t next;

	/* All returns first: none may come between two rules of the chain later. */
	for (size_t i = 0; i < policy->nrules; i++)
		if (str_eq(policy->rules[i].syscall, syscall))
			write_return(c, policy->rules[i].action);
	next = write_return(c, policy->known);
	for (size_t i = policy->nrules; i-- > 0;)
		if (str_eq(policy->rules[i].syscall, syscall))
			next = write_rule(c, &policy->rules[i], next);
	return next;
}

/* ---- the search tree ---- */

static size_t write_verdict(struct compiler *c, uint32_t index)
{
	struct verdict *v = &c->verdicts[index];

	if (v->syscall == NULL)
		return write_return(c, v->action);
	if (v->height == NO_HEIGHT)
		v->height = write_chain(c, v->syscall);
	return v->height;
}

static bool is_single(const struct compiler *c, size_t i)
{
	return i + 1 < c->nranges && c->ranges[i + 1].first - c->ranges[i].first == 1;
}

/* True where ranges lo to hi are one verdict but for at most EQUALS_MAX single numbers. */
static bool mostly_one(const struct compiler *c, size_t lo, size_t hi, uint32_t *ret_common)
{
	size_t wide = lo;
	unsigned others = 0;

	while (wide < hi && is_single(c, wide))
		wide++;
	for (size_t i = lo; i <= hi; i++) {
		if (c->ranges[i].verdict == c->ranges[wide].verdict)
			continue;
		if (!is_single(c, i) || ++others > EQUALS_MAX)
			return false;
	}
	*ret_common = c->ranges[wide].verdict;
	return true;
}

/* Writes the code that finds the verdict of a number known to be in ranges lo to hi; returns where it begins. */
static size_t write_search(struct compiler *c, size_t lo, size_t hi)
{
	size_t mid = lo + (hi - lo + 1) / 2;
	size_t left, right;
	uint32_t common;

	if (lo == hi)
		return write_verdict(c, c->ranges[lo].verdict);
	if (mostly_one(c, lo, hi, &common)) {
		size_t next = write_verdict(c, common);

		for (size_t i = lo; i <= hi; i++) {
			const struct range *single = &c->ranges[i];

			if (single->verdict != common)
				next = write_jump(c, BPF_JEQ, single->first, write_verdict(c, single->verdict), next);
		}
		return next;
	}
	right = write_search(c, mid, hi);
	left = write_search(c, lo, mid - 1);
	return write_jump(c, BPF_JGE, c->ranges[mid].first, right, left);
}

/* ---- policy to ranges ---- */

static bool same_condition(const struct seccomp_rule *a, const struct seccomp_rule *b)
{
	if (a->action != b->action || a->nargs != b->nargs)
		return false;
	for (uint32_t i = 0; i < a->nargs; i++)
		if (a->args[i].index != b->args[i].index || a->args[i].op != b->args[i].op ||
		    a->args[i].value != b->args[i].value || a->args[i].mask != b->args[i].mask)
			return false;
	return true;
}

static const struct seccomp_rule *next_rule(const struct seccomp_policy *policy, const char *syscall, size_t *from)
{
	while (*from < policy->nrules) {
		const struct seccomp_rule *rule = &policy->rules[(*from)++];

		if (str_eq(rule->syscall, syscall))
			return rule;
	}
	return NULL;
}

/* socket and socketpair, say, share their code. */
static bool same_chain(const struct seccomp_policy *policy, const char *a, const char *b)
{
	const struct seccomp_rule *rule_a, *rule_b;
	size_t i = 0, j = 0;

	do {
		rule_a = next_rule(policy, a, &i);
		rule_b = next_rule(policy, b, &j);
	} while (rule_a != NULL && rule_b != NULL && same_condition(rule_a, rule_b));
	return rule_a == NULL && rule_b == NULL;
}

/* The index of the verdict: of the action where syscall is NULL, else of the call's rules. UINT32_MAX: too many. */
static uint32_t verdict_get(struct compiler *c, const char *syscall, uint32_t action)
{
	for (uint32_t i = 0; i < c->nverdicts; i++) {
		const struct verdict *v = &c->verdicts[i];

		if (syscall == NULL ? v->syscall == NULL && v->action == action
				    : v->syscall != NULL && same_chain(c->policy, v->syscall, syscall))
			return i;
	}
	if (c->nverdicts == VERDICTS_MAX)
		return UINT32_MAX;
	c->verdicts[c->nverdicts] = (struct verdict){ .syscall = syscall, .action = action, .height = NO_HEIGHT };
	return c->nverdicts++;
}

/* Returns the verdict of a call that the policy has a first rule for. */
static uint32_t rule_verdict(struct compiler *c, const struct seccomp_rule *rule)
{
	return rule->nargs == 0 ? verdict_get(c, NULL, rule->action) : verdict_get(c, rule->syscall, 0);
}

static bool rule_valid(const struct seccomp_rule *rule)
{
	if (rule->nargs > ARRAY_LEN(rule->args))
		return false;
	for (uint32_t i = 0; i < rule->nargs; i++)
		if (rule->args[i].index > 5 || rule->args[i].op < SECCOMP_OP_EQ || rule->args[i].op > SECCOMP_OP_MASKED_EQ)
			return false;
	return true;
}

/* Fills numbers[] with the verdicts of 0 to NUMBERS_MAX - 1. */
static int number_verdicts(struct compiler *c, uint32_t *numbers, struct cordon_error *err)
{
	const struct seccomp_policy *policy = c->policy;
	uint32_t known = verdict_get(c, NULL, policy->known);
	uint32_t unknown = verdict_get(c, NULL, policy->unknown);

	for (int nr = 0; nr < NUMBERS_MAX; nr++) {
		char *name = seccomp_syscall_resolve_num_arch(c->scmp_arch, nr);

		numbers[nr] = name != NULL ? known : unknown;
		free(name);
	}
	/* From the last rule to the first: the first one of a call decides what its verdict looks like. */
	for (size_t i = policy->nrules; i-- > 0;) {
		const struct seccomp_rule *rule = &policy->rules[i];
		int nr = seccomp_syscall_resolve_name_arch(c->scmp_arch, rule->syscall);
		uint32_t verdict;

		if (nr == __NR_SCMP_ERROR || nr >= NUMBERS_MAX || !rule_valid(rule))
			return error_set(err, EINVAL, CORDON_STEP_SECCOMP_COMPILE, (int32_t)i, rule->syscall);
		if (nr < 0)
			continue;	/* libseccomp's number for a call of other CPUs */
		verdict = rule_verdict(c, rule);
		if (verdict == UINT32_MAX)
			return error_set(err, E2BIG, CORDON_STEP_SECCOMP_COMPILE, (int32_t)i, rule->syscall);
		numbers[nr] = verdict;
	}
	return 0;
}

static void range_add(struct compiler *c, uint32_t first, uint32_t verdict)
{
	if (c->nranges > 0 && c->ranges[c->nranges - 1].verdict == verdict)
		return;
	c->ranges[c->nranges++] = (struct range){ first, verdict };
}

static int find_ranges(struct compiler *c, struct cordon_error *err)
{
	uint32_t numbers[NUMBERS_MAX];
	uint32_t unknown;
	int rc = number_verdicts(c, numbers, err);

	if (rc < 0)
		return rc;
	for (uint32_t nr = 0; nr < NUMBERS_MAX; nr++)
		range_add(c, nr, numbers[nr]);
	unknown = verdict_get(c, NULL, c->policy->unknown);	/* there already */
	range_add(c, NUMBERS_MAX, unknown);
	if (c->scmp_arch == SCMP_ARCH_X86_64) {
		uint32_t kill = verdict_get(c, NULL, SECCOMP_RET_KILL_PROCESS);

		if (kill == UINT32_MAX)
			return error_set(err, E2BIG, CORDON_STEP_SECCOMP_COMPILE, CORDON_NO_INDEX, NULL);
		range_add(c, X32_FIRST, kill);
		range_add(c, NEGATIVE_FIRST, unknown);
	}
	return 0;
}

static uint32_t scmp_arch(uint32_t arch)
{
	switch (arch) {
	case CORDON_ARCH_NATIVE:
		return seccomp_arch_native();
	case CORDON_ARCH_X86_64:
		return SCMP_ARCH_X86_64;
	case CORDON_ARCH_AARCH64:
		return SCMP_ARCH_AARCH64;
	default:
		return 0;
	}
}

int seccomp_compile(const struct seccomp_policy *policy, uint32_t arch, struct sock_filter *program, size_t *ret_len,
		    struct cordon_error *err)
{
	struct compiler c = { .policy = policy, .scmp_arch = scmp_arch(arch), .end = program + SECCOMP_PROGRAM_MAX };
	size_t search, number, kill;
	int rc;

	if (c.scmp_arch == 0)
		return error_set(err, EINVAL, CORDON_STEP_SECCOMP_COMPILE, CORDON_NO_INDEX, "arch");
	rc = find_ranges(&c, err);
	if (rc < 0)
		return rc;

	search = write_search(&c, 0, c.nranges - 1);
	if (search != c.size - 1)
		write_insn(&c, BPF_JMP | BPF_JA, (uint32_t)(c.size - search - 1), 0, 0);
	number = write_load(&c, (uint32_t)offsetof(struct seccomp_data, nr));
	kill = write_return(&c, SECCOMP_RET_KILL_PROCESS);
	/* libseccomp's arch tokens are the kernel's audit numbers. */
	write_jump(&c, BPF_JEQ, c.scmp_arch, number, kill);
	write_load(&c, (uint32_t)offsetof(struct seccomp_data, arch));
	if (c.overflow)
		return error_set(err, E2BIG, CORDON_STEP_SECCOMP_COMPILE, CORDON_NO_INDEX, NULL);
	memmove(program, c.end - c.size, c.size * sizeof *program);
	*ret_len = c.size;
	return 0;
}
