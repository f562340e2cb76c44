/* SPDX-License-Identifier: Apache-2.0 */
/* code: writes a BPF program from its last instruction to its first.
 *
 * BPF only jumps forward, so backwards every target is known when the jump to it is written: no labels, no patching. A place
 * is its height: the number of instructions after it.
 * I1  Every instruction either returns, jumps, or is followed by the one that was written just before it.
 *
 * A jump goes as far as what is known at its origin allows (thread): past a load of the word that is loaded already, and past
 * comparisons whose outcome is known. What nothing leads to any more is left out by code_finish. So a chain of simple
 * rules becomes what a careful author would write, without the chain's writer looking at its neighbours. */
#ifndef CORDON_SECCOMP_CODE_H
#define CORDON_SECCOMP_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/filter.h>

#define CODE_MAX 16384			/* instructions while it is written, dead ones among them */
#define CODE_FACTS_MAX 16
#define CODE_NO_WORD UINT32_MAX

struct code {
	struct sock_filter *buf;	/* CODE_MAX of them, the caller's */
	size_t size;			/* written: the next one's height */
	bool overflow;			/* sticky; all that is written then is useless */
};

/* What holds where a jump starts. Words are named by their offset in struct seccomp_data. */
struct code_known {
	uint32_t word;			/* in the accumulator, or CODE_NO_WORD */
	uint32_t nfacts;
	struct code_fact {
		uint32_t word, value;
		bool equal;
	} facts[CODE_FACTS_MAX];
};

/* Adds a fact; leaves it out where there is no room: less is known then. */
void code_learn(struct code_known *known, uint32_t word, uint32_t value, bool equal);

size_t code_insn(struct code *c, unsigned op, uint32_t k);		/* no jump */
size_t code_load(struct code *c, uint32_t word);
size_t code_return(struct code *c, uint32_t action);			/* one that is near serves everyone */
size_t code_goto(struct code *c, size_t target);			/* writes nothing where target is the last one written */

/* A conditional jump; op is BPF_JEQ, BPF_JGT, BPF_JGE or BPF_JSET. known says what holds before it. */
size_t code_jump(struct code *c, unsigned op, uint32_t k, size_t yes, size_t no, const struct code_known *known);

/* Puts what can be reached from the last instruction written into program[max], first instruction first.
 * Returns the number of instructions, or 0 where they are too many. */
size_t code_finish(struct code *c, struct sock_filter *program, size_t max);

#endif
