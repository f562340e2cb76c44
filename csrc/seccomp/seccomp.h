/* seccomp: turns a policy into the BPF program that the kernel loads (seccomp(2), bpf(4)).
 *
 * Runs in the library only. libseccomp resolves names for both CPUs; the program is ours: one verdict per system call number,
 * merged into ranges, found by binary search, because loading costs time per instruction and the kernel evaluates the
 * program once per system call number at load time.
 * I1  Verdicts equal those of the program that libseccomp exports for the same rules (tests-native/sim).
 * I2  The first instructions check the architecture; another one kills the process. On x86_64 so do x32 numbers. */
#ifndef CORDON_SECCOMP_INTERNAL_H
#define CORDON_SECCOMP_INTERNAL_H

#include <stddef.h>
#include <stdint.h>
#include <linux/filter.h>
#include "cordon/error.h"
#include "cordon/seccomp.h"

enum seccomp_op { SECCOMP_OP_EQ = 1, SECCOMP_OP_NE, SECCOMP_OP_MASKED_EQ };	/* MASKED_EQ: (arg & mask) == value */

struct seccomp_arg {
	uint32_t index;		/* 0 to 5 */
	uint32_t op;		/* enum seccomp_op */
	uint64_t value;
	uint64_t mask;
};

/* One rule: the action for a system call where every argument condition holds. Several rules for one call are tried in
 * order; where none fits, the policy's action for known calls holds. */
struct seccomp_rule {
	const char *syscall;
	uint32_t action;	/* SECCOMP_RET_* with data, linux/seccomp.h */
	uint32_t nargs;
	struct seccomp_arg args[2];
};

struct seccomp_policy {
	uint32_t known;		/* action for a system call that has no fitting rule, but that libseccomp knows for the arch */
	uint32_t unknown;	/* action for every other number */
	const struct seccomp_rule *rules;
	size_t nrules;
};

#define SECCOMP_PROGRAM_MAX 4096

extern const struct seccomp_policy seccomp_default_policy;

/* Compiles policy for arch (CORDON_ARCH_NATIVE, ...) into program[SECCOMP_PROGRAM_MAX]; *ret_len in instructions.
 * A rule for a system call that the arch does not have is left out (open on aarch64). A name that libseccomp does not know
 * at all is an error. 0 or -errno with *err. */
int seccomp_compile(const struct seccomp_policy *policy, uint32_t arch, struct sock_filter *program, size_t *ret_len,
		    struct cordon_error *err);

#endif
