/* SPDX-License-Identifier: Apache-2.0 */
/* compile: compiles a table into a short classic BPF program.
 *
 * Theory of operation. Adjacent numbers with the same chain form a range, and a binary search finds the range of a
 * number, with the test "number >= start" at each node. A few single numbers among others with one chain are compared
 * for equality instead, which needs one comparison less. When a filter is loaded, the kernel translates each
 * instruction, and then runs the program once for every number to learn which calls it always allows. So the program
 * must be short and the tree shallow. Only LD, JMP and RET are used outside of argument chains: the kernel's test gives
 * up at any other instruction (seccomp_is_const_allow in kernel/seccomp.c), and the call would lose its fast path.
 *
 * I1  All numbers are covered: the ranges start at 0, ascend, and the last one has no end. Numbers from 2^31 on (a
 *     tracer writes -1 to skip a call) are unknown calls, not x32 calls, although x32's bit is set in them.
 * See seccomp(2), linux/filter.h; x32's bit: arch/x86/include/uapi/asm/unistd.h. */
#include "seccomp/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "base/base.h"
#include "error/error.h"
#include "seccomp/code.h"
#include "seccomp/x32.h"

#define RANGES_MAX (SECCOMP_NUMBERS_MAX + 4)	/* each number, the unknown ones above, x32, negative numbers */
#define EQUALS_MAX                                                                                                     \
	4 /* single numbers compared one after the other at a leaf; more would not be
					   shorter */
#define NO_HEIGHT SIZE_MAX
#define NUMBER_WORD ((uint32_t)offsetof(struct seccomp_data, nr))

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the low half of an argument comes first");

struct range {
	uint32_t first;
	uint32_t chain;			/* index, or nchains: an x32 call, which kills */
};

struct compiler {
	const struct seccomp_table *table;
	struct code code;
	struct range ranges[RANGES_MAX];
	size_t nranges;
	size_t heights[SECCOMP_NUMBERS_MAX + 4];	/* the height of each chain's code, once it is written */
};

/* ---- conditions ---- */

static uint32_t low_word(const struct seccomp_cond *cond)
{
	return (uint32_t)(offsetof(struct seccomp_data, args) + cond->index * sizeof(uint64_t));
}

/* Tests one half of an argument; jumps to yes if (half & mask) == value. */
static size_t write_half(struct code *c, const struct code_known *before, uint32_t word, uint32_t mask, uint32_t value,
			 size_t yes, size_t no)
{
	struct code_known known = *before;

	if ((value & ~mask) != 0)
		return no;
	if (mask == 0 || yes == no)
		return yes;
	known.word = word;
	if (mask == UINT32_MAX) {
		code_jump(c, BPF_JEQ, value, yes, no, &known);
	} else if (value == 0) {
		code_jump(c, BPF_JSET, mask, no, yes, &known);
	} else {
		known.word = CODE_NO_WORD;
		code_jump(c, BPF_JEQ, value, yes, no, &known);
		code_insn(c, BPF_ALU | BPF_AND | BPF_K, mask);
	}
	return code_load(c, word);
}

static size_t write_equal(struct code *c, const struct code_known *before, const struct seccomp_cond *cond,
			  uint64_t mask, size_t yes, size_t no)
{
	uint32_t low = low_word(cond), high_value = (uint32_t)(cond->value >> 32);
	struct code_known known = *before;
	size_t high;

	if ((mask >> 32) == UINT32_MAX)
		code_learn(&known, low + 4, high_value, true);
	high = write_half(c, &known, low, (uint32_t)mask, (uint32_t)cond->value, yes, no);
	return write_half(c, before, low + 4, (uint32_t)(mask >> 32), high_value, high, no);
}

/* arg > value, or arg >= value: the high halves decide if they differ. */
static size_t write_above(struct code *c, const struct code_known *before, const struct seccomp_cond *cond,
			  bool or_equal, size_t yes, size_t no)
{
	uint32_t low = low_word(cond), high_value = (uint32_t)(cond->value >> 32), low_value = (uint32_t)cond->value;
	struct code_known known = *before;
	size_t equal;

	if (yes == no)
		return yes;
	code_learn(&known, low + 4, high_value, true);
	known.word = low;
	if (or_equal && low_value == 0) {
		equal = yes;
	} else if (!or_equal && low_value == UINT32_MAX) {
		equal = no;
	} else {
		code_jump(c, or_equal ? BPF_JGE : BPF_JGT, low_value, yes, no, &known);
		equal = code_load(c, low);
	}
	known = *before;
	known.word = low + 4;
	if (equal == yes && high_value > 0) {
		code_jump(c, BPF_JGE, high_value, yes, no, &known);
	} else if (equal == yes) {
		return yes;
	} else if (equal == no || high_value == 0) {
		/* Not above 0 means equal to 0. */
		code_jump(c, BPF_JGT, high_value, yes, equal, &known);
	} else {
		size_t at_most = code_jump(c, BPF_JEQ, high_value, equal, no, &known);

		code_jump(c, BPF_JGT, high_value, yes, at_most, &known);
	}
	return code_load(c, low + 4);
}

