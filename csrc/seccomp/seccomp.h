/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp: turns a policy into the BPF programs that the kernel loads (seccomp(2), bpf(4)).
 *
 * Runs in the library only. libseccomp resolves names for both CPUs; the program is ours: one verdict per system call number,
 * merged into ranges, found by binary search, because loading costs time per instruction and the kernel evaluates the
 * program once per system call number at load time.
 *
 *   rules -> table (policy.c, order.c; default.c)   every number has a chain of rules; the order is that of the chain
 *   table -> table (split.c)                        the same calls with other actions
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

/* AUDIT_ARCH_* of a cordon_arch; 0 where it is none. */
uint32_t seccomp_audit_arch(uint32_t arch);

/* False where nobody knows the name; *ret_number is -1 where the CPU has no such call. */
bool seccomp_number(const char *name, uint32_t audit_arch, int32_t *ret_number);

/* with_newer: also the calls that libseccomp does not know yet. */
bool seccomp_known(int32_t number, uint32_t audit_arch, bool with_newer);

/* ---- tables ---- */

struct seccomp_cond {
	uint32_t index;		/* 0 to 5 */
	uint32_t op;		/* enum cordon_seccomp_op */
	uint64_t value;
	uint64_t mask;		/* MASKED_EQ: (arg & mask) == value; else 0 */
};

/* The action where all conditions hold. */
struct seccomp_step {
	uint32_t action;	/* SECCOMP_RET_* with data, linux/seccomp.h */
	uint32_t nconds;
	const struct seccomp_cond *conds;
};

/* The first step that holds decides. The last one, and no other, has no conditions. */
struct seccomp_chain {
	uint32_t first, nsteps;
};

struct seccomp_table {
	uint32_t audit_arch;
	uint16_t numbers[SECCOMP_NUMBERS_MAX];	/* chains[] indices */
	uint16_t unknown;			/* for every number above them, but x32's */
	uint32_t nchains, chains_max;
	uint32_t nsteps, steps_max;
	struct seccomp_chain *chains;
	struct seccomp_step *steps;
	struct seccomp_cond *conds;		/* what the steps point to, or NULL where those are another table's */
};

/* An empty table with room for so many chains of so many steps together. 0 or -ENOMEM; seccomp_table_free in every case. */
int seccomp_table_init(struct seccomp_table *table, uint32_t audit_arch, uint32_t nchains, uint32_t nsteps, uint32_t nconds);
void seccomp_table_free(struct seccomp_table *table);

/* The index of a chain; equal ones are one. Leaves out steps that change nothing. There must be room. */
uint16_t seccomp_table_chain(struct seccomp_table *table, const struct seccomp_step *steps, uint32_t nsteps);

uint32_t seccomp_table_verdict(const struct seccomp_table *table, int32_t number, const uint64_t args[6]);

/* Writes the table's program; *ret_len in instructions. 0, or -errno with *err (E2BIG: more than max). */
int seccomp_table_compile(const struct seccomp_table *table, struct sock_filter *program, size_t max, size_t *ret_len,
			  struct cordon_error *err);

/* The same into memory of the caller's own, for free(3). */
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

/* One rule: the action for a system call where every argument condition holds. Several rules for one call are tried in
 * order; where none fits, the policy's action for known calls holds. */
struct seccomp_rule {
	const char *syscall;
	uint32_t action;	/* SECCOMP_RET_* with data, linux/seccomp.h */
	uint32_t nargs;
	struct seccomp_arg args[3];
};

struct seccomp_policy {
	uint32_t known;		/* action for a system call that has no fitting rule, but that libseccomp knows for the arch */
	uint32_t unknown;	/* action for every other number */
	const struct seccomp_rule *rules;
	size_t nrules;
};

extern const struct seccomp_policy seccomp_default_policy;

/* A rule for a system call that the arch does not have is left out (open on aarch64). A name that nobody knows is an error.
 * 0 with *table for seccomp_table_free, or -errno with *err. */
int seccomp_rules_table(const struct seccomp_policy *policy, uint32_t arch, struct seccomp_table *table,
			struct cordon_error *err);

