/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluates the instructions that a seccomp filter may have: loads from seccomp_data, constants, arithmetic, jumps,
 * scratch memory and returns (kernel/seccomp.c, seccomp_check_filter). The kernel has checked that all jumps stay
 * inside and every path returns. */
#include "supervisor/bpf.h"

#include <linux/seccomp.h>
#include "arch/arch.h"
#include "base/base.h"
#include "calls/calls.h"

struct machine {
	uint32_t a, x;
	uint32_t memory[BPF_MEMWORDS];
};

static uint32_t alu(uint16_t op, uint32_t a, uint32_t k)
{
	switch (op) {
	case BPF_ADD:
		return a + k;
	case BPF_SUB:
		return a - k;
	case BPF_MUL:
		return a * k;
	case BPF_DIV:
		return k != 0 ? a / k : 0;
	case BPF_OR:
		return a | k;
	case BPF_AND:
		return a & k;
	case BPF_LSH:
		return k < 32 ? a << k : 0;
	case BPF_RSH:
		return k < 32 ? a >> k : 0;
	case BPF_NEG:
		return 0 - a;
	default:	/* BPF_XOR, the only one left */
		return a ^ k;
	}
}

static bool jump(uint16_t op, uint32_t a, uint32_t k)
{
	switch (op) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	default:	/* BPF_JSET */
		return (a & k) != 0;
	}
}

static uint32_t load(const struct machine *m, const struct sock_filter *insn, const struct seccomp_data *data)
{
	uint32_t word;

	switch (BPF_MODE(insn->code)) {
	case BPF_IMM:
		return insn->k;
	case BPF_MEM:
		return insn->k < BPF_MEMWORDS ? m->memory[insn->k] : 0;
	case BPF_LEN:
		return sizeof *data;
	default:	/* BPF_ABS */
		if (insn->k > sizeof *data - sizeof word)
			return 0;
		bytes_copy(&word, (const char *)data + insn->k, sizeof word);
		return word;
	}
}

uint32_t bpf_run(const struct sock_filter *program, size_t len, const struct stop *s)
{
	struct seccomp_data data = { .nr = (int)s->nr, .arch = s->arch, .instruction_pointer = s->ip };
	struct machine m = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(data.args); i++)
		data.args[i] = s->args[i];
	for (size_t pc = 0; pc < len; pc++) {
		const struct sock_filter *insn = &program[pc];
		uint32_t operand = BPF_SRC(insn->code) == BPF_X ? m.x : insn->k;

		switch (BPF_CLASS(insn->code)) {
		case BPF_LD:
			m.a = load(&m, insn, &data);
			break;
		case BPF_LDX:
			m.x = load(&m, insn, &data);
			break;
		case BPF_ST:
		case BPF_STX:
			if (insn->k < BPF_MEMWORDS)
				m.memory[insn->k] = BPF_CLASS(insn->code) == BPF_ST ? m.a : m.x;
			break;
		case BPF_ALU:
			m.a = alu(BPF_OP(insn->code), m.a, operand);
			break;
		case BPF_JMP:
			if (BPF_OP(insn->code) == BPF_JA)
				pc += insn->k;
			else
				pc += jump(BPF_OP(insn->code), m.a, operand) ? insn->jt : insn->jf;
			break;
		case BPF_RET:
			return BPF_RVAL(insn->code) == BPF_A ? m.a : insn->k;
		default:	/* BPF_MISC */
			if (BPF_MISCOP(insn->code) == BPF_TAX)
				m.x = m.a;
			else
				m.a = m.x;
		}
	}
	return SECCOMP_RET_KILL_PROCESS;
}

void bpf_replace(struct sock_filter *program, size_t len, uint32_t action, uint32_t by)
{
	for (size_t i = 0; i < len; i++)
		if (program[i].code == (BPF_RET | BPF_K) && (program[i].k & SECCOMP_RET_ACTION_FULL) == action)
			program[i].k = by;
}

bool bpf_stops_all(const struct sock_filter *program, size_t len, uint32_t action, uint32_t purposes)
{
	for (size_t i = 0; i < ncalls; i++) {
		const struct stop s = { .nr = calls[i].nr, .arch = arch_audit };
		uint32_t answer = SECCOMP_RET_ALLOW;

		if (calls[i].nr < 0 || (calls[i].purposes & purposes) == 0)
			continue;
		if (len > 0)
			answer = bpf_run(program, len, &s) & SECCOMP_RET_ACTION_FULL;
		if (answer != action && answer != SECCOMP_RET_ERRNO)
			return false;
	}
	return true;
}
