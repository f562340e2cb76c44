/* SPDX-License-Identifier: Apache-2.0 */
/* code: writes a BPF program from its last instruction to its first.
 *
 * BPF jumps only forward, so when a jump is written its target exists already: no labels, no patching. A place in the
 * program is given by its height: the number of instructions after it.
 * I1  Every instruction returns, jumps, or is followed by the one written just before it.
 *
 * A jump is moved to the farthest equivalent target (thread in code.c): it skips a load of the word that is loaded
 * already, and comparisons whose outcome is known. code_finish leaves out instructions that cannot be reached. So rules
 * can be written one by one, and the result is as short as if they had been combined by hand. */
#ifndef CORDON_SECCOMP_CODE_H
#define CORDON_SECCOMP_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/filter.h>

#define CODE_MAX 16384			/* instructions while it is written, unreachable ones included */
#define CODE_FACTS_MAX 16
#define CODE_NO_WORD UINT32_MAX

struct code {
	struct sock_filter *buf;	/* CODE_MAX instructions, owned by the caller */
	size_t size;			/* instructions written so far: the height of the next one */
	bool overflow;			/* sticky; then the program is invalid */
};

/* What is known at the origin of a jump. A word is named by its offset in struct seccomp_data. */
struct code_known {
	uint32_t word;			/* the word in the accumulator, or CODE_NO_WORD */
	uint32_t nfacts;
	struct code_fact {
		uint32_t word, value;
		bool equal;
	} facts[CODE_FACTS_MAX];
};

/* Adds a fact, unless CODE_FACTS_MAX are known already. */
void code_learn(struct code_known *known, uint32_t word, uint32_t value, bool equal);

size_t code_insn(struct code *c, unsigned op, uint32_t k);		/* not for jumps */
size_t code_load(struct code *c, uint32_t word);
size_t code_return(struct code *c, uint32_t action);			/* reuses an equal return in reach */
size_t code_goto(struct code *c, size_t target);			/* writes nothing if target is next */

/* A conditional jump; op is BPF_JEQ, BPF_JGT, BPF_JGE or BPF_JSET. known is what is known before it. */
size_t code_jump(struct code *c, unsigned op, uint32_t k, size_t yes, size_t no, const struct code_known *known);

/* Stores the instructions that can be reached from the last one written in program[max], first instruction first.
 * Returns their number, or 0 if there are more than max. */
size_t code_finish(struct code *c, struct sock_filter *program, size_t max);

#endif
