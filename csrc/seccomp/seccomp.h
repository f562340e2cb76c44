/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp: compiles a policy into the BPF programs that the kernel loads (seccomp(2), bpf(4)).
 *
 * Runs in the library only. libseccomp only resolves names. The compiler is ours: one verdict per system call number,
 * merged into ranges, found by binary search. Loading time grows with the number of instructions, and the kernel
 * evaluates the program once for each number when it is loaded.
 *
 *   rules -> table (policy.c, order.c; default.c)   every number has a chain of conditions, tried in order
 *   table -> table (split.c)                        the same chains with other actions
 *   table -> BPF   (compile.c, code.c)
 *
 * I1  Verdicts equal those of the program that libseccomp exports for the same rules (tests-native/sim).
 * I2  The first instructions check the architecture; another one kills the process. On x86_64 so do x32 numbers. */
#ifndef CORDON_SECCOMP_INTERNAL_H
#define CORDON_SECCOMP_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/filter.h>
#include "cordon/error.h"
#include "cordon/seccomp.h"

#define SECCOMP_NUMBERS_MAX 1024	/* above every number of both CPUs */

/* ---- numbers ---- */

/* AUDIT_ARCH_* of an enum cordon_arch; 0 for any other value. */
uint32_t seccomp_audit_arch(uint32_t arch);

/* Looks a name up. False if it is unknown; *ret_number is -1 if the CPU has no such call. */
bool seccomp_number(const char *name, uint32_t audit_arch, int32_t *ret_number);

/* Whether number is a known call. with_newer: also the calls that libseccomp does not know yet. */
bool seccomp_known(int32_t number, uint32_t audit_arch, bool with_newer);

/* ---- tables ---- */

struct seccomp_cond {
	uint32_t index;		/* 0 to 5 */
	uint32_t op;		/* enum cordon_seccomp_op */
	uint64_t value;
	uint64_t mask;		/* MASKED_EQ: (arg & mask) == value; else 0 */
};

/* The action if all conditions hold. */
struct seccomp_step {
	uint32_t action;	/* SECCOMP_RET_* with data, linux/seccomp.h */
	uint32_t nconds;
	const struct seccomp_cond *conds;
};

/* The first step whose conditions hold decides. Only the last step has no conditions. */
struct seccomp_chain {
	uint32_t first, nsteps;
};

struct seccomp_table {
	uint32_t audit_arch;
	uint16_t numbers[SECCOMP_NUMBERS_MAX];	/* chains[] indices */
	uint16_t unknown;			/* for every higher number, except x32's */
	uint32_t nchains, chains_max;
	uint32_t nsteps, steps_max;
	struct seccomp_chain *chains;
	struct seccomp_step *steps;
	struct seccomp_cond *conds;		/* the steps point into it; NULL if they point into another table */
};

/* Makes an empty table for nchains chains with nsteps steps in total. 0 or -ENOMEM; call seccomp_table_free in both
 * cases. */
int seccomp_table_init(struct seccomp_table *table, uint32_t audit_arch, uint32_t nchains, uint32_t nsteps,
		       uint32_t nconds);
void seccomp_table_free(struct seccomp_table *table);

/* Adds a chain and returns its index; an equal chain is stored only once. Leaves out steps that change nothing. The
 * caller makes sure that the table is large enough. */
uint16_t seccomp_table_chain(struct seccomp_table *table, const struct seccomp_step *steps, uint32_t nsteps);

uint32_t seccomp_table_verdict(const struct seccomp_table *table, int32_t number, const uint64_t args[6]);

/* Compiles the table into program[max]; *ret_len in instructions. 0, or -errno with *err (E2BIG: more than max). */
int seccomp_table_compile(const struct seccomp_table *table, struct sock_filter *program, size_t max, size_t *ret_len,
			  struct cordon_error *err);

/* The same into a new heap buffer, which the caller frees with free(3). */
int seccomp_table_program(const struct seccomp_table *table, struct sock_filter **ret_program, uint32_t *ret_bytes,
			  struct cordon_error *err);

/* ---- policies in the order of their rules: the built-in one ---- */

enum seccomp_op { SECCOMP_OP_EQ = 1, SECCOMP_OP_NE, SECCOMP_OP_MASKED_EQ };	/* MASKED_EQ: (arg & mask) == value */

struct seccomp_arg {
	uint32_t index;		/* 0 to 5 */
	uint32_t op;		/* enum seccomp_op */
	uint64_t value;
	uint64_t mask;
};

/* One rule: the action for a system call if all argument conditions hold. Rules for one call are tried in order; if
 * none holds, seccomp_policy.known applies. */
struct seccomp_rule {
	const char *syscall;
	uint32_t action;	/* SECCOMP_RET_* with data, linux/seccomp.h */
	uint32_t nargs;
	struct seccomp_arg args[3];
};

