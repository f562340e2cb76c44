/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp: filters as compiled BPF programs: the built-in one, and those of the caller's policies.
 *
 * The default policy refuses what an ordinary program does not need. Known system calls outside its deny list are
 * allowed; a call that this library does not know gets ENOSYS, so that a libc falls back to another one (seccomp(2),
 * docs/security-model.md). Other ABIs (i386 and x32 on x86_64, 32-bit ARM on aarch64) kill the process. */
#ifndef CORDON_SECCOMP_H
#define CORDON_SECCOMP_H

#include <stdint.h>
#include "cordon/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CORDON_SECCOMP_MAX 4096	/* instructions of a program: BPF_MAXINSNS of linux/bpf_common.h */

enum cordon_arch {
	CORDON_ARCH_NATIVE = 0,
	CORDON_ARCH_X86_64 = 1,
	CORDON_ARCH_AARCH64 = 2,
};

/* The default policy, compiled for arch once and kept until cordon_shutdown; borrowed by the caller. *ret_len in bytes
 * (8 per instruction). Any thread. 0, or -errno with *err (step SECCOMP_COMPILE). */
int cordon_seccomp_default(uint32_t arch, const void **ret_bpf, uint32_t *ret_len, struct cordon_error *err);

/* ---- the caller's own policies ---- */

/* As libseccomp's SCMP_CMP_*, unsigned and 64 bits wide. */
enum cordon_seccomp_op {
	CORDON_SECCOMP_NE = 1,
	CORDON_SECCOMP_LT = 2,
	CORDON_SECCOMP_LE = 3,
	CORDON_SECCOMP_EQ = 4,
	CORDON_SECCOMP_GE = 5,
	CORDON_SECCOMP_GT = 6,
	CORDON_SECCOMP_MASKED_EQ = 7,	/* (arg & value) == value_two */
};

struct cordon_seccomp_arg {
	uint32_t index;			/* 0 to 5 */
	uint32_t op;			/* enum cordon_seccomp_op */
	uint64_t value, value_two;
};

/* The action for a system call if all conditions hold. */
struct cordon_seccomp_rule {
	const char *syscall;		/* a name that libseccomp or this library knows for any CPU; a call that arch
					   lacks is left out */
	uint32_t action;		/* SECCOMP_RET_* of linux/seccomp.h with its data: SECCOMP_RET_ERRNO | EPERM */
	uint32_t nargs;			/* 0 to 6 */
	const struct cordon_seccomp_arg *args;
};

/* If several rules name one call, the result is that of libseccomp, whatever their order in the list:
 * - A rule without conditions decides alone, even if one with conditions is stricter. The first such rule counts.
 * - Otherwise the first rule whose conditions hold decides, in this order: conditions are compared one by one,
 *   arguments ascending, the higher argument first; then EQ, NE and MASKED_EQ before LT and LE before GE and GT; then
 *   the higher value (for LT and LE the lower one). A rule that ends comes before one that goes on; equal rules stay in
 *   the order of the list (csrc/seccomp/order.c).
 * Unlike libseccomp, these are accepted: two conditions on one argument (both must hold), a rule with the default
 * action, and two rules with equal conditions and different actions (the first one counts). */
struct cordon_seccomp_policy {
	uint32_t default_action;	/* for a known call if no rule holds */
	uint32_t unknown_action;	/* for an unknown number; usually SECCOMP_RET_ERRNO | ENOSYS */
	const struct cordon_seccomp_rule *rules;
	uint32_t nrules;
	uint32_t reserved;		/* 0 */
};

/* A compiled policy. Immutable: any number of threads and containers may use it at once. It must outlive them. */
struct cordon_seccomp;

/* Compiles policy for arch; borrows nothing afterwards. 0 with *ret_seccomp, or -errno with *err (step SECCOMP_COMPILE;
 * index = rule, detail = its system call or "field: value: rule"). */
int cordon_seccomp_new(const struct cordon_seccomp_policy *policy, uint32_t arch, struct cordon_seccomp **ret_seccomp,
		       struct cordon_error *err);
void cordon_seccomp_free(struct cordon_seccomp *seccomp);	/* accepts NULL */

/* The compiled program; *ret_len in bytes. Borrowed, valid until cordon_seccomp_free. */
const void *cordon_seccomp_program(const struct cordon_seccomp *seccomp, uint32_t *ret_len);

/* What the program returns (SECCOMP_RET_* with data) for a call of its own architecture. seccomp NULL = the default
 * policy for the native architecture. */
uint32_t cordon_seccomp_verdict(const struct cordon_seccomp *seccomp, int32_t syscall, const uint64_t args[6]);

/* The number of a system call on arch; -1 if arch lacks it or the name is unknown. */
int32_t cordon_syscall_number(const char *name, uint32_t arch);

/* Stores the name of a system call in buf, NUL-terminated if it fits, and returns its length; 0 = unknown. */
uint32_t cordon_syscall_name(int32_t number, uint32_t arch, char *buf, uint32_t size);

#ifdef __cplusplus
}
#endif
#endif
