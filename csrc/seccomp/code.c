/* SPDX-License-Identifier: Apache-2.0 */
#include "seccomp/code.h"

#define JUMP_MAX 253u			/* 255, less the extra jumps that far() puts in between */
#define LOAD (BPF_LD | BPF_W | BPF_ABS)
#define RETURN (BPF_RET | BPF_K)
#define GOTO (BPF_JMP | BPF_JA)
#define DEAD UINT16_MAX

static struct sock_filter *insn_at(const struct code *c, size_t height)
{
	return c->buf + CODE_MAX - height - 1;
}

static size_t put(struct code *c, unsigned op, uint32_t k, size_t jt, size_t jf)
{
	if (c->size == CODE_MAX) {
		c->overflow = true;
		return c->size - 1;
	}
	*insn_at(c, c->size) = (struct sock_filter){ (uint16_t)op, (uint8_t)jt, (uint8_t)jf, k };
	return c->size++;
}

size_t code_insn(struct code *c, unsigned op, uint32_t k)
{
	return put(c, op, k, 0, 0);
}

size_t code_load(struct code *c, uint32_t word)
{
	return put(c, LOAD, word, 0, 0);
}

static bool is_near(const struct code *c, size_t target)
{
	return c->size - target - 1 <= JUMP_MAX;
}

size_t code_return(struct code *c, uint32_t action)
{
	for (size_t h = c->size; h-- > 0 && is_near(c, h);) {
		const struct sock_filter *insn = insn_at(c, h);

		if (insn->code == RETURN && insn->k == action)
			return h;
	}
	return put(c, RETURN, action, 0, 0);
}

size_t code_goto(struct code *c, size_t target)
{
	size_t distance = c->size - target - 1;

	return distance == 0 ? target : put(c, GOTO, (uint32_t)distance, 0, 0);
}

/* A conditional jump reaches 255 instructions; a farther target needs an unconditional jump in between. */
static size_t far(struct code *c, size_t target)
{
	if (is_near(c, target))
		return target;
	for (size_t h = c->size; h-- > 0 && is_near(c, h);)
		if (insn_at(c, h)->code == GOTO && h - 1 - insn_at(c, h)->k == target)
			return h;
	return code_goto(c, target);
}

void code_learn(struct code_known *known, uint32_t word, uint32_t value, bool equal)
{
	if (known->nfacts < CODE_FACTS_MAX)
		known->facts[known->nfacts++] = (struct code_fact){ word, value, equal };
}

static bool compare(const struct sock_filter *insn, uint32_t value)
{
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		return value == insn->k;
	case BPF_JGT:
		return value > insn->k;
	case BPF_JGE:
		return value >= insn->k;
	default:
		return (value & insn->k) != 0;
	}
}

/* Whether the outcome of a conditional jump on word is known. */
static bool foreseen(const struct sock_filter *insn, uint32_t word, const struct code_known *known, bool *ret_outcome)
{
	for (uint32_t i = 0; i < known->nfacts; i++) {
		const struct code_fact *fact = &known->facts[i];

		if (fact->word != word)
			continue;
		if (fact->equal) {
			*ret_outcome = compare(insn, fact->value);
			return true;
		}
		if (BPF_OP(insn->code) == BPF_JEQ && insn->k == fact->value) {
			*ret_outcome = false;
			return true;
		}
	}
	return false;
}

/* The last place on the way from target to which the jump can go instead: the instructions in between have no effect,
 * and the accumulator holds the word that the code there expects. A target in reach is not replaced by one out of
 * reach, which would need an extra jump. */
static size_t thread(const struct code *c, size_t target, const struct code_known *known)
{
	uint32_t word = known->word;	/* the word in the accumulator if nothing were skipped */
	size_t best = target;

	for (size_t at = target;;) {
		const struct sock_filter *insn = insn_at(c, at);
		bool outcome;

		if ((word == known->word || insn->code == LOAD || insn->code == RETURN) &&
		    (is_near(c, at) || !is_near(c, target)))
			best = at;
		if (insn->code == LOAD) {
			word = insn->k;
			at--;
		} else if (insn->code == GOTO) {
			at -= 1 + insn->k;
		} else if (BPF_CLASS(insn->code) == BPF_JMP && word != CODE_NO_WORD &&
			   foreseen(insn, word, known, &outcome)) {
			at -= 1u + (outcome ? insn->jt : insn->jf);
		} else {
			return best;
		}
	}
}

size_t code_jump(struct code *c, unsigned op, uint32_t k, size_t yes, size_t no, const struct code_known *known)
{
	struct code_known yes_known = *known, no_known = *known;

	if (op == BPF_JEQ) {
		code_learn(&yes_known, known->word, k, true);
		code_learn(&no_known, known->word, k, false);
	}
	yes = far(c, thread(c, yes, &yes_known));
	no = far(c, thread(c, no, &no_known));
	return put(c, BPF_JMP | op | BPF_K, k, c->size - yes - 1, c->size - no - 1);
}

/* ---- leaving out unreachable instructions ---- */

static bool falls_through(const struct sock_filter *insn)
{
	return BPF_CLASS(insn->code) != BPF_RET && BPF_CLASS(insn->code) != BPF_JMP;
}

/* Sets places[height] to the number of reachable instructions after it, or to DEAD if it is unreachable. */
static size_t number_places(const struct code *c, uint16_t *places)
{
	uint16_t n = 0;

	for (size_t h = 0; h < c->size; h++)
		places[h] = h == c->size - 1 ? 0 : DEAD;
	for (size_t h = c->size; h-- > 0;) {
		const struct sock_filter *insn = insn_at(c, h);

		if (places[h] == DEAD)
			continue;
		if (falls_through(insn)) {
			places[h - 1] = 0;
		} else if (insn->code == GOTO) {
			places[h - 1 - insn->k] = 0;
		} else if (BPF_CLASS(insn->code) == BPF_JMP) {
			places[h - 1 - insn->jt] = 0;
			places[h - 1 - insn->jf] = 0;
		}
	}
	for (size_t h = 0; h < c->size; h++)
		if (places[h] != DEAD)
			places[h] = n++;
	return n;
}

size_t code_finish(struct code *c, struct sock_filter *program, size_t max)
{
	uint16_t places[CODE_MAX];
	size_t n = c->overflow || c->size == 0 ? 0 : number_places(c, places);

	if (n > max)
		return 0;
	for (size_t h = 0; n > 0 && h < c->size; h++) {
		struct sock_filter *insn;

		if (places[h] == DEAD)
			continue;
		insn = &program[n - 1 - places[h]];
		*insn = *insn_at(c, h);
		if (insn->code == GOTO) {
			insn->k = (uint32_t)places[h] - places[h - 1 - insn->k] - 1;
		} else if (BPF_CLASS(insn->code) == BPF_JMP) {
			insn->jt = (uint8_t)(places[h] - places[h - 1 - insn->jt] - 1);
			insn->jf = (uint8_t)(places[h] - places[h - 1 - insn->jf] - 1);
		}
	}
	return n;
}