struct seccomp_policy {
	uint32_t known;		/* action for a call that libseccomp knows for the arch, if no rule holds */
	uint32_t unknown;	/* action for every other number */
	const struct seccomp_rule *rules;
	size_t nrules;
};

extern const struct seccomp_policy seccomp_default_policy;

/* Makes the table of a policy. A rule for a call that the arch lacks (open on aarch64) is left out; an unknown name is
 * an error. 0 with *table for seccomp_table_free, or -errno with *err. */
int seccomp_rules_table(const struct seccomp_policy *policy, uint32_t arch, struct seccomp_table *table,
			struct cordon_error *err);

/* The same, compiled; the result is for cordon_seccomp_free or seccomp_keep. */
int seccomp_rules_new(const struct seccomp_policy *policy, uint32_t arch, struct cordon_seccomp **ret_seccomp,
		      struct cordon_error *err);

/* The same as a program[CORDON_SECCOMP_MAX]; *ret_len in instructions. */
int seccomp_compile(const struct seccomp_policy *policy, uint32_t arch, struct sock_filter *program, size_t *ret_len,
		    struct cordon_error *err);

/* ---- policies ---- */

struct seccomp_cache;

struct cordon_seccomp {
	struct seccomp_table table;
	struct sock_filter *program;
	uint32_t bytes;
	struct seccomp_cache *cache;	/* its programs for supervised runs (cache.h) */
	struct cordon_seccomp *next;	/* the next one in the list of kept policies */
	_Atomic(struct cordon_seccomp *) *place;
};

/* Compiles the table and takes ownership of it, also on failure. 0 or -errno with *err. */
int seccomp_new(struct seccomp_table *table, struct cordon_seccomp **ret_seccomp, struct cordon_error *err);

/* A policy that is compiled once and kept until seccomp_kept_release; NULL before. Static. */
typedef _Atomic(struct cordon_seccomp *) seccomp_kept;

/* Keeps fresh, unless another thread was first: then fresh is freed. Returns the policy that is kept. */
const struct cordon_seccomp *seccomp_keep(seccomp_kept *kept, struct cordon_seccomp *fresh);

/* Frees all kept policies. The caller makes sure that no thread uses one or asks for one meanwhile. */
void seccomp_kept_release(void);

/* The built-in policy, kept until seccomp_kept_release. 0 or -errno with *err. Any thread. */
int seccomp_default(uint32_t arch, const struct cordon_seccomp **ret_seccomp, struct cordon_error *err);

/* Sorts the rules of one call, given in the policy's order, into the order in which libseccomp tries them. Conditions
 * are sorted by argument; none is always true, and every step has one. */
void seccomp_order(struct seccomp_step *steps, uint32_t nsteps);

/* ---- with a supervisor ---- */

/* Which calls the supervisor of a run stops. */
struct seccomp_stops {
	uint32_t action;		/* SECCOMP_RET_TRACE or SECCOMP_RET_USER_NOTIF, with data */
	bool all;			/* every call */
	bool audit;			/* also the calls that the policy refuses with an errno */
	const char *const *names;	/* and these calls, whatever the policy says; a name that the CPU lacks is left
					   out */
	uint32_t nnames;
};

/* The two programs of a supervised run (struct cordon_supervision, cordon/protocol.h), made from one policy.
 * policy_filter is the policy unchanged; the supervisor evaluates it. notify_filter is loaded: it is the policy, but
 * returns stops->action for
 * - the calls in names, or all calls, unless the policy answers ERRNO (which outranks, as if two filters were loaded:
 *   seccomp(2)), and
 * - the calls that the policy answers with KILL_PROCESS, KILL_THREAD, TRAP, TRACE or USER_NOTIF, with audit also ERRNO:
 *   the supervisor carries these actions out.
 * Both kill foreign ABIs. */
struct seccomp_programs {
	const void *notify_filter, *policy_filter;
	uint32_t notify_len, policy_len;	/* bytes; policy_len 0 = the supervisor carries out no action */
	void *owned;				/* see seccomp_programs_free */
};

/* Makes the two programs. policy NULL = the built-in one. They are cached in the policy, by stops, and valid as long as
 * it is; after SECCOMP_CACHE_MAX entries new ones belong to the caller. 0, or -errno with *err (step SECCOMP_COMPILE;
 * index = name, detail = the name). Any thread. */
int seccomp_split(const struct cordon_seccomp *policy, const struct seccomp_stops *stops, struct seccomp_programs *ret,
		  struct cordon_error *err);

/* Frees the programs if they belong to the caller. Not before their last use. */
void seccomp_programs_free(struct seccomp_programs *programs);

/* Whether the policy answers any call of its own ABI with KILL_PROCESS, KILL_THREAD or TRAP. NULL = the built-in
 * one. */
bool seccomp_kills(const struct cordon_seccomp *policy);

#define SECCOMP_CACHE_MAX 32

#endif