/* The same, compiled: for cordon_seccomp_free or seccomp_keep. */
int seccomp_rules_new(const struct seccomp_policy *policy, uint32_t arch, struct cordon_seccomp **ret_seccomp, struct cordon_error *err);

/* The same as a program[CORDON_SECCOMP_MAX]; *ret_len in instructions. */
int seccomp_compile(const struct seccomp_policy *policy, uint32_t arch, struct sock_filter *program, size_t *ret_len,
		    struct cordon_error *err);

/* ---- policies ---- */

struct seccomp_cache;

struct cordon_seccomp {
	struct seccomp_table table;
	struct sock_filter *program;
	uint32_t bytes;
	struct seccomp_cache *cache;	/* of its programs for supervisors (cache.h) */
	struct cordon_seccomp *next;	/* of those that are kept */
	_Atomic(struct cordon_seccomp *) *place;
};

/* Compiles the table and takes it over, also where it fails. 0 or -errno with *err. */
int seccomp_new(struct seccomp_table *table, struct cordon_seccomp **ret_seccomp, struct cordon_error *err);

/* A policy that is compiled once and kept until seccomp_kept_release; NULL before. Static. */
typedef _Atomic(struct cordon_seccomp *) seccomp_kept;

/* Threads that come at the same time may each compile: the first one's is kept, and the others' are freed. The one that is kept. */
const struct cordon_seccomp *seccomp_keep(seccomp_kept *kept, struct cordon_seccomp *fresh);

/* Frees all that are kept. Nobody uses one, or asks for one meanwhile. */
void seccomp_kept_release(void);

/* The built-in policy, kept until seccomp_kept_release. 0 or -errno with *err. Any thread. */
int seccomp_default(uint32_t arch, const struct cordon_seccomp **ret_seccomp, struct cordon_error *err);

/* Puts the rules of one call, given in the policy's order, into the order in which libseccomp would try them. Conditions
 * are sorted by argument; none of them holds always, and every step has one. */
void seccomp_order(struct seccomp_step *steps, uint32_t nsteps);

/* ---- with a supervisor ---- */

/* Which calls a supervisor wants to see. */
struct seccomp_stops {
	uint32_t action;		/* SECCOMP_RET_TRACE or SECCOMP_RET_USER_NOTIF, with data */
	bool all;			/* every call */
	bool audit;			/* also those that the policy refuses with an errno */
	const char *const *names;	/* and these, whatever the policy says; one that the CPU lacks is left out */
	uint32_t nnames;
};

/* Two programs (struct cordon_supervision, cordon/protocol.h). stop answers as the policy does, but for what is stopped, where it answers
 * with its action: that is, the calls of names, or all, and every call that the policy answers with KILL_PROCESS, KILL_THREAD, TRAP, TRACE or
 * USER_NOTIF (with audit: ERRNO), which the supervisor carries out itself by evaluating `truth`. A call that the policy answers with ERRNO
 * is not seen by the supervisor (without audit), whatever the names: as if both were loaded, where ERRNO would outrank (seccomp(2)).
 * Foreign ABIs are killed by both. */
struct seccomp_programs {
	const void *stop, *truth;
	uint32_t nstop, ntruth;			/* bytes; truth is absent (0) where the supervisor has nothing to carry out */
	void *owned;				/* see seccomp_programs_free */
};

/* policy NULL = the built-in one. Programs are kept with the policy, by stops, and are valid as long as it is; a policy keeps
 * SECCOMP_CACHE_MAX sets, and what comes after them belongs to the caller.
 * 0, or -errno with *err (step SECCOMP_COMPILE; index = name, detail = it). Any thread. */
int seccomp_split(const struct cordon_seccomp *policy, const struct seccomp_stops *stops, struct seccomp_programs *ret,
		       struct cordon_error *err);

/* Frees what is the caller's, usually nothing. To be called once nobody uses the programs any more. */
void seccomp_programs_free(struct seccomp_programs *programs);

/* True where the policy answers some call of its own ABI with KILL_PROCESS, KILL_THREAD or TRAP. NULL = the built-in one. */
bool seccomp_kills(const struct cordon_seccomp *policy);

#define SECCOMP_CACHE_MAX 32

#endif