static size_t write_cond(struct code *c, const struct code_known *before, const struct seccomp_cond *cond, size_t yes,
			 size_t no)
{
	switch ((enum cordon_seccomp_op)cond->op) {
	case CORDON_SECCOMP_NE:
		return write_equal(c, before, cond, UINT64_MAX, no, yes);
	case CORDON_SECCOMP_LT:
		return write_above(c, before, cond, true, no, yes);
	case CORDON_SECCOMP_LE:
		return write_above(c, before, cond, false, no, yes);
	case CORDON_SECCOMP_EQ:
		return write_equal(c, before, cond, UINT64_MAX, yes, no);
	case CORDON_SECCOMP_GE:
		return write_above(c, before, cond, true, yes, no);
	case CORDON_SECCOMP_GT:
		return write_above(c, before, cond, false, yes, no);
	case CORDON_SECCOMP_MASKED_EQ:
		return write_equal(c, before, cond, cond->mask, yes, no);
	}
	return no;
}

/* ---- chains ---- */

/* Adds to known what a true condition says about whole words. */
static void learn_cond(struct code_known *known, const struct seccomp_cond *cond)
{
	uint64_t mask = cond->op == CORDON_SECCOMP_MASKED_EQ ? cond->mask
			: cond->op == CORDON_SECCOMP_EQ	     ? UINT64_MAX
							     : 0;

	if ((mask >> 32) == UINT32_MAX)
		code_learn(known, low_word(cond) + 4, (uint32_t)(cond->value >> 32), true);
	if ((uint32_t)mask == UINT32_MAX)
		code_learn(known, low_word(cond), (uint32_t)cond->value, true);
}

static bool same_cond(const struct seccomp_step *a, const struct seccomp_step *b, uint32_t i)
{
	return a->nconds > i && b->nconds > i && a->conds[i].index == b->conds[i].index &&
	       a->conds[i].op == b->conds[i].op && a->conds[i].value == b->conds[i].value &&
	       a->conds[i].mask == b->conds[i].mask;
}

/* Writes steps of which the first `depth` conditions hold; no is where to go if the others of none do. A condition that
 * steps in a row begin with is written once. The recursion is as deep as a step has conditions. */
static size_t write_steps(struct code *c, const struct seccomp_step *steps, uint32_t nsteps, uint32_t depth, size_t no)
{
	while (nsteps > 0) {
		const struct seccomp_step *last = &steps[nsteps - 1];
		struct code_known before = { .word = CODE_NO_WORD };
		uint32_t first = nsteps - 1;

		if (last->nconds == depth) {
			no = code_return(c, last->action);
			nsteps--;
			continue;
		}
		while (first > 0 && same_cond(&steps[first - 1], last, depth))
			first--;
		for (uint32_t i = 0; i < depth; i++)
			learn_cond(&before, &last->conds[i]);
		no = write_cond(c, &before, &last->conds[depth],
				write_steps(c, &steps[first], nsteps - first, depth + 1, no), no);
		nsteps = first;
	}
	return no;
}

static size_t write_chain(struct compiler *c, uint32_t index)
{
	const struct seccomp_chain *chain = &c->table->chains[index];
	const struct seccomp_step *steps = c->table->steps + chain->first;
	size_t next;

	if (index == c->table->nchains)
		return code_return(&c->code, SECCOMP_RET_KILL_PROCESS);
	if (chain->nsteps == 1)
		return code_return(&c->code, steps[0].action);
	if (c->heights[index] != NO_HEIGHT)
		return c->heights[index];
	for (uint32_t i = 0; i < chain->nsteps; i++)
		code_return(&c->code, steps[i].action);
	next = code_return(&c->code, steps[chain->nsteps - 1].action);
	c->heights[index] = write_steps(&c->code, steps, chain->nsteps - 1, 0, next);
	return c->heights[index];
}

/* ---- the search tree ---- */

static const struct code_known number_loaded = { .word = NUMBER_WORD };

static bool is_single(const struct compiler *c, size_t i)
{
	return i + 1 < c->nranges && c->ranges[i + 1].first - c->ranges[i].first == 1;
}

