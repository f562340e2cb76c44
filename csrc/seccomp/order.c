/* SPDX-License-Identifier: Apache-2.0 */
/* order: sorts the rules of a call into the order in which libseccomp tries them.
 *
 * libseccomp (2.5, src/db.c) keeps the rules of a call as a tree of comparisons of 32-bit words, the high half before
 * the low half, arguments ascending. It sorts each level: first the higher word of the higher argument; then EQ, NE and
 * MASKED_EQ before LT and LE before GE and GT; then the higher value, for LT and LE the lower one; equal nodes stay in
 * the order of the list. Rules with the same comparison share its node and are sorted by the next one. A rule that ends
 * comes before one that goes on. libseccomp refuses some pairs of rules with EEXIST, for example the second of two with
 * equal conditions; here the first one applies.
 *
 * The order here is that of the tree's leaves. Steps with a common beginning are adjacent, so each level of the tree is
 * a range of the list, and inserting a rule walks down these ranges. */
#include "seccomp/seccomp.h"

#include <string.h>

struct node {
	uint32_t word;		/* argument * 2, plus 1 for the high half */
	uint32_t compare;	/* the kind of comparison: CORDON_SECCOMP_EQ, _MASKED_EQ, _GT or _GE */
	uint32_t rank;		/* of the rule's operator */
	bool descending;	/* LT and LE: the lower value comes first */
	uint32_t value, mask;
};

static uint32_t op_rank(uint32_t op)
{
	switch (op) {
	case CORDON_SECCOMP_LT: case CORDON_SECCOMP_LE:
		return 2;
	case CORDON_SECCOMP_GE: case CORDON_SECCOMP_GT:
		return 1;
	default:
		return 3;
	}
}

/* Comparison number depth of a step; false if it has fewer. */
static bool node_at(const struct seccomp_step *step, uint32_t depth, struct node *node)
{
	for (uint32_t i = 0; i < step->nconds; i++) {
		const struct seccomp_cond *cond = &step->conds[i];
		uint32_t rank = op_rank(cond->op), nnodes = rank == 3 ? 2 : 3;
		uint64_t mask = cond->op == CORDON_SECCOMP_MASKED_EQ ? cond->mask : UINT64_MAX;
		bool high = depth + 1 < nnodes;

		if (depth >= nnodes) {
			depth -= nnodes;
			continue;
		}
		*node = (struct node){ .word = cond->index * 2 + (high ? 1 : 0), .rank = rank, .descending = rank == 2,
				       .value = (uint32_t)(cond->value >> (high ? 32 : 0)),
				       .mask = (uint32_t)(mask >> (high ? 32 : 0)) };
		if (rank == 3)
			node->compare = cond->op == CORDON_SECCOMP_MASKED_EQ ? cond->op : CORDON_SECCOMP_EQ;
		else if (high)
			node->compare = depth == 0 ? CORDON_SECCOMP_GT : CORDON_SECCOMP_EQ;
		else if (cond->op == CORDON_SECCOMP_GT || cond->op == CORDON_SECCOMP_LE)
			node->compare = CORDON_SECCOMP_GT;
		else
			node->compare = CORDON_SECCOMP_GE;
		return true;
	}
	return false;
}

static bool same_node(const struct node *a, const struct node *b)
{
	return a->word == b->word && a->compare == b->compare && a->value == b->value && a->mask == b->mask;
}

/* Whether b comes before a. */
static bool later(const struct node *a, const struct node *b)
{
	if (a->word != b->word)
		return a->word < b->word;
	if (a->rank != b->rank)
		return a->rank < b->rank;
	return a->descending ? a->value > b->value : a->value < b->value;
}

/* The index at which a step is inserted into the sorted steps[n]. */
static uint32_t place_of(const struct seccomp_step *steps, uint32_t n, const struct seccomp_step *step)
{
	uint32_t at = 0, end = n;
	struct node own, other;

	for (uint32_t depth = 0;; depth++) {
		uint32_t group_end;

		while (at < end && !node_at(&steps[at], depth, &other))
			at++;
		if (!node_at(step, depth, &own))
			return at;
		for (;; at = group_end) {
			struct node member;

			if (at == end || !node_at(&steps[at], depth, &other))
				return at;
			group_end = at + 1;
			while (group_end < end && node_at(&steps[group_end], depth, &member) &&
			       same_node(&other, &member))
				group_end++;
			if (same_node(&other, &own))
				break;
			if (later(&other, &own))
				return at;
		}
		end = group_end;
	}
}

void seccomp_order(struct seccomp_step *steps, uint32_t nsteps)
{
	for (uint32_t i = 1; i < nsteps; i++) {
		struct seccomp_step step = steps[i];
		uint32_t at = place_of(steps, i, &step);

		memmove(steps + at + 1, steps + at, (i - at) * sizeof *steps);
		steps[at] = step;
	}
}
