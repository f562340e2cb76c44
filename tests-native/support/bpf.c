/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf.h"

#include <string.h>

#define MEMORY_WORDS 16		/* BPF_MEMWORDS */

static bool insn_allowed(const struct sock_filter *insn)
{
	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return insn->k < sizeof(struct seccomp_data) && insn->k % 4 == 0;
	case BPF_LD | BPF_IMM: case BPF_LDX | BPF_IMM:
	case BPF_MISC | BPF_TAX: case BPF_MISC | BPF_TXA:
	case BPF_RET | BPF_K: case BPF_RET | BPF_A:
	case BPF_ALU | BPF_ADD | BPF_K: case BPF_ALU | BPF_ADD | BPF_X:
	case BPF_ALU | BPF_SUB | BPF_K: case BPF_ALU | BPF_SUB | BPF_X:
	case BPF_ALU | BPF_AND | BPF_K: case BPF_ALU | BPF_AND | BPF_X:
	case BPF_ALU | BPF_OR | BPF_K: case BPF_ALU | BPF_OR | BPF_X:
	case BPF_JMP | BPF_JA:
	case BPF_JMP | BPF_JEQ | BPF_K: case BPF_JMP | BPF_JEQ | BPF_X:
	case BPF_JMP | BPF_JGT | BPF_K: case BPF_JMP | BPF_JGT | BPF_X:
	case BPF_JMP | BPF_JGE | BPF_K: case BPF_JMP | BPF_JGE | BPF_X:
	case BPF_JMP | BPF_JSET | BPF_K: case BPF_JMP | BPF_JSET | BPF_X:
		return true;
	case BPF_LD | BPF_MEM: case BPF_LDX | BPF_MEM: case BPF_ST: case BPF_STX:
		return insn->k < MEMORY_WORDS;
	default:
		return false;
	}
}

bool bpf_valid(const struct sock_filter *program, size_t len, size_t *ret_bad)
{
	for (size_t pc = 0; pc < len; pc++) {
		const struct sock_filter *insn = &program[pc];
		size_t left = len - pc - 1;
		bool jump = BPF_CLASS(insn->code) == BPF_JMP;
		bool far = BPF_OP(insn->code) == BPF_JA ? insn->k >= left : insn->jt >= left || insn->jf >= left;

		*ret_bad = pc;
		if (!insn_allowed(insn) || (jump && far))
			return false;
	}
	*ret_bad = len == 0 ? 0 : len - 1;
	return len > 0 && len <= BPF_MAXINSNS && BPF_CLASS(program[len - 1].code) == BPF_RET;
}

static bool compare(uint16_t code, uint32_t a, uint32_t b)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return a == b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	default:
		return (a & b) != 0;
	}
}

static uint32_t calculate(uint16_t code, uint32_t a, uint32_t b)
{
	switch (BPF_OP(code)) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_AND:
		return a & b;
	default:
		return a | b;
	}
}

bool bpf_const_allow(const struct sock_filter *program, size_t len, uint32_t arch, int nr)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < len; pc++) {
		const struct sock_filter *insn = &program[pc];

		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (insn->k != offsetof(struct seccomp_data, nr) &&
			    insn->k != offsetof(struct seccomp_data, arch))
				return false;
			a = insn->k == offsetof(struct seccomp_data, nr) ? (uint32_t)nr : arch;
			break;
		case BPF_RET | BPF_K:
			return insn->k == SECCOMP_RET_ALLOW;
		case BPF_JMP | BPF_JA:
			pc += insn->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K: case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K: case BPF_JMP | BPF_JSET | BPF_K:
			pc += compare(insn->code, a, insn->k) ? insn->jt : insn->jf;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= insn->k;
			break;
		default:
			return false;
		}
	}
	return false;
}

uint32_t bpf_run(const struct sock_filter *program, size_t len, const struct seccomp_data *data, size_t *ret_steps)
{
	uint32_t a = 0, x = 0, memory[MEMORY_WORDS] = { 0 };
	size_t steps = 0;

	for (size_t pc = 0; pc < len; pc++) {
		const struct sock_filter *insn = &program[pc];
		uint32_t operand = BPF_SRC(insn->code) == BPF_X ? x : insn->k;

		steps++;
		switch (BPF_CLASS(insn->code)) {
		case BPF_LD:
			if (BPF_MODE(insn->code) == BPF_ABS)
				memcpy(&a, (const char *)data + insn->k, sizeof a);
			else
				a = BPF_MODE(insn->code) == BPF_MEM ? memory[insn->k] : insn->k;
			break;
		case BPF_LDX:
			x = BPF_MODE(insn->code) == BPF_MEM ? memory[insn->k] : insn->k;
			break;
		case BPF_ST:
			memory[insn->k] = a;
			break;
		case BPF_STX:
			memory[insn->k] = x;
			break;
		case BPF_ALU:
			a = calculate(insn->code, a, operand);
			break;
		case BPF_JMP:
			if (BPF_OP(insn->code) == BPF_JA)
				pc += insn->k;
			else
				pc += compare(insn->code, a, operand) ? insn->jt : insn->jf;
			break;
		case BPF_MISC:
			if (BPF_MISCOP(insn->code) == BPF_TAX)
				x = a;
			else
				a = x;
			break;
		default:
			if (ret_steps)
				*ret_steps = steps;
			return BPF_RVAL(insn->code) == BPF_A ? a : insn->k;
		}
	}
	return SECCOMP_RET_KILL_PROCESS;
}