/* Whether ranges lo to hi have one chain, except for at most EQUALS_MAX single numbers. */
static bool mostly_one(const struct compiler *c, size_t lo, size_t hi, uint32_t *ret_common)
{
	size_t wide = lo;
	unsigned others = 0;

	while (wide < hi && is_single(c, wide))
		wide++;
	for (size_t i = lo; i <= hi; i++) {
		if (c->ranges[i].chain == c->ranges[wide].chain)
			continue;
		if (!is_single(c, i) || ++others > EQUALS_MAX)
			return false;
	}
	*ret_common = c->ranges[wide].chain;
	return true;
}

/* Writes the code that finds the chain of a number known to be in ranges lo to hi; returns where it begins. */
static size_t write_search(struct compiler *c, size_t lo, size_t hi)
{
	size_t mid = lo + (hi - lo + 1) / 2;
	size_t left, right;
	uint32_t common;

	if (lo == hi)
		return write_chain(c, c->ranges[lo].chain);
	if (mostly_one(c, lo, hi, &common)) {
		size_t next = write_chain(c, common);

		for (size_t i = lo; i <= hi; i++) {
			const struct range *single = &c->ranges[i];

			if (single->chain != common)
				next = code_jump(&c->code, BPF_JEQ, single->first, write_chain(c, single->chain), next,
						 &number_loaded);
		}
		return next;
	}
	right = write_search(c, mid, hi);
	left = write_search(c, lo, mid - 1);
	return code_jump(&c->code, BPF_JGE, c->ranges[mid].first, right, left, &number_loaded);
}

/* ---- the whole ---- */

static void range_add(struct compiler *c, uint32_t first, uint32_t chain)
{
	if (c->nranges > 0 && c->ranges[c->nranges - 1].chain == chain)
		return;
	c->ranges[c->nranges++] = (struct range){ first, chain };
}

static void find_ranges(struct compiler *c)
{
	const struct seccomp_table *table = c->table;

	for (uint32_t nr = 0; nr < SECCOMP_NUMBERS_MAX; nr++)
		range_add(c, nr, table->numbers[nr]);
	range_add(c, SECCOMP_NUMBERS_MAX, table->unknown);
	if (table->audit_arch == AUDIT_ARCH_X86_64) {
		range_add(c, X32_FIRST, table->nchains);
		range_add(c, NEGATIVE_FIRST, table->unknown);
	}
}

static size_t compile(struct compiler *c, struct sock_filter *program, size_t max)
{
	struct code_known arch_loaded = { .word = (uint32_t)offsetof(struct seccomp_data, arch) };
	size_t number, kill;

	for (size_t i = 0; i < ARRAY_LEN(c->heights); i++)
		c->heights[i] = NO_HEIGHT;
	find_ranges(c);
	code_goto(&c->code, write_search(c, 0, c->nranges - 1));
	number = code_load(&c->code, NUMBER_WORD);
	kill = code_return(&c->code, SECCOMP_RET_KILL_PROCESS);
	code_jump(&c->code, BPF_JEQ, c->table->audit_arch, number, kill, &arch_loaded);
	code_load(&c->code, arch_loaded.word);
	return code_finish(&c->code, program, max);
}

int seccomp_table_compile(const struct seccomp_table *table, struct sock_filter *program, size_t max, size_t *ret_len,
			  struct cordon_error *err)
{
	struct compiler *c = calloc(1, sizeof *c);
	struct sock_filter *buf = malloc(CODE_MAX * sizeof *buf);
	int rc = 0;

	if (c == NULL || buf == NULL) {
		rc = error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	} else {
		c->table = table;
		c->code.buf = buf;
		*ret_len = compile(c, program, max);
		if (*ret_len == 0)
			rc = error_set(err, E2BIG, CORDON_STEP_SECCOMP_COMPILE, CORDON_NO_INDEX, NULL);
	}
	free(buf);
	free(c);
	return rc;
}

int seccomp_table_program(const struct seccomp_table *table, struct sock_filter **ret_program, uint32_t *ret_bytes,
			  struct cordon_error *err)
{
	struct sock_filter *program = malloc(CORDON_SECCOMP_MAX * sizeof *program), *fitting;
	size_t len;
	int rc;

	if (program == NULL)
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	rc = seccomp_table_compile(table, program, CORDON_SECCOMP_MAX, &len, err);
	if (rc < 0) {
		free(program);
		return rc;
	}
	fitting = realloc(program, len * sizeof *program);
	*ret_program = fitting != NULL ? fitting : program;
	*ret_bytes = (uint32_t)(len * sizeof *program);
	return 0;
}
